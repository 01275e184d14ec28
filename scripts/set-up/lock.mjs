// A lock between processes, so that two commands that start at once do not install into the same folder.
//
// The lock is a directory that holds one file, whose name nobody else uses. It is made beside its place and renamed
// into it, so it never exists without its owner's name. An abandoned lock is broken by removing the abandoned *file*
// and then the directory if it is empty: whoever does that late cannot remove the lock of a new owner.

import { randomUUID } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, rmdir, stat, utimes, writeFile } from "node:fs/promises";
import { rmSync, rmdirSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * @typedef {object} LockTiming
 * @property {number} [pollMs] How often a waiting process looks, in milliseconds. Default 200.
 * @property {number} [heartbeatMs] How often the owner touches its file, in milliseconds. Default 2 000.
 * @property {number} [abandonedMs] Age of the last touch, in milliseconds, after which a lock counts as abandoned even
 *   if a process with its pid exists (another container, or a pid used again). Default 60 000.
 */

/**
 * Runs `work` while holding the lock at `directory`; waits for its owner first.
 *
 * @template T
 * @param {string} directory
 * @param {() => Promise<T>} work
 * @param {LockTiming & { onWait?: (owner: string) => void }} [options] `onWait` is called once, with who holds the lock.
 * @returns {Promise<T>}
 */
export async function withLock(directory, work, options = {}) {
  const { pollMs = 200, heartbeatMs = 2_000, abandonedMs = 60_000, onWait } = options;
  const ownerFile = `owner-${randomUUID()}.json`;
  let told = false;
  while (!(await take(directory, ownerFile))) {
    const holder = await currentHolder(directory);
    if (holder === undefined) continue;
    if (isAbandoned(holder, abandonedMs)) {
      await breakLock(directory, holder.file);
      continue;
    }
    if (!told) onWait?.(`process ${holder.pid}`);
    told = true;
    await sleep(pollMs);
  }

  const file = path.join(directory, ownerFile);
  const heartbeat = setInterval(() => utimes(file, new Date(), new Date()).catch(() => {}), heartbeatMs);
  const releaseAtExit = () => {
    rmSync(file, { force: true });
    try {
      rmdirSync(directory);
    } catch {
      // Somebody else's lock is in its place, or it is gone: both are as it should be.
    }
  };
  process.once("exit", releaseAtExit);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener("exit", releaseAtExit);
    await breakLock(directory, ownerFile);
  }
}

/**
 * @param {string} directory
 * @param {string} ownerFile
 * @returns {Promise<boolean>}
 */
async function take(directory, ownerFile) {
  const prepared = `${directory}.${ownerFile}`;
  await mkdir(prepared, { recursive: true });
  await writeFile(path.join(prepared, ownerFile), JSON.stringify({ pid: process.pid, host: hostname() }));
  try {
    // Renaming onto a directory that is not empty fails: that is what makes this atomic.
    await rename(prepared, directory);
    return true;
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    if (isCode(error, "ENOTEMPTY", "EEXIST", "EPERM")) return false;
    throw error;
  }
}

/** @typedef {{ file: string, pid: number, host: string, touchedMs: number }} Holder */

/**
 * @param {string} directory
 * @returns {Promise<Holder | undefined>} undefined when the lock has just been released
 */
async function currentHolder(directory) {
  try {
    const [file] = await readdir(directory);
    if (file === undefined) {
      await rmdir(directory);
      return undefined;
    }
    const fullPath = path.join(directory, file);
    const { pid, host } = JSON.parse(await readFile(fullPath, "utf8"));
    return { file, pid, host, touchedMs: (await stat(fullPath)).mtimeMs };
  } catch (error) {
    if (isCode(error, "ENOENT", "ENOTEMPTY")) return undefined;
    throw error;
  }
}

/**
 * @param {Holder} holder
 * @param {number} abandonedMs
 */
function isAbandoned(holder, abandonedMs) {
  if (Date.now() - holder.touchedMs > abandonedMs) return true;
  if (holder.host !== hostname()) return false; // its pid says nothing here
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return isCode(error, "ESRCH");
  }
}

/**
 * Removes the lock if it is this owner's.
 *
 * @param {string} directory
 * @param {string} ownerFile
 */
export async function breakLock(directory, ownerFile) {
  await rm(path.join(directory, ownerFile), { force: true });
  try {
    await rmdir(directory);
  } catch (error) {
    if (!isCode(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
  }
}

/**
 * @param {unknown} error
 * @param {...string} codes
 */
function isCode(error, ...codes) {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

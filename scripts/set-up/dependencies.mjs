// Installs what package-lock.json names when it is missing or older than the lock file.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Advice, say } from "./advice.mjs";
import { run } from "./command.mjs";
import { withLock } from "./lock.mjs";

/** The repository's root. */
export const ROOT = path.resolve(import.meta.dirname, "../..");

/** What the set-up keeps between runs; git-ignored. Not in node_modules, which `npm ci` removes. */
const STATE = path.join(ROOT, ".wingbeat");

const PLATFORM = `${process.platform}-${process.arch}`;

/**
 * Resolves once `directory/node_modules` is what `directory/package-lock.json` says.
 *
 * @param {string} [directory] A folder with a lock file of its own. Default: the repository's root.
 * @throws {Advice} when npm fails
 */
export async function installDependencies(directory = ROOT) {
  if (await isInstalled(directory)) return;
  await underSetUpLock(async () => {
    if (await isInstalled(directory)) return; // the process we waited for did it
    const name = path.relative(ROOT, directory) || "the repository";
    say(`installing the dependencies of ${name} (npm ci)`);
    // NODE_ENV=production would leave out what runs TypeScript.
    const { code } = await npm(["ci", "--include=dev", "--no-audit", "--no-fund"], directory);
    if (code !== 0) {
      throw new Advice(`npm ci failed with code ${code} in ${directory}.
Its own message stands above. When the registry cannot be reached, check the network and \`npm config get registry\`;
then run the same command again.`);
    }
    await writeFile(stampFile(directory), await wantedStamp(directory));
  });
}

/**
 * Runs `work` alone: one set-up at a time for this checkout.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function underSetUpLock(work) {
  await mkdir(STATE, { recursive: true });
  return withLock(path.join(STATE, "set-up.lock"), work, {
    onWait: (owner) => say(`waiting for ${owner}, which is setting up this checkout`),
  });
}

/**
 * @param {string} directory
 * @returns {Promise<boolean>}
 */
export async function isInstalled(directory) {
  const wanted = await wantedStamp(directory);
  const found = await readFile(stampFile(directory), "utf8").catch(() => undefined);
  if (found === wanted) return true;
  // Copied from another platform: its native programs do not run here, whatever the record says.
  if (found !== undefined && !found.endsWith(` ${PLATFORM}\n`)) return false;
  // Perhaps somebody ran npm by hand. Its own record says what it put there.
  if (!(await matchesRecord(directory))) return false;
  await writeFile(stampFile(directory), wanted);
  return true;
}

/** @param {string} directory */
function stampFile(directory) {
  return path.join(directory, "node_modules", ".wingbeat-stamp");
}

/**
 * What the stamp of an up-to-date node_modules says: the lock file's hash, and the platform, because some packages hold
 * native programs.
 *
 * @param {string} directory
 */
async function wantedStamp(directory) {
  const lock = await readFile(path.join(directory, "package-lock.json"));
  return `${createHash("sha256").update(lock).digest("hex")} ${PLATFORM}\n`;
}

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @param {string} directory
 */
async function matchesRecord(directory) {
  const wanted = await lockedPackages(path.join(directory, "package-lock.json"));
  const found = await lockedPackages(path.join(directory, "node_modules", ".package-lock.json")).catch(() => undefined);
  if (found === undefined) return false;
  return Object.entries(wanted).every(([place, locked]) => {
    if (place === "" || locked.link === true) return true;
    const installed = found[place];
    // Which optional packages are there depends on the platform.
    if (installed === undefined) return locked.optional === true;
    return installed.version === locked.version && existsSync(path.join(directory, place, "package.json"));
  });
}

/**
 * @param {string} file
 * @returns {Promise<Record<string, LockedPackage>>}
 */
async function lockedPackages(file) {
  return JSON.parse(await readFile(file, "utf8")).packages;
}

/**
 * Runs the npm that started us, else the one on the PATH.
 *
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  const started = process.env["npm_execpath"];
  if (started?.endsWith("npm-cli.js")) return run(process.execPath, [started, ...args], { cwd });
  return run(process.platform === "win32" ? "npm.cmd" : "npm", args, { cwd });
}

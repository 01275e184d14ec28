import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { breakLock, withLock } from "./lock.mjs";

describe("withLock", () => {
  /** @type {string} */
  let folder;
  /** @type {string} */
  let lock;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "wingbeat-lock-"));
    lock = path.join(folder, "lock");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("gives back what the work gives, and leaves nothing behind", async () => {
    expect(await withLock(lock, async () => 42)).toBe(42);
    expect(await readdir(folder)).toEqual([]);
  });

  it("passes on the work's failure, and leaves nothing behind", async () => {
    const work = async () => {
      throw new Error("no network");
    };
    await expect(withLock(lock, work)).rejects.toThrow("no network");
    expect(await readdir(folder)).toEqual([]);
  });

  it("lets one in at a time, and tells the others once whom they wait for", async () => {
    /** @type {string[]} */
    const seen = [];
    const enter = (/** @type {string} */ name) =>
      withLock(
        lock,
        async () => {
          seen.push(`${name} in`);
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(`${name} out`);
        },
        { pollMs: 1, onWait: (owner) => waits.push(owner) },
      );
    /** @type {string[]} */
    const waits = [];
    await Promise.all(["a", "b", "c", "d"].map(enter));
    const names = seen.filter((_, index) => index % 2 === 0).map((entry) => entry.replace(" in", ""));
    expect(seen).toEqual(names.flatMap((name) => [`${name} in`, `${name} out`]));
    expect(names.toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(waits.every((owner) => owner === `process ${process.pid}`)).toBe(true);
    expect(waits.length).toBeLessThanOrEqual(3);
  });

  it("takes over from a process that has died", async () => {
    const child = spawn(process.execPath, ["--eval", ""]);
    await once(child, "exit");
    await leaveLock({ pid: child.pid, host: hostname() });
    expect(await withLock(lock, async () => "in")).toBe("in");
  });

  it("takes over from an owner that has not given a sign of life, wherever it runs", async () => {
    const file = await leaveLock({ pid: process.pid, host: "another-container" });
    const longAgo = new Date(Date.now() - 61_000);
    await utimes(file, longAgo, longAgo);
    expect(await withLock(lock, async () => "in")).toBe("in");
  });

  it("waits for an owner on another host, whose pid means nothing here, while it gives signs of life", async () => {
    const file = await leaveLock({ pid: 2 ** 22 + 1, host: "another-container" });
    let isReleased = false;
    const entered = withLock(lock, async () => isReleased, {
      pollMs: 1,
      onWait: async () => {
        isReleased = true;
        await rm(file);
      },
    });
    expect(await entered).toBe(true);
  });

  it("does not break the lock of a new owner when it comes late to break an abandoned one", async () => {
    await leaveLock({ pid: process.pid, host: hostname() });
    await breakLock(lock, "owner-long-gone.json");
    expect(await readdir(lock)).toEqual(["owner-of-before.json"]);
  });

  /** @param {{ pid: number | undefined, host: string }} owner */
  async function leaveLock(owner) {
    const file = path.join(lock, "owner-of-before.json");
    await mkdir(lock);
    await writeFile(file, JSON.stringify(owner));
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(owner);
    return file;
  }
});

import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath } from "./chromium.mjs";
import { findProgram, versionOf } from "./programs.mjs";
import { redisServerPath } from "./redis.mjs";

/** @type {string} */
let folder;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "wingbeat-programs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/**
 * @param {string} name
 * @param {string} text
 */
async function program(name, text) {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

describe("findProgram", () => {
  it("finds the first of the names, in the order of the folders of the PATH", async () => {
    const second = await program("b/chromium", "");
    const env = { PATH: `${folder}/a:${folder}/b` };
    expect(await findProgram(["chrome", "chromium"], env)).toBe(second);
  });

  it("does not take a file that cannot be run", async () => {
    await writeFile(path.join(folder, "chromium"), "");
    expect(await findProgram(["chromium"], { PATH: folder })).toBeUndefined();
  });
});

describe("versionOf", () => {
  it("gives the last line of what the program says", async () => {
    expect(await versionOf(await program("chatty", "echo warning\necho Chromium 150.0"))).toBe("Chromium 150.0");
  });

  it("gives nothing for a program that only says how to install it", async () => {
    expect(await versionOf(await program("stub", "echo requires the snap\nexit 1"))).toBeUndefined();
  });

  it("gives nothing for a program that is not there", async () => {
    expect(await versionOf(path.join(folder, "nothing"))).toBeUndefined();
  });
});

describe("chromiumPath", () => {
  it("takes the one that CHROMIUM_PATH names", async () => {
    const named = await program("my-browser", "echo Chromium 150.0");
    expect(await chromiumPath({ CHROMIUM_PATH: named, PATH: "" })).toBe(named);
  });

  it("says what to do when CHROMIUM_PATH names nothing that runs, instead of taking another", async () => {
    const found = chromiumPath({ CHROMIUM_PATH: "/nowhere/chromium", PATH: process.env["PATH"] });
    await expect(found).rejects.toThrow('CHROMIUM_PATH is "/nowhere/chromium", which does not run.');
    await expect(found).rejects.toThrow("CHROMIUM_PATH=/path/to/chromium npm test");
  });

  it("passes over a stub on the PATH and takes the next that runs", async () => {
    await program("chromium-browser", "exit 1");
    const chrome = await program("google-chrome", "echo Google Chrome 150.0");
    expect(await chromiumPath({ PATH: folder })).toBe(chrome);
  });
});

describe("redisServerPath", () => {
  it("takes the program that REDIS_SERVER_PATH names", async () => {
    await program("redis-server", "");
    const path = "/opt/redis/bin/redis-server";
    expect(await redisServerPath({ REDIS_SERVER_PATH: path, PATH: folder })).toBe(path);
  });

  it("finds a Valkey where there is no Redis", async () => {
    const valkey = await program("valkey-server", "");
    expect(await redisServerPath({ PATH: folder })).toBe(valkey);
  });
});

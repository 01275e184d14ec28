import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LiveError } from "../errors.ts";
import { resolveSecrets } from "./secret.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "wingbeat-secret-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const development = () => ({ production: false, directory });
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof LiveError && error.code === "app.secret") return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
};

const LONG = "0123456789abcdef0123456789abcdef";

describe("resolveSecrets", () => {
  it("takes one secret or a list, in production as in development", () => {
    expect(resolveSecrets(LONG, { production: true, directory })).toEqual([LONG]);
    expect(resolveSecrets([LONG, "é".repeat(16)], development())).toEqual([LONG, "é".repeat(16)]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("refuses a secret of less than 32 bytes and says how to make one", () => {
    const message = refusal(() => resolveSecrets("short", development()));
    expect(message).toContain('The option "secret" has 5 bytes; at least 32 are needed.');
    expect(message).toContain("crypto.randomBytes(32)");
    expect(refusal(() => resolveSecrets("", development()))).toContain("has 0 bytes");
    expect(refusal(() => resolveSecrets([LONG, "short"], development()))).toContain('Number 2 of the option "secret"');
    expect(refusal(() => resolveSecrets([], development()))).toContain("empty list");
  });

  it("never shows a secret in its errors", () => {
    expect(refusal(() => resolveSecrets("hunter2", development()))).not.toContain("hunter2");
  });

  it("refuses to start without one in production", () => {
    expect(refusal(() => resolveSecrets(undefined, { production: true, directory }))).toContain("In production");
    expect(readdirSync(directory)).toEqual([]);
  });

  it("makes one in development that restarts share, readable by its owner alone and ignored by git", () => {
    const made = resolveSecrets(undefined, development());
    expect(made[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(resolveSecrets(undefined, development())).toEqual(made);
    expect(readdirSync(join(directory, ".wingbeat")).sort()).toEqual([".gitignore", "secret"]);
    expect(statSync(join(directory, ".wingbeat", "secret")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(directory, ".wingbeat", ".gitignore"), "utf8")).toBe("*\n");
  });

  it("says what to do about a kept secret that is too short", () => {
    mkdirSync(join(directory, ".wingbeat"));
    writeFileSync(join(directory, ".wingbeat", "secret"), "short\n");
    expect(refusal(() => resolveSecrets(undefined, development()))).toContain("Delete the file and a new one is made.");
  });

  it("says what to do about a kept secret that cannot be read or made", () => {
    mkdirSync(join(directory, ".wingbeat", "secret"), { recursive: true });
    expect(refusal(() => resolveSecrets(undefined, development()))).toContain("cannot be read");
    rmSync(join(directory, ".wingbeat"), { recursive: true });
    writeFileSync(join(directory, ".wingbeat"), "a file where the folder should be");
    expect(refusal(() => resolveSecrets(undefined, development()))).toMatch(/cannot be (read|made)/);
  });

  it("gives every one of several processes that start at once the same secret", { timeout: 30_000 }, async () => {
    const program = join(directory, "start.mjs");
    writeFileSync(
      program,
      `import { resolveSecrets } from ${JSON.stringify(new URL("./secret.ts", import.meta.url).href)};
       process.on("message", ({ directories, startMs }) => {
         const secrets = directories.map((directory, round) => {
           while (Date.now() < startMs + round * 3); // all start a round within the same millisecond
           return resolveSecrets(undefined, { production: false, directory })[0];
         });
         process.send(secrets);
         process.disconnect();
       });
       process.send("ready");`,
    );
    const directories = Array.from({ length: 40 }, (_, round) => join(directory, `app-${round}`));
    // This process is the second.
    const other = fork(program, { execArgv: ["--import", "tsx"] });
    const heard = () => new Promise<unknown>((resolve, reject) => other.once("message", resolve).once("error", reject));
    await heard();
    const startMs = Date.now() + 20;
    const answer = heard();
    await new Promise((resolve) => other.send({ directories, startMs }, resolve));
    const secrets = directories.map((each, round) => {
      while (Date.now() < startMs + round * 3);
      return resolveSecrets(undefined, { production: false, directory: each })[0];
    });
    expect(await answer).toEqual(secrets);
    expect(new Set(secrets).size).toBe(40);
  });
});

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TemporaryFiles } from "./temporary-files.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "wingbeat-temporary-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const A_DAY_MS = 86_400_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("TemporaryFiles", () => {
  it("makes its folder, and a file that this user alone may read, when the first file comes", async () => {
    const own = join(directory, "a/b");
    const files = new TemporaryFiles("app", { directory: own });
    expect(existsSync(own)).toBe(false);
    const writer = await files.create();
    await writer.write(bytes("ab"));
    await writer.write(bytes("c"));
    const file = await writer.close();
    expect([file.size, readFileSync(file.path, "utf8")]).toEqual([3, "abc"]);
    expect([statSync(own).mode & 0o777, statSync(file.path).mode & 0o777]).toEqual([0o700, 0o600]);
    await writer.dispose?.(file);
    expect(readdirSync(own)).toEqual([]);
  });

  it("makes its folder again when somebody has removed it", async () => {
    const files = new TemporaryFiles("app", { directory: join(directory, "own") });
    await (await files.create()).abort?.();
    rmSync(join(directory, "own"), { recursive: true });
    await (await files.create()).close();
    expect(readdirSync(join(directory, "own"))).toHaveLength(1);
  });

  it("removes what was written when a file will never be complete", async () => {
    const writer = await new TemporaryFiles("app", { directory }).create();
    await writer.write(bytes("ab"));
    await writer.abort?.();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("moves a file, over another one too, after which there is nothing to remove", async () => {
    const writer = await new TemporaryFiles("app", { directory }).create();
    await writer.write(bytes("new"));
    const file = await writer.close();
    writeFileSync(join(directory, "kept"), "old");
    await file.moveTo(join(directory, "kept"));
    await writer.dispose?.(file);
    expect([readdirSync(directory), readFileSync(join(directory, "kept"), "utf8")]).toEqual([["kept"], "new"]);
  });

  it("says when a file cannot be moved", async () => {
    const writer = await new TemporaryFiles("app", { directory }).create();
    const file = await writer.close();
    await expect(file.moveTo(join(directory, "no/such/folder"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("removes old files of its own names, and nothing else", async () => {
    const old = (Date.now() - A_DAY_MS - 1_000) / 1_000;
    const [ours, young, foreign] = [
      `wingbeat-upload-${"a".repeat(24)}`,
      `wingbeat-upload-${"b".repeat(24)}`,
      "wingbeat-upload-notes.txt",
    ];
    for (const name of [ours, young, foreign]) writeFileSync(join(directory, name), "");
    mkdirSync(join(directory, `wingbeat-upload-${"c".repeat(24)}`));
    for (const name of [ours, foreign]) utimesSync(join(directory, name), old, old);
    expect(await new TemporaryFiles("app", { directory }).removeLeftovers(Date.now())).toBe(1);
    expect(readdirSync(directory)).not.toContain(ours);
    expect(readdirSync(directory)).toHaveLength(3);
    expect(await new TemporaryFiles("app", { directory: join(directory, "none") }).removeLeftovers(Date.now())).toBe(0);
  });

  it("keeps nothing in a folder that others may read, or lead elsewhere", async () => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = directory;
    try {
      const files = new TemporaryFiles("app", {});
      mkdirSync(files.directory);
      chmodSync(files.directory, 0o755);
      await expect(files.create()).rejects.toMatchObject({ code: "upload.directory" });
      rmSync(files.directory, { recursive: true });
      mkdirSync(join(directory, "elsewhere"), { mode: 0o700 });
      symlinkSync(join(directory, "elsewhere"), files.directory);
      await expect(new TemporaryFiles("app", {}).create()).rejects.toMatchObject({ code: "upload.directory" });
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });
});

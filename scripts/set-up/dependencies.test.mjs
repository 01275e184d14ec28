import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isInstalled } from "./dependencies.mjs";

const LOCKED = {
  "": { version: "1.0.0" },
  "node_modules/ws": { version: "8.23.0" },
  "node_modules/vitest": { version: "4.1.12", dev: true },
  "node_modules/fsevents": { version: "2.3.3", optional: true },
};

describe("isInstalled", () => {
  /** @type {string} */
  let folder;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "wingbeat-dependencies-"));
    await writeFile(path.join(folder, "package-lock.json"), JSON.stringify({ packages: LOCKED }));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is false where nothing is installed", async () => {
    expect(await isInstalled(folder)).toBe(false);
  });

  it("is true after npm ci by hand, but for the optional packages of other platforms", async () => {
    await install({ "node_modules/ws": { version: "8.23.0" }, "node_modules/vitest": { version: "4.1.12" } });
    expect(await isInstalled(folder)).toBe(true);
  });

  it("is false when an install left out the development dependencies", async () => {
    await install({ "node_modules/ws": { version: "8.23.0" } });
    expect(await isInstalled(folder)).toBe(false);
  });

  it("is false when another version is there", async () => {
    await install({ "node_modules/ws": { version: "8.22.0" }, "node_modules/vitest": { version: "4.1.12" } });
    expect(await isInstalled(folder)).toBe(false);
  });

  it("is false when npm's record names a package that is gone", async () => {
    await install({ "node_modules/ws": { version: "8.23.0" }, "node_modules/vitest": { version: "4.1.12" } });
    await rm(path.join(folder, "node_modules/ws"), { recursive: true });
    expect(await isInstalled(folder)).toBe(false);
  });

  it("is false once the lock file has changed, until npm has run again", async () => {
    await install({ "node_modules/ws": { version: "8.23.0" }, "node_modules/vitest": { version: "4.1.12" } });
    expect(await isInstalled(folder)).toBe(true);
    const changed = { ...LOCKED, "node_modules/zod": { version: "4.6.7" } };
    await writeFile(path.join(folder, "package-lock.json"), JSON.stringify({ packages: changed }));
    expect(await isInstalled(folder)).toBe(false);
    await install({
      "node_modules/ws": { version: "8.23.0" },
      "node_modules/vitest": { version: "4.1.12" },
      "node_modules/zod": { version: "4.6.7" },
    });
    expect(await isInstalled(folder)).toBe(true);
  });

  it("is false on another platform than the one it was installed on", async () => {
    await install({ "node_modules/ws": { version: "8.23.0" }, "node_modules/vitest": { version: "4.1.12" } });
    expect(await isInstalled(folder)).toBe(true);
    const stamp = path.join(folder, "node_modules/.wingbeat-stamp");
    const text = await readFile(stamp, "utf8");
    await writeFile(stamp, text.replace(`${process.platform}-${process.arch}`, "plan9-mips"));
    expect(await isInstalled(folder)).toBe(false);
  });

  /** @param {Record<string, { version: string }>} packages */
  async function install(packages) {
    for (const place of Object.keys(packages)) {
      await mkdir(path.join(folder, place), { recursive: true });
      await writeFile(path.join(folder, place, "package.json"), "{}");
    }
    await writeFile(path.join(folder, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
  }
});

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { printedFiles, writeProject } from "../browser/printed-programs.ts";

const PAGE = "docs/guides/testing.md";
const project = writeProject(printedFiles(PAGE));
afterAll(() => rmSync(project, { recursive: true, force: true }));

it("the guide's tests pass as they are printed", async () => {
  const { NODE_OPTIONS: _options, VITEST: _vitest, NODE_ENV: _environment, ...env } = process.env;
  const args = [
    "--conditions=wingbeat-source",
    `--import=${import.meta.resolve("tsx")}`,
    "--test-reporter=tap",
    "--test",
    "room.test.ts",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(project, PAGE), env });
  expect(stdout).toContain("# pass 5\n# fail 0");
});

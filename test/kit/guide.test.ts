import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { printedFiles, writeProject } from "../browser/printed-programs.ts";

const pages = ["docs/guides/testing.md", "docs/guides/pub-sub.md", "docs/guides/streams.md"];
const project = writeProject(pages.flatMap(printedFiles));
afterAll(() => rmSync(project, { recursive: true, force: true }));

it.each([
  ["docs/guides/testing.md", "room.test.ts", 5],
  ["docs/guides/pub-sub.md", "board.test.ts", 3],
  ["docs/guides/streams.md", "rows.test.ts", 1],
])("the tests of %s pass as they are printed", async (page, file, count) => {
  const { NODE_OPTIONS: _options, VITEST: _vitest, NODE_ENV: _environment, ...env } = process.env;
  const args = [
    "--conditions=wingbeat-source",
    `--import=${import.meta.resolve("tsx")}`,
    "--test-reporter=tap",
    "--test",
    file,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(project, page), env });
  expect(stdout).toContain(`# pass ${count}\n# fail 0`);
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const guide = read("docs/guides/snippetbox.md");
const pieces = [...guide.matchAll(/```ts file="([^"]+)"\n([^]*?)\n```/g)].map(([, file = "", code = ""]) => ({
  file,
  code,
}));

describe("the guide to Snippetbox", () => {
  it("prints code of every folder", () => {
    const folders = new Set(pieces.map(({ file }) => file.split("/")[2]));
    expect(folders).toEqual(new Set(["contexts", "database", "live", "web"]));
  });

  it.each(pieces)("prints $file as it is: $code", ({ file, code }) => {
    expect(read(file)).toContain(code);
  });
});

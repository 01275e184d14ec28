import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkPrograms, disagreements, parseRefusals, parseReports } from "./check.ts";

const programs = join(dirname(fileURLToPath(import.meta.url)), "programs");
const TIMEOUT_MS = 120_000; // for the slowest machine; a run takes a second or two
/** What a project may have instead of our own, stricter settings. */
const LENIENT = ["--exactOptionalPropertyTypes", "false", "--noUncheckedIndexedAccess", "false"];

describe("the public types", () => {
  it(
    "accept the programs of the guides, infer what they should, and refuse every mistake that is marked",
    async () => {
      const checked = await checkPrograms(join(programs, "today"));
      expect(checked.disagreements).toEqual([]);
      expect(checked.refusals.length).toBeGreaterThan(50);
    },
    TIMEOUT_MS,
  );

  it(
    "say the same without exactOptionalPropertyTypes and noUncheckedIndexedAccess",
    async () => {
      const checked = await checkPrograms(join(programs, "today"), ...LENIENT);
      expect(checked.disagreements).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "leave room for what is designed but not built: what survives a reconnect",
    async () => {
      const checked = await checkPrograms(join(programs, "upcoming"));
      expect(checked.disagreements).toEqual([]);
      expect(checked.refusals).toHaveLength(2);
    },
    TIMEOUT_MS,
  );

  it(
    "leave that room also without exactOptionalPropertyTypes and noUncheckedIndexedAccess",
    async () => {
      const checked = await checkPrograms(join(programs, "upcoming"), ...LENIENT);
      expect(checked.disagreements).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe("the check itself", () => {
  const output = [
    "a.ts(3,7): error TS2345: Argument of type 'A' is not assignable to parameter of type 'B'.",
    "  Property 'x' is missing in type 'A'.",
    "b/c.ts(10,1): error TS2304: Cannot find name 'y'.",
    "",
  ].join("\n");

  it("reads a report with its continuation lines", () => {
    expect(parseReports(output)).toEqual([
      {
        file: "a.ts",
        line: 3,
        message:
          "TS2345: Argument of type 'A' is not assignable to parameter of type 'B'.\n  Property 'x' is missing in type 'A'.",
      },
      { file: "b/c.ts", line: 10, message: "TS2304: Cannot find name 'y'." },
    ]);
  });

  it("does not overlook an error that belongs to no file", () => {
    const reports = parseReports("error TS5023: Unknown compiler option '--x'.\n");
    expect(disagreements(reports, [])).toEqual([
      ":0 should compile, but: error TS5023: Unknown compiler option '--x'.",
    ]);
  });

  it("finds the lines that are marked, and the texts expected of them", () => {
    const program = "fine();\nwrong(); // ✗ 'A' is not … 'B'\n";
    expect(parseRefusals("a.ts", program)).toEqual([{ file: "a.ts", line: 2, fragments: ["'A' is not", "'B'"] }]);
  });

  it("agrees when every marked line was refused with its text, and no other line", () => {
    const refusals = [
      { file: "a.ts", line: 3, fragments: ["'A' is not", "Property 'x' is missing"] },
      { file: "b/c.ts", line: 10, fragments: ["'y'"] },
    ];
    expect(disagreements(parseReports(output), refusals)).toEqual([]);
  });

  it("fails for a marked line that compiles", () => {
    expect(disagreements([], [{ file: "a.ts", line: 3, fragments: ["'A'", "'B'"] }])).toEqual([
      "a.ts:3 compiles, but should be refused: 'A' … 'B'",
    ]);
  });

  it("fails for a marked line that is refused with another text", () => {
    const reports = [{ file: "a.ts", line: 3, message: "TS1: 'B', then 'A'" }];
    expect(disagreements(reports, [{ file: "a.ts", line: 3, fragments: ["'A'", "'B'"] }])).toEqual([
      `a.ts:3 is refused without "'A' … 'B'": TS1: 'B', then 'A'`,
    ]);
  });

  it("fails for a line that is refused and not marked", () => {
    expect(disagreements([{ file: "a.ts", line: 4, message: "TS1: no" }], [])).toEqual([
      "a.ts:4 should compile, but: TS1: no",
    ]);
  });
});

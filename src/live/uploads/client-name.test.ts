import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayName, displayPath } from "./client-name.ts";

describe("displayName", () => {
  it.each([
    ["photo.png", "photo.png"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\windows\\win.ini", "win.ini"],
    ["/etc/shadow", "shadow"],
    ["..", "file"],
    ["", "file"],
    ["a\u0000b\u202Egnp.exe", "abgnp.exe"],
    [" spaced name .txt ", "spaced name .txt"],
    ["日本語.txt", "日本語.txt"],
    ["می\u200Cخواهم.txt", "می\u200Cخواهم.txt"],
  ])("shows %j as %j", (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  it("never gives a path, nothing, or more than 255 characters", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "é", "/", "\\", ".", " ", "\u0000", "\u202E"), maxLength: 600 }),
        (name) => {
          const shown = displayName(name);
          expect(shown).not.toMatch(/[/\\\p{Cc}]/u);
          expect(["", ".", ".."]).not.toContain(shown);
          expect(shown.length).toBeLessThanOrEqual(255);
        },
      ),
    );
  });
});

describe("displayPath", () => {
  it("keeps the folders of a folder that was chosen, and leads out of none", () => {
    expect(displayPath("photos/2026/a.png")).toBe("photos/2026/a.png");
    expect(displayPath("../photos/./../a.png")).toBe("photos/a.png");
    expect(displayPath("")).toBe("");
  });
});

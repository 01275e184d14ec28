import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sealer } from "./sealer.ts";

const OLD = "an old secret of the tests, long enough";
const NEW = "a new secret of the tests, long enough";

const textOf = (sealer: Sealer, sealed: string): string | undefined => {
  const opened = sealer.open(sealed);
  return opened.ok ? opened.value.text : undefined;
};

describe("Sealer", () => {
  it("opens what it has sealed, whatever the text", () => {
    const sealer = new Sealer([NEW], "a");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(textOf(sealer, sealer.seal(text))).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it("shows nothing of the text, and never seals it the same way twice", () => {
    const sealer = new Sealer([NEW], "a");
    const [first, second] = [sealer.seal('{"user":"ada"}'), sealer.seal('{"user":"ada"}')];
    expect(first).toMatch(/^1[\w-]+$/);
    expect(Buffer.from(first.slice(1), "base64url").includes("ada")).toBe(false);
    expect(first).not.toBe(second);
  });

  it("opens nothing in which one character was changed", () => {
    const sealer = new Sealer([NEW], "a");
    const sealed = sealer.seal("ada");
    for (let index = 0; index < sealed.length - 1; index++) {
      const other = sealed[index] === "A" ? "B" : "A";
      const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
      expect(textOf(sealer, changed)).toBeUndefined();
    }
  });

  it("opens nothing of another label or another secret", () => {
    const sealed = new Sealer([NEW], "a").seal("ada");
    expect(textOf(new Sealer([NEW], "b"), sealed)).toBeUndefined();
    expect(textOf(new Sealer([OLD], "a"), sealed)).toBeUndefined();
  });

  it("opens what an older secret has sealed, and says so", () => {
    const sealed = new Sealer([OLD], "a").seal("ada");
    expect(new Sealer([NEW, OLD], "a").open(sealed)).toEqual({ ok: true, value: { text: "ada", isCurrent: false } });
    const anew = new Sealer([NEW, OLD], "a").seal("ada");
    expect(textOf(new Sealer([NEW], "a"), anew)).toBe("ada");
  });

  it("never throws, whatever it is given", () => {
    const sealer = new Sealer([NEW], "a");
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^1[\w-]*$/)), (text) => {
        expect(sealer.open(text).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codePoint } from "../../../test/support/code-points.ts";
import { BodyLines, MAX_LINES } from "./body-lines.ts";

const utf8 = new TextEncoder();

describe("BodyLines", () => {
  it("gives each line as soon as it is whole, and the last one at the end", () => {
    const body = new BodyLines(100);
    expect(body.push(utf8.encode('["1"]\n["2"'))).toEqual({ ok: true, value: ['["1"]'] });
    expect(body.push(utf8.encode("]"))).toEqual({ ok: true, value: [] });
    expect(body.end()).toEqual({ ok: true, value: ['["2"]'] });
  });

  it("takes a body without frames, and no empty line for one", () => {
    expect(new BodyLines(100).end()).toEqual({ ok: true, value: [] });
    const body = new BodyLines(100);
    expect(body.push(utf8.encode("\n\n[]\n\n"))).toEqual({ ok: true, value: ["[]"] });
    expect(body.end()).toEqual({ ok: true, value: [] });
  });

  it("gives the same lines however the body is cut, also within a letter", () => {
    const text = fc.string({ unit: codePoint, maxLength: 8 }).map((held) => JSON.stringify(["1", held]));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), fc.array(fc.nat(120), { maxLength: 8 }), (lines, cuts) => {
        const bytes = utf8.encode(lines.join("\n"));
        const ends = [...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
        const body = new BodyLines(1_000);
        const got: string[] = [];
        let start = 0;
        for (const end of ends) {
          const piece = body.push(bytes.subarray(start, end));
          if (piece.ok) got.push(...piece.value);
          start = end;
        }
        const last = body.end();
        if (last.ok) got.push(...last.value);
        expect(got).toEqual(lines);
      }),
      { numRuns: 50 },
    );
  });

  it("refuses a frame above the limit, in bytes, before it is whole", () => {
    expect(new BodyLines(10).push(utf8.encode('["234567"]\n')).ok).toBe(true);
    expect(new BodyLines(10).push(utf8.encode('["2345678"]\n'))).toEqual({
      ok: false,
      reason: "a frame of more than 10 bytes (limits.maxMessageBytes)",
    });
    expect(new BodyLines(10).push(utf8.encode('["ééé"]\n')).ok).toBe(true);
    expect(new BodyLines(10).push(utf8.encode('["éééé"]\n')).ok).toBe(false);
    expect(new BodyLines(9).push(utf8.encode("[".repeat(13))).ok).toBe(false);
  });

  it("takes as many bytes in base64 as in a WebSocket's binary frame", () => {
    const bytes = (count: number): Uint8Array => utf8.encode(`${Buffer.alloc(count).toString("base64")}\n`);
    expect(new BodyLines(9).push(bytes(9)).ok).toBe(true);
    expect(new BodyLines(9).push(bytes(10)).ok).toBe(false);
  });

  it("refuses more frames than the client puts into one request", () => {
    const body = new BodyLines(100);
    expect(body.push(utf8.encode("[]\n".repeat(MAX_LINES))).ok).toBe(true);
    expect(body.push(utf8.encode("[]\n"))).toEqual({ ok: false, reason: "more than 100 frames in one request" });
    expect(new BodyLines(100).push(utf8.encode("[]\n".repeat(10_000))).ok).toBe(false);
  });
});

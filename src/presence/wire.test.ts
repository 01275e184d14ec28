import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeWire } from "./decode-wire.ts";
import { packMeta } from "./meta-codec.ts";
import {
  batches,
  bytesWithin,
  encodeAsk,
  encodeBeat,
  encodeGoodbye,
  encodeOps,
  encodeSnapshot,
  entryItem,
  MAX_MESSAGE_BYTES,
  putItem,
  removeItem,
  type Item,
} from "./wire.ts";

const RID = "AAAABBBBCCCCDDDDEEEEFF";
const json = (meta: object): string => packMeta(meta, "room", 1_024).json;

describe("a message between trackers", () => {
  it("is a JSON array: version, kind, writer, and what the kind needs", () => {
    expect(encodeOps(RID, "web-1", 7, [putItem(3, "room", "ada", '{"name":"Ada"}', 0), removeItem(2)])).toBe(
      `[1,"d","${RID}","web-1",7,[["+",3,"room","ada",{"name":"Ada"},0],["-",2]]]`,
    );
    expect(encodeBeat(RID, "", 9, 1234, 2, true)).toBe(`[1,"h","${RID}","",9,1234,2,1]`);
    expect(encodeAsk(RID, "GGGGHHHHIIIIJJJJKKKKLL", 4, false)).toBe(`[1,"q","${RID}","GGGGHHHHIIIIJJJJKKKKLL",4,0]`);
    expect(encodeSnapshot(RID, "", 9, 0, 1, [entryItem(8, 3, "room", "ada", "{}", 7)])).toBe(
      `[1,"s","${RID}","",9,0,1,[[8,3,"room","ada",{},7]]]`,
    );
    expect(encodeGoodbye(RID)).toBe(`[1,"b","${RID}"]`);
  });

  it("is read as it was written, with metas of every shape", () => {
    const meta = { name: 'Ada "the <first>"', since: new Date(0), tags: new Set(["a"]), none: undefined, n: -0 };
    const items = [
      putItem(1, "raum:ä", "__proto__", json(meta), 0),
      putItem(2, "room", "x", json({ a: [1, { b: null }] }), 1),
    ];
    expect(decodeWire(encodeOps(RID, "n", 1, items))).toEqual({
      ok: true,
      value: {
        kind: "d",
        rid: RID,
        node: "n",
        from: 1,
        ops: [
          { kind: "+", id: 1, topic: "raum:ä", key: "__proto__", prev: 0, fields: meta, json: json(meta) },
          {
            kind: "+",
            id: 2,
            topic: "room",
            key: "x",
            prev: 1,
            fields: { a: [1, { b: null }] },
            json: '{"a":[1,{"b":null}]}',
          },
        ],
      },
    });
    expect(decodeWire(encodeSnapshot(RID, "", 3, 1, 2, [entryItem(3, 1, "room", "ada", "{}", 2)]))).toEqual({
      ok: true,
      value: {
        kind: "s",
        rid: RID,
        node: "",
        seq: 3,
        part: 1,
        parts: 2,
        entries: [{ kind: "+", seq: 3, id: 1, topic: "room", key: "ada", prev: 2, fields: {}, json: "{}" }],
      },
    });
    expect(decodeWire(encodeBeat(RID, "", 9, 12, 2, false))).toMatchObject({
      ok: true,
      value: { hello: false, seq: 9 },
    });
    expect(decodeWire(encodeAsk(RID, RID, 4, true))).toMatchObject({ ok: true, value: { full: true, have: 4 } });
    expect(decodeWire(encodeGoodbye(RID))).toEqual({ ok: true, value: { kind: "b", rid: RID } });
  });

  it("of a later version, or of a kind that is not known, is passed over", () => {
    expect(decodeWire(`[2,"h","${RID}"]`)).toEqual({ ok: true, value: undefined });
    expect(decodeWire(`[1,"z","${RID}",{"anything":true}]`)).toEqual({ ok: true, value: undefined });
  });

  it("may have more elements than we know of", () => {
    expect(decodeWire(`[1,"h","${RID}","",9,12,2,1,"more",{}]`)).toMatchObject({
      ok: true,
      value: { kind: "h", seq: 9 },
    });
    expect(decodeWire(`[1,"d","${RID}","",1,[["+",1,"room","ada",{},0,"more"]]]`)).toMatchObject({ ok: true });
  });

  it.each([
    ["no text", { type: "presence" }],
    ["no JSON", "[1,"],
    ["no array", '{"v":1}'],
    ["no version", '["h"]'],
    ["no sender", '[1,"h",17]'],
    ["a sender out of other characters", '[1,"h","../../etc/passwd"]'],
    ["a negative number", `[1,"h","${RID}","",-1,0,0,0]`],
    ["a fraction", `[1,"h","${RID}","",1.5,0,0,0]`],
    ["a number that is none", `[1,"h","${RID}","",1e400,0,0,0]`],
    ["no operations", `[1,"d","${RID}","",1,[]]`],
    ["operations from number 0", `[1,"d","${RID}","",0,[["-",1]]]`],
    ["too many operations", `[1,"d","${RID}","",1,[${Array.from({ length: 501 }, () => '["-",1]').join(",")}]]`],
    ["an operation that is not known", `[1,"d","${RID}","",1,[["~",1]]]`],
    ["an empty key", `[1,"d","${RID}","",1,[["+",1,"room","",{},0]]]`],
    ["a topic of 256 bytes", `[1,"d","${RID}","",1,[["+",1,"${"x".repeat(256)}","k",{},0]]]`],
    ["a meta that is no object", `[1,"d","${RID}","",1,[["+",1,"room","k","meta",0]]]`],
    ["a meta that names a prototype", `[1,"d","${RID}","",1,[["+",1,"room","k",{"a":{"__proto__":{}}},0]]]`],
    ["a meta with references to nowhere", `[1,"d","${RID}","",1,[["+",1,"room","k",[{"a":7}],0]]]`],
    ["a part beyond the last", `[1,"s","${RID}","",1,2,2,[]]`],
    ["more parts than anybody sends", `[1,"s","${RID}","",1,0,5000,[]]`],
    ["an entry from the future", `[1,"s","${RID}","",1,0,1,[[2,1,"room","k",{},0]]]`],
    ["more than 60 000 characters", JSON.stringify([1, "h", RID, "x".repeat(60_000)])],
    ["arrays 20 000 deep", "[".repeat(20_000) + "]".repeat(20_000)],
  ])("is refused with %s", (_what, received) => {
    expect(decodeWire(received)).toMatchObject({ ok: false });
  });

  it("is read without ever throwing, whatever arrives", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.json(),
          fc.array(fc.jsonValue()).map((value) => JSON.stringify(value)),
        ),
        (any) => {
          expect(typeof decodeWire(any).ok).toBe("boolean");
        },
      ),
    );
  });

  it("that was altered anywhere is read or refused, but never throws", () => {
    const text = encodeOps(RID, "n", 1, [putItem(1, "room", "ada", json({ at: new Date(0) }), 0), removeItem(1)]);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, cut, insert) => {
        expect(typeof decodeWire(text.slice(0, at) + insert + text.slice(at + cut)).ok).toBe("boolean");
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("batches", () => {
  const textOf = (items: readonly Item[]): string => items.map(({ text }) => text).join("\n");

  it("keep the order, hold at most 500 operations each, and no more bytes than a message may have", () => {
    const meta = fc
      .array(fc.constantFrom('"', "\\", "<", "x", "é", "\u2028", "🦅", "\n"), { maxLength: 150 })
      .map((characters) => json({ text: characters.join("") }));
    fc.assert(
      fc.property(fc.array(meta, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (metas, times) => {
        const items = Array.from({ length: times }, () =>
          metas.map((each) => putItem(1, "room", '"<é', each, 0)),
        ).flat();
        const cut = batches(items);
        expect(textOf(cut.flat())).toBe(textOf(items));
        for (const batch of cut) {
          expect(batch.length).toBeLessThanOrEqual(500);
          const message = JSON.stringify(encodeOps(RID, "n".repeat(255), 1, batch)).replaceAll("<", "\\u003C");
          expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("are none for no operations", () => {
    expect(batches([])).toEqual([]);
  });
});

describe("bytesWithin", () => {
  it("is never less than what the text takes as a string within JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const written = JSON.stringify(text).replaceAll("<", "\\u003C");
        expect(bytesWithin(text)).toBeGreaterThanOrEqual(Buffer.byteLength(written) - 2);
      }),
    );
  });
});

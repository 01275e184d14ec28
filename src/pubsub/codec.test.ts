import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { codePoint } from "../../test/support/code-points.ts";
import { messages } from "../../test/support/random-messages.ts";
import { expectEqual } from "../testing/contract-assertions.ts";
import { decodePayload, encodePayload, MAX_VALUES } from "./codec.ts";

const MAX_BYTES = 1_048_576;

function encode(message: unknown, maxBytes = MAX_BYTES) {
  return encodePayload(message, "room", maxBytes);
}

function decode(format: "j" | "d", text: string) {
  return decodePayload({ format, text });
}

/** What comes out at the other end. */
function sent(message: unknown): unknown {
  const decoded = decodePayload(encode(message));
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

function refusal(code: string, message: string | RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

class Account {
  readonly name = "Ada";
}

/** Nested so many levels deep: `nested(2)` is `[[]]`. */
function nested(levels: number): unknown {
  let value: unknown[] = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}

describe("encodePayload", () => {
  it("writes plain data as plain JSON, which other programs can read", () => {
    expect(encode({ type: "said", text: "hello", at: [1, -2.5, null, true] })).toEqual({
      format: "j",
      text: '{"type":"said","text":"hello","at":[1,-2.5,null,true]}',
    });
    expect(encode("text")).toEqual({ format: "j", text: '"text"' });
  });

  it("writes what JSON would lose by devalue", () => {
    expect(encode({ at: new Date(0) })).toEqual({
      format: "d",
      text: '[{"at":1},["Date","1970-01-01T00:00:00.000Z"]]',
    });
    expect(encode(undefined)).toEqual({ format: "d", text: "-1" });
    expect(encode([1n, new Set(["a"])])).toEqual({ format: "d", text: '[[1,2],["BigInt","1"],["Set",3],"a"]' });
  });

  it("keeps undefined, NaN, -0, infinities, invalid dates and lone surrogates", () => {
    const message = { a: undefined, b: [Number.NaN, -0, Infinity, -Infinity], c: new Date(Number.NaN), d: "\ud800" };
    expect(sent(message)).toStrictEqual(message);
    expect(sent("\ud800")).toBe("\ud800");
  });

  it("keeps circles and objects without a prototype", () => {
    const circle: { name: string; self?: unknown } = { name: "circle" };
    circle.self = circle;
    const back = sent(circle);
    expect(back).toEqual(circle);
    expect(Reflect.get(Object(back), "self")).toBe(back);
    const bare: unknown = Object.assign(Object.create(null), { a: 1 });
    expect(Object.getPrototypeOf(sent(bare))).toBeNull();
  });

  it("sends of a typed array what it shows, and nothing else that its buffer holds", () => {
    const pool = new TextEncoder().encode("secret visible secret");
    const { text } = encode(pool.subarray(7, 14));
    expect(text).toBe(`[["Uint8Array",1],["ArrayBuffer","${btoa("visible")}"]]`);
    expect(sent(pool.subarray(7, 14))).toEqual(new TextEncoder().encode("visible"));
  });

  it("keeps every kind of bytes", () => {
    const kinds = [
      new Int8Array([-1]),
      new Uint8ClampedArray([300]),
      new Int16Array([-2, 2]),
      new Uint16Array([65_535]),
      new Int32Array([-1]),
      new Uint32Array([4_294_967_295]),
      new Float32Array([0.5]),
      new Float64Array([0.1, Number.NaN]),
      new BigInt64Array([-1n]),
      new BigUint64Array([1n]),
      new DataView(new Uint8Array([1, 2, 3]).buffer, 1),
      new Uint8Array([1, 2]).buffer,
    ];
    expect(sent(kinds)).toEqual([...kinds.slice(0, 10), new DataView(new Uint8Array([2, 3]).buffer), kinds[11]]);
  });

  it("brings a Node Buffer as a Uint8Array", () => {
    const back = sent(Buffer.from("hello"));
    expect(back).toEqual(new TextEncoder().encode("hello"));
    expect(Buffer.isBuffer(back)).toBe(false);
  });

  it("takes plain objects, arrays, maps and dates of another realm, as under a test runner", () => {
    const foreign: unknown = runInNewContext("({ list: [1], map: new Map([[1, new Date(0)]]), set: new Set() })");
    expect(sent(foreign)).toEqual({ list: [1], map: new Map([[1, new Date(0)]]), set: new Set() });
  });

  it.each<[unknown, string]>([
    [{ user: { password: () => "" } }, "message.user.password is a function"],
    [() => {}, "message is a function"],
    [{ list: [1, Symbol("s")] }, "message.list[1] is a symbol"],
    [{ "odd key": { $ok: new Account() } }, 'message["odd key"].$ok is an instance of Account'],
    [new Map([["ada", new Error("x")]]), 'message.get("ada") is an error, Error'],
    [new Map([[/x/, 1]]), "message (a key of the Map) is an instance of RegExp"],
    [new Set([new URL("http://localhost")]), "message (a value of the Set) is an instance of URL"],
    [new (class Names extends Map {})(), "message is an instance of Names"],
    [new (class Day extends Date {})(), "message is an instance of Day"],
    [new (class List extends Array {})(), "message is an instance of List"],
    [{ later: Promise.resolve() }, "message.later is an instance of Promise"],
    [{ boxed: Object(1) }, "message.boxed is an instance of Number"],
    [{ [Symbol("hidden")]: 1 }, "message[Symbol(hidden)] has a symbol for its name"],
    // oxlint-disable-next-line no-sparse-arrays
    [{ list: [1, , 3] }, "message.list[1] is a hole in an array"],
    [JSON.parse('{"user":{"__proto__":{"isAdmin":true}}}'), "message.user.__proto__ has a name that could change"],
    [10n ** 5_000n, "message has more than 4096 digits"],
    [nested(65), "is nested more than 64 levels deep"],
    [Array.from({ length: MAX_VALUES + 1 }, () => 0), "message brings the message to more than 200000 values"],
  ])("refuses %o, and says where it is", (message, place) => {
    expect(() => encode(message)).toThrow(
      expect.objectContaining({
        code: "pubsub.message-not-sendable",
        message: expect.stringContaining(
          `A message on the topic "room" cannot be sent: ${place.startsWith("message") ? place : ""}`,
        ),
      }),
    );
    expect(() => encode(message)).toThrow(place);
  });

  it("takes dates while a test fakes the time, and nothing that only has the prototype of one", () => {
    vi.useFakeTimers({ now: 1_000 });
    try {
      expect(sent({ at: new Date() })).toEqual({ at: new Date(1_000) });
      expect(() => encode({ at: Object.create(Date.prototype) })).toThrow("message.at is an instance of");
    } finally {
      vi.useRealTimers();
    }
    expect(() => encode({ at: Object.create(Date.prototype) })).toThrow("message.at is an instance of Date");
  });

  it("takes 64 levels and 200 000 values", () => {
    expect(sent(nested(64))).toEqual(nested(64));
    expect(sent(Array.from({ length: MAX_VALUES }, () => 0))).toHaveLength(MAX_VALUES);
    const rich = [undefined, nested(63)];
    expect(sent(rich)).toEqual(rich);
  });

  it("counts bytes of UTF-8, not characters, and says how many there are", () => {
    expect(encode("é".repeat(49), 100).format).toBe("j");
    expect(() => encode("é".repeat(50), 100)).toThrow(
      refusal("pubsub.message-too-large", /^A message on the topic "room" takes 102 bytes as text; at most 100 are/),
    );
    expect(() => encode({ at: new Date(0), text: "x".repeat(80) }, 100)).toThrow(
      refusal("pubsub.message-too-large", /takes 1\d\d bytes/),
    );
  });

  it("refuses what is far too large before it writes it", () => {
    const shared = "x".repeat(1_000_000);
    const message = Array.from({ length: 100_000 }, () => shared);
    expect(() => encode(message)).toThrow(refusal("pubsub.message-too-large", /more than 1048576 bytes/));
    expect(() => encode(new Uint8Array(2_000_000))).toThrow(refusal("pubsub.message-too-large", /more than 1048576/));
  });
});

describe("decodePayload", () => {
  it.each<["j" | "d", string, string]>([
    ["j", "no JSON", "it is no JSON"],
    ["j", "", "it is no JSON"],
    ["j", '{"__proto__":{"isAdmin":true}}', 'it has a field "__proto__"'],
    ["j", '[{"a":{"\\u005f_proto__":1}}]', 'it has a field "__proto__"'],
    ["j", "[".repeat(65) + "]".repeat(65), "it nests more than 64 levels"],
    ["j", `[${"0,".repeat(200_000)}0]`, "it has more than 200000 values"],
    ["d", "{}", "it is no list of values"],
    ["d", "[]", "it is no list of values"],
    ["d", "7", "it refers to nothing"],
    ["d", "-2", "it refers to nothing"],
    ["d", "[[1]]", "a reference in it leads nowhere"],
    ["d", "[[0.5]]", "a reference in it is no number"],
    ["d", "[[-2]]", "a reference in it leads nowhere"],
    ["d", "[[-7,4294967295]]", "a reference in it leads nowhere"],
    ["d", '[["RegExp","(a+)+$"]]', "it has a value of a kind that is not taken"],
    ["d", '[["URL","http://localhost"]]', "it has a value of a kind that is not taken"],
    ["d", '[["Object",1],1]', "a value in it is not written as text"],
    ["d", '[["Temporal.Instant","1970-01-01T00:00:00Z"]]', "it has a value of a kind that is not taken"],
    ["d", '[["constructor","return 1"]]', "it has a value of a kind that is not taken"],
    ["d", '[{"__proto__":1},1]', 'it has a field "__proto__"'],
    ["d", '[["null","__proto__",1],1]', "an object in it has an odd field"],
    ["d", '[["null","a"],1]', "an object in it has an odd field"],
    ["d", '[["Map",1],1]', "a Map in it has half an entry"],
    ["d", '[["Uint8Array",0]]', "a typed array in it has no bytes"],
    ["d", '[["Uint8Array",1],1000000000]', "a typed array in it has no bytes"],
    ["d", '[["Uint8Array",1,0,1000000000],["ArrayBuffer",""]]', "a value in it has parts too many or too few"],
    ["d", '[["Int32Array",1],["ArrayBuffer","AA=="]]', "it cannot be rebuilt"],
    ["d", '[["ArrayBuffer",5]]', "a value in it is not written as text"],
    ["d", '[["BigInt","0x10"]]', "a BigInt in it has other than digits"],
    ["d", `[["BigInt","${"9".repeat(4_097)}"]]`, "a BigInt in it has other than digits"],
    ["d", `[["Date","${"1".repeat(100)}"]]`, "a Date in it is too long"],
    ["d", `[${Array.from({ length: 100 }, (_, index) => `[${index + 1}]`).join()},1]`, "it nests more than 64 levels"],
    ["d", `[[${"1,".repeat(200_000)}1],1]`, "it has more than 200000 values"],
  ])("refuses a text of format %s that it did not write: %s", (format, text, reason) => {
    expect(decode(format, text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it("never throws and changes no prototype, whatever the text is", () => {
    const texts = fc.oneof(
      fc.string({ unit: codePoint }),
      fc.json(),
      // As devalue would write it, and nearly so.
      fc
        .array(
          fc.oneof(
            fc.integer({ min: -8, max: 5 }),
            fc.string(),
            fc.array(
              fc.oneof(
                fc.integer({ min: -8, max: 5 }),
                fc.constantFrom(
                  "Map",
                  "Set",
                  "null",
                  "__proto__",
                  "Uint8Array",
                  "ArrayBuffer",
                  "BigInt",
                  "Date",
                  "AA==",
                ),
              ),
            ),
            fc.dictionary(fc.constantFrom("a", "__proto__", "constructor"), fc.integer({ min: -8, max: 5 })),
          ),
          { minLength: 1, maxLength: 6 },
        )
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(fc.constantFrom("j" as const, "d" as const), texts, (format, text) => {
        expect(decode(format, text).ok).toBeTypeOf("boolean");
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 800 },
    );
  });

  // The long versions of these two are in test/long/codec.test.ts.
  it("never throws for what was written, and then damaged", () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.string({ maxLength: 3 }), fc.nat(4), (message, at, patch, cut) => {
        const { format, text } = encode(message);
        const start = at % (text.length + 1);
        expect(decode(format, text.slice(0, start) + patch + text.slice(start + cut)).ok).toBeTypeOf("boolean");
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  it("gives back what was sent, for any message", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const before = structuredClone(message);
        expectEqual(sent(message), before, "what was received is what was sent");
        expectEqual(message, before, "what was sent is as it was");
      }),
      { numRuns: 75 },
    );
  }, 30_000);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codePoint } from "../../test/support/code-points.ts";
import { decodeBinaryFrame, decodeTextFrame, encodePush, encodeReply } from "./frames.ts";

describe("decodeTextFrame", () => {
  it("reads the five parts of a message", () => {
    expect(decodeTextFrame('["4","10","lv:phx-main","event",{"type":"click"}]')).toEqual({
      ok: true,
      value: { joinRef: "4", ref: "10", topic: "lv:phx-main", event: "event", payload: { type: "click" } },
    });
  });

  it("reads a heartbeat, which belongs to no join", () => {
    expect(decodeTextFrame('[null,"7","phoenix","heartbeat",{}]')).toEqual({
      ok: true,
      value: { joinRef: null, ref: "7", topic: "phoenix", event: "heartbeat", payload: {} },
    });
  });

  it.each([
    ["", "the message is not JSON"],
    ["[", "the message is not JSON"],
    ["{}", "the message is not an array of five"],
    ["null", "the message is not an array of five"],
    ['["4","10","lv:a","event"]', "the message is not an array of five"],
    ['["4","10","lv:a","event",{},1]', "the message is not an array of five"],
    ['[4,"10","lv:a","event",{}]', "the join_ref is neither null nor a short string"],
    ['["4",10,"lv:a","event",{}]', "the ref is neither null nor a short string"],
    ['["4","10",null,"event",{}]', "the topic is not a string of 1 to 255 bytes"],
    ['["4","10","","event",{}]', "the topic is not a string of 1 to 255 bytes"],
    ['["4","10","lv:a","",{}]', "the event is not a string of 1 to 255 bytes"],
    ['["4","10","lv:a",["event"],{}]', "the event is not a string of 1 to 255 bytes"],
  ])("refuses %s", (text, reason) => {
    expect(decodeTextFrame(text)).toEqual({ ok: false, reason });
  });

  it("counts the topic's limit of 255 in bytes, not in characters", () => {
    const frame = (topic: string) => JSON.stringify([null, "1", topic, "event", {}]);
    expect(decodeTextFrame(frame("a".repeat(255))).ok).toBe(true);
    expect(decodeTextFrame(frame("a".repeat(256))).ok).toBe(false);
    expect(decodeTextFrame(frame("é".repeat(127) + "a")).ok).toBe(true);
    expect(decodeTextFrame(frame("é".repeat(128))).ok).toBe(false);
    expect(decodeTextFrame(frame("😀".repeat(63) + "abc")).ok).toBe(true);
    expect(decodeTextFrame(frame("😀".repeat(64))).ok).toBe(false);
    expect(decodeTextFrame(frame("\ud83d".repeat(85))).ok).toBe(true);
    expect(decodeTextFrame(frame("\ud83d".repeat(86))).ok).toBe(false);
  });

  it("refuses an oversized ref", () => {
    expect(decodeTextFrame(JSON.stringify([null, "1".repeat(256), "lv:a", "event", {}])).ok).toBe(false);
  });

  it("survives nesting that no stack could follow", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    expect(decodeTextFrame(`["4","10","lv:a","event",${deep}]`).ok).toBe(true);
    expect(decodeTextFrame("[".repeat(200_000)).ok).toBe(false);
  });

  it("refuses every message that was cut, and throws for none", () => {
    const whole = '["4","10","lv:phx-main","event",{"type":"form","value":"a=\\u00e9&b=😀"}]';
    for (let length = 0; length < whole.length; length++) {
      expect(decodeTextFrame(whole.slice(0, length)).ok).toBe(false);
    }
  });

  it("throws for no text at all", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: codePoint }), fc.json()), (text) => {
        expect(decodeTextFrame(text)).toHaveProperty("ok");
      }),
    );
  });
});

const binary = (joinRef: string, ref: string, topic: string, event: string, data: readonly number[]) => {
  const parts = [joinRef, ref, topic, event].map((part) => new TextEncoder().encode(part));
  return Uint8Array.from([0, ...parts.map((part) => part.length), ...parts.flatMap((part) => [...part]), ...data]);
};

describe("decodeBinaryFrame", () => {
  it("reads the push of an upload's chunk", () => {
    expect(decodeBinaryFrame(binary("12", "15", "lvu:0", "chunk", [1, 2, 255]))).toEqual({
      ok: true,
      value: { joinRef: "12", ref: "15", topic: "lvu:0", event: "chunk", data: Uint8Array.of(1, 2, 255) },
    });
  });

  it("reads empty refs as null, and a push without data", () => {
    expect(decodeBinaryFrame(binary("", "", "lvu:é", "chunk", []))).toEqual({
      ok: true,
      value: { joinRef: null, ref: null, topic: "lvu:é", event: "chunk", data: new Uint8Array() },
    });
  });

  it.each([
    [Uint8Array.of(), "the binary message is shorter than its header"],
    [Uint8Array.of(0, 0, 0, 1), "the binary message is shorter than its header"],
    [Uint8Array.of(1, 0, 0, 1, 1, 97, 97), "the binary message is not a push"],
    [Uint8Array.of(0, 0, 0, 1, 255, 97, 97), "the binary message is shorter than its header says"],
    [Uint8Array.of(0, 0, 0, 0, 1, 97), "the binary message has no topic or no event"],
    [Uint8Array.of(0, 0, 0, 1, 0, 97), "the binary message has no topic or no event"],
    [Uint8Array.of(0, 0, 0, 1, 1, 0xff, 97), "the binary message has a name that is not UTF-8"],
  ])("refuses %s", (bytes, reason) => {
    expect(decodeBinaryFrame(bytes)).toEqual({ ok: false, reason });
  });

  it("refuses every push whose names were cut", () => {
    const whole = binary("12", "15", "lvu:0", "chunk", []);
    for (let length = 0; length < whole.length; length++) {
      expect(decodeBinaryFrame(whole.subarray(0, length)).ok).toBe(false);
    }
  });

  it("throws for no bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(decodeBinaryFrame(bytes)).toHaveProperty("ok");
        expect(decodeBinaryFrame(Uint8Array.from([0, 1, 1, 2, 3, ...bytes]))).toHaveProperty("ok");
      }),
    );
  });
});

describe("encodeReply", () => {
  it("answers a push", () => {
    expect(encodeReply("4", "10", "lv:phx-main", "ok", '{"diff":{"0":"1"}}')).toBe(
      '["4","10","lv:phx-main","phx_reply",{"status":"ok","response":{"diff":{"0":"1"}}}]',
    );
  });

  it("answers a heartbeat, which belongs to no join", () => {
    expect(encodeReply(null, "7", "phoenix", "ok", "{}")).toBe(
      '[null,"7","phoenix","phx_reply",{"status":"ok","response":{}}]',
    );
  });

  it("lets no ref or topic break out of its string", () => {
    const anyText = fc.string({ unit: codePoint });
    fc.assert(
      fc.property(anyText, anyText, anyText, (joinRef, ref, topic) => {
        expect(JSON.parse(encodeReply(joinRef, ref, topic, "error", '{"reason":"stale"}'))).toEqual([
          joinRef,
          ref,
          topic,
          "phx_reply",
          { status: "error", response: { reason: "stale" } },
        ]);
      }),
    );
  });
});

describe("encodePush", () => {
  it("carries no ref, and the join's or none", () => {
    expect(encodePush("4", "lv:phx-main", "diff", '{"0":"1"}')).toBe('["4",null,"lv:phx-main","diff",{"0":"1"}]');
    expect(encodePush(null, "lv:phx-main", "diff", '{"0":"1"}')).toBe('[null,null,"lv:phx-main","diff",{"0":"1"}]');
  });

  it("is read back by decodeTextFrame as it was sent", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.option(name), name, name, fc.json(), (joinRef, topic, event, payload) => {
        expect(decodeTextFrame(encodePush(joinRef, topic, event, payload))).toEqual({
          ok: true,
          value: { joinRef, ref: null, topic, event, payload: JSON.parse(payload) },
        });
      }),
    );
  });
});

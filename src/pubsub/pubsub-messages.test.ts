import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MemoryBackplane, MemoryWire } from "../../test/support/memory-backplane.ts";
import { VirtualClock } from "../../test/support/virtual-clock.ts";
import { BackplanePubSub } from "./backplane-pubsub.ts";
import { readBeat, writeBeat } from "./beat.ts";
import { decodePayload, encodePayload } from "./codec.ts";
import { messagePrefix, readEnvelope, writeMessage } from "./envelope.ts";

const page = readFileSync(new URL("../../docs/pubsub-messages.md", import.meta.url), "utf8");
/** The frames that the page shows, by the heading that they stand under. */
const examples = new Map(
  page
    .split("\n## ")
    .map((section) => [
      section.split("\n")[0],
      [...section.matchAll(/```\n([\s\S]*?)\n```/g)].flatMap(([, text = ""]) => text.split("\n")),
    ]),
);
const node = "Jq3xVnbT0aK9_-Zu";
const at = new Date("2026-01-01T00:00:00.000Z");

describe("docs/pubsub-messages.md", () => {
  it("shows a message of another program", () => {
    const [frame = ""] = examples.get("Messages of other programs") ?? [];
    expect(readEnvelope(frame)).toEqual({ kind: "foreign" });
    expect(decodePayload({ format: "j", text: frame })).toEqual({ ok: true, value: { type: "said", text: "hello" } });
  });

  it("shows messages of ours, as they are written and read", () => {
    const messages = [
      { type: "said", text: "hello" },
      { type: "said", at },
    ];
    const frames = messages.map((message, index) =>
      writeMessage(messagePrefix(node), { epoch: 4, number: 17 + index }, encodePayload(message, "chat:lobby", 1_000)),
    );
    expect(examples.get("Messages of ours")).toEqual(frames);
    const read = frames.map(readEnvelope);
    expect(read).toEqual([
      {
        kind: "message",
        node,
        at: { epoch: 4, number: 17 },
        payload: { format: "j", text: JSON.stringify(messages[0]) },
      },
      { kind: "message", node, at: { epoch: 4, number: 18 }, payload: expect.objectContaining({ format: "d" }) },
    ]);
    const values = read.map((envelope) => (envelope.kind === "message" ? decodePayload(envelope.payload) : undefined));
    expect(values).toEqual(messages.map((value) => ({ ok: true, value })));
  });

  it("shows what is ignored, and what is damaged", () => {
    expect(examples.get("What is ignored")?.map((frame) => readEnvelope(frame).kind)).toEqual([
      "unknown",
      "unknown",
      "unknown",
      "malformed",
    ]);
  });

  it("shows beats, as they are written and read", () => {
    const beats = (examples.get("Beats") ?? []).map(readEnvelope).map((frame) => {
      if (frame.kind !== "beat") throw new Error("not a beat");
      expect(frame.node).toBe(node);
      const beat = readBeat(frame.text);
      if (!beat.ok) throw new Error(beat.reason);
      expect(writeBeat(beat.value)).toBe(frame.text);
      return beat.value;
    });
    const quiet = { sent: [], asksForFailures: false, failed: [] };
    expect(beats).toEqual([
      { ...quiet, number: 1, after: 0, since: 0, startedAgeMs: 0 },
      { ...quiet, number: 2, after: 1, since: 1, sent: [{ topic: "chat:lobby", epoch: 4, first: 1, last: 18 }] },
      {
        ...quiet,
        number: 3,
        after: 2,
        since: 2,
        failures: { count: 2, sinceAgeMs: 1_500, untilAgeMs: 300 },
        failed: [{ topic: "chat:lobby", ageMs: 1_500 }],
      },
      {
        ...quiet,
        number: 4,
        after: 3,
        since: 3,
        asksForFailures: true,
        failures: { count: 1_203, sinceAgeMs: 2_500, untilAgeMs: 300 },
        failedAllAgeMs: 2_500,
      },
    ]);
  });

  it("names the channels", async () => {
    const rows = [...page.matchAll(/^\| (`.*`|\(none\)) \| `?(.*?)`? \| `(.*)` \|$/gm)].map((row) => row.slice(1));
    expect(rows).toHaveLength(4);
    for (const [prefix = "", topic = "", channel] of rows) {
      const backplane = new MemoryBackplane(new MemoryWire());
      const options = { prefix: prefix === "(none)" ? "" : prefix.slice(1, -1), clock: new VirtualClock() };
      const pubSub = new BackplanePubSub(backplane, options);
      await pubSub.subscribe(topic.startsWith("(") ? "any" : topic, () => {});
      expect(backplane.asked).toContain(`subscribe ${channel}`);
      await pubSub.close();
    }
  });
});

describe("readEnvelope", () => {
  it.each([
    ["", "foreign"],
    ["wb", "foreign"],
    ["wb1", "foreign"],
    ["wbx 1", "foreign"],
    [" wb1 m n 1 1 j 1", "foreign"],
    ["wb1 ", "malformed"],
    ["wb1 m n 1 1 j", "malformed"],
    ["wb1 m n 1 1  1", "malformed"],
    ["wb1 m n -1 1 j 1", "malformed"],
    ["wb1 m n 1 1e3 j 1", "malformed"],
    ["wb1 m no:de 1 1 j 1", "malformed"],
    [`wb1 m ${"n".repeat(65)} 1 1 j 1`, "malformed"],
    ["wb1 m n 1111111111111111 1 j 1", "malformed"],
    ["wb1 b ", "malformed"],
    ["wb01 m n 1 1 j 1", "unknown"],
    ["wb1 q anything", "unknown"],
    ["wb999999 ", "unknown"],
  ])("takes %j for %s", (frame, kind) => {
    expect(readEnvelope(frame).kind).toBe(kind);
  });
});

describe("readBeat", () => {
  it.each([
    ["", "it is no JSON"],
    ["[]", "it is no object"],
    ["null", "it is no object"],
    ["{}", "a number is missing"],
    ['{"number":1,"after":0,"since":-1}', "a number is missing"],
    ['{"number":1,"after":0,"since":0,"sent":{}}', "a field is no list"],
    ['{"number":1,"after":0,"since":0,"failed":"*"}', "a field is no list"],
    ['{"number":1,"after":0,"since":0,"started":true}', '"started" is no number'],
    ['{"number":1,"after":0,"since":0,"asks":1}', '"asks" is neither true nor false'],
    ['{"number":1,"after":0,"since":0,"failures":3}', '"failures" is odd'],
    ['{"number":1,"after":0,"since":0,"failedAll":"1"}', '"failedAll" is no number'],
    ['{"number":1,"after":0,"since":0,"sent":[1]}', 'an entry of "sent" is no list'],
    ['{"number":1,"after":0,"since":0,"sent":[["a",1,2,1]]}', 'an entry of "sent" is odd'],
    ['{"number":1,"after":0,"since":0,"failed":[["a"]]}', 'an entry of "failed" is odd'],
    [`"${"x".repeat(1_000_001)}"`, "it is too long"],
  ])("refuses %j", (text, reason) => {
    expect(readBeat(text)).toEqual({ ok: false, reason });
  });

  it("passes over fields that it does not know", () => {
    expect(readBeat('{"number":1,"after":0,"since":0,"sent":[["a",1,1,1,"more"]],"mood":"good"}')).toEqual({
      ok: true,
      value: expect.objectContaining({ number: 1, sent: [{ topic: "a", epoch: 1, first: 1, last: 1 }] }),
    });
  });
});

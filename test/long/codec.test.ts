import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePayload, encodePayload } from "../../src/pubsub/codec.ts";
import { expectEqual } from "../../src/testing/contract-assertions.ts";
import { messages } from "../support/random-messages.ts";

// Of src/pubsub/codec.test.ts with more runs: a minute or so.

const encode = (message: unknown) => encodePayload(message, "room", 1_048_576);

describe("messages between processes, over many thousand random ones", () => {
  it("arrive as they were sent", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const before = structuredClone(message);
        const decoded = decodePayload(encode(message));
        expect(decoded.ok).toBe(true);
        if (decoded.ok) expectEqual(decoded.value, before, "what was received is what was sent");
        expectEqual(message, before, "what was sent is as it was");
      }),
      { numRuns: 5_000 },
    );
  });

  it("are refused, and nothing throws, when they were damaged", () => {
    fc.assert(
      fc.property(messages, fc.nat(), fc.string({ maxLength: 3 }), fc.nat(4), (message, at, patch, cut) => {
        const { format, text } = encode(message);
        const start = at % (text.length + 1);
        const damaged = text.slice(0, start) + patch + text.slice(start + cut);
        expect(decodePayload({ format, text: damaged }).ok).toBeTypeOf("boolean");
      }),
      { numRuns: 5_000 },
    );
  });
});

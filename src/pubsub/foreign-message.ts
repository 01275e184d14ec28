import { decodePayload } from "./codec.ts";
import { refuse, type DecodeResult } from "../decode-result.ts";
import { schemaOf } from "./topic.ts";

/** Reads what another program has published on a topic: JSON, checked by the topic's schema if it has one. Never throws. */
export function readForeignMessage(topic: string, text: string): DecodeResult<unknown> {
  const decoded = decodePayload({ format: "j", text });
  const schema = schemaOf(topic);
  if (!decoded.ok || schema === undefined) return decoded;
  try {
    const result = schema["~standard"].validate(decoded.value);
    // To wait for one message would let the next one overtake it.
    if (result instanceof Promise) {
      result.catch(() => {});
      return refuse("its topic has an asynchronous schema, which cannot keep messages in order");
    }
    if (result.issues === undefined) return { ok: true, value: result.value };
    return refuse(`it does not fit the topic's schema: ${result.issues[0]?.message ?? "no reason was given"}`);
  } catch (error) {
    return refuse(`the topic's schema failed: ${error instanceof Error ? error.message : "no reason was given"}`);
  }
}

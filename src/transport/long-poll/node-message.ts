import { isList, isRecord } from "../../protocol/decode.ts";
import type { SessionAnswer } from "./answer.ts";

/** What nodes tell each other about requests that reached one of them and are for a session of another. */
export type NodeMessage =
  /** To the session's node. `from`: the node that waits for the answer. */
  | {
      readonly type: "poll";
      readonly id: string;
      readonly from: string;
      readonly session: string;
      readonly sequence: number;
    }
  | {
      readonly type: "post";
      readonly id: string;
      readonly from: string;
      readonly session: string;
      readonly lines: readonly string[];
    }
  /** The client has given that poll up. Asks for no answer. */
  | { readonly type: "abandon"; readonly id: string; readonly from: string }
  /** The client broke a rule. Asks for no answer. */
  | { readonly type: "drop"; readonly session: string }
  /** From there: the poll waits. */
  | { readonly type: "waiting"; readonly id: string }
  /** From there: a piece of the answer's `messages`. */
  | { readonly type: "piece"; readonly id: string; readonly text: string }
  /** From there, last. `length`: of all pieces together. */
  | {
      readonly type: "answer";
      readonly id: string;
      readonly status: SessionAnswer["status"];
      readonly token: string | undefined;
      readonly length: number;
    };

/** `undefined` for what is none of ours. Never throws. */
export function readNodeMessage(value: unknown): NodeMessage | undefined {
  if (!isRecord(value)) return undefined;
  const { type, id, from, session, sequence, lines, text, status, token, length } = value;
  if (type === "drop") return typeof session === "string" ? { type, session } : undefined;
  if (typeof id !== "string") return undefined;
  switch (type) {
    case "poll":
      if (typeof from !== "string" || typeof session !== "string" || typeof sequence !== "number") return undefined;
      return { type, id, from, session, sequence };
    case "post":
      if (typeof from !== "string" || typeof session !== "string" || !isLines(lines)) return undefined;
      return { type, id, from, session, lines };
    case "abandon":
      return typeof from === "string" ? { type, id, from } : undefined;
    case "waiting":
      return { type, id };
    case "piece":
      return typeof text === "string" ? { type, id, text } : undefined;
    case "answer": {
      const isToken = token === undefined || typeof token === "string";
      if (!isStatus(status) || !isToken || typeof length !== "number") return undefined;
      return { type, id, status, token, length };
    }
    default:
      return undefined;
  }
}

function isLines(value: unknown): value is readonly string[] {
  return isList(value) && value.every((line) => typeof line === "string");
}

function isStatus(value: unknown): value is SessionAnswer["status"] {
  return value === 200 || value === 204 || value === 403 || value === 410;
}

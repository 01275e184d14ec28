import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { isRecord } from "../protocol/decode.ts";

// What a program that no compiler has read may give to a socket, and what would otherwise be lost without a word, or fail far
// away from its cause. Each costs a `typeof`.

/** @throws {LiveError} `view.invalid-argument` */
export function checkAssigned(values: unknown): void {
  if (isRecord(values)) return;
  throw invalid(
    `socket.assign got ${describeValue(values)}. It takes an object with the keys to change: socket.assign({ count: socket.context.count + 1 }).`,
  );
}

/** @throws {LiveError} `view.invalid-argument` */
export function checkFallbacks(fallbacks: unknown): void {
  if (isRecord(fallbacks)) return;
  throw invalid(
    `socket.tempAssign got ${describeValue(fallbacks)}. It takes an object with what keys fall back to: socket.tempAssign({ rows: [] }).`,
  );
}

export function contextAssigned(value: unknown): LiveError {
  return invalid(
    `socket.context was assigned ${describeValue(value)}. It is there to be read; its keys are changed by socket.assign({ count: socket.context.count + 1 }).`,
  );
}

/** What `setTimeout` takes for a time; it fires at once for a longer one, and for what is none. */
const LONGEST_MS = 2 ** 31 - 1;

/** @throws {LiveError} `view.invalid-argument` */
export function checkTime(method: "sendInfoAfter" | "sendInfoEvery", ms: unknown): void {
  if (Number(ms) <= LONGEST_MS) return;
  throw invalid(
    `socket.${method} got ${describeValue(ms)} for its time. It takes milliseconds, at most ${LONGEST_MS} (24 days), and then the info: socket.${method}(1000, "refresh").`,
  );
}

/** @throws {LiveError} `view.invalid-argument` */
export function checkFlash(kind: unknown, message: unknown): void {
  if (typeof kind === "string" && typeof message === "string") return;
  throw invalid(
    `putFlash got ${describeValue(kind)} and ${describeValue(message)}. It takes a kind and a text: putFlash("error", "The name is taken.").`,
  );
}

/** @throws {LiveError} `view.invalid-argument` */
export function checkTitle(title: unknown): void {
  if (typeof title === "string") return;
  throw invalid(`socket.pageTitle got ${describeValue(title)}. It takes a text: socket.pageTitle("Rooms").`);
}

export function titleAssigned(title: unknown): LiveError {
  return invalid(
    `socket.pageTitle was assigned ${describeValue(title)}. It is a function: socket.pageTitle(${typeof title === "string" ? JSON.stringify(title) : '"Rooms"'}).`,
  );
}

/** @throws {LiveError} `view.invalid-argument` */
export function checkMetaEvent(name: unknown): void {
  if (typeof name === "string" && name !== "") return;
  throw invalid(
    `meta.event got ${describeValue(name)} for the event's name. It takes a text, and a value: meta.event("remove", { id }).`,
  );
}

/**
 * What JSON has no word for would make the whole frame one that the page cannot read.
 * @throws {LiveError} `view.invalid-argument`
 */
export function checkPushedEvent(name: unknown, payload: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw invalid(
      `pushEvent got ${describeValue(name)} for the event's name. It takes a text, and a payload: socket.pushEvent("highlight", { id }).`,
    );
  }
  if (payload !== undefined && typeof payload !== "function" && typeof payload !== "symbol") return;
  const quoted = JSON.stringify(name);
  throw invalid(
    `pushEvent got ${describeValue(payload)} for the payload of ${quoted}. It takes an object, {} if there is nothing to tell: socket.pushEvent(${quoted}, {}).`,
  );
}

function invalid(text: string): LiveError {
  return new LiveError("view.invalid-argument", text);
}

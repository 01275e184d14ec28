import { LiveError } from "../errors.ts";

// A diff of presences is made in the process that shows it, by a `Presence`, and never travels. Whatever else says that it
// is one is not: it may come from a page, by way of a program that broadcasts what it was sent, or from anybody on the
// backplane.

const PRESENCE_DIFF = "presence_diff";
const genuine = new WeakSet<object>();

/** To be called by `Presence`, for what it has made. */
export function vouchForDiff(diff: object): void {
  genuine.add(diff);
}

/** Whether a message says that it is a diff of presences, and no `Presence` of this process has made it. */
export function isForgedDiff(message: unknown): boolean {
  return saysItIsDiff(message) && !genuine.has(message);
}

/**
 * For what is sent to other processes: there a diff would be forged, whoever made it.
 * @throws {LiveError} `pubsub.reserved-message`
 */
export function refuseDiff(topic: string, message: unknown): void {
  if (saysItIsDiff(message)) throw reservedMessage(topic);
}

/**
 * For what stays in this process.
 * @throws {LiveError} `pubsub.reserved-message`
 */
export function refuseForgedDiff(topic: string, message: unknown): void {
  if (isForgedDiff(message)) throw reservedMessage(topic);
}

/** What is logged of one that came in. */
export function reservedMessage(topic: string): LiveError {
  return new LiveError(
    "pubsub.reserved-message",
    `A message of the type "${PRESENCE_DIFF}" on the topic "${topic}" was not delivered: only Presence makes them, in each ` +
      "process for its own views, so that nobody can be shown who is not there. Call presence.track, update or untrack; " +
      "for a message of your own, choose another type.",
  );
}

function saysItIsDiff(message: unknown): message is object {
  return typeof message === "object" && message !== null && "type" in message && message.type === PRESENCE_DIFF;
}

import { LiveError } from "../errors.ts";

// What the programmer of a view reads.

export function metaTooLarge(topic: string, key: string, maxBytes: number, cause: unknown): LiveError {
  return new LiveError(
    "presence.meta-too-large",
    `The meta of "${short(key)}" in "${topic}" takes more than ${maxBytes} bytes (limits.metaBytes). Every process keeps ` +
      "it, and gets it again with every update: track what changes, and load the rest with the option `fetch`.",
    { cause },
  );
}

export function invalidMeta(topic: string, key: string, why: string, cause?: unknown): LiveError {
  return new LiveError(
    "presence.invalid-meta",
    `The meta of "${short(key)}" in "${topic}" cannot be tracked: ${why} ` +
      'A meta is a plain object, such as { name: "Ada", typing: false }.',
    { cause },
  );
}

export function invalidKey(topic: string, key: unknown): LiveError {
  const got = typeof key === "string" ? `one of ${key.length} characters` : `of type ${typeof key}`;
  return new LiveError(
    "presence.invalid-key",
    `A key in "${topic}" is a string of 1 to 255 bytes, such as a user's id; what was given is ${got}. ` +
      "Write String(id) for a number.",
  );
}

export function tooManyKeys(topic: string, limit: number): LiveError {
  return new LiveError(
    "presence.too-many",
    `The topic "${topic}" has ${limit} keys (limits.keysPerTopic), so nobody else can be tracked in it. ` +
      "Divide the topic, or raise the limit in every process.",
  );
}

export function tooManyPresences(limit: number): LiveError {
  return new LiveError(
    "presence.too-many",
    `This process tracks ${limit} presences (limits.presences), so no further one. Were those of \`who\` that is no view ` +
      "untracked when they ended? Else raise the limit.",
  );
}

export function tooFast(topic: string, key: string, perSecond: number): LiveError {
  return new LiveError(
    "presence.too-fast",
    `A view has tracked or updated "${short(key)}" in "${topic}" too often: ${perSecond} times a second are allowed ` +
      "(limits.updatesPerSecond), and a burst now and then. Update less, say by phx-throttle; every update goes to every process.",
  );
}

export function notTracked(topic: string, key: string): LiveError {
  return new LiveError(
    "presence.not-tracked",
    `"${short(key)}" is not tracked in "${topic}" by this \`who\`, so it cannot be updated. Call presence.track first, with the ` +
      "same `who` (its `id` counts), topic and key.",
  );
}

export function otherBus(isDefault: boolean): LiveError {
  const presence = isDefault
    ? "was made without the option `pubSub`, so it uses the program's own"
    : "uses another one";
  return new LiveError(
    "presence.other-bus",
    `
This view's app and its presence do not have the same Pub/Sub, so the view would never hear of anybody: the presence ${presence}.
Give both the same object:

    const pubSub = new RedisPubSub({ … });
    export const presence = new Presence({ pubSub });
    export const app = createLiveApp({ pubSub, … });
`.trim(),
  );
}

export function presenceClosed(): LiveError {
  return new LiveError(
    "presence.closed",
    "This presence was closed, so it tracks nobody. Close it last, when the app is closed: `await app.close(); await presence.close();`",
  );
}

export function fetchFailed(topic: string, cause: unknown): LiveError {
  return new LiveError(
    "presence.fetch-failed",
    `The presence's \`fetch\` failed for "${topic}"${reasonOf(cause)}. The metas are shown as they were tracked.`,
    { cause },
  );
}

export function listenerFailed(event: string, topic: string, cause: unknown): LiveError {
  return new LiveError(
    "presence.listener-failed",
    `A listener of presence.on("${event}", …) failed for "${topic}"${reasonOf(cause)}. The others were called.`,
    { cause },
  );
}

export function unreachable(what: string, cause: unknown): LiveError {
  return new LiveError(
    "presence.unreachable",
    `The presence cannot reach other processes: ${what}${reasonOf(cause)}. It goes on trying, and lists who is here meanwhile.`,
    { cause },
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message}` : "";
}

/** Keys come from users, and messages go into logs. */
function short(key: string): string {
  return key.length > 60 ? `${key.slice(0, 60)}…` : key;
}

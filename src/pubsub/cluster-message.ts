/** Says that a message between processes is ours, and which version of this file wrote it. */
const TAG = "pubsub/1";

/**
 * What the primary and a worker send each other about Pub/Sub. What comes together goes together, so everything but the
 * line is optional. Read in the order of the fields.
 */
export interface ClusterMessage {
  readonly wingbeat: typeof TAG;
  /** Which of the worker's backplanes it is of, or for. 0 is for all of them. */
  readonly line: number;
  /** From a worker: the line begins. */
  readonly hello?: true | undefined;
  /** From a primary that begins: workers say hello again. */
  readonly started?: true | undefined;
  /** From the primary: it has read a hello. */
  readonly welcome?: true | undefined;
  /** From a worker: `"+channel"` asks for a channel, `"-channel"` lets go of it. */
  readonly asks?: readonly string[] | undefined;
  /** From a worker: the number of the last of `asks`. From the primary: it has read all up to that one. */
  readonly upTo?: number | undefined;
  /** From the primary: frames were dropped before those below, from that time on. In milliseconds since 1970. */
  readonly lostSinceMs?: number | undefined;
  /** Channel, frame, channel, frame, and so on. */
  readonly frames?: readonly string[] | undefined;
  /** From a worker: the line ends. */
  readonly bye?: true | undefined;
}

/** What stands in a message beside its line, its asks and its frames. */
export type ClusterHead = Omit<ClusterMessage, "wingbeat" | "line" | "asks" | "frames">;

export function clusterMessage(
  line: number,
  head: ClusterHead,
  asks: readonly string[] = [],
  frames: readonly string[] = [],
): ClusterMessage {
  return {
    wingbeat: TAG,
    line,
    ...head,
    ...(asks.length > 0 && { asks }),
    ...(frames.length > 0 && { frames }),
  };
}

/** `undefined` for what is none of ours: the program's own messages between processes, those of other libraries. */
export function readClusterMessage(value: unknown): ClusterMessage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("wingbeat" in value) || value.wingbeat !== TAG) return undefined;
  const fields: { readonly [name: string]: unknown } = { ...value };
  const { line, asks, frames, upTo, lostSinceMs } = fields;
  if (typeof line !== "number") return undefined;
  if (asks !== undefined && !areStrings(asks)) return undefined;
  if (frames !== undefined && !(areStrings(frames) && frames.length % 2 === 0)) return undefined;
  if (upTo !== undefined && typeof upTo !== "number") return undefined;
  if (lostSinceMs !== undefined && typeof lostSinceMs !== "number") return undefined;
  const isSet = (name: string): true | undefined => fields[name] === true || undefined;
  return {
    wingbeat: TAG,
    line,
    hello: isSet("hello"),
    started: isSet("started"),
    welcome: isSet("welcome"),
    asks,
    upTo,
    lostSinceMs,
    frames,
    bye: isSet("bye"),
  };
}

function areStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}

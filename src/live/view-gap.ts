import type { Gap } from "../pubsub/gap.ts";

/**
 * A gap as one view gets it: messages of these topics may be missing. What they were nobody knows, so that the view
 * loads again what depends on them. Gaps that come while one waits for the view are merged into it.
 */
export interface ViewGap extends Gap {
  /** Of the topics that may have lost messages, those that the view is subscribed to. */
  readonly topics: readonly string[];
}

/** The one gap that stands for two: of the later one's cause, over the time and the topics of both. */
export function mergeGaps(waiting: ViewGap, later: ViewGap): ViewGap {
  return {
    cause: later.cause,
    topics: [...new Set([...waiting.topics, ...later.topics])],
    since: Math.min(waiting.since, later.since),
    until: Math.max(waiting.until, later.until),
    // Known only if both are.
    missed: waiting.missed === undefined || later.missed === undefined ? undefined : waiting.missed + later.missed,
  };
}

/**
 * A gap on its way through a view's mailbox, in the lane of infos: it is handled after the infos that came before it, and
 * before those that came after it. It is known by its class, which no message of a topic, and nothing that was read from
 * JSON, can have.
 */
export class GapInfo {
  /** For logs: infos have a type. */
  readonly type = "gap";
  #gap: ViewGap;

  constructor(gap: ViewGap) {
    this.#gap = gap;
  }

  get gap(): ViewGap {
    return this.#gap;
  }

  merge(later: ViewGap): void {
    this.#gap = mergeGaps(this.#gap, later);
  }
}

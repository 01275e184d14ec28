import type { Gap, PubSubStatus } from "../pubsub/gap.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import type { Logger } from "./app-options.ts";

/** How many topics a log line names. */
const NAMED_TOPICS = 3;

/** Listens to what befalls an app's Pub/Sub: writes it to the log, a line each, and passes gaps on to the views. */
export class GapWatch {
  readonly #tellViews: (gap: Gap) => number;
  readonly #logger: Pick<Logger, "info" | "warn">;
  readonly #ends: readonly (() => void)[];
  #gaps = 0;
  #status: PubSubStatus;
  /** What comes before the first time is the start, not a fault; one that fails is reported by the Pub/Sub. */
  #wasConnected: boolean;

  /** @param tellViews returns how many views will handle the gap. */
  constructor(pubSub: PubSub, logger: Pick<Logger, "info" | "warn">, tellViews: (gap: Gap) => number) {
    this.#tellViews = tellViews;
    this.#logger = logger;
    this.#status = pubSub.on === undefined ? "connected" : (pubSub.status ?? "down");
    this.#wasConnected = this.#status === "connected";
    this.#ends =
      pubSub.on === undefined
        ? []
        : [pubSub.on("gap", (gap) => this.#noteGap(gap)), pubSub.on("status", (status) => this.#noteStatus(status))];
  }

  /** How many gaps there were since the start. */
  get gaps(): number {
    return this.#gaps;
  }

  get status(): PubSubStatus {
    return this.#status;
  }

  /** Stops listening. */
  stop(): void {
    for (const end of this.#ends) end();
  }

  #noteGap(gap: Gap): void {
    this.#gaps++;
    const views = this.#tellViews(gap);
    this.#logger.warn(`[wingbeat] ${describeGap(gap)} ${views === 1 ? "1 view loads" : `${views} views load`} again.`);
  }

  #noteStatus(status: PubSubStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    const line = `[wingbeat] Pub/Sub is ${MEANINGS[status]}`;
    if (status === "connected") this.#logger.info(line);
    else if (this.#wasConnected) this.#logger.warn(line);
    this.#wasConnected ||= status === "connected";
  }
}

const MEANINGS: { readonly [Status in PubSubStatus]: string } = {
  connected: "connected: messages go to other processes and come from them.",
  degraded:
    "degraded: messages go to other processes or come from them, but not both. Those of this process arrive as ever.",
  down: "down: messages neither go to other processes nor come from them. Those of this process arrive as ever.",
};

/** `a gap in Pub/Sub (reconnect): messages of all topics may be missing, from … to ….` */
function describeGap({ cause, topics, since, until, missed }: Gap): string {
  const messages = missed === undefined ? "messages" : `${missed} message${missed === 1 ? "" : "s"}`;
  const [from, to] = [since, until].map(describeTime);
  return `a gap in Pub/Sub (${cause}): ${messages} of ${describeTopics(topics)} may be missing, from ${from} to ${to}.`;
}

function describeTopics(topics: Gap["topics"]): string {
  if (topics === "*") return "all topics";
  const names = topics.slice(0, NAMED_TOPICS).map((topic) => JSON.stringify(topic));
  const others = topics.length - names.length;
  return names.join(", ") + (others > 0 ? ` and ${others} more topics` : "");
}

function describeTime(ms: number): string {
  const date = new Date(ms);
  // An adapter that does not know a time must not cost the line.
  return Number.isNaN(date.getTime()) ? "an unknown time" : date.toISOString();
}

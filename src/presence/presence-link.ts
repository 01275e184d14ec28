import type { Gap, PubSubStatus } from "../pubsub/gap.ts";
import { systemClock } from "../pubsub/pubsub-clock.ts";
import type { LiveError } from "../errors.ts";
import type { PubSub, Unsubscribe } from "../pubsub/pubsub.ts";
import { unreachable } from "./presence-errors.ts";

export interface LinkOptions {
  readonly pubSub: PubSub;
  /** The topic of everybody's tracker. */
  readonly topic: string;
  /** Ours, among theirs. */
  readonly rid: string;
  readonly receive: (message: unknown) => void;
  /** Messages arrive now, or some may have been lost. */
  readonly hello: () => void;
  readonly setConnected: (isConnected: boolean) => void;
  readonly report: (error: LiveError) => void;
}

/** After how long a refused subscription is tried again, in milliseconds; each time twice as long, up to the second one. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/** What connects one tracker to the others: two topics of a Pub/Sub, and what that tells of its backplane. */
export class PresenceLink {
  readonly #options: LinkOptions;
  /** What ends the listening, and the waiting for another attempt. */
  readonly #stops = new Set<() => void>();
  readonly #unsubscribes: Unsubscribe[] = [];
  #isClosed = false;
  /** Whether the last message could not be sent: said once, until one can. */
  #isFailing = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Says hello when messages arrive. @throws what the Pub/Sub's `on` throws, such as `pubsub.closed` */
  open(): void {
    const { pubSub, topic, rid, hello } = this.#options;
    if (pubSub.on !== undefined) {
      this.#stops.add(pubSub.on("status", (status) => this.#changed(status)));
      this.#stops.add(pubSub.on("gap", (gap) => this.#missed(gap)));
      if (pubSub.status !== undefined) this.#changed(pubSub.status);
    }
    void Promise.all([this.#subscribe(topic), this.#subscribe(ownTopic(topic, rid))]).then(() => {
      if (!this.#isClosed) hello();
    });
  }

  send(to: string | undefined, text: string): void {
    const { pubSub, topic, rid } = this.#options;
    pubSub.broadcastFrom({ id: rid }, to === undefined ? topic : ownTopic(topic, to), text).then(
      () => (this.#isFailing = false),
      (error: unknown) => this.#failed("a message was not taken", error),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    await Promise.allSettled(this.#unsubscribes.map((unsubscribe) => unsubscribe()));
  }

  async #subscribe(topic: string): Promise<void> {
    const { pubSub, rid, receive } = this.#options;
    for (let retryMs = RETRY_MS; !this.#isClosed; retryMs = Math.min(2 * retryMs, MAX_RETRY_MS)) {
      try {
        const unsubscribe = await pubSub.subscribe(topic, receive, { id: rid });
        if (this.#isClosed) await unsubscribe();
        else this.#unsubscribes.push(unsubscribe);
        return;
      } catch (error) {
        this.#failed(`the topic "${topic}" was refused`, error);
      }
      await this.#wait(retryMs);
    }
  }

  /** Resolves after that time, or when the link is closed. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = (): void => {
        cancel();
        this.#stops.delete(stop);
        resolve();
      };
      const cancel = systemClock.after(ms, stop);
      this.#stops.add(stop);
    });
  }

  /** What is lost meanwhile is found by heartbeats, so one word is enough. */
  #failed(what: string, error: unknown): void {
    if (!this.#isFailing && !this.#isClosed) this.#options.report(unreachable(what, error));
    this.#isFailing = true;
  }

  #changed(status: PubSubStatus): void {
    this.#options.setConnected(status === "connected");
  }

  #missed({ topics }: Gap): void {
    const { topic, rid, hello } = this.#options;
    if (topics === "*" || topics.includes(topic) || topics.includes(ownTopic(topic, rid))) hello();
  }
}

/** Where one tracker gets the answers to its questions, and the questions put to it. */
function ownTopic(topic: string, rid: string): string {
  return `${topic}:${rid}`;
}

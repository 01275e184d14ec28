import { isRecord } from "../protocol/decode.ts";
import type { PubSub, Unsubscribe } from "../pubsub/pubsub.ts";
import type { TokenSigner } from "../live/tokens.ts";
import type { Ticket } from "./ticket.ts";
import { EndedSessions, REMEMBERED_MS } from "./ended-sessions.ts";

/** After how long a refused subscription is tried again, in milliseconds; each time twice as long, up to the second one. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

export interface DisconnectsOptions {
  readonly pubSub: PubSub;
  /** Of the app, on all of its nodes. */
  readonly name: string;
  readonly signer: TokenSigner;
  /** Of this node, among those of the app. */
  readonly node: string;
  readonly now: () => number;
  /** Closes the sockets of this session here. */
  readonly close: (id: string) => void;
  /** The sockets of this session here may stay until then. */
  readonly extend: (id: string, endMs: number) => void;
  readonly report: (error: unknown, topic: string) => void;
  readonly warn: (message: string) => void;
}

/** What travels between the nodes: one session is over, or ends later, or somebody asks which ones lately were over. */
type News =
  | { readonly over: string }
  | { readonly longer: string; readonly endMs: number }
  | { readonly hello: string };

/**
 * Ends sessions on all nodes of an app, and tells of those that last longer. Each node tells the others what was ended
 * through it, and tells it again to one that has just begun to listen or has missed messages.
 *
 * What travels is signed, so that writing to the backplane is not enough to send people away.
 */
export class Disconnects {
  readonly #options: DisconnectsOptions;
  readonly #topic: string;
  readonly #ended: EndedSessions;
  /** Those of `#ended` that this node was asked for, and so answers for. */
  readonly #own: EndedSessions;
  #isListening = false;
  #isStopped = false;
  #unsubscribe: Unsubscribe | undefined;
  #stopWaiting: (() => void) | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: DisconnectsOptions) {
    this.#options = options;
    this.#topic = `wingbeat:disconnects:${options.name}`;
    this.#ended = new EndedSessions(options.now);
    this.#own = new EndedSessions(options.now);
  }

  /** Whether the session with this id was ended lately. */
  has(id: string): boolean {
    return this.#ended.has(id);
  }

  /** How many ends this node has heard of. */
  get count(): number {
    return this.#ended.count;
  }

  /** Whether one of the ids or names of this ticket was ended after so many ends. */
  hasSince(ticket: Ticket, count: number): boolean {
    return count !== this.#ended.count && ticket.ids.some((id) => this.#ended.hasSince(id, count));
  }

  /** Ends it here at once. Resolves when the backplane has it. @throws what the Pub/Sub does */
  async end(id: string): Promise<void> {
    this.listen();
    this.#own.add(id);
    this.#over(id);
    await this.#send({ over: id });
  }

  /** Its sockets may stay longer, on all nodes: until then, in milliseconds since 1970. */
  extend(id: string, endMs: number): void {
    this.#options.extend(id, endMs);
    this.#tell({ longer: id, endMs });
  }

  /** To be called when there is somebody who could be sent away: an app without sessions subscribes to nothing. */
  listen(): void {
    if (this.#isListening || this.#isStopped) return;
    this.#isListening = true;
    const { pubSub } = this.#options;
    this.#stopListening = pubSub.on?.("gap", ({ topics }) => {
      if (topics === "*" || topics.includes(this.#topic)) this.#hello();
    });
    void this.#subscribe();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopWaiting?.();
    this.#stopListening?.();
    this.#unsubscribe?.().catch(() => {});
  }

  #over(id: string): void {
    this.#ended.add(id);
    this.#options.close(id);
  }

  async #subscribe(): Promise<void> {
    const { pubSub, node, report } = this.#options;
    for (let retryMs = RETRY_MS; !this.#isStopped; retryMs = Math.min(2 * retryMs, MAX_RETRY_MS)) {
      try {
        this.#unsubscribe = await pubSub.subscribe<string>(this.#topic, (message) => this.#receive(message), {
          id: node,
        });
        if (this.#isStopped) return this.stop();
        return this.#hello();
      } catch (error) {
        if (this.#isStopped) return;
        report(error, this.#topic);
      }
      await this.#wait(retryMs);
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #hello(): void {
    this.#tell({ hello: this.#options.node });
  }

  #tell(news: News): void {
    this.#send(news).catch((error: unknown) => this.#options.report(error, this.#topic));
  }

  async #send(news: News): Promise<void> {
    const { pubSub, node, signer } = this.#options;
    await pubSub.broadcastFrom<string>({ id: node }, this.#topic, signer.sign("disconnect", news));
  }

  #receive(message: unknown): void {
    const { signer, warn, extend } = this.#options;
    const decoded = typeof message === "string" ? signer.verify("disconnect", message, REMEMBERED_MS) : undefined;
    const news = decoded?.ok && isRecord(decoded.value) ? decoded.value : {};
    const { over, longer, endMs, hello } = news;
    if (typeof over === "string") this.#over(over);
    else if (typeof longer === "string" && typeof endMs === "number") extend(longer, endMs);
    else if (typeof hello === "string") for (const id of this.#own.recent()) this.#tell({ over: id });
    else warn(`a message on the topic "${this.#topic}" was not taken: it is of no node with this app's secret`);
  }
}

import type { Answer, SessionAnswer } from "./answer.ts";
import type { LongPollSessions } from "./long-poll-sessions.ts";
import { readNodeMessage, type NodeMessage } from "./node-message.ts";

/** How long a request waits for our own subscription, in milliseconds: while the Pub/Sub is away, this node serves alone. */
const LISTEN_WITHIN_MS = 3_000;
/** How long another node may take to say that it has heard, in milliseconds. */
const HEARD_WITHIN_MS = 3_000;
/** So much text goes into one message at most, far below what a Pub/Sub takes, also if all of it must be escaped. */
const PIECE_CHARACTERS = 131_072;
/** An answer of another node may have so many characters: more than an app lets wait unsent for one client. */
const MAX_ANSWER_CHARACTERS = 16_777_216;

/** What carries messages between nodes. Every `PubSub` does. */
export interface NodeLine {
  subscribe(topic: string, listener: (message: unknown) => void): Promise<() => Promise<void>>;
  broadcast(topic: string, message: unknown): Promise<void>;
}

export interface LongPollNodesOptions {
  /** Of this node, among all that share the Pub/Sub; random. */
  readonly node: string;
  readonly pubSub: NodeLine;
  readonly sessions: LongPollSessions;
  readonly windowMs: number;
  /** How many requests may wait for other nodes at a time. */
  readonly maxForwarded: number;
  readonly warn: (text: string) => void;
  /** Gets what nobody else is told: the Pub/Sub fails. */
  readonly report: (error: unknown, topic: string) => void;
}

/** A request that waits for the answer of another node. */
interface Forwarded {
  messages: string;
  timer: NodeJS.Timeout;
  readonly resolve: (answer: Answer) => void;
}

/**
 * Brings requests to the node that has the session, and its answer back: what a load balancer gives to one node may be for
 * another. A message that is lost is not sent again, so that no frame arrives twice: the client is told that its session is
 * gone, and begins another.
 */
export class LongPollNodes {
  readonly #options: LongPollNodesOptions;
  readonly #forwarded = new Map<string, Forwarded>();
  /** Polls of other nodes that wait here, by node and id. */
  readonly #waiting = new Map<string, AbortController>();
  #lastId = 0;
  /** Never rejects. `undefined` again when it has failed. */
  #subscription: Promise<(() => Promise<void>) | undefined> | undefined;
  #isListening = false;
  #isStopped = false;

  constructor(options: LongPollNodesOptions) {
    this.#options = options;
  }

  /** Resolves when other nodes reach this one; or when that has failed, which is reported; or takes too long. Never rejects. */
  async listen(): Promise<void> {
    this.#subscription ??= this.#subscribe();
    if (this.#isListening) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LISTEN_WITHIN_MS)));
    await Promise.race([this.#subscription, late]);
    clearTimeout(timer);
  }

  /** @param signal aborted when the client has given its request up */
  async poll(node: string, session: string, sequence: number, signal?: AbortSignal): Promise<Answer> {
    const from = this.#options.node;
    return this.#ask(
      node,
      (id) => ({ type: "poll", id, from, session, sequence }),
      (id) => signal?.addEventListener("abort", () => this.#abandon(node, id), { once: true }),
    );
  }

  async post(node: string, session: string, lines: readonly string[]): Promise<Answer> {
    for (const part of inParts(lines)) {
      const answer = await this.#ask(node, (id) => ({
        type: "post",
        id,
        from: this.#options.node,
        session,
        lines: part,
      }));
      if (answer.status !== 200) return answer;
    }
    return { status: 200 };
  }

  drop(node: string, session: string): void {
    void this.#tell(node, { type: "drop", session });
  }

  /** Gives up what waits for others, and is not reached by them any more. */
  stop(): void {
    this.#isStopped = true;
    for (const id of this.#forwarded.keys()) this.#settle(id, { status: 410 });
    if (this.#isListening) this.#subscription?.then((end) => end?.()).catch((error: unknown) => this.#report(error));
  }

  async #subscribe(): Promise<(() => Promise<void>) | undefined> {
    const { pubSub, node } = this.#options;
    try {
      const end = await pubSub.subscribe(topicOf(node), (message) => this.#hear(message));
      this.#isListening = !this.#isStopped;
      if (this.#isListening) return end;
      await end();
    } catch (error) {
      this.#report(error);
    }
    // The next request tries again.
    this.#subscription = undefined;
    return undefined;
  }

  /** @param asked called when the answer is awaited, before anything is sent */
  async #ask(node: string, message: (id: string) => NodeMessage, asked?: (id: string) => void): Promise<Answer> {
    await this.listen();
    const { maxForwarded, warn } = this.#options;
    if (this.#forwarded.size >= maxForwarded) {
      warn(`refused a long poll for another process: ${maxForwarded} wait already (limits.longPollSessions)`);
      return { status: 500 };
    }
    const id = (++this.#lastId).toString(36);
    const answer = new Promise<Answer>((resolve) => {
      const timer = this.#timer(id, HEARD_WITHIN_MS);
      this.#forwarded.set(id, { messages: "", timer, resolve });
    });
    asked?.(id);
    // While its backplane is away, a Pub/Sub may take longer than the client has.
    void this.#tell(node, message(id)).then((isTold) => isTold || this.#settle(id, { status: 500 }));
    return answer;
  }

  #abandon(node: string, id: string): void {
    if (!this.#forwarded.has(id)) return;
    this.#settle(id, { status: 410 });
    void this.#tell(node, { type: "abandon", id, from: this.#options.node });
  }

  /** `false`: the Pub/Sub did not take it, which has been reported. */
  async #tell(node: string, message: NodeMessage): Promise<boolean> {
    try {
      await this.#options.pubSub.broadcast(topicOf(node), message);
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  #hear(value: unknown): void {
    const message = readNodeMessage(value);
    if (message === undefined || this.#isStopped) return;
    const { sessions } = this.#options;
    switch (message.type) {
      case "poll":
        return this.#poll(message.from, message.id, message.session, message.sequence);
      case "post":
        return this.#answer(message.from, message.id, sessions.post(message.session, message.lines));
      case "abandon":
        return this.#waiting.get(`${message.from} ${message.id}`)?.abort();
      case "drop":
        return sessions.drop(message.session);
      case "waiting":
        return this.#wait(message.id);
      case "piece":
        return this.#append(message.id, message.text);
      case "answer":
        return this.#answered(message);
    }
  }

  #poll(from: string, id: string, session: string, sequence: number): void {
    const request = new AbortController();
    const answer = this.#options.sessions.poll(session, sequence, request.signal);
    if (!(answer instanceof Promise)) return this.#answer(from, id, answer);
    const key = `${from} ${id}`;
    this.#waiting.set(key, request);
    void this.#tell(from, { type: "waiting", id });
    void answer.then((settled) => {
      this.#waiting.delete(key);
      this.#answer(from, id, settled);
    });
  }

  #answer(to: string, id: string, { status, token, messages = "" }: SessionAnswer): void {
    for (let start = 0; start < messages.length; start += PIECE_CHARACTERS) {
      void this.#tell(to, { type: "piece", id, text: messages.slice(start, start + PIECE_CHARACTERS) });
    }
    void this.#tell(to, { type: "answer", id, status, token, length: messages.length });
  }

  #wait(id: string): void {
    const forwarded = this.#forwarded.get(id);
    if (forwarded === undefined) return;
    clearTimeout(forwarded.timer);
    forwarded.timer = this.#timer(id, this.#options.windowMs + HEARD_WITHIN_MS);
  }

  #append(id: string, text: string): void {
    const forwarded = this.#forwarded.get(id);
    if (forwarded === undefined) return;
    if (forwarded.messages.length + text.length > MAX_ANSWER_CHARACTERS) return this.#settle(id, { status: 500 });
    forwarded.messages += text;
  }

  #answered({ id, status, token, length }: NodeMessage & { readonly type: "answer" }): void {
    const messages = this.#forwarded.get(id)?.messages ?? "";
    // A piece was lost on the way: half of the frames are worth nothing to the client.
    if (messages.length !== length) return this.#settle(id, { status: 410 });
    this.#settle(id, { status, token, messages });
  }

  #settle(id: string, answer: Answer): void {
    const forwarded = this.#forwarded.get(id);
    if (forwarded === undefined) return;
    this.#forwarded.delete(id);
    clearTimeout(forwarded.timer);
    forwarded.resolve(answer);
  }

  /** The other node has ended, or does not know of us: what it had is lost. */
  #timer(id: string, afterMs: number): NodeJS.Timeout {
    const timer = setTimeout(() => this.#settle(id, { status: 410 }), afterMs);
    timer.unref();
    return timer;
  }

  #report(error: unknown): void {
    this.#options.report(error, topicOf(this.#options.node));
  }
}

function topicOf(node: string): string {
  return `wingbeat:long-poll:${node}`;
}

/** Lists of lines whose texts are short enough for one message, in order. A line alone may be longer. */
function inParts(lines: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let characters = Infinity;
  for (const line of lines) {
    if (characters + line.length > PIECE_CHARACTERS) {
      parts.push([]);
      characters = 0;
    }
    parts.at(-1)?.push(line);
    characters += line.length;
  }
  return parts;
}

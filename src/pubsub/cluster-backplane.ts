import cluster from "node:cluster";
import { isMainThread } from "node:worker_threads";
import { LiveError } from "../errors.ts";
import type { Backplane, BackplaneEvents } from "./backplane.ts";
import { readClusterMessage } from "./cluster-message.ts";
import { clusterRelay, type ClusterRelay, type RelayMember } from "./cluster-relay.ts";
import { IpcOutbox } from "./ipc-outbox.ts";
import { portToPrimary, type IpcPort } from "./ipc-port.ts";

/** How long a worker waits for a primary that relays, in milliseconds. A primary that is busy starting may take its time. */
const WELCOME_TIMEOUT_MS = 10_000;
/** How long closing waits until what is under way has gone out, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * The backplane of this process: through the primary in a worker, as the relay in the primary.
 *
 * @throws {LiveError} `pubsub.backplane` in a worker thread, and in a worker that its primary has let go of
 */
export function clusterBackplane(): Backplane {
  if (!isMainThread) {
    throw new LiveError(
      "pubsub.backplane",
      `
A ClusterPubSub joins the processes of node:cluster, and this is a worker thread, which is none of them. To reach the
threads of one process:

    import { BroadcastChannelPubSub } from "wingbeat/pubsub/broadcast-channel";
    const pubSub = new BroadcastChannelPubSub();
`.trim(),
    );
  }
  if (!cluster.isWorker) return new PrimaryBackplane(clusterRelay());
  if (process.connected) return new WorkerBackplane(portToPrimary());
  throw new LiveError(
    "pubsub.backplane",
    "This worker of node:cluster has no line to its primary any more: process.disconnect() or worker.disconnect() ended " +
      "it, or the primary is gone. Make the ClusterPubSub before that, and close it when the process ends.",
  );
}

/** The primary's own part: at the relay without any line. */
export class PrimaryBackplane implements Backplane, RelayMember {
  readonly #relay: ClusterRelay;
  readonly #subscribed = new Set<string>();
  #events: BackplaneEvents | undefined;

  constructor(relay: ClusterRelay) {
    this.#relay = relay;
  }

  start(events: BackplaneEvents): void {
    this.#events = events;
    events.status("connected");
  }

  receive(channel: string, frame: string): void {
    this.#events?.frame(channel, frame);
  }

  publish(channel: string, frame: string): undefined {
    this.#relay.publish(this, channel, frame);
  }

  subscribe(channel: string): Promise<void> {
    this.#subscribed.add(channel);
    this.#relay.subscribe(this, channel);
    return Promise.resolve();
  }

  unsubscribe(channel: string): Promise<void> {
    this.#subscribed.delete(channel);
    this.#relay.unsubscribe(this, channel);
    return Promise.resolve();
  }

  close(): Promise<void> {
    for (const channel of this.#subscribed) this.#relay.unsubscribe(this, channel);
    this.#subscribed.clear();
    this.#events = undefined;
    return Promise.resolve();
  }
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: LiveError) => void;
}

/** Lines are numbered over the life of the process, so that what is for an earlier one reaches nobody. */
let lastLine = 0;

export interface WorkerBackplaneOptions {
  /** How long to wait for a primary that relays, in milliseconds. @default 10_000 */
  readonly welcomeTimeoutMs?: number | undefined;
  /** How many characters of frames may wait for a primary that does not read. @default 8 MB */
  readonly maxWaitingCharacters?: number | undefined;
}

/** A worker's part: everything goes to the primary and comes from it, in order, over the line that Node gave both. */
export class WorkerBackplane implements Backplane {
  readonly #port: IpcPort;
  readonly #line = ++lastLine;
  readonly #outbox: IpcOutbox;
  readonly #welcomeTimeoutMs: number;
  readonly #subscribed = new Set<string>();
  /** What the primary has not answered yet, by number, in order. */
  readonly #asked = new Map<number, Waiting>();
  /** What was published before the primary had answered at all, in order. */
  #held: (Waiting & { readonly channel: string; readonly frame: string })[] = [];
  #lastAsk = 0;
  #isWelcome = false;
  /** Why nothing works any more, or not now. */
  #failure: LiveError | undefined;
  #events: BackplaneEvents | undefined;
  #stopListening = (): void => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: IpcPort, options: WorkerBackplaneOptions = {}) {
    this.#port = port;
    this.#outbox = new IpcOutbox(port, this.#line, { maxWaitingCharacters: options.maxWaitingCharacters });
    this.#welcomeTimeoutMs = options.welcomeTimeoutMs ?? WELCOME_TIMEOUT_MS;
  }

  start(events: BackplaneEvents): void {
    this.#events = events;
    this.#stopListening = this.#port.listen(this.#onMessage, this.#onGone);
    this.#outbox.addHead({ hello: true });
    this.#timer = setTimeout(this.#onNoWelcome, this.#welcomeTimeoutMs);
    this.#timer.unref();
  }

  publish(channel: string, frame: string): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isWelcome) return this.#outbox.addFrame(channel, frame) ? this.#outbox.room() : Promise.reject(tooMuch());
    return new Promise((resolve, reject) => this.#held.push({ channel, frame, resolve, reject }));
  }

  async subscribe(channel: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#subscribed.add(channel);
    try {
      await this.#ask(`+${channel}`);
    } catch (error) {
      this.#subscribed.delete(channel);
      throw error;
    }
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#subscribed.delete(channel);
    // That the line ends first serves as well.
    if (this.#failure === undefined) await this.#ask(`-${channel}`).catch(() => {});
  }

  async close(): Promise<void> {
    if (this.#events === undefined) return;
    this.#events = undefined;
    this.#stopListening();
    const wasWell = this.#failure === undefined;
    this.#fail(new LiveError("pubsub.closed", "This ClusterPubSub was closed."));
    this.#subscribed.clear();
    if (!wasWell) return this.#outbox.close();
    const giveUp = setTimeout(() => this.#outbox.close(), CLOSE_TIMEOUT_MS);
    await this.#outbox.end({ bye: true });
    clearTimeout(giveUp);
  }

  #ask(ask: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked.set(++this.#lastAsk, { resolve, reject });
      this.#outbox.addAsk(ask, this.#lastAsk);
    });
  }

  readonly #onMessage = (value: unknown): void => {
    const message = readClusterMessage(value);
    if (message === undefined) return;
    if (message.started) this.#beginAgain();
    if (message.line !== this.#line) return;
    if (message.welcome) this.#onWelcome();
    const { upTo = 0, lostSinceMs, frames = [] } = message;
    for (const [number, { resolve }] of this.#asked) {
      if (number > upTo) break;
      this.#asked.delete(number);
      resolve();
    }
    if (lostSinceMs !== undefined) this.#events?.gap("reconnect", lostSinceMs);
    for (let index = 0; index < frames.length; index += 2) {
      const channel = frames[index] ?? "";
      if (this.#subscribed.has(channel)) this.#events?.frame(channel, frames[index + 1] ?? "");
    }
  };

  /** The primary began after us, so it knows nothing of us. */
  #beginAgain(): void {
    this.#failure = undefined;
    this.#outbox.addHead({ hello: true });
    for (const channel of this.#subscribed) this.#outbox.addAsk(`+${channel}`, this.#lastAsk);
  }

  #onWelcome(): void {
    clearTimeout(this.#timer);
    if (this.#isWelcome) return;
    this.#isWelcome = true;
    for (const { channel, frame, resolve, reject } of this.#held.splice(0)) {
      if (this.#outbox.addFrame(channel, frame)) resolve();
      else reject(tooMuch());
    }
    this.#events?.status("connected");
  }

  readonly #onNoWelcome = (): void => {
    const error = nobodyRelays(this.#welcomeTimeoutMs);
    this.#fail(error);
    this.#events?.error(error);
  };

  readonly #onGone = (): void => {
    this.#stopListening();
    this.#isWelcome = false;
    this.#fail(new LiveError("pubsub.backplane", "The line to the primary process is gone."));
    this.#outbox.close();
    this.#events?.status("down");
  };

  #fail(error: LiveError): void {
    clearTimeout(this.#timer);
    this.#failure = error;
    const waiting = [...this.#asked.values(), ...this.#held];
    this.#asked.clear();
    this.#held = [];
    for (const { reject } of waiting) reject(error);
  }
}

function nobodyRelays(afterMs: number): LiveError {
  return new LiveError(
    "pubsub.backplane",
    `
The primary process did not answer this worker's ClusterPubSub within ${afterMs} ms, so no message leaves this process.
serve(app, { workers }) relays by itself. A program that forks by itself relays in its primary, before or after forking:

    import cluster from "node:cluster";
    import { ClusterPubSub } from "wingbeat/pubsub/cluster";

    if (cluster.isPrimary) {
      const pubSub = new ClusterPubSub();
      for (let n = 0; n < 4; n++) cluster.fork();
    }
`.trim(),
  );
}

function tooMuch(): LiveError {
  return new LiveError(
    "pubsub.backplane",
    "The message went to this process only: too much waits for the primary process, which has not read for a while. " +
      "It may be blocked by work of its own, which belongs into a worker.",
  );
}

import { LiveError } from "../errors.ts";
import type { Backplane, BackplaneEvents } from "./backplane.ts";

/** As many frames are posted together at most; what is posted earlier is read earlier. */
const MAX_BATCH = 256;

/** What is posted: channel, frame, channel, frame, and so on. */
type Batch = string[];

/**
 * Frames over one `BroadcastChannel`, which joins the threads of one process. One for all channels: each receiver drops
 * what it has not subscribed to, which costs a look-up, where an object for each channel would cost a port in every thread.
 *
 * Frames published in one turn are posted together, at its end: on Node that takes an eighth of the time of as many posts.
 */
export class BroadcastChannelBackplane implements Backplane {
  readonly #name: string;
  readonly #subscribed = new Set<string>();
  #channel: BroadcastChannel | undefined;
  #events: BackplaneEvents | undefined;
  #batch: Batch = [];
  #dropped = 0;

  /** @param name threads that use the same name hear each other */
  constructor(name: string) {
    this.#name = name;
  }

  /** How much came that was none of ours, or could not be read. The first time it is reported, too. */
  get dropped(): number {
    return this.#dropped;
  }

  start(events: BackplaneEvents): void {
    this.#events = events;
    const channel = new BroadcastChannel(this.#name);
    this.#channel = channel;
    channel.addEventListener("message", this.#onMessage);
    channel.addEventListener("messageerror", this.#drop);
    events.status("connected");
  }

  publish(channel: string, frame: string): Promise<void> | undefined {
    if (this.#channel === undefined) return Promise.reject(closed());
    if (this.#batch.length === 0) queueMicrotask(this.#post);
    this.#batch.push(channel, frame);
    if (this.#batch.length >= 2 * MAX_BATCH) this.#post();
    return undefined;
  }

  subscribe(channel: string): Promise<void> {
    if (this.#channel === undefined) return Promise.reject(closed());
    this.#subscribed.add(channel);
    return Promise.resolve();
  }

  unsubscribe(channel: string): Promise<void> {
    this.#subscribed.delete(channel);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#post();
    this.#channel?.removeEventListener("message", this.#onMessage);
    this.#channel?.removeEventListener("messageerror", this.#drop);
    this.#channel?.close();
    this.#channel = undefined;
    this.#subscribed.clear();
    return Promise.resolve();
  }

  readonly #post = (): void => {
    if (this.#batch.length === 0 || this.#channel === undefined) return;
    const batch = this.#batch;
    this.#batch = [];
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
      this.#channel.postMessage(batch);
    } catch (cause) {
      // The receivers notice it themselves, by the numbers of what comes next.
      this.#events?.error(
        new LiveError("pubsub.backplane", `Posting to the BroadcastChannel "${this.#name}" failed.`, { cause }),
      );
    }
  };

  readonly #onMessage = ({ data }: MessageEvent<unknown>): void => {
    // Anybody in this process may post under our name.
    if (!isBatch(data)) return this.#drop();
    for (let index = 0; index < data.length; index += 2) {
      const channel = data[index] ?? "";
      if (this.#subscribed.has(channel)) this.#events?.frame(channel, data[index + 1] ?? "");
    }
  };

  readonly #drop = (): void => {
    this.#dropped++;
    if (this.#dropped === 1) this.#events?.error(foreign(this.#name));
  };
}

function isBatch(data: unknown): data is Batch {
  return Array.isArray(data) && data.length % 2 === 0 && data.every((part) => typeof part === "string");
}

function foreign(name: string): LiveError {
  return new LiveError(
    "pubsub.backplane",
    `Somebody posted to the BroadcastChannel "${name}" what is none of ours, and it was dropped. ` +
      "If it is the program's own channel, give one of the two another name. To publish from outside, post a channel and " +
      'a frame: ["room:42", JSON.stringify(message)].',
  );
}

function closed(): LiveError {
  return new LiveError("pubsub.closed", "This BroadcastChannel was closed.");
}

import type { Channel, Member } from "../../channel/channel.ts";

const FIRST_WAIT_MS = 1_000;
/** The client waits 10 s for the answer to a join. */
const LONGEST_WAIT_MS = 4_000;

/** How often nested views could not be mounted, by connection. */
export class Stumbles {
  readonly #connections = new WeakMap<object, ConnectionStumbles>();

  of(connection: object): ConnectionStumbles {
    let stumbles = this.#connections.get(connection);
    if (stumbles === undefined) this.#connections.set(connection, (stumbles = new ConnectionStumbles()));
    return stumbles;
  }
}

/** How often in a row which nested view of one connection could not be mounted. */
export class ConnectionStumbles {
  readonly #counts = new Map<string, number>();

  note(topic: string): void {
    this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + 1);
  }

  forget(topic: string): void {
    this.#counts.delete(topic);
  }

  /** Goes on with the join: at once, or later if it came to nothing before. Not at all if the client leaves meanwhile. */
  wait(channel: Channel, join: () => void): void {
    const count = this.#counts.get(channel.topic);
    if (count === undefined) return join();
    const timer = setTimeout(join, Math.min(FIRST_WAIT_MS * 2 ** (count - 1), LONGEST_WAIT_MS));
    channel.member = new Waiting(channel, timer);
  }
}

/** Sits on a channel whose join is put off. */
class Waiting implements Member {
  readonly #channel: Channel;
  readonly #timer: ReturnType<typeof setTimeout>;
  constructor(channel: Channel, timer: ReturnType<typeof setTimeout>) {
    this.#channel = channel;
    this.#timer = timer;
  }

  receive(_event: string, ref: string): void {
    this.#channel.reply(ref, "ok", "{}");
  }

  closed(): void {
    clearTimeout(this.#timer);
  }

  drained(): void {
    // Nothing is held back.
  }
}

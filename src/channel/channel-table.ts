import type { Channel } from "./channel.ts";

/**
 * The channels of one connection, by topic. Nearly every connection has one only, and a `Map` of one takes more memory than
 * the rest of an idle connection, so it is made for the second.
 */
export class ChannelTable {
  #first: Channel | undefined;
  #others: Map<string, Channel> | undefined;

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  get(topic: string): Channel | undefined {
    return this.#first?.topic === topic ? this.#first : this.#others?.get(topic);
  }

  /** How many stand on topics that do not begin so. */
  countBeside(prefix: string): number {
    let count = 0;
    for (const channel of [this.#first, ...(this.#others?.values() ?? [])]) {
      if (channel !== undefined && !channel.topic.startsWith(prefix)) count++;
    }
    return count;
  }

  /** The topic must be free. */
  add(channel: Channel): void {
    if (this.#first === undefined) this.#first = channel;
    else (this.#others ??= new Map()).set(channel.topic, channel);
  }

  /** Does nothing if another channel, or none, stands on the topic. */
  delete(channel: Channel): void {
    if (this.#first === channel) this.#first = undefined;
    else if (this.#others?.get(channel.topic) === channel) this.#others.delete(channel.topic);
  }

  /** All of them, which are in the table no more. */
  takeAll(): readonly Channel[] {
    const all = [...(this.#first === undefined ? [] : [this.#first]), ...(this.#others?.values() ?? [])];
    this.#first = this.#others = undefined;
    return all;
  }
}

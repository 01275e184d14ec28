import type { SequenceNumber } from "./envelope.ts";

/** What was sent on one channel and not yet told in a beat: the numbers from `first` to `last`. */
export interface Sent extends Pick<SequenceNumber, "epoch"> {
  readonly topic: string;
  readonly first: number;
  readonly last: number;
}

/** After this much silence on a channel its numbers are forgotten. What follows begins an epoch. In milliseconds. */
const IDLE_MS = 60_000;
/** Beyond this many channels, the longest silent are forgotten earlier. */
const MAX_CHANNELS = 50_000;

interface Channel {
  readonly epoch: number;
  number: number;
  /** The last number that a beat has told, one that the backplane has taken. */
  told: number;
  usedAt: number;
}

/**
 * The numbers of what this node sends, for each channel: 1, 2, 3 … in an epoch. No clock and no timers: times are given,
 * in milliseconds of one clock.
 */
export class OutgoingNumbers {
  /** Roughly by their latest use: told in a beat moves a channel to the end. */
  readonly #channels = new Map<string, Channel>();
  readonly #untold = new Map<string, Channel>();
  #epoch = 0;

  get channelCount(): number {
    return this.#channels.size;
  }

  /** The number of the next message. To be read before the next call. */
  next(topic: string, now: number): SequenceNumber {
    let channel = this.#channels.get(topic);
    if (channel === undefined) {
      channel = { epoch: ++this.#epoch, number: 0, told: 0, usedAt: now };
      this.#channels.set(topic, channel);
    }
    if (channel.number === channel.told) this.#untold.set(topic, channel);
    channel.number += 1;
    channel.usedAt = now;
    return channel;
  }

  /** Begins a new epoch with the next message, unless that has happened since `epoch`. What was not told is dropped. */
  forget(topic: string, epoch: number): void {
    if (this.#channels.get(topic)?.epoch !== epoch) return;
    this.#channels.delete(topic);
    this.#untold.delete(topic);
  }

  /** Everything that no beat has told yet. */
  untold(): Sent[] {
    const sent: Sent[] = [];
    for (const [topic, { epoch, told, number }] of this.#untold) {
      sent.push({ topic, epoch, first: told + 1, last: number });
    }
    return sent;
  }

  /** The backplane has taken a beat with this. */
  told(sent: readonly Sent[]): void {
    for (const { topic, epoch, last } of sent) {
      const channel = this.#channels.get(topic);
      if (channel?.epoch !== epoch) continue;
      channel.told = Math.max(channel.told, last);
      if (channel.told === channel.number) this.#untold.delete(topic);
      this.#channels.delete(topic);
      this.#channels.set(topic, channel);
    }
  }

  /** Forgets channels that were told and have been silent for a minute, and the longest silent of too many. */
  expire(now: number): void {
    for (const [topic, channel] of this.#channels) {
      if (channel.usedAt > now - IDLE_MS && this.#channels.size <= MAX_CHANNELS) return;
      if (channel.told === channel.number) this.#channels.delete(topic);
    }
  }
}

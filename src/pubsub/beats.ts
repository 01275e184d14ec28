import { MAX_SENT, writeBeat } from "./beat.ts";
import { beatPrefix, type SequenceNumber } from "./envelope.ts";
import { FailedPublishes } from "./failed-publishes.ts";
import { OutgoingNumbers, type Sent } from "./outgoing-numbers.ts";

/** So many beats follow the last message. A node that hears none of them was cut off for long enough to notice it otherwise. */
const QUIET_BEATS = 10;

/** So many beats ask for what failed elsewhere, after an interruption. */
const ASKING_BEATS = 4;

/**
 * What a node tells the others about its own messages: their numbers, and beats that repeat the latest ones, so that
 * also a last message that was lost is missed. Has no timer: `beat` is to be called about once a second.
 */
export class Beats {
  readonly #prefix: string;
  readonly #publish: (frame: string) => Promise<void> | undefined;
  readonly #now: () => number;
  readonly #numbers = new OutgoingNumbers();
  readonly #failed = new FailedPublishes();
  #number = 0;
  /** The last beat that the backplane has taken. */
  #taken = 0;
  #takenAt: number;
  /** How many beats in a row had nothing to tell. */
  #quiet = QUIET_BEATS;
  /** When the last silence ended, while no beat since has been taken. */
  #startedAt: number | undefined;
  /** How many more beats ask the others. */
  #asksLeft = 0;

  /**
   * @param publish hands a frame to the control channel, as a backplane does
   * @param now milliseconds of a clock that never goes back
   */
  constructor(node: string, publish: (frame: string) => Promise<void> | undefined, now: () => number) {
    this.#prefix = beatPrefix(node);
    this.#publish = publish;
    this.#now = now;
    this.#takenAt = now();
  }

  get channelCount(): number {
    return this.#numbers.channelCount;
  }

  get #isSilent(): boolean {
    return this.#quiet >= QUIET_BEATS && this.#taken === this.#number;
  }

  /** The number of the next message. To be read before the next call. Ends the silence, with a beat before the message. */
  next(topic: string): SequenceNumber {
    if (this.#isSilent) this.#start();
    this.#quiet = 0;
    return this.#numbers.next(topic, this.#now());
  }

  /**
   * The message with this number is not known to have been taken. Its topic begins to count anew, so that the others
   * are told once, by a beat, and do not miss the number as well.
   */
  failed(topic: string, epoch: number): void {
    this.#quiet = 0;
    // What no beat has told yet is told by this instead: anything since the last beat may be missing.
    this.#failed.add(topic, this.#takenAt, this.#now());
    this.#numbers.forget(topic, epoch);
  }

  /** Tells what is new since the last beat that was taken. Does nothing after some seconds without news. */
  beat(): Promise<void> | undefined {
    this.#numbers.expire(this.#now());
    if (this.#isSilent) return undefined;
    const sent = this.#numbers.untold();
    this.#quiet = sent.length === 0 && this.#failed.isEmpty ? this.#quiet + 1 : 0;
    return this.#tell(sent);
  }

  /**
   * The connection is back. Tells what could not be told, and asks the others to tell of their failures once more: it
   * may have been now that they did.
   */
  reconnected(): void {
    if (this.#isSilent) this.#startedAt = this.#now();
    this.#quiet = 0;
    this.#asksLeft = ASKING_BEATS;
    void this.#tell(this.#numbers.untold());
  }

  /** Another node's connection is back. */
  askedForFailures(): void {
    if (this.#failed.soFar !== undefined) this.#quiet = 0;
  }

  #start(): void {
    this.#startedAt = this.#now();
    // A rejection is remembered by what it leaves undone: the next beat tells the same again.
    void this.#tell([]);
  }

  /** Settles when the backplane has taken it or not; never rejects. */
  #tell(sent: readonly Sent[]): Promise<void> | undefined {
    const at = this.#now();
    const failures = this.#failed.list();
    const { soFar } = this.#failed;
    const asksForFailures = this.#asksLeft > 0;
    const failed = Array.from(failures.topics, ([topic, { since }]) => ({ topic, ageMs: at - since }));
    const since = this.#taken;
    const publishing: Promise<void>[] = [];
    for (let from = 0; from === 0 || from < sent.length; from += MAX_SENT) {
      const beat = {
        number: ++this.#number,
        after: from === 0 ? since : this.#number - 1,
        since,
        startedAgeMs: this.#startedAt === undefined ? undefined : at - this.#startedAt,
        sent: sent.slice(from, from + MAX_SENT),
        asksForFailures,
        failures: soFar && { count: soFar.count, sinceAgeMs: at - soFar.since, untilAgeMs: at - soFar.until },
        failed: from === 0 ? failed : [],
        failedAllAgeMs: from === 0 && failures.all !== undefined ? at - failures.all.since : undefined,
      };
      const taken = this.#publish(this.#prefix + writeBeat(beat));
      if (taken !== undefined) publishing.push(taken);
    }
    const number = this.#number;
    const wasTaken = () => {
      if (number < this.#taken) return;
      this.#taken = number;
      this.#takenAt = at;
      this.#startedAt = undefined;
      if (asksForFailures) this.#asksLeft -= 1;
      this.#numbers.told(sent);
      this.#failed.told(failures, this.#now());
    };
    if (publishing.length > 0) return Promise.all(publishing).then(wasTaken, () => {});
    wasTaken();
    return undefined;
  }
}

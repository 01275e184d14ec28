/** How often a probe is sent round, in milliseconds. */
const EVERY_MS = 500;
/** How long a probe may be away while nothing else comes in, before the connections are held for dead. */
const SILENCE_MS = 3_500;
/**
 * How long it may be away although other messages come in: they may be a backlog that it waits behind, or come from a
 * server that is no longer the one we publish to.
 */
const LATENESS_MS = 15_000;

interface Probe {
  readonly text: string;
  readonly at: number;
  readonly sentMs: number;
}

/**
 * Judges by probes, messages to ourselves, whether what we publish comes back. Connections can look well and carry
 * nothing: a firewall that forgot them, a server that stands still, a replica that took our messages and told nobody.
 * Pure: the times that it is given are of a clock that stands still while we do (`LoopClock`).
 */
export class Watchdog {
  readonly #away: Probe[] = [];
  #number = 0;
  #heardAt = 0;
  #sentAt = Number.NEGATIVE_INFINITY;

  /** Both ways were made anew: what was on its way is gone, and nobody is blamed for it. */
  reset(now: number): void {
    this.#away.length = 0;
    this.#heardAt = now;
    this.#sentAt = Number.NEGATIVE_INFINITY;
  }

  /** Something came in, a probe or another message. */
  heard(now: number): void {
    this.#heardAt = now;
  }

  /** @returns the text to send when a probe is due @param wallMs in milliseconds since 1970 */
  nextProbe(now: number, wallMs: number): string | undefined {
    if (now - this.#sentAt < EVERY_MS) return undefined;
    this.#sentAt = now;
    const probe = { text: String(++this.#number), at: now, sentMs: wallMs };
    this.#away.push(probe);
    return probe.text;
  }

  /**
   * A message came in on the probes' channel.
   * @returns when that probe was sent, as told to `nextProbe`: what others sent before has arrived. `undefined` if it is none of ours.
   */
  returned(text: string): number | undefined {
    const index = this.#away.findIndex((probe) => probe.text === text);
    if (index === -1) return undefined;
    const [probe] = this.#away.splice(0, index + 1).slice(-1);
    return probe?.sentMs;
  }

  isDead(now: number): boolean {
    const [oldest] = this.#away;
    if (oldest === undefined) return false;
    return now - Math.max(oldest.at, this.#heardAt) >= SILENCE_MS || now - oldest.at >= LATENESS_MS;
  }
}

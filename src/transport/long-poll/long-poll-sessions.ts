import type { SessionAnswer } from "./answer.ts";
import { LongPollSession, type PollOutcome } from "./long-poll-session.ts";

export interface LongPollSessionsOptions {
  readonly windowMs: number;
  /** How many sessions there may be at a time, in all and of one address. */
  readonly maxSessions: number;
  readonly maxSessionsPerAddress: number;
  /** The token for a session's next request. */
  readonly sign: (session: string, sequence: number, visitor: string) => string;
  /** An id that nobody can guess. */
  readonly newId: () => string;
}

/** The long-polling sessions of one node. */
export class LongPollSessions {
  readonly #options: LongPollSessionsOptions;
  readonly #sessions = new Map<string, LongPollSession>();
  readonly #countByAddress = new Map<string, number>();

  constructor(options: LongPollSessionsOptions) {
    this.#options = options;
  }

  /** Why there may not be another session of this address, with the mend; `undefined` if there may. */
  whyFull(address: string | undefined): string | undefined {
    const { maxSessions, maxSessionsPerAddress } = this.#options;
    if (this.#sessions.size >= maxSessions) return `there are ${maxSessions} already (limits.longPollSessions)`;
    if (address === undefined || (this.#countByAddress.get(address) ?? 0) < maxSessionsPerAddress) return undefined;
    return (
      `its address has ${maxSessionsPerAddress} already (limits.longPollSessionsPerAddress); ` +
      "if that is the address of your proxy, the app needs `trustProxy: true`"
    );
  }

  /** Begins a session; its first answer gives the client the token to go on with. */
  open(
    visitor: string,
    address: string | undefined,
  ): { readonly session: LongPollSession; readonly answer: SessionAnswer } {
    const id = this.#options.newId();
    const session = new LongPollSession({
      visitor,
      remoteAddress: address,
      windowMs: this.#options.windowMs,
      onEnd: () => {
        this.#sessions.delete(id);
        if (address !== undefined) this.#count(address, -1);
      },
    });
    this.#sessions.set(id, session);
    if (address !== undefined) this.#count(address, 1);
    return { session, answer: { status: 410, token: this.#options.sign(id, 0, visitor) } };
  }

  /** @param sequence @param signal as of `LongPollSession.poll` */
  poll(id: string, sequence: number, signal?: AbortSignal): SessionAnswer | Promise<SessionAnswer> {
    const session = this.#sessions.get(id);
    if (session === undefined) return { status: 410 };
    const outcome = session.poll(sequence, signal);
    return outcome instanceof Promise
      ? outcome.then((settled) => this.#answer(id, session, settled))
      : this.#answer(id, session, outcome);
  }

  post(id: string, lines: readonly string[]): SessionAnswer {
    return { status: this.#sessions.get(id)?.receive(lines) === true ? 200 : 410 };
  }

  /** Ends a session whose client has broken a rule. */
  drop(id: string): void {
    this.#sessions.get(id)?.drop();
  }

  /** Ends all sessions. */
  stop(): void {
    for (const session of this.#sessions.values()) session.drop();
  }

  #answer(id: string, session: LongPollSession, outcome: PollOutcome): SessionAnswer {
    const token = (sequence: number): string => this.#options.sign(id, sequence, session.visitor);
    switch (outcome.type) {
      case "messages":
        return { status: 200, token: token(outcome.sequence), messages: outcome.messages };
      case "nothing":
        return { status: 204, token: token(outcome.sequence) };
      case "gone":
        return { status: 410 };
      case "outdated":
        return { status: 403 };
    }
  }

  #count(address: string, change: 1 | -1): void {
    const count = (this.#countByAddress.get(address) ?? 0) + change;
    if (count === 0) this.#countByAddress.delete(address);
    else this.#countByAddress.set(address, count);
  }
}

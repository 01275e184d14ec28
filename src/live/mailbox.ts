import type { ClientPush } from "./client-push.ts";
import { Lane } from "./lane.ts";
import type { Info } from "./topic-hub.ts";

/** The most infos that a view handles before it renders and lets others run. */
const INFOS_PER_TURN = 256;

interface WaitingPush {
  readonly push: ClientPush;
  /** How many of the infos that were queued when its turn came are still to be handled before it. `-1`: not counted yet. */
  infosBefore: number;
}

export interface MailboxLimits {
  readonly maxMailboxInfos: number;
  readonly maxMailboxEvents: number;
}

/**
 * What waits for a view: a lane of infos and a lane of the page's pushes, each first in, first out.
 *
 * Before a push is handled, so are the infos that were queued when its turn came: a count taken once, so that later infos
 * cannot starve it.
 */
export class Mailbox {
  readonly #infos = new Lane<Info>();
  readonly #pushes = new Lane<WaitingPush>();
  /** Ticks of timers that wait: each timer sends the same object again and again. */
  #ticks: Set<Info> | undefined;
  /** Infos that are left to handle in the turn at hand. */
  #infosLeft = 0;

  get isEmpty(): boolean {
    return this.#infos.length === 0 && this.#pushes.length === 0;
  }

  addInfo(info: Info): void {
    this.#infos.push(info);
  }

  /** As `addInfo`, but the tick is skipped while its predecessor, the same object, still waits. */
  addTick(info: Info): void {
    this.#ticks ??= new Set();
    if (this.#ticks.has(info)) return;
    this.#ticks.add(info);
    this.#infos.push(info);
  }

  addPush(push: ClientPush): void {
    this.#pushes.push({ push, infosBefore: -1 });
  }

  /** The limit that is passed, if any. */
  exceeds(limits: MailboxLimits): keyof MailboxLimits | undefined {
    if (this.#infos.length > limits.maxMailboxInfos) return "maxMailboxInfos";
    return this.#pushes.length > limits.maxMailboxEvents ? "maxMailboxEvents" : undefined;
  }

  /** Begins a turn: fixes which infos it has. @returns the push that comes after them, if it comes in this turn */
  startTurn(): ClientPush | undefined {
    const waiting = this.#pushes.peek();
    if (waiting === undefined) {
      this.#infosLeft = Math.min(this.#infos.length, INFOS_PER_TURN);
      return undefined;
    }
    if (waiting.infosBefore < 0) waiting.infosBefore = this.#infos.length;
    this.#infosLeft = Math.min(waiting.infosBefore, INFOS_PER_TURN);
    waiting.infosBefore -= this.#infosLeft;
    return waiting.infosBefore === 0 ? this.#pushes.shift()?.push : undefined;
  }

  /** The next info of this turn. */
  takeInfo(): Info | undefined {
    if (this.#infosLeft === 0) return undefined;
    this.#infosLeft--;
    const info = this.#infos.shift();
    if (info !== undefined) this.#ticks?.delete(info);
    return info;
  }

  clear(): void {
    this.#infos.clear();
    this.#pushes.clear();
    this.#ticks = undefined;
    this.#infosLeft = 0;
  }
}

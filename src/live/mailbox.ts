import type { ClientPush } from "./client-push.ts";
import { Lane } from "./lane.ts";
import type { Info } from "./topic-hub.ts";
import { GapInfo, type ViewGap } from "./view-gap.ts";

/** The most infos that a view handles before it renders and lets others run. */
const INFOS_PER_TURN = 256;

/**
 * The most infos that may come in before a push while the view awaits something. They may be what the push is about, such
 * as a count that somebody else has just changed; that they are bounded keeps them from starving it.
 */
const LATE_INFOS_PER_PUSH = 256;

/** An info that the view has sent itself: no gap in a topic makes up for it. */
class OwnInfo {
  readonly info: Info;
  constructor(info: Info) {
    this.info = info;
  }
}

interface WaitingPush {
  readonly push: ClientPush;
  /** How many of the infos that were queued when its turn came are still to be handled before it. */
  infosBefore: number | undefined;
}

export interface MailboxLimits {
  readonly maxMailboxInfos: number;
  readonly maxMailboxEvents: number;
}

/**
 * What waits for a view: a lane of infos and a lane of the page's pushes, each first in, first out.
 *
 * Before a push is handled, so are the infos that were queued when its turn came: a count taken once, so that later infos
 * cannot starve it. Only when the view was away meanwhile, in another turn or awaiting something, are more let in.
 */
export class Mailbox {
  // Made when something comes: many views never get an info, and nearly all handle each push as it arrives.
  #infos: Lane<Info | OwnInfo> | undefined;
  #pushes: Lane<WaitingPush> | undefined;
  /** Ticks of timers that wait: each timer sends the same object again and again. */
  #ticks: Set<Info> | undefined;
  /** The gap that waits among the infos. */
  #gap: GapInfo | undefined;
  /** Infos that are left to handle in the turn at hand. */
  #infosLeft = 0;
  /** How many more may come in before the push at hand. */
  #lateInfosLeft = 0;

  get isEmpty(): boolean {
    return this.#infoCount === 0 && this.#pushCount === 0;
  }

  get #infoCount(): number {
    return this.#infos?.length ?? 0;
  }

  get #pushCount(): number {
    return this.#pushes?.length ?? 0;
  }

  /** Whether no info and no gap waits. */
  get hasNoInfos(): boolean {
    return this.#infoCount === 0;
  }

  /** An info of a topic. */
  addInfo(info: Info): void {
    (this.#infos ??= new Lane()).push(info);
  }

  /** An info that the view has sent itself, now or by a timer. */
  addOwnInfo(info: Info): void {
    (this.#infos ??= new Lane()).push(new OwnInfo(info));
  }

  /** Waits in the lane of infos. If a gap waits there already, the two become one, in its place. */
  addGap(gap: ViewGap): void {
    if (this.#gap !== undefined) return this.#gap.merge(gap);
    this.#gap = new GapInfo(gap);
    this.addInfo(this.#gap);
  }

  /** As `addOwnInfo`, but the tick is skipped while its predecessor, the same object, still waits. */
  addTick(info: Info): void {
    this.#ticks ??= new Set();
    if (this.#ticks.has(info)) return;
    this.#ticks.add(info);
    this.addOwnInfo(info);
  }

  addPush(push: ClientPush): void {
    (this.#pushes ??= new Lane()).push({ push, infosBefore: undefined });
  }

  /** The limit that is passed, if any. */
  exceeds(limits: MailboxLimits): keyof MailboxLimits | undefined {
    if (this.#infoCount > limits.maxMailboxInfos) return "maxMailboxInfos";
    return this.#pushCount > limits.maxMailboxEvents ? "maxMailboxEvents" : undefined;
  }

  /** Begins a turn: fixes which infos it has. @returns the push that comes after them, if it comes in this turn */
  startTurn(): ClientPush | undefined {
    this.#infosLeft = Math.min(this.#infoCount, INFOS_PER_TURN);
    const waiting = this.#pushes?.peek();
    if (waiting === undefined) return undefined;
    waiting.infosBefore = (waiting.infosBefore ?? this.#infoCount) - this.#infosLeft;
    if (waiting.infosBefore > 0) return undefined;
    this.beginPush();
    return this.#pushes?.shift()?.push;
  }

  /** To be called for a push that did not have to wait here. */
  beginPush(): void {
    this.#lateInfosLeft = LATE_INFOS_PER_PUSH;
  }

  /** The view has awaited something before the push at hand: lets in what has come meanwhile, up to a bound. */
  letIn(): void {
    const late = Math.min(this.#infoCount - this.#infosLeft, this.#lateInfosLeft);
    this.#infosLeft += late;
    this.#lateInfosLeft -= late;
  }

  /** The next info of this turn, or a gap among them. */
  takeInfo(): Info | GapInfo | undefined {
    if (this.#infosLeft === 0) return undefined;
    this.#infosLeft--;
    const next = this.#infos?.shift();
    if (next === this.#gap) this.#gap = undefined;
    if (!(next instanceof OwnInfo)) return next;
    this.#ticks?.delete(next.info);
    return next.info;
  }

  /**
   * Drops the waiting infos of topics. What the view has sent itself stays, and so does a gap. Takes time for each that
   * waits. @returns how many were dropped
   */
  dropTopicInfos(): number {
    return this.#drop((info) => !(info instanceof OwnInfo) && !(info instanceof GapInfo));
  }

  /** Drops the waiting infos that the view has sent itself. Takes time for each that waits. */
  dropOwnInfos(): void {
    this.#drop((info) => info instanceof OwnInfo);
    this.#ticks = undefined;
  }

  #drop(isDropped: (info: Info | OwnInfo) => boolean): number {
    const before = this.#infoCount;
    const kept = new Lane<Info | OwnInfo>();
    for (let info = this.#infos?.shift(); info !== undefined; info = this.#infos?.shift()) {
      if (!isDropped(info)) kept.push(info);
    }
    this.#infos = kept;
    // What was counted on may be gone: a push must not wait for infos that never come.
    this.#infosLeft = Math.min(this.#infosLeft, kept.length);
    const waiting = this.#pushes?.peek();
    if (waiting?.infosBefore !== undefined) waiting.infosBefore = Math.min(waiting.infosBefore, kept.length);
    return before - kept.length;
  }

  clear(): void {
    this.#infos = undefined;
    this.#pushes = undefined;
    this.#ticks = undefined;
    this.#gap = undefined;
    this.#infosLeft = 0;
  }
}

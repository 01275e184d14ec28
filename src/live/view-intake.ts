import type { LiveError } from "../errors.ts";
import type { ClientPush } from "./client-push.ts";
import { Mailbox } from "./mailbox.ts";
import type { Ready } from "./ready-ring.ts";
import type { Info } from "./topic-hub.ts";
import { infosDropped, mailboxOverflow } from "./view-errors.ts";
import type { ViewGap } from "./view-gap.ts";
import type { MountableView, ViewServices } from "./view-services.ts";

/** The view whose turns it asks for. */
export interface TakingView extends Ready {
  readonly name: string;
  readonly services: ViewServices;
  readonly view: MountableView;
  /** Those that it is subscribed to. */
  readonly topics: readonly string[];
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  /** A callback or a render runs or is awaited. Such a view looks after its mailbox itself when it is done. */
  readonly isBusy: boolean;
}

/**
 * The way into a view's mailbox: admits what comes, keeps its bounds, and asks for a turn. It runs none of the view's code, so
 * that whoever sends something never does.
 */
export class ViewIntake {
  readonly mailbox = new Mailbox();
  readonly #taker: TakingView;
  /** The infos that wait all came after this moment, by `services.now`. */
  #infosSinceMs = 0;
  /** Why the view has to end in its next turn. */
  #failure: LiveError | undefined;
  #isQueued = false;

  constructor(taker: TakingView) {
    this.#taker = taker;
  }

  get failure(): LiveError | undefined {
    return this.#failure;
  }

  get heedsGaps(): boolean {
    const { handleGap, onGap } = this.#taker.view.definition;
    return handleGap !== undefined || onGap !== undefined;
  }

  receiveInfo(info: Info): void {
    if (!this.#admitsInfos()) return;
    this.mailbox.addInfo(info);
    this.#awaitTurn();
  }

  receiveOwnInfo(info: Info): void {
    if (!this.#admitsInfos()) return;
    this.mailbox.addOwnInfo(info);
    this.#awaitTurn();
  }

  receiveTick(info: Info): void {
    if (!this.#admitsInfos()) return;
    this.mailbox.addTick(info);
    this.#awaitTurn();
  }

  receiveGap(gap: ViewGap): void {
    if (!this.#admitsInfos()) return;
    this.mailbox.addGap(gap);
    this.queue();
  }

  receivePush(push: ClientPush): void {
    this.mailbox.addPush(push);
    this.#awaitTurn();
  }

  /** The view ends in a turn of its own: whoever filled the mailbox must not run the view's code. */
  failLater(failure: LiveError): void {
    this.#failure = failure;
    this.mailbox.clear();
    this.#joinRing();
  }

  /** Asks for a turn, if there will not be one anyway. */
  queue(): void {
    if (!this.#taker.isBusy && !this.#taker.isEnded) this.#joinRing();
  }

  /** The turn that was asked for is there. */
  turned(): void {
    this.#isQueued = false;
  }

  #joinRing(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#taker.services.ring.add(this.#taker);
  }

  /** Nobody reads the mailbox of a dead render, or of a view that is about to end. */
  #admitsInfos(): boolean {
    const { isConnected, isEnded, services } = this.#taker;
    if (!isConnected || isEnded || this.#failure !== undefined) return false;
    if (this.mailbox.hasNoInfos) this.#infosSinceMs = services.recently();
    return true;
  }

  #awaitTurn(): void {
    const { name, services } = this.#taker;
    const limit = this.mailbox.exceeds(services.limits);
    if (limit === undefined || (limit === "maxMailboxInfos" && this.#makeRoom())) this.queue();
    else this.failLater(mailboxOverflow(name, limit, services.limits[limit]));
  }

  /** Too many infos wait: drops those of topics, if the view can make up for them. @returns whether there is room again */
  #makeRoom(): boolean {
    if (!this.heedsGaps) return false;
    const { name, services, topics, view } = this.#taker;
    const { maxMailboxInfos } = services.limits;
    const missed = this.mailbox.dropTopicInfos();
    // A mailbox full of what the view sends itself would be full again at once, and dropping takes time.
    if (missed * 2 <= maxMailboxInfos) return false;
    const handled = view.definition.onGap === undefined ? "handleGap is told" : "the view mounts anew";
    services.warn(infosDropped(name, maxMailboxInfos, missed, handled));
    const until = Date.now();
    // One less, because both clocks count whole milliseconds.
    const since = until - (services.now() - this.#infosSinceMs) - 1;
    this.mailbox.addGap({ cause: "overflow", topics, since, until, missed });
    return true;
  }
}

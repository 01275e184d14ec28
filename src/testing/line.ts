import { LiveError } from "../errors.ts";
import type { Connected } from "../transport/admission.ts";
import type { Peer } from "../transport/peer.ts";
import type { PreparedFrame } from "../transport/prepared-frame.ts";
import { inNextTurn, soon } from "./clocks.ts";

/** How bad the line between a page and the server is. What is absent is as good as it gets. */
export interface LineConditions {
  /**
   * The probability, from 0 to 1, that a frame is lost, and the connection with it: a WebSocket that cannot deliver a
   * frame breaks. The page reconnects, joins anew and recovers its forms. @default 0
   */
  readonly drop?: number | undefined;
  /**
   * How long a frame takes, each way, in milliseconds: a number, or the least and the most. Frames of one direction
   * never overtake each other. The time is that of `setTimeout`, so fake timers rule it. @default 0
   */
  readonly delay?: number | readonly [least: number, most: number] | undefined;
  /**
   * Lets frames of the two directions cross on their way, in an order that the seed decides: an answer may meet the next
   * click half way. Frames of one direction keep their order, as a WebSocket's do. @default false
   */
  readonly reorder?: boolean | undefined;
  /** Breaks the connection now, and lets the page reconnect after this many milliseconds of `setTimeout`. */
  readonly offlineFor?: number | undefined;
  /**
   * The page reads nothing of what is sent to it, and so answers no ping, until the line is changed again: a client that
   * lags. @default false
   */
  readonly stalled?: boolean | undefined;
  /** Where the line's chances begin: the same seed, the same losses. @default 1 */
  readonly seed?: number | undefined;
}

/** Who sits at the page's end. */
export interface LineEnd {
  /** A text frame has arrived. */
  take(text: string): void;
  /** The connection is gone: closed by the server with a code, or broken on the way. */
  lost(code: number | undefined): void;
}

type Delivery =
  | { readonly kind: "up"; readonly data: string | Uint8Array }
  | { readonly kind: "down" | "ping"; readonly text: string };

/**
 * One connection between a page and the app, in memory, as bad as its conditions say. It is the `Peer` that the app
 * talks to; what the app sends never runs the page's code on the app's stack.
 */
export class Line implements Peer {
  readonly bufferedAmount = 0;
  readonly remoteAddress = "127.0.0.1";
  readonly #end: LineEnd;
  #server: Connected | undefined;
  #conditions: LineConditions = {};
  #random: () => number = randomFrom(1);
  /** What has arrived at the page and is not taken yet. */
  readonly #inbox: Delivery[] = [];
  /** What is on its way, each direction in its order. */
  readonly #up: Delivery[] = [];
  readonly #down: Delivery[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #latest = { up: 0, down: 0 };
  #isPumping = false;
  #isDraining = false;
  #isOpen = true;

  constructor(end: LineEnd) {
    this.#end = end;
  }

  /** Has the app on the other end. */
  connect(server: Connected): void {
    this.#server = server;
  }

  get server(): Connected | undefined {
    return this.#server;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether frames will arrive without anybody's doing. Those that a timer or a stalled page holds back do not count. */
  get isMoving(): boolean {
    if (!this.#isOpen) return false;
    return this.#isPumping || (this.#inbox.length > 0 && this.#conditions.stalled !== true);
  }

  /** Whether something is on its way, by whichever means. */
  get isCarrying(): boolean {
    return this.#isOpen && this.#inbox.length + this.#up.length + this.#down.length + this.#timers.size > 0;
  }

  /** @param random decides by chance: numbers from 0 to 1, which go on from one line to the next */
  setConditions(conditions: LineConditions, random: () => number): void {
    this.#conditions = conditions;
    this.#random = random;
    if (this.#inbox.length > 0 && conditions.stalled !== true) soon(() => this.drain());
  }

  // ── from the page ──

  send(data: string | Uint8Array): void {
    this.#carry({ kind: "up", data });
  }

  /** The page closes the connection, or it breaks. */
  cut(): void {
    if (!this.#isOpen) return;
    this.#close();
    this.#server?.closed();
  }

  /** Takes what has arrived. Called when the app's code is done, and before anybody looks at the page. */
  drain(): void {
    if (this.#isDraining || this.#conditions.stalled === true) return;
    this.#isDraining = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        if (next.kind === "ping") this.#server?.ponged(next.text);
        else if (next.kind === "down") this.#end.take(next.text);
      }
    } finally {
      this.#isDraining = false;
    }
  }

  // ── Peer: from the app ──

  sendText(text: string): void {
    this.#carry({ kind: "down", text });
  }

  sendPrepared(frame: PreparedFrame): void {
    this.#carry({ kind: "down", text: frame.text });
  }

  ping(payload: string): void {
    this.#carry({ kind: "ping", text: payload });
  }

  close(code: number): void {
    if (!this.#isOpen) return;
    // What was sent before the close arrives before it.
    this.drain();
    this.#close();
    soon(() => this.#end.lost(code));
  }

  terminate(): void {
    this.close(1006);
  }

  // ── on the way ──

  #carry(delivery: Delivery): void {
    if (!this.#isOpen) return;
    const { drop = 0, delay = 0, reorder = false } = this.#conditions;
    if (drop > 0 && delivery.kind !== "ping" && this.#random() < drop) return this.#break();
    const ms = typeof delay === "number" ? delay : delay[0] + this.#random() * (delay[1] - delay[0]);
    if (ms > 0) this.#carryLater(delivery, ms);
    else if (reorder) this.#carryInTurn(delivery);
    else this.#arrive(delivery);
  }

  #carryLater(delivery: Delivery, ms: number): void {
    const direction = delivery.kind === "up" ? "up" : "down";
    // By the clock of `setTimeout`, whichever that is: frames keep their order however long each of them takes.
    const due = Math.max(Date.now() + ms, this.#latest[direction]);
    this.#latest[direction] = due;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#arrive(delivery);
    }, due - Date.now());
    this.#timers.add(timer);
  }

  #carryInTurn(delivery: Delivery): void {
    (delivery.kind === "up" ? this.#up : this.#down).push(delivery);
    if (this.#isPumping) return;
    this.#isPumping = true;
    inNextTurn(() => this.#pump());
  }

  #pump(): void {
    const [first, second] = this.#random() < 0.5 ? [this.#up, this.#down] : [this.#down, this.#up];
    const delivery = first.shift() ?? second.shift();
    if (delivery !== undefined) this.#arrive(delivery);
    this.#isPumping = this.#isOpen && this.#up.length + this.#down.length > 0;
    if (this.#isPumping) inNextTurn(() => this.#pump());
  }

  #arrive(delivery: Delivery): void {
    if (!this.#isOpen) return;
    if (delivery.kind === "up") return this.#server?.receive(delivery.data);
    this.#inbox.push(delivery);
    // Never on the app's stack: a network takes its time, and the page's failures are not the app's.
    if (this.#inbox.length === 1) soon(() => this.drain());
  }

  #break(): void {
    this.#close();
    // The app's end hears of it when its own code is done.
    soon(() => {
      this.#server?.closed();
      this.#end.lost(undefined);
    });
  }

  #close(): void {
    this.#isOpen = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#up.length = this.#down.length = this.#inbox.length = 0;
  }
}

/** @throws {LiveError} `testing.action` for conditions that make no sense */
export function checkConditions({ drop = 0, delay = 0, offlineFor = 0 }: LineConditions): void {
  const [least, most] = typeof delay === "number" ? [delay, delay] : delay;
  if (drop >= 0 && drop <= 1 && least >= 0 && most >= least && Number.isFinite(most) && offlineFor >= 0) return;
  throw new LiveError(
    "testing.action",
    "page.line takes `drop` from 0 to 1, `delay` in milliseconds or as [least, most], and `offlineFor` in milliseconds.",
  );
}

/** Numbers from 0 to 1 that are always the same for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

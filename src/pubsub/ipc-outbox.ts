import { clusterMessage, type ClusterHead } from "./cluster-message.ts";
import type { IpcPort } from "./ipc-port.ts";

/** How many characters of frames may wait on one line. A string that waits on several lines is in memory once. */
const MAX_WAITING_CHARACTERS = 8 * 1024 * 1024;
/** Beyond it, who publishes is asked to wait for `room`, so that whoever does never comes to the limit above. */
const CROWDED_CHARACTERS = 1024 * 1024;
/** Strings in one message at most: 512 frames and their channels. */
const MAX_STRINGS = 1024;

export interface IpcOutboxOptions {
  /** Called whenever no frame waits any more; may add something. */
  readonly onEmpty?: (() => void) | undefined;
  /** @default 8 MB */
  readonly maxWaitingCharacters?: number | undefined;
}

/**
 * What waits to be sent on one line. One message at a time is under way; what comes meanwhile waits and goes together in
 * the next one. So a process that does not read costs its sender a bounded amount, however much Node would take from us.
 */
export class IpcOutbox {
  readonly #port: Pick<IpcPort, "send">;
  readonly #line: number;
  readonly #onEmpty: () => void;
  readonly #maxCharacters: number;
  #head: ClusterHead = {};
  #asks: string[] = [];
  #frames: string[] = [];
  #characters = 0;
  #isBusy = false;
  /** What goes last, once nothing else waits, and whom to tell then. */
  #last: { readonly head: ClusterHead; readonly sent: () => void } | undefined;
  #isClosed = false;
  /** One for all who wait: no promise per message. */
  #room: { readonly promise: Promise<void>; readonly made: () => void } | undefined;

  constructor(port: Pick<IpcPort, "send">, line: number, options: IpcOutboxOptions = {}) {
    this.#port = port;
    this.#line = line;
    this.#onEmpty = options.onEmpty ?? (() => {});
    this.#maxCharacters = options.maxWaitingCharacters ?? MAX_WAITING_CHARACTERS;
  }

  /** @returns false if too much waits already: the frame was not taken */
  addFrame(channel: string, frame: string): boolean {
    if (this.#characters > 0 && this.#characters + frame.length > this.#maxCharacters) return false;
    this.#frames.push(channel, frame);
    this.#characters += frame.length;
    this.#wake();
    return true;
  }

  /** Settles when less waits, if much does: half of what counts as much. */
  room(): Promise<void> | undefined {
    if (this.#characters <= CROWDED_CHARACTERS || this.#isClosed) return undefined;
    if (this.#room === undefined) {
      let made = (): void => {};
      const promise = new Promise<void>((resolve) => (made = resolve));
      this.#room = { promise, made };
    }
    return this.#room.promise;
  }

  /** Goes out with the next message. */
  addHead(head: ClusterHead): void {
    this.#head = { ...this.#head, ...head };
    this.#wake();
  }

  addAsk(ask: string, number: number): void {
    this.#asks.push(ask);
    this.addHead({ upTo: number });
  }

  /** Sends what waits, then this. Resolves when it is sent, or lost. */
  end(head: ClusterHead): Promise<void> {
    return new Promise((sent) => {
      this.#last = { head, sent };
      this.#wake();
    });
  }

  /** Forgets what waits. */
  close(): void {
    this.#isClosed = true;
    this.#head = {};
    this.#asks = [];
    this.#frames = [];
    this.#makeRoom();
    this.#last?.sent();
  }

  #wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // What this turn of the program adds goes together.
    queueMicrotask(this.#sendNext);
  }

  readonly #sendNext = (): void => {
    this.#isBusy = !this.#isClosed;
    if (this.#isClosed) return;
    if (this.#frames.length === 0) this.#onEmpty();
    const [head, asks, frames] = [this.#head, this.#asks, this.#takeFrames()];
    this.#head = {};
    this.#asks = [];
    if (asks.length > 0 || frames.length > 0 || Object.keys(head).length > 0) {
      this.#port.send(clusterMessage(this.#line, head, asks, frames), this.#sendNext);
    } else if (this.#last !== undefined) {
      this.#port.send(clusterMessage(this.#line, this.#last.head), () => this.close());
    } else {
      this.#isBusy = false;
    }
  };

  #takeFrames(): readonly string[] {
    const all = this.#frames;
    if (all.length <= MAX_STRINGS) {
      this.#frames = [];
      this.#characters = 0;
      this.#makeRoom();
      return all;
    }
    const some = all.splice(0, MAX_STRINGS);
    for (let index = 1; index < some.length; index += 2) this.#characters -= some[index]?.length ?? 0;
    if (this.#characters <= CROWDED_CHARACTERS / 2) this.#makeRoom();
    return some;
  }

  #makeRoom(): void {
    this.#room?.made();
    this.#room = undefined;
  }
}

import { findStamp, sequenceOf } from "../stamp.ts";
import type { Fleet } from "./fleet.ts";
import { HttpConnection } from "./http-connection.ts";
import type { Visitor } from "./visitor.ts";

export interface RecoveryReport {
  /** The last message that its page showed in the end. */
  readonly shows: number;
  /** Frames it received after it began to read again: those in the kernel's buffers, then what was held. */
  readonly frames: number;
  /** The close code, if the server had given it up and it joined anew, as a browser does. */
  readonly closedWith: number | null;
  readonly seconds: number;
}

/** One visitor of a fleet that stops reading, and reads again. */
export class SlowReader {
  readonly #fleet: Fleet;
  readonly #port: number;
  readonly #visitor: Visitor;
  #shows = -1;
  #frames = 0;
  #closedWith: number | null = null;

  constructor(fleet: Fleet, visitor: Visitor, port: number) {
    this.#fleet = fleet;
    this.#port = port;
    this.#visitor = visitor;
    visitor.socket.onText = (bytes, start, end) => this.#read(bytes, start, end);
    visitor.socket.onClose = (code) => (this.#closedWith = code);
    visitor.socket.stopReading();
  }

  /** Reads again until the page shows `last`; rejoins if it was closed. Gives up after `timeoutMs`. */
  async recover(last: number, timeoutMs: number): Promise<RecoveryReport> {
    const startMs = performance.now();
    this.#visitor.socket.readAgain();
    while (this.#shows !== last && performance.now() - startMs < timeoutMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (this.#closedWith !== null && this.#shows !== last) await this.#joinAnew();
    }
    return {
      shows: this.#shows,
      frames: this.#frames,
      closedWith: this.#closedWith,
      seconds: (performance.now() - startMs) / 1_000,
    };
  }

  async #joinAnew(): Promise<void> {
    const http = new HttpConnection(this.#port);
    const visitor = await this.#fleet.visit(http);
    http.close();
    const reply = Buffer.from(visitor.joinReply);
    this.#read(reply, 0, reply.length);
    visitor.socket.onText = (bytes, start, end) => this.#read(bytes, start, end);
  }

  #read(bytes: Buffer, start: number, end: number): void {
    const at = findStamp(bytes, start, end);
    if (at === -1) return;
    this.#frames++;
    this.#shows = sequenceOf(bytes, at);
  }
}

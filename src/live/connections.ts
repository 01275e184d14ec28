import { GOING_AWAY, SERVICE_RESTART } from "../protocol/close-codes.ts";
import type { Connection } from "../transport/connection.ts";
import type { Ticket } from "../session/ticket.ts";
import type { Visitor } from "./visitor.ts";

/** How often connections are looked after, in milliseconds. */
const SWEEP_MS = 1000;

/** What is known of the visitor on a connection. */
type Ticketed = Pick<Visitor, "ticket">;

/**
 * All open connections of one app: looks after them once a second, closes those whose sessions are over, and all of them in
 * batches when the app stops.
 */
export class Connections<C extends Connection<Ticketed>> {
  readonly #open = new Set<C>();
  readonly #now: () => number;
  readonly #info: (message: string) => void;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(now: () => number, info: (message: string) => void) {
    this.#now = now;
    this.#info = info;
  }

  get count(): number {
    return this.#open.size;
  }

  add(connection: C): void {
    this.#open.add(connection);
    if (this.#sweeper !== undefined) return;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  delete(connection: C): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  [Symbol.iterator](): IterableIterator<C> {
    return this.#open.values();
  }

  /**
   * Closes all with 1012, on which browsers reconnect: `batch` at a time, spread over the window, so that those who take
   * them over are not hit by all at once. Resolves when the last is closed.
   */
  async drain(windowMs: number, batch: number): Promise<void> {
    const waiting = [...this.#open];
    const size = Math.max(1, batch);
    const batches = Math.ceil(waiting.length / size);
    for (let index = 0; index < batches; index++) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, windowMs / batches));
      for (const connection of waiting.slice(index * size, (index + 1) * size))
        connection.close(SERVICE_RESTART, "restart");
    }
    // Whoever came in while the others were sent away.
    for (const connection of this.#open) connection.close(SERVICE_RESTART, "restart");
  }

  /**
   * Closes those of one session with 1001, on which browsers come back at once, as whoever they are then. All are looked at: an
   * index would cost every visitor memory, for something that happens seldom.
   */
  disconnect(id: string): void {
    const closed = this.#closeWhere((ticket) => ticket.has(id), "disconnected");
    if (closed > 0) this.#info(`closed ${countOf(closed)} of the session ${JSON.stringify(id.slice(0, 100))}`);
  }

  /** The login with this id was renewed: its sockets may stay until then, in milliseconds since 1970. */
  extend(id: string, endMs: number): void {
    for (const { visitor } of this.#open) visitor.ticket?.extend(id, endMs);
  }

  #sweep(): void {
    const nowMs = this.#now();
    for (const connection of this.#open) connection.sweep(nowMs);
    const wallMs = Date.now();
    const expired = this.#closeWhere((ticket) => ticket.isOver(wallMs), "session expired");
    if (expired > 0) this.#info(`closed ${countOf(expired)} whose session has expired`);
  }

  #closeWhere(isOver: (ticket: Ticket) => boolean, reason: string): number {
    let closed = 0;
    for (const connection of this.#open) {
      const { ticket } = connection.visitor;
      if (ticket === undefined || !isOver(ticket)) continue;
      connection.close(GOING_AWAY, reason);
      closed++;
    }
    return closed;
  }
}

function countOf(sockets: number): string {
  return sockets === 1 ? "1 socket" : `${sockets} sockets`;
}

import { nowMicros } from "../stamp.ts";
import { HttpConnection } from "./http-connection.ts";
import { visitPhoenix } from "./phoenix-visitor.ts";
import { visitSocketIo } from "./socket-io-visitor.ts";
import type { Target, Visitor } from "./visitor.ts";

/** Half of the shortest silence that a server here allows (LiveViewJS: 60 s), as the browser's client does. */
const HEARTBEAT_MS = 25_000;

/** Many visitors of one page. */
export class Fleet {
  readonly visitors: Visitor[] = [];
  /** Connections that the server has closed, by close code. */
  readonly closed = new Map<number, number>();
  /** Those who stopped reading: they are not watched, but stay alive like the others. */
  readonly #stalled: Visitor[] = [];
  readonly #target: Target;
  readonly #heartbeats: NodeJS.Timeout | undefined;
  #isLeaving = false;

  constructor(target: Target, sendsHeartbeats: boolean) {
    this.#target = target;
    if (sendsHeartbeats) this.#heartbeats = setInterval(() => this.#sendHeartbeats(), HEARTBEAT_MS);
  }

  /** Lets `count` more visitors join, `atOnce` of them at a time. Resolves with the seconds it took. */
  async join(count: number, atOnce: number): Promise<number> {
    const startMicros = nowMicros();
    let left = count;
    const arrive = async (): Promise<void> => {
      const http = new HttpConnection(this.#target.port);
      while (left-- > 0) this.#welcome(await this.visit(http));
      http.close();
    };
    await Promise.all(Array.from({ length: Math.min(count, atOnce) }, arrive));
    return (nowMicros() - startMicros) / 1_000_000;
  }

  visit(http: HttpConnection): Promise<Visitor> {
    return this.#target.dialect === "phoenix" ? visitPhoenix(this.#target, http) : visitSocketIo(this.#target, http);
  }

  /** Takes the last visitor out of those that are watched. It still sends heartbeats. */
  takeOne(): Visitor {
    const visitor = this.visitors.pop();
    if (visitor === undefined) throw new Error("nobody has joined");
    this.#stalled.push(visitor);
    return visitor;
  }

  /** Everybody goes. */
  leave(): void {
    this.#isLeaving = true;
    clearInterval(this.#heartbeats);
    for (const { socket } of [...this.visitors, ...this.#stalled]) socket.destroy();
    this.visitors.length = 0;
  }

  #welcome(visitor: Visitor): void {
    visitor.socket.onText = () => {};
    visitor.socket.onClose = (code) => {
      if (!this.#isLeaving) this.closed.set(code, (this.closed.get(code) ?? 0) + 1);
    };
    this.visitors.push({ ...visitor, joinReply: "" });
  }

  #sendHeartbeats(): void {
    for (const visitor of [...this.visitors, ...this.#stalled]) visitor.heartbeat();
  }
}

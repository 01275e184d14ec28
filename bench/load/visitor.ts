import type { HttpConnection } from "./http-connection.ts";
import type { RawWebSocket } from "./raw-web-socket.ts";

/** Where visitors go, and which protocol is spoken there. */
export interface Target {
  readonly dialect: "phoenix" | "socket.io";
  readonly port: number;
  /** The page, such as `/counter`. */
  readonly path: string;
  /** What the browser has from earlier visits, as a `cookie` header has it. @default nothing */
  readonly cookie?: string;
}

/** One client that has joined. */
export interface Visitor {
  readonly socket: RawWebSocket;
  /** The text of an event as the browser would send it; each call is the next one. `value` is JSON. */
  event(name: string, value: string): string;
  /** Keeps the connection alive, as the browser does every 30 s. Nothing where the protocol has no such message. */
  heartbeat(): void;
  /** What the server answered to the join. */
  readonly joinReply: string;
}

/** Goes the whole way of a browser: page, socket, join. The page is read over the given keep-alive connection. */
export type Visit = (target: Target, http: HttpConnection) => Promise<Visitor>;

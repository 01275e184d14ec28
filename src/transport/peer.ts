import type { PreparedFrame } from "./prepared-frame.ts";

/**
 * What a connection must offer, whatever runtime it runs on. An adapter translates its socket to this and decides nothing.
 * All methods may be called after the connection closed: they then do nothing and do not throw.
 */
export interface Peer {
  /** Bytes that were handed to the runtime and are not yet in the kernel. */
  readonly bufferedAmount: number;
  /** The address the connection came from, for logs and limits; `undefined` where the runtime does not tell. */
  readonly remoteAddress: string | undefined;
  /** Sends one text frame. Frames arrive in the order of these calls. */
  sendText(text: string): void;
  /** As `sendText`, for a frame that goes to many: the adapter may keep its encoded form on the frame. */
  sendPrepared(frame: PreparedFrame): void;
  /** Sends a WebSocket ping; its pong comes back through `Connection.ponged`. `payload` is at most 8 ASCII characters. */
  ping(payload: string): void;
  close(code: number, reason: string): void;
  /** Drops the connection without a closing handshake. */
  terminate(): void;
}

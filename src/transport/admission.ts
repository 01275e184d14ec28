import type { Peer } from "./peer.ts";

/** What happens on an admitted connection, to be told by whoever drives its socket. */
export interface Connected {
  /** A message has arrived: a string for a text frame. Never throws. */
  receive(data: string | Uint8Array): void;
  /** The host has refused a message that was longer than `limits.maxMessageBytes`. */
  tooLarge(): void;
  /** A pong has arrived, with the payload of our ping. */
  ponged(payload: string): void;
  /** What was buffered has been written out. */
  flushed(): void;
  /** The socket is gone, in whichever way. */
  closed(): void;
}

/** A socket that may be opened. */
export interface Admission {
  /** To be called once, when the handshake is done. */
  open(peer: Peer): Connected;
}

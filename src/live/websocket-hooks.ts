import type { PreparedFrame } from "../transport/prepared-frame.ts";
import type { Peer } from "../transport/peer.ts";
import type { Admission, Connected } from "../transport/admission.ts";

/** What we use of a crossws peer. */
export interface HookedPeer {
  readonly context: Record<PropertyKey, unknown>;
  readonly bufferedAmount?: number | undefined;
  readonly remoteAddress?: string | undefined;
  send(data: string): unknown;
  ping?(data?: string): void;
  close(code?: number, reason?: string): void;
  terminate?(): void;
}

export interface HookedMessage {
  readonly rawData: unknown;
  text(): string;
  uint8Array(): Uint8Array;
}

const admission = Symbol("wingbeat.admission");
const connected = Symbol("wingbeat.connected");

interface UpgradingApp {
  upgrade(request: Request): Admission | Response | Promise<Admission | Response>;
}

/**
 * The app's socket as hooks of crossws, for any host that crossws knows: `serve({ fetch: app.fetch, websocket:
 * app.websocket })` of `crossws/server`, or one of its adapters.
 */
export class WebSocketHooks {
  readonly #app: UpgradingApp;
  constructor(app: UpgradingApp) {
    this.#app = app;
  }

  readonly upgrade = async (request: Request): Promise<Response | { context: Record<PropertyKey, unknown> }> => {
    const decision = await this.#app.upgrade(request);
    return decision instanceof Response ? decision : { context: { [admission]: decision } };
  };

  readonly open = (peer: HookedPeer): void => {
    const admitted = peer.context[admission];
    if (!isAdmission(admitted)) return peer.close(1008, "not admitted");
    peer.context[connected] = admitted.open(new CrosswsPeer(peer));
  };

  readonly message = (peer: HookedPeer, message: HookedMessage): void => {
    connectedOf(peer)?.receive(typeof message.rawData === "string" ? message.text() : message.uint8Array());
  };

  readonly pong = (peer: HookedPeer, payload: Uint8Array): void => {
    connectedOf(peer)?.ponged(new TextDecoder().decode(payload));
  };

  readonly drain = (peer: HookedPeer): void => {
    connectedOf(peer)?.flushed();
  };

  readonly close = (peer: HookedPeer): void => {
    connectedOf(peer)?.closed();
  };

  readonly error = (peer: HookedPeer): void => {
    connectedOf(peer)?.closed();
  };
}

function isAdmission(value: unknown): value is Admission {
  return typeof value === "object" && value !== null && "open" in value;
}

function connectedOf(peer: HookedPeer): Connected | undefined {
  // Nobody else has the symbol, and `open` has put nothing else there.
  return peer.context[connected] as Connected | undefined;
}

class CrosswsPeer implements Peer {
  readonly #peer: HookedPeer;
  constructor(peer: HookedPeer) {
    this.#peer = peer;
  }

  get bufferedAmount(): number {
    return this.#peer.bufferedAmount ?? 0;
  }

  get remoteAddress(): string | undefined {
    return this.#peer.remoteAddress;
  }

  sendText(text: string): void {
    // A string: crossws sends a Buffer as a binary frame, which the client would not read.
    this.#peer.send(text);
  }

  sendPrepared(frame: PreparedFrame): void {
    this.#peer.send(frame.text);
  }

  ping(payload: string): void {
    this.#peer.ping?.(payload);
  }

  close(code: number, reason: string): void {
    this.#peer.close(code, reason);
  }

  terminate(): void {
    if (this.#peer.terminate === undefined) this.#peer.close(1012, "lagging");
    else this.#peer.terminate();
  }
}

import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { FastURL, NodeRequest } from "srvx/node";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import type { LiveApp } from "../live/app-options.ts";
import type { Admission, Connected } from "../transport/admission.ts";
import type { Peer } from "../transport/peer.ts";
import type { PreparedFrame } from "../transport/prepared-frame.ts";
import { encodeTextFrame } from "./text-frame.ts";

/** How long a client may take to answer the closing handshake before it is cut off, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * Lets an app's sockets be opened on a Node server.
 *
 * Drives `ws` itself rather than through crossws, which keeps the request and its headers for each connection
 * (docs/decisions/0001-drive-ws-on-node.md).
 */
export function attachWebSocket(server: EventEmitter, app: LiveApp): { close(): void } {
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    // The app knows its connections; a list of them here would cost each of them a listener more.
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: app.limits.maxMessageBytes,
    closeTimeout: CLOSE_TIMEOUT_MS,
  };
  const wss = new WebSocketServer(options);
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const answer = (decision: Admission | Response): void => {
      if (decision instanceof Response) return refuse(socket, decision);
      wss.handleUpgrade(request, socket, head, (webSocket) => connect(webSocket, socket, decision));
    };
    try {
      const decision = app.upgrade(toWebRequest(request, app.trustProxy));
      if (!(decision instanceof Promise)) return answer(decision);
      // Meanwhile nobody else listens, and an unheard error would end the process.
      socket.on("error", ignoreReset);
      decision
        .then((settled) => {
          socket.off("error", ignoreReset);
          answer(settled);
        })
        .catch(() => socket.destroy());
    } catch {
      socket.destroy();
    }
  };
  server.on("upgrade", onUpgrade);
  return {
    close: () => {
      server.off("upgrade", onUpgrade);
      wss.close();
    },
  };
}

/** As browsers send it: nothing in it that an address could be read in two ways by. */
const PLAIN_HOST = /^[\w.-]+(?::\d{1,5})?$/;

function toWebRequest(incoming: IncomingMessage, trustProxy: boolean): Request {
  const request = new NodeRequest({ req: incoming, trustProxy });
  const { headers, url: target = "" } = incoming;
  // srvx asks a socket for its peer's address before it knows what a request's URL is, also if no proxy is trusted: that is a system
  // call for each connection, and the socket keeps the answer for as long as it is open.
  if (
    !trustProxy &&
    PLAIN_HOST.test(headers.host ?? "") &&
    target.startsWith("/") &&
    !("encrypted" in incoming.socket)
  ) {
    const pathEnd = target.includes("?") ? target.indexOf("?") : target.length;
    request._url = new FastURL({
      protocol: "http:",
      host: headers.host ?? "",
      pathname: target.slice(0, pathEnd),
      search: target.slice(pathEnd),
    });
  }
  return request;
}

/** The peer is gone before it was let in: there is nothing to tell anybody. */
function ignoreReset(): void {}

function refuse(socket: Duplex, response: Response): void {
  socket.on("error", ignoreReset);
  // An HTTP server's sockets stay half open when they have been ended: a client that does not end its own side would keep
  // this one for ever, and the server from closing.
  socket.once("finish", () => socket.destroy());
  response
    .text()
    .then((body) => {
      socket.end(
        `HTTP/1.1 ${response.status} ${response.statusText}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    })
    .catch(() => socket.destroy());
}

const connectedKey = Symbol("wingbeat.connected");

/** A socket of `ws` that an app listens to. */
interface LiveWebSocket extends WebSocket {
  [connectedKey]?: Connected;
}

function connect(webSocket: LiveWebSocket, socket: Duplex, admission: Admission): void {
  webSocket[connectedKey] = admission.open(new NodePeer(webSocket, socket));
  webSocket.on("message", onMessage);
  webSocket.on("pong", onPong);
  webSocket.on("close", onEnd);
  webSocket.on("error", onError);
}

// One set of listeners for all connections: closures of their own would be a good part of what an idle one costs.

function onMessage(this: LiveWebSocket, data: Buffer, isBinary: boolean): void {
  this[connectedKey]?.receive(isBinary ? data : data.toString("utf8"));
}

function onPong(this: LiveWebSocket, payload: Buffer): void {
  this[connectedKey]?.ponged(payload.toString("latin1"));
}

/** `ws` closes the connection itself. */
function onError(this: LiveWebSocket, error: Error): void {
  if ("code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") this[connectedKey]?.tooLarge();
  else this[connectedKey]?.closed();
}

function onEnd(this: LiveWebSocket): void {
  this[connectedKey]?.closed();
}

/**
 * A connection of `ws`, which reads, pings and closes. Text frames are written to its socket directly: a frame for many is
 * encoded once, header and all, and each costs one write instead of two. Between the frames of `ws` that is safe: without
 * compression it writes each of its own whole and at once.
 */
class NodePeer implements Peer {
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  constructor(webSocket: WebSocket, socket: Duplex) {
    this.#webSocket = webSocket;
    this.#socket = socket;
  }

  get bufferedAmount(): number {
    return this.#socket.writableLength;
  }

  get remoteAddress(): string | undefined {
    return "remoteAddress" in this.#socket ? String(this.#socket.remoteAddress) : undefined;
  }

  sendText(text: string): void {
    if (this.#isOpen) this.#socket.write(encodeTextFrame(text));
  }

  sendPrepared(frame: PreparedFrame): void {
    if (this.#isOpen) this.#socket.write((frame.encoded ??= encodeTextFrame(frame.text)));
  }

  ping(payload: string): void {
    if (this.#isOpen) this.#webSocket.ping(payload);
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  /** After a close frame nothing may follow. */
  get #isOpen(): boolean {
    return this.#webSocket.readyState === 1;
  }
}

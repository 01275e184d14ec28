/**
 * A WebSocket client that costs as little as can be, so that the load's core is not what is measured: one read buffer
 * for all sockets, frames handed over in place, no text decoded. It answers pings and keeps to RFC 6455 otherwise; what
 * it does not need (fragments, binary frames from the server) is an error.
 */
import { connect, type Socket } from "node:net";

/** A text frame's payload lies in `bytes` from `start` to `end`, during this call only. */
export type TextHandler = (bytes: Buffer, start: number, end: number) => void;

const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const readBuffer = Buffer.allocUnsafe(256 * 1024);
const NOTHING: Buffer = Buffer.alloc(0);
const ignore = (): void => {};

export interface UpgradeRequest {
  readonly port: number;
  readonly path: string;
  /** Lines of the form `name: value`, besides those of the upgrade itself. */
  readonly headers: readonly string[];
}

export class RawWebSocket {
  onText: TextHandler = ignore;
  /** Called once; the code is 1005 if the peer gave none, 1006 if it went without a word. */
  onClose: (code: number) => void = ignore;
  readonly #socket: Socket;
  #rest: Buffer = NOTHING;
  #isOpen = false;
  #closeCode = 1006;

  /** Opens a connection. @throws when the server answers with anything but 101. */
  static open(request: UpgradeRequest): Promise<RawWebSocket> {
    return new Promise((resolve, reject) => void new RawWebSocket(request, resolve, reject));
  }

  private constructor(request: UpgradeRequest, opened: (socket: RawWebSocket) => void, failed: (error: Error) => void) {
    this.#socket = connect({
      host: "127.0.0.1",
      port: request.port,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count, bytes) => {
          // The buffer is the one given above: a Buffer.
          if (this.#isOpen) this.#read(bytes as Buffer, count);
          else this.#upgrade(Buffer.from(bytes.subarray(0, count)), opened, failed);
          return true;
        },
      },
    });
    this.#socket.on("error", failed);
    this.#socket.on("close", () => {
      failed(new Error("the connection was closed during the upgrade"));
      this.onClose(this.#closeCode);
    });
    this.#socket.write(upgradeRequest(request));
  }

  sendText(text: string): void {
    this.#socket.write(clientFrame(TEXT, text));
  }

  /** Stops reading, as a client does whose line is stuck. What arrives stays in the kernel's buffers. */
  stopReading(): void {
    this.#socket.pause();
  }

  readAgain(): void {
    this.#socket.resume();
  }

  /** Goes without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #upgrade(bytes: Buffer, opened: (socket: RawWebSocket) => void, failed: (error: Error) => void): void {
    const received = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd === -1) {
      this.#rest = received;
      return;
    }
    const head = received.toString("latin1", 0, headEnd);
    if (!head.startsWith("HTTP/1.1 101")) {
      failed(new Error(`the upgrade was refused: ${head.slice(0, 300)}`));
      return this.destroy();
    }
    this.#isOpen = true;
    this.#rest = NOTHING;
    // Frames that came together with the answer wait until the opener has set its handlers.
    const frames = received.subarray(headEnd + 4);
    opened(this);
    if (frames.length > 0) queueMicrotask(() => this.#read(frames, frames.length));
  }

  #read(chunk: Buffer, count: number): void {
    let bytes = chunk;
    let end = count;
    if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, chunk.subarray(0, count)]);
      end = bytes.length;
      this.#rest = NOTHING;
    }
    let at = 0;
    while (end - at >= 2) {
      const payload = at + headerLength(bytes[at + 1] ?? 0);
      if (payload > end) break;
      const frameEnd = payload + payloadLength(bytes, at);
      if (frameEnd > end) break;
      this.#frame(bytes, bytes[at] ?? 0, payload, frameEnd);
      at = frameEnd;
    }
    if (at < end) this.#rest = Buffer.from(bytes.subarray(at, end));
  }

  #frame(bytes: Buffer, first: number, start: number, end: number): void {
    if (first === (0x80 | TEXT)) return this.onText(bytes, start, end);
    const opcode = first & 0x0f;
    if (opcode === PING) this.#socket.write(clientFrame(PONG, bytes.toString("latin1", start, end)));
    else if (opcode === CLOSE) this.#closed(end - start >= 2 ? bytes.readUInt16BE(start) : 1005);
    else if (opcode !== PONG)
      throw new Error(`a frame whose first byte is ${first}: a browser's client would not expect it`);
  }

  #closed(code: number): void {
    this.#closeCode = code;
    this.#socket.end(clientFrame(CLOSE, ""));
  }
}

function headerLength(second: number): number {
  return second < 126 ? 2 : second === 126 ? 4 : 10;
}

function payloadLength(bytes: Buffer, at: number): number {
  const second = bytes[at + 1] ?? 0;
  if (second < 126) return second;
  return second === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
}

/** A frame from a client is masked (RFC 6455, 5.3); a mask of zeros is one too, and leaves the payload as it is. */
function clientFrame(opcode: number, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 6 : 8;
  if (length > 65_535) throw new Error(`a message of ${length} bytes: no client of these benchmarks sends so much`);
  const frame = Buffer.allocUnsafe(start + length);
  frame.fill(0, start - 4, start);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) frame.writeUInt16BE(length, 2);
  frame.write(text, start);
  return frame;
}

function upgradeRequest({ port, path, headers }: UpgradeRequest): string {
  return [
    `GET ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    // 16 bytes in base64, as RFC 6455 asks; the answer's accept value is not checked.
    "sec-websocket-key: d2luZ2JlYXQtYmVuY2gtMQ==",
    ...headers,
    "\r\n",
  ].join("\r\n");
}

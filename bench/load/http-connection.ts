/** A keep-alive HTTP/1.1 connection that asks for one page after the other, and costs the load's core little. */
import { connect, type Socket } from "node:net";

export interface Page {
  readonly status: number;
  /** Status line and header lines. */
  readonly head: string;
  readonly body: Buffer;
}

const NOTHING: Buffer = Buffer.alloc(0);

export class HttpConnection {
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer = NOTHING;
  #waiting: { resolve(page: Page): void; reject(error: Error): void } | undefined;

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`;
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#socket.on("error", (error) => this.#waiting?.reject(error));
    this.#socket.on("close", () => this.#waiting?.reject(new Error("the server closed a keep-alive connection")));
  }

  /**
   * Asks for a page. One at a time. @throws unless the answer is a 200.
   * @param cookie of a browser that was here before
   */
  get(path: string, cookie?: string): Promise<Page> {
    return new Promise<Page>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const more = cookie === undefined ? "" : `cookie: ${cookie}\r\n`;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: ${this.#host}\r\naccept: text/html\r\n${more}\r\n`);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const body = bodyOf(head, this.#received.subarray(headEnd + 4));
    if (body === undefined) return;
    this.#received = NOTHING;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const status = Number(head.slice(9, 12));
    if (status === 200) waiting?.resolve({ status, head, body });
    else waiting?.reject(new Error(`the page was refused: ${head}\n${body.toString().slice(0, 300)}`));
  }
}

/** The body, or undefined while some of it is missing. */
function bodyOf(head: string, rest: Buffer): Buffer | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return rest.length < Number(length) ? undefined : rest;
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer of unknown length:\n${head}`);
  return rest.length >= 5 && rest.toString("latin1", rest.length - 5) === "0\r\n\r\n" ? dechunked(rest) : undefined;
}

function dechunked(rest: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf("\r\n", at);
    const size = Number.parseInt(rest.toString("latin1", at, lineEnd), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}

import { refuse, type DecodeResult } from "../../decode-result.ts";
import { fitsInBytes } from "../../protocol/utf8.ts";

/** So many frames the client puts into one request at most (`MAX_LONGPOLL_BATCH_SIZE` of its constants). */
export const MAX_LINES = 100;

/**
 * Cuts the body of a POST into frames while it arrives, so that no more of it is held than one frame. A line that begins
 * with `[` is a text frame; any other is a binary one in base64.
 */
export class BodyLines {
  readonly #maxMessageBytes: number;
  /** A line is a frame as text, or one of as many bytes in base64. */
  readonly #maxLineLength: number;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #count = 0;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#maxLineLength = Math.ceil(maxMessageBytes / 3) * 4;
  }

  /** The lines that this piece of the body completes. */
  push(bytes: Uint8Array): DecodeResult<readonly string[]> {
    return this.#cut(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The last line, when the body has ended: no line break follows it. */
  end(): DecodeResult<readonly string[]> {
    return this.#cut(`${this.#decoder.decode()}\n`);
  }

  #cut(text: string): DecodeResult<readonly string[]> {
    const parts = (this.#rest + text).split("\n");
    this.#rest = parts.pop() ?? "";
    const lines = parts.filter((line) => line !== "");
    this.#count += lines.length;
    if (this.#count > MAX_LINES) return refuse(`more than ${MAX_LINES} frames in one request`);
    if (this.#rest.length > this.#maxLineLength || !lines.every((line) => this.#fits(line)))
      return refuse(`a frame of more than ${this.#maxMessageBytes} bytes (limits.maxMessageBytes)`);
    return { ok: true, value: lines };
  }

  #fits(line: string): boolean {
    return line.startsWith("[") ? fitsInBytes(line, this.#maxMessageBytes) : line.length <= this.#maxLineLength;
  }
}

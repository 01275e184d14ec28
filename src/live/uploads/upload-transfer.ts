import type { Channel, Member } from "../../channel/channel.ts";
import { CHUNK_EVENT } from "../../protocol/keys.ts";
import type { Activity, Awaiting } from "../activity.ts";
import { ChunkDeadline } from "./chunk-deadline.ts";
import type { UploadError, UploadWriter } from "./live-upload.ts";

/** What a transfer needs of the entry whose bytes it takes. */
export interface TransferHost {
  /** For the log: the file, its upload and its view. */
  readonly place: string;
  /** In bytes, as declared. */
  readonly size: number;
  readonly maxFileSize: number;
  readonly chunkSize: number;
  readonly chunkTimeoutMs: number;
  readonly activity: Activity;
  /** Looks at the first bytes. @returns why the file is not wanted */
  verify(start: Uint8Array): Promise<string | undefined>;
  openWriter(): Promise<UploadWriter<unknown>>;
  /** So many bytes were written. */
  advanced(bytes: number): void;
  /** It is over, and the entry is to show why. */
  failed(error: UploadError): void;
  /** A chunk of it has come. */
  chunkCame(): void;
  /** How long ago a chunk came, of any file on the connection, in milliseconds. */
  sinceChunkMs(): number;
  report(error: unknown): void;
  warn(message: string): void;
}

type State = "ready" | "writing" | "complete" | "over";

/**
 * The bytes of one file, on their way from its channel to its writer (docs/protocol.md, section 18).
 *
 * The page sends one chunk and waits for the answer, which it gets when the writer has taken the chunk. So of each file at
 * most one chunk is in memory, and a slow disk slows the browser down.
 */
export class UploadTransfer implements Member, Awaiting {
  readonly #channel: Channel;
  readonly #host: TransferHost;
  #state: State = "ready";
  #received = 0;
  #writer: UploadWriter<unknown> | undefined;
  #uploaded: unknown;
  readonly #deadline: ChunkDeadline;

  constructor(channel: Channel, host: TransferHost) {
    this.#channel = channel;
    this.#host = host;
    this.#deadline = new ChunkDeadline(
      host.chunkTimeoutMs,
      () => host.sinceChunkMs(),
      () => this.#timedOut(),
    );
    this.#deadline.start();
  }

  get isComplete(): boolean {
    return this.#state === "complete";
  }

  /** What the writer has made of the file, once it is complete. */
  get uploaded(): unknown {
    return this.#uploaded;
  }

  // ── Member ──

  receive(event: string, ref: string, payload: unknown): void {
    if (event !== CHUNK_EVENT || !(payload instanceof Uint8Array)) {
      this.#host.warn(`refused "${event}" of ${this.#host.place}: the channel of an upload takes chunks only`);
      return this.#refuse(ref, "not_a_chunk");
    }
    // Without its channel, the connection counts what goes on coming.
    if (this.#state === "over") return this.#channel.close();
    if (this.#state === "complete") {
      this.#host.warn(`refused a chunk of ${this.#host.place}: it came after the end of the file`);
      this.#refuse(ref, "already_complete");
      return this.#channel.close();
    }
    this.#take(ref, payload);
  }

  /** The page has left, or is gone. */
  closed(): void {
    if (this.#state === "complete" || this.#state === "over") return;
    this.#fail({ code: "external_client_failure", reason: "left" });
  }

  drained(): void {
    // Nothing is ever held back here.
  }

  // ── chunks ──

  #take(ref: string, chunk: Uint8Array): void {
    const { size, chunkSize, maxFileSize } = this.#host;
    const left = size - this.#received;
    if (chunk.length > left) {
      const error = { code: "too_large", maxFileSize } as const;
      const reply = JSON.stringify({ reason: "file_size_limit_exceeded", limit: size });
      return this.#refuseFile(error, `it has more bytes than the ${size} that it declared`, ref, reply);
    }
    // A page sends full chunks, one after the other. Anything else would buy work for few bytes, or for none.
    const isOutOfTurn = this.#state === "writing";
    if (isOutOfTurn || chunk.length !== Math.min(chunkSize, left)) {
      const why = isOutOfTurn
        ? "a chunk came before the last one was answered"
        : `a chunk has ${chunk.length} bytes, and not ${Math.min(chunkSize, left)}`;
      const error = { code: "external_client_failure", reason: "invalid chunk" } as const;
      return this.#refuseFile(error, why, ref, '{"reason":"invalid_chunk"}');
    }
    this.#deadline.stop();
    this.#state = "writing";
    this.#host.chunkCame();
    this.#host.activity.awaiting.add(this);
    this.#write(ref, chunk)
      .catch((error: unknown) => this.#writerFailed(ref, error))
      .finally(() => {
        // The answer may have brought the next chunk already.
        if (this.#state !== "writing") this.#host.activity.awaiting.delete(this);
      });
  }

  async #write(ref: string, chunk: Uint8Array): Promise<void> {
    const host = this.#host;
    if (this.#received === 0) {
      const reason = await host.verify(chunk);
      if (this.#isOver) return;
      if (reason !== undefined) return this.#unwanted(ref, reason);
      this.#writer = await host.openWriter();
      if (this.#isOver) return this.#discard();
    }
    await this.#writer?.write(chunk);
    if (this.#isOver) return;
    this.#received += chunk.length;
    if (this.#received === host.size) await this.#complete();
    else {
      this.#state = "ready";
      this.#deadline.start();
    }
    if (this.#isOver) return;
    this.#channel.reply(ref, "ok", "{}");
    host.advanced(this.#received);
  }

  async #complete(): Promise<void> {
    const writer = this.#writer;
    this.#uploaded = await writer?.close();
    if (this.#isOver) this.#dispose(writer);
    else this.#state = "complete";
  }

  /** Whether it was ended while something was awaited: a method, because the compiler believes that nothing changes meanwhile. */
  get #isOver(): boolean {
    return this.#state === "over";
  }

  // ── the end ──

  /** The entry is gone: consumed, cancelled, or its view has ended. */
  end(): void {
    const wasComplete = this.#state === "complete";
    const wasOver = this.#state === "over";
    this.#stop();
    this.#channel.close();
    if (wasComplete) this.#dispose(this.#writer);
    else if (!wasOver) this.#discard();
  }

  #stop(): void {
    this.#deadline.stop();
    this.#state = "over";
  }

  #fail(error: UploadError): void {
    this.#stop();
    this.#discard();
    this.#host.failed(error);
  }

  /** The file is at fault, or whoever sends it. */
  #refuseFile(error: UploadError, why: string, ref: string, reply: string): void {
    this.#host.warn(`refused ${this.#host.place}: ${why}`);
    this.#channel.reply(ref, "error", reply);
    this.#fail(error);
    this.#channel.close();
  }

  #unwanted(ref: string, reason: string): void {
    // For this answer the client leaves the channel and says nothing: the entry shows what is wrong.
    this.#channel.reply(ref, "error", '{"reason":"writer_error"}');
    this.#fail({ code: "refused", reason });
  }

  #writerFailed(ref: string, error: unknown): void {
    // One that was ended in the midst of its work may well fail for that.
    if (this.#isOver) return;
    this.#host.report(error);
    this.#channel.reply(ref, "error", '{"reason":"writer_error"}');
    this.#fail({ code: "writer_failure" });
  }

  #refuse(ref: string, reason: string): void {
    this.#channel.reply(ref, "error", JSON.stringify({ reason }));
  }

  /** What has been written goes. */
  #discard(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer?.abort !== undefined) this.#finish(() => writer.abort?.());
  }

  #dispose(writer: UploadWriter<unknown> | undefined): void {
    if (writer?.dispose !== undefined) this.#finish(() => writer.dispose?.(this.#uploaded));
  }

  #finish(work: () => unknown): void {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => this.#host.report(error));
  }

  // ── time ──

  #timedOut(): void {
    this.#host.warn(`gave up ${this.#host.place}: nothing has come for ${this.#host.chunkTimeoutMs} ms`);
    this.#fail({ code: "timeout" });
    this.#channel.close();
  }

  // ── Awaiting ──

  describeWork(): string {
    return `writing ${this.#host.place}`;
  }
}

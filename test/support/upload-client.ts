import type { TestClient } from "./client.ts";

/** A file of a test. */
export interface TestFile {
  readonly name: string;
  readonly type?: string;
  readonly content: Uint8Array | string;
  /** What the browser claims, if not the truth. */
  readonly size?: number;
}

/** The bytes of a push of the client; docs/protocol.md, section 4. */
export function binaryPush(joinRef: string, ref: string, topic: string, event: string, data: Uint8Array): Uint8Array {
  const names = [joinRef, ref, topic, event].map((name) => new TextEncoder().encode(name));
  return Buffer.concat([Uint8Array.of(0, ...names.map(({ length }) => length)), ...names, data]);
}

/** What the browser's client does with a file input, step by step, on a page of `TestClient`. */
export class UploadClient {
  readonly #client: TestClient;
  readonly #files = new Map<string, Uint8Array>();
  #lastFile = -1;
  #lastRef = 1_000;

  constructor(client: TestClient) {
    this.#client = client;
  }

  /** The id of a page's file input, by its name. */
  uploadRef(name: string): string {
    const pattern = new RegExp(`<input id="(phx-[^"]+)" type="file" name="${name}"`);
    return pattern.exec(this.#client.html())?.[1] ?? "";
  }

  /** Chooses files, and sends the form's change event. @returns their refs */
  async choose(name: string, files: readonly TestFile[], cid?: number): Promise<string[]> {
    const entries = files.map((file) => this.entry(file));
    const upload = this.uploadRef(name);
    await this.#answer(
      this.#client.push("event", {
        type: "form",
        event: "check",
        value: "",
        meta: { _target: name },
        uploads: { [upload]: entries },
        ...(cid === undefined ? {} : { cid }),
      }),
    );
    return entries.map(({ ref }) => ref);
  }

  entry({ name, type = "", content, size }: TestFile): { ref: string; [field: string]: unknown } {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const ref = String(++this.#lastFile);
    this.#files.set(ref, bytes);
    return {
      ref,
      path: name,
      name,
      relative_path: "",
      type,
      size: size ?? bytes.length,
      last_modified: 1_700_000_000_000,
    };
  }

  /** Asks whether files may be uploaded. @returns the answer */
  preflight(upload: string, files: readonly { ref: string }[], cid?: number): Promise<Record<string, unknown>> {
    return this.#answer(
      this.#client.push("allow_upload", { ref: upload, entries: files, ...(cid === undefined ? {} : { cid }) }),
    );
  }

  /** The tokens of an answer, by the files' refs. */
  static tokens(answer: Record<string, unknown>): Record<string, string> {
    return (answer["entries"] ?? {}) as Record<string, string>;
  }

  /** Joins the channel of a file. @returns its join ref and the answer */
  async join(
    file: string,
    token: unknown,
  ): Promise<{ joinRef: string; status: string; response: Record<string, unknown> }> {
    const joinRef = String(++this.#lastRef);
    this.#client.receive([joinRef, joinRef, `lvu:${file}`, "phx_join", { token }]);
    return { joinRef, ...(await this.#client.reply(joinRef)) };
  }

  /** Sends a chunk. @returns its ref */
  sendChunk(file: string, joinRef: string, data: Uint8Array): string {
    const ref = String(++this.#lastRef);
    this.#client.receive(binaryPush(joinRef, ref, `lvu:${file}`, "chunk", data));
    return ref;
  }

  async chunk(
    file: string,
    joinRef: string,
    data: Uint8Array | string,
  ): Promise<{ status: string; response: Record<string, unknown> }> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    return this.#client.reply(this.sendChunk(file, joinRef, bytes));
  }

  progress(upload: string, file: string, progress: unknown, cid?: number): Promise<Record<string, unknown>> {
    return this.#answer(
      this.#client.push("progress", {
        event: null,
        ref: upload,
        entry_ref: file,
        progress,
        ...(cid === undefined ? {} : { cid }),
      }),
    );
  }

  /** All of it: chooses files, uploads them to their end. @returns their refs */
  async upload(name: string, files: readonly TestFile[], chunkSize = 64_000, cid?: number): Promise<string[]> {
    const upload = this.uploadRef(name);
    const refs = await this.choose(name, files, cid);
    const entries = files.map((file, index) => ({ ...this.#describe(file), ref: refs[index] ?? "" }));
    const tokens = UploadClient.tokens(await this.preflight(upload, entries, cid));
    for (const ref of refs) {
      const { joinRef } = await this.join(ref, tokens[ref]);
      const bytes = this.#files.get(ref) ?? new Uint8Array();
      for (let at = 0; at < bytes.length; at += chunkSize)
        await this.chunk(ref, joinRef, bytes.subarray(at, at + chunkSize));
      await this.progress(upload, ref, 100, cid);
    }
    return refs;
  }

  #describe({ name, type = "", content, size }: TestFile): object {
    const length = typeof content === "string" ? new TextEncoder().encode(content).length : content.length;
    return { name, type, size: size ?? length, relative_path: "", last_modified: 1_700_000_000_000 };
  }

  async #answer(ref: string): Promise<Record<string, unknown>> {
    return (await this.#client.reply(ref)).response;
  }
}

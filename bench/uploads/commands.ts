/** What takes the bytes: Wingbeat, or as little as there can be. */
export type Kind = "wingbeat" | "bare ws" | "HTTP PUT";

/** Bytes of one message: as many as the browser's client sends at a time. */
export const CHUNK_BYTES = 64_000;

export interface UploadServerCommands {
  listen(input: { readonly kind: Kind }): Promise<{ readonly port: number }>;
  /** Notes the memory that is in use, once what is garbage has gone, and watches it from then on. */
  watch(input: null): Promise<void>;
  /** By how much the process was larger at most since `watch`, and what it has used of its core. */
  seen(input: null): Promise<{ readonly grownBytes: number; readonly cpuSeconds: number }>;
}

export interface UploadLoadCommands {
  /** Sends a file of so many bytes. */
  send(input: {
    readonly kind: Kind;
    readonly port: number;
    readonly bytes: number;
  }): Promise<{ readonly seconds: number }>;
}

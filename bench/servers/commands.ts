import type { Capture } from "../capture.ts";

/** What the bench command may ask of every server. */
export interface ServerCommands {
  /** Starts listening on a free port of 127.0.0.1. `capture`: the bytes that the bare server shall repeat. */
  listen(input: { readonly capture?: Capture | undefined }): Promise<{ readonly port: number }>;
  /** Publishes as ordered, and resolves when the last message was handed over. */
  publish(order: PublishOrder): Promise<void>;
  /** What the process uses. `collect` runs the garbage collector first. */
  usage(input: { readonly collect: boolean }): Promise<Usage>;
}

export interface PublishOrder {
  /** Which feed: the one whose page has this path. */
  readonly path: string;
  /** `paced`: one every `everyMs`. `yielding`: some turns of the event loop between two. `burst`: all in one loop. */
  readonly mode: "paced" | "yielding" | "burst";
  readonly everyMs?: number;
  readonly firstSequence: number;
  readonly count: number;
  /** Bytes of padding after the mark. */
  readonly padding?: number;
}

export interface Usage {
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Memory of objects outside V8's heap, such as buffers. */
  readonly externalBytes: number;
  /** Processor time used since the start, in microseconds. */
  readonly cpuMicros: number;
  /** When this was read, in microseconds of the machine's monotonic clock. */
  readonly atMicros: number;
  /** The server's own counters, if it has some. */
  readonly counters: Readonly<Record<string, number>>;
}

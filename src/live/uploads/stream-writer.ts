import type { UploadWriter } from "./live-upload.ts";

/** A `WritableStream` as a writer. What has been written has been taken: the stream's own queue holds one chunk at most. */
export function streamWriter(stream: WritableStream<Uint8Array>): UploadWriter<undefined> {
  const writer = stream.getWriter();
  // A stream that fails between two chunks says so at the next one.
  writer.closed.catch(() => {});
  return {
    write: async (chunk) => {
      await writer.ready;
      await writer.write(chunk);
    },
    close: async () => {
      await writer.close();
      return undefined;
    },
    abort: () => writer.abort(),
  };
}

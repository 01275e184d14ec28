import { createLiveComponent, createLiveView, html, liveFileInput, postpone, type ExternalUpload, type LiveUpload, type UploadError, type UploadedFile } from "wingbeat";
import type { Equal } from "./equal.ts";

// An upload is a key of the context, and its type says what becomes of the files.

type Stored = ExternalUpload & { readonly url: string };
interface Context {
  readonly title: string;
  readonly avatar: LiveUpload;
  readonly backup: LiveUpload<undefined>;
  readonly scan: LiveUpload<{ readonly digest: string }>;
  readonly film: LiveUpload<Stored>;
}

export const profile = createLiveView<Context, { type: "save" } | { type: "cancel"; ref: string }>({
  initial: { title: "" },
  mount: (socket) => {
    socket.allowUpload("avatar", { accept: ["image/*"], verify: (start) => (start.length > 8 ? undefined : "too short") });
    socket.allowUpload("backup", { accept: "any", writer: () => new WritableStream<Uint8Array>() });
    socket.allowUpload("scan", { accept: "any", writer: ({ uuid }) => ({ write: () => {}, close: () => ({ digest: uuid }) }) });
    socket.allowUpload("film", { accept: "any", external: ({ uuid }) => ({ uploader: "PUT", url: `/films/${uuid}` }) });
    socket.allowUpload("film", { accept: "any", external: async () => ({ refused: "No room." }) });

    // @ts-expect-error -- a name that the context does not have
    socket.allowUpload("avatr", { accept: "any" });
    // @ts-expect-error -- no upload
    socket.allowUpload("title", { accept: "any" });
    // @ts-expect-error -- the context says that a digest becomes of the files, and this makes a file on the disk
    socket.allowUpload("scan", { accept: "any" });
    // @ts-expect-error -- a writer of something else
    socket.allowUpload("scan", { accept: "any", writer: () => ({ write: () => {}, close: () => ({ hash: "" }) }) });
    // @ts-expect-error -- a stream yields nothing
    socket.allowUpload("scan", { accept: "any", writer: () => new WritableStream<Uint8Array>() });
    // @ts-expect-error -- what the browser's uploader gets has an address
    socket.allowUpload("film", { accept: "any", external: () => ({ uploader: "PUT" }) });
    // @ts-expect-error -- whatever else it is, it is accepted or not
    socket.allowUpload("avatar", { maxEntries: 2 });
    // @ts-expect-error -- uploads change by themselves
    socket.assign({ avatar: socket.context.avatar });
  },
  handleEvent: async (event, socket) => {
    if (event.type === "cancel") return socket.cancelUpload("avatar", event.ref);
    const sizes: Equal<number[], Awaited<ReturnType<typeof sizesOf>>> = true;
    const sizesOf = () => socket.consumeUploadedEntries("avatar", (file) => file.size);
    const digests: readonly string[] = await socket.consumeUploadedEntries("scan", ({ digest }) => postpone(digest));
    const [url = ""] = await socket.consumeUploadedEntries("film", async (stored) => stored.url);
    for (const entry of socket.uploadedEntries("avatar").completed) {
      const moved = await socket.consumeUploadedEntry("avatar", entry, async (file: UploadedFile) => {
        await file.moveTo(`/srv/${entry.uuid}`);
        return file.size;
      });
      const size: Equal<typeof moved, number | undefined> = true;
      void size;
    }
    // @ts-expect-error -- of a store this server has no file
    await socket.consumeUploadedEntries("film", ({ path }) => path);
    socket.assign({ title: `${url} ${digests.length} ${sizes}` });
  },
  render: ({ avatar }) => html`
    ${liveFileInput({ upload: avatar }, { class: "field" })}
    ${avatar.entries.map(({ clientName, progress, errors }) => html`<p>${clientName} ${progress} ${errors.map(words)}</p>`)}`,
});

/** Complete: a code that is missing would leave a path without a text. */
function words(error: UploadError): string {
  switch (error.code) {
    case "too_large":
      return `larger than ${error.maxFileSize}`;
    case "not_accepted":
      return `none of ${error.accept.join()}`;
    case "too_many_files":
      return `more than ${error.maxEntries}`;
    case "refused":
    case "external_client_failure":
      return error.reason;
    case "quota_exceeded":
    case "timeout":
    case "writer_failure":
      return error.code;
  }
}

export const field = createLiveComponent<{ label: string }, { doc: LiveUpload; note: string }>({
  initial: { note: "" },
  mount: (socket) => socket.allowUpload("doc", { accept: [".pdf"] }),
  handleEvent: async (_event, socket) => {
    const [note = ""] = await socket.consumeUploadedEntries("doc", (file, { clientName }) => `${clientName} ${file.size}`);
    socket.assign({ note });
  },
  render: ({ doc, label }) => html`<label>${label} ${liveFileInput({ upload: doc })}</label>`,
});

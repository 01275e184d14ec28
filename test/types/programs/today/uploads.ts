// Uploads: what their types accept and infer; a line with ✗ must be refused with the text after it.
import { createLiveComponent, createLiveView, html, liveFileInput, postpone, type ExternalUpload, type LiveUpload, type UploadError, type UploadedFile } from "wingbeat";
import type { Equal } from "./equal.ts";

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

    socket.allowUpload("avatr", { accept: "any" }); // ✗ '"avatr"' is not assignable to parameter of type 'UploadKey<Context>'
    socket.allowUpload("title", { accept: "any" }); // ✗ '"title"' is not assignable to parameter of type 'UploadKey<Context>'
    socket.allowUpload("scan", { accept: "any" }); // ✗ Property 'writer' is missing
    socket.allowUpload("scan", { accept: "any", writer: () => ({ write: () => {}, close: () => ({ hash: "" }) }) }); // ✗ '{ hash: string; }' is not assignable to type 'Awaitable<{ readonly digest: string; }>'
    socket.allowUpload("scan", { accept: "any", writer: () => new WritableStream<Uint8Array>() }); // ✗ Property 'write' is missing in type 'WritableStream
    socket.allowUpload("film", { accept: "any", external: () => ({ uploader: "PUT" }) }); // ✗ Property 'url' is missing
    socket.allowUpload("avatar", { maxEntries: 2 }); // ✗ missing the following properties from type 'WriterUploadOptions<UploadedFile>': writer, accept
    socket.assign({ avatar: socket.context.avatar }); // ✗ 'avatar' does not exist in type 'Pick<Context, "title">'
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
    await socket.consumeUploadedEntries("film", ({ path }) => path); // ✗ Property 'path' does not exist on type 'Stored'
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
    case "interrupted":
      return `${error.count} were lost`;
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

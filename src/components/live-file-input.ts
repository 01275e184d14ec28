import { LiveError } from "../errors.ts";
import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Attributes, Rendered } from "../html/rendered.ts";
import type { LiveUpload, UploadEntry } from "../live/uploads/live-upload.ts";

export interface LiveFileInputProps {
  /** Of the context: `context.avatar`. */
  readonly upload: LiveUpload<unknown>;
}

/**
 * The field with which a user chooses the files of an upload. It must stand in a form that has an id, a `phx-change`, by which
 * the view hears of the files, and a `phx-submit`, which comes when all of them are uploaded. Its name, id, `accept` and
 * `multiple` are those of the upload: `<label for="${upload.ref}">`.
 *
 * @param attributes others of the `<input>`: `class`, `required`, `capture`, `webkitdirectory`, …
 * @throws {LiveError} `upload.unknown` for an upload that was never allowed
 */
export function liveFileInput({ upload }: LiveFileInputProps, attributes: Attributes = {}): Rendered {
  refuseUnallowed(upload);
  const { accept, entries, errors, maxEntries } = upload;
  const invalid = [
    // What was lost keeps nobody from sending the form.
    ...(errors.some(({ code }) => code !== "interrupted") ? [upload.ref] : []),
    ...entries.filter(({ isValid }) => !isValid).map(({ ref }) => ref),
  ];
  // What the client's uploader reads; docs/protocol.md, section 18.
  const data = attrs({
    accept: accept === "any" ? undefined : accept.join(","),
    multiple: maxEntries > 1,
    "data-phx-auto-upload": upload.autoUpload ? "" : undefined,
    ...attributes,
  });
  return html`<input id="${upload.ref}" type="file" name="${upload.name}" data-phx-hook="Phoenix.LiveFileUpload" data-phx-upload-ref="${upload.ref}" data-phx-active-refs="${refsOf(entries)}" data-phx-done-refs="${refsOf(entries.filter(({ isDone }) => isDone))}" data-phx-preflighted-refs="${refsOf(entries.filter(({ isStarted }) => isStarted))}" data-phx-error-refs="${invalid.join(",")}" ${data}>`;
}

/** The type of a context says that the upload is there; that it was allowed, no type can say. */
function refuseUnallowed(upload: LiveUpload<unknown> | undefined): void {
  if (upload !== undefined) return;
  throw new LiveError(
    "upload.unknown",
    `
liveFileInput got no upload: its key of the context is declared, and nothing has allowed it. Do so in mount, whatever else happens there:

    mount: (socket) => socket.allowUpload("photos", { accept: ["image/*"] })
`.trim(),
  );
}

function refsOf(entries: readonly UploadEntry[]): string {
  return entries.map(({ ref }) => ref).join(",");
}

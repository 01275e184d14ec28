import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Attributes, Rendered } from "../html/rendered.ts";
import type { LiveUpload, UploadEntry } from "../live/uploads/live-upload.ts";

export interface LiveImgPreviewProps {
  readonly entry: UploadEntry;
  /** That of the entry. */
  readonly upload: LiveUpload<unknown>;
}

/**
 * Shows a chosen picture before it is uploaded: the browser takes it from the user's disk. On other people's pages it shows nothing.
 *
 * @param attributes others of the `<img>`: `alt`, `width`, `class`, …
 */
export function liveImgPreview({ entry, upload }: LiveImgPreviewProps, attributes: Attributes = {}): Rendered {
  return html`<img id="${upload.ref}-preview-${entry.ref}" data-phx-upload-ref="${upload.ref}" data-phx-entry-ref="${entry.ref}" data-phx-hook="Phoenix.LiveImgPreview" data-phx-update="ignore" ${attrs(attributes)}>`;
}

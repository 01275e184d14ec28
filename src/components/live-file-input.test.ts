import { describe, expect, it } from "vitest";
import { toHtml } from "../html/to-html.ts";
import { UploadSnapshot, type UploadEntry } from "../live/uploads/live-upload.ts";
import { liveFileInput } from "./live-file-input.ts";
import { liveImgPreview } from "./live-img-preview.ts";

function entry(ref: string, values: Partial<UploadEntry> = {}): UploadEntry {
  return {
    ref,
    uuid: `uuid-${ref}`,
    upload: "photos",
    clientName: "a.png",
    clientSize: 3,
    clientType: "image/png",
    clientRelativePath: "",
    clientLastModified: undefined,
    clientMeta: undefined,
    progress: 0,
    isDone: false,
    isStarted: false,
    isValid: true,
    errors: [],
    ...values,
  };
}
const photos = (entries: readonly UploadEntry[], values: Partial<UploadSnapshot> = {}): UploadSnapshot =>
  new UploadSnapshot({
    name: "photos",
    ref: "phx-R",
    accept: [".png", "image/*"],
    maxEntries: 2,
    maxFileSize: 10,
    autoUpload: false,
    entries,
    errors: [],
    ...values,
  });

describe("liveFileInput", () => {
  it("says what to do when the view has declared its upload and never allowed it", () => {
    // As it is in the context of such a view, whatever its type says.
    const declared = {} as { readonly photos: UploadSnapshot };
    expect(() => liveFileInput({ upload: declared.photos })).toThrow(
      expect.objectContaining({
        code: "upload.unknown",
        message: expect.stringContaining('mount: (socket) => socket.allowUpload("photos"') as string,
      }) as Error,
    );
  });

  it("tells the client which files are chosen, begun, done and wrong", () => {
    const upload = photos([
      entry("0", { isStarted: true, isDone: true }),
      entry("1", { isStarted: true }),
      entry("2", { isValid: false }),
    ]);
    expect(toHtml(liveFileInput({ upload }, { class: "field" }))).toBe(
      '<input id="phx-R" type="file" name="photos" data-phx-hook="Phoenix.LiveFileUpload" data-phx-upload-ref="phx-R" data-phx-active-refs="0,1,2" data-phx-done-refs="0" data-phx-preflighted-refs="0,1" data-phx-error-refs="2" accept=".png,image/*" multiple class="field">',
    );
  });

  it("counts what is wrong with the files together, takes any file where any will do, and one where one is wanted", () => {
    const upload = photos([], {
      errors: [{ code: "too_many_files", maxEntries: 1 }],
      accept: "any",
      maxEntries: 1,
      autoUpload: true,
    });
    expect(toHtml(liveFileInput({ upload }))).toBe(
      '<input id="phx-R" type="file" name="photos" data-phx-hook="Phoenix.LiveFileUpload" data-phx-upload-ref="phx-R" data-phx-active-refs="" data-phx-done-refs="" data-phx-preflighted-refs="" data-phx-error-refs="phx-R" data-phx-auto-upload="">',
    );
  });
});

describe("liveImgPreview", () => {
  it("names the file whose picture the browser shows", () => {
    expect(toHtml(liveImgPreview({ entry: entry("4"), upload: photos([]) }, { alt: "A <cat>" }))).toBe(
      '<img id="phx-R-preview-4" data-phx-upload-ref="phx-R" data-phx-entry-ref="4" data-phx-hook="Phoenix.LiveImgPreview" data-phx-update="ignore" alt="A &lt;cat&gt;">',
    );
  });
});

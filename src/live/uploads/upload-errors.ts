import { LiveError } from "../../errors.ts";

// What a developer can do wrong with uploads, and the mend.

export function unknownUpload(owner: string, name: string): LiveError {
  return new LiveError(
    "upload.unknown",
    `${owner} has no upload ${JSON.stringify(name)}. Allow it first, say in mount: socket.allowUpload(${JSON.stringify(name)}, { accept: ["image/*"] }).`,
  );
}

export function activeUpload(owner: string, name: string, deed: string): LiveError {
  return new LiveError(
    "upload.active",
    `${owner} cannot ${deed} ${JSON.stringify(name)}: files are chosen for it. Consume or cancel them first; to change what is allowed, do so when context.${name}.entries is empty.`,
  );
}

export function uploadInProgress(owner: string, name: string, file: string): LiveError {
  return new LiveError(
    "upload.in-progress",
    `${owner} cannot consume ${JSON.stringify(name)}: ${JSON.stringify(file)} has not been uploaded. A form is submitted when all of its files are there; elsewhere consume an entry when it isDone, by socket.consumeUploadedEntry, or those of socket.uploadedEntries(${JSON.stringify(name)}).completed. If its field has left the page and come back, the browser has the file no more: cancel the entries when you hide the field.`,
  );
}

export function invalidExternal(owner: string, name: string): LiveError {
  return new LiveError(
    "upload.invalid-option",
    `
The external of ${JSON.stringify(name)} in ${owner} must return what the browser's uploader gets, with its name, or say that the file is not wanted:

    external: (entry) => ({ uploader: "S3", url: presign(entry.uuid) })
    external: (entry) => ({ refused: "There is no room for another file." })
`.trim(),
  );
}

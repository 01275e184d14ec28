import { LiveError } from "../../errors.ts";

/** What an upload takes, as `accept` says it. */
export type Accept = readonly string[] | "any";

const EXTENSION = /^\.[^\s,./\\*]+(?:\.[^\s,./\\*]+)*$/;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/(?:\*|[a-z0-9][a-z0-9!#$&^_.+-]*)$/i;

/** @throws {LiveError} `upload.invalid-option` */
export function checkAccept(name: string, accept: unknown): Accept {
  if (accept === "any") return accept;
  const list: readonly unknown[] = Array.isArray(accept) ? accept : [];
  const wrong = list.find((each) => typeof each !== "string" || !(EXTENSION.test(each) || MEDIA_TYPE.test(each)));
  if (list.length > 0 && wrong === undefined) return list.map(String);
  throw new LiveError(
    "upload.invalid-option",
    `
allowUpload(${JSON.stringify(name)}) needs to know which files it accepts, and got ${wrong === undefined ? JSON.stringify(accept) : JSON.stringify(wrong)}.
Name extensions and media types, or say that any file will do:

    socket.allowUpload(${JSON.stringify(name)}, { accept: [".pdf", "image/*"] })
    socket.allowUpload(${JSON.stringify(name)}, { accept: "any" })
`.trim(),
  );
}

/**
 * Whether a file is one of those: by the extension of its name, or by what the browser says of its type. Both are what the
 * client claims; what is in the file, `verify` can tell.
 */
export function isAccepted(accept: Accept, file: { readonly name: string; readonly type: string }): boolean {
  if (accept === "any") return true;
  const [name, type] = [file.name.toLowerCase(), file.type.toLowerCase()];
  return accept.some((each) => {
    const wanted = each.toLowerCase();
    if (wanted.startsWith(".")) return name.endsWith(wanted) && name.length > wanted.length;
    return wanted.endsWith("/*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
  });
}

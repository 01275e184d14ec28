/** As long as file systems allow, in characters. */
const MAX_LENGTH = 255;
/** Controls, and what turns the direction of text around, so that `gpj.exe` would look like a picture. */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/gu;

/**
 * A file's name as the browser gave it, fit to be shown: its last segment, without controls. Never a path; but a name that
 * somebody chose, so nothing on the server should be named by it.
 */
export function displayName(name: string): string {
  const last = segmentsOf(name).at(-1);
  return last ?? "file";
}

/** Likewise of a path within a folder that was chosen: `photos/a.png`. Empty for a file that was chosen alone. */
export function displayPath(path: string): string {
  return segmentsOf(path).join("/");
}

function segmentsOf(path: string): readonly string[] {
  return path
    .split(/[/\\]/)
    .map((segment) => segment.replace(INVISIBLE, "").trim().slice(-MAX_LENGTH))
    .filter((segment) => segment !== "" && segment !== "." && segment !== "..");
}

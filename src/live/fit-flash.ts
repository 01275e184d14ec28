import type { Flash } from "./render-meta.ts";

/**
 * How many bytes of JSON a flash may have that goes to another page. It goes in a cookie, signed; browsers drop a cookie of more
 * than 4 096 bytes, attributes included, without a word.
 */
export const MAX_FLASH_BYTES = 2_800;

const ELLIPSIS = "…";

/** @returns `flash` itself if a cookie can hold it; else one whose longest messages are shorter, with "…" at their ends */
export function fitFlash(flash: Flash): Flash {
  let fitted = flash;
  for (let excess = excessOf(fitted); excess > 0; excess = excessOf(fitted)) {
    const [kind, text] = longestOf(fitted);
    const bytes = Buffer.from(text.endsWith(ELLIPSIS) ? text.slice(0, -1) : text);
    const kept = bytes.subarray(0, Math.max(0, bytes.length - excess - Buffer.byteLength(ELLIPSIS)));
    // Kinds alone that do not fit are no flash.
    if (kept.length === 0) fitted = Object.fromEntries(Object.entries(fitted).filter(([other]) => other !== kind));
    else fitted = { ...fitted, [kind]: `${wholeCharacters(kept)}${ELLIPSIS}` };
  }
  return fitted;
}

function excessOf(flash: Flash): number {
  return Buffer.byteLength(JSON.stringify(flash)) - MAX_FLASH_BYTES;
}

/** The last of them if all are empty: an entry of `flash` in any case, so that each round makes it smaller. */
function longestOf(flash: Flash): readonly [kind: string, text: string] {
  let longest: readonly [string, string] = ["", ""];
  for (const [kind, text = ""] of Object.entries(flash)) if (text.length >= longest[1].length) longest = [kind, text];
  return longest;
}

/** Without a character at the end of which only the first bytes are there. */
function wholeCharacters(bytes: Buffer): string {
  return new TextDecoder().decode(bytes, { stream: true });
}

import type { UrlUse } from "./attributes.ts";

/** What a dangerous URL is replaced with: a page that is empty, whatever is appended. */
export const BLOCKED_URL = "about:blank#blocked";

const SCRIPT_SCHEMES = ["javascript:", "vbscript:"];
const SCRIPT_AND_DATA_SCHEMES = [...SCRIPT_SCHEMES, "data:"];

// Browsers strip spaces and control characters before a URL, and tabs and line feeds anywhere in it (URL Standard,
// "basic URL parser"). We ignore all of them anywhere, which errs on the safe side.
// oxlint-disable-next-line no-control-regex -- they are what this is about
const IGNORED = /[\u0000-\u0020]+/g;
const SCRIPT_URL = pattern(SCRIPT_SCHEMES);
const SCRIPT_OR_DATA_URL = pattern(SCRIPT_AND_DATA_SCHEMES);

function pattern(schemes: readonly string[]): RegExp {
  const skip = "[\\u0000-\\u0020]*";
  const spread = schemes.map((scheme) => scheme.split("").join(skip));
  return new RegExp(`^${skip}(?:${spread.join("|")})`, "i");
}

/**
 * Whether a value that begins a URL may not do so. `javascript:` and `vbscript:` run as program text wherever they stand.
 * `data:` brings a document of its own, and is let through only where it can but be seen or heard.
 */
export function isDangerousUrl(url: string, use: UrlUse): boolean {
  return (use === "media" ? SCRIPT_URL : SCRIPT_OR_DATA_URL).test(url);
}

/** Whether more text could turn `text` into a dangerous URL. The empty text counts as no. */
export function mayBecomeDangerous(text: string): boolean {
  const start = normalise(text);
  return start !== "" && SCRIPT_AND_DATA_SCHEMES.some((scheme) => scheme.startsWith(start));
}

/** What literal text in a URL means for the values beside it. */
export type LiteralVerdict =
  /** Nothing that follows can make the URL dangerous: `/rooms/`, `https://`, `mailto:`. */
  | "settled"
  /** As if nothing were written: the value decides. */
  | "open"
  /** It is part of a dangerous scheme, or could be. */
  | "dangerous";

/** Judges the literal text before the first value of a URL. */
export function judgePrefix(literal: string, use: UrlUse): LiteralVerdict {
  const start = normalise(literal);
  if (start === "") return "open";
  if (HIDDEN_CHARACTER.test(literal)) return "dangerous";
  // Who writes data: out before the value of a link has decided so; in a resource it would still be an injection.
  const schemes = use === "resource" ? SCRIPT_AND_DATA_SCHEMES : SCRIPT_SCHEMES;
  return schemes.some((scheme) => beginAlike(scheme, start)) ? "dangerous" : "settled";
}

/** Judges literal text that follows a value which begins the URL: could the two make a scheme (`${…}script:`)? */
export function judgeInfix(literal: string): LiteralVerdict {
  const middle = normalise(literal);
  if (middle === "") return "open";
  if (HIDDEN_CHARACTER.test(literal)) return "dangerous";
  for (const scheme of SCRIPT_AND_DATA_SCHEMES) {
    for (let index = 0; index < scheme.length; index++) {
      if (beginAlike(scheme.slice(index), middle)) return "dangerous";
    }
  }
  return "settled";
}

/** A character reference that hides what could be part of a scheme. All others stand for what ends one. */
// oxlint-disable-next-line no-control-regex -- they are ignored, as above
const HIDDEN_CHARACTER = /^[\u0000-\u0020a-z:]*&(?:#|colon;|tab;|newline;)/i;

function beginAlike(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

function normalise(text: string): string {
  return text.replaceAll(IGNORED, "").toLowerCase();
}

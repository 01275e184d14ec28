// One regular expression test per string is the fast path: V8 scans a short string in some tens of nanoseconds, and a
// string that needs nothing is returned as it is, without a copy.

const HTML_SPECIAL = /[&<>"'\r]/;
// Everything but what may stand in a JSON string literal as it is. Written from the other side because the control
// characters are among what is excluded. Surrogates are left to JSON.stringify, which knows which of them stand alone.
const JSON_SPECIAL = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;
const EITHER_SPECIAL = /[^ !#-%(-;=?-[\]-\ud7ff\ue000-\uffff]/;

/**
 * `text` such that an HTML parser reads exactly it: in text, and in attribute values quoted either way.
 *
 * A carriage return is written as a reference, because parsers turn a bare one into a line feed. U+0000 cannot be
 * written in HTML at all: parsers drop or replace it, which is harmless.
 */
export function escapeHtml(text: string): string {
  const first = text.search(HTML_SPECIAL);
  return first === -1 ? text : escapeFrom(text, first);
}

function escapeFrom(text: string, first: number): string {
  let escaped = "";
  let copied = 0;
  for (let index = first; index < text.length; index++) {
    const reference = referenceTo(text.charCodeAt(index));
    if (reference === "") continue;
    escaped += text.slice(copied, index) + reference;
    copied = index + 1;
  }
  return escaped + text.slice(copied);
}

function referenceTo(code: number): string {
  switch (code) {
    case 0x26:
      return "&amp;";
    case 0x3c:
      return "&lt;";
    case 0x3e:
      return "&gt;";
    case 0x22:
      return "&quot;";
    case 0x27:
      return "&#39;";
    case 0x0d:
      return "&#13;";
    default:
      return "";
  }
}

/** `text` as a JSON string literal, as `JSON.stringify` writes it: a lone surrogate becomes `\udXXX`. */
export function jsonString(text: string): string {
  return JSON_SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** `jsonString(escapeHtml(text))`, with one scan when nothing needs either. */
export function escapedJsonString(text: string): string {
  return EITHER_SPECIAL.test(text) ? jsonString(escapeHtml(text)) : `"${text}"`;
}

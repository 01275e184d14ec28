/**
 * How the values of one place in a template become HTML. The place decides: text, an attribute, a URL, a class list.
 */
export interface Hole {
  /** Nested templates, lists and safe HTML are allowed in `text` only. */
  readonly position: "text" | "attribute";
  /**
   * The HTML of a leaf value (anything but `Rendered`, `KeyedList` and, in text, arrays), escaped for this place.
   *
   * Strings are escaped, numbers are written in decimal. `null`, `undefined` and `false` are nothing, `true` is the word
   * `true`, except:
   *
   * - `disabled`, `checked`, `hidden` and the other boolean attributes, when the hole is their whole value: `true` writes
   *   the bare attribute, `null`, `undefined` and `false` write no attribute, a string is written as the value, also "".
   * - `aria-…`, `data-…`, `phx-value-…`, `contenteditable`, `draggable`, `spellcheck`: `false` is the word `false`.
   * - `class`: booleans are nothing, and the value may be a list, nested at will, whose entries are joined by a space;
   *   falsy ones and `true` are left out.
   * - URLs (`href`, `src`, `action`, …) that begin with `javascript:` or `vbscript:`, and where the document becomes part
   *   of the page or is followed also `data:`, are replaced by `about:blank#blocked`.
   *
   * @throws {LiveError} `template.not-renderable` for objects, functions, symbols and promises; in attributes also for
   * safe HTML, and for commands outside of `phx-…` and `data-…`; in boolean attributes for numbers.
   */
  encode(value: unknown): string;
}

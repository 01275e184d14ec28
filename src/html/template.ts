import { compileHoles } from "./compiler.ts";
import type { Hole } from "./holes.ts";

/**
 * What one `html` call site says besides its values. Made once per call site and kept for the life of the process.
 *
 * `statics` may differ from the literal: unquoted attribute values are quoted, and an attribute that may be absent
 * (`disabled="${busy}"`) is taken out of the statics and written by its hole.
 * Invariant: `statics.length === holes.length + 1`.
 */
export class Template {
  readonly statics: readonly string[];
  readonly holes: readonly Hole[];
  /** `statics` as JSON text: encoded once per call site, ever. */
  readonly staticsJson: string;
  constructor(statics: readonly string[], holes: readonly Hole[]) {
    this.statics = statics;
    this.holes = holes;
    this.staticsJson = JSON.stringify(statics);
  }
}

/**
 * Finds out where in the HTML each value of a template stands, and so how it must be written. A template is a fragment:
 * it may begin and end anywhere between tags, with elements left open, but not within a tag, a comment, or an element
 * whose content is no HTML (`<script>`, `<textarea>`).
 *
 * @throws {LiveError} `template.unsafe-position` or `template.malformed`, with the place and the mend.
 */
export function compileTemplate(strings: TemplateStringsArray): Template {
  const { statics, holes } = compileHoles(strings);
  return new Template(statics, holes);
}

import { compileHoles } from "./compiler.ts";
import { Template } from "./template.ts";

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

import { LiveError } from "../errors.ts";
import { checkAttributeName } from "./attribute-names.ts";
import { AttributeSpread, type Attributes } from "./rendered.ts";

/**
 * Attributes for a tag, such as those that a component passes on: `<div class="card" ${attrs(rest)}>`.
 *
 * Values are escaped and checked as in written attributes. `null`, `undefined` and `false` leave the attribute out (but
 * `aria-…`, `data-…` and others that spell it get the word `false`), `true` writes it bare, `class` takes a list.
 *
 * One in a tag. What it holds must not be written in the tag besides: browsers would ignore the second.
 *
 * @throws {LiveError} `template.unsafe-position` for names that no value is safe in (`onclick`, `srcdoc`), and for what is
 * no name; `template.malformed` for one name twice, as `id` and `ID`.
 */
export function attrs(attributes: Attributes): AttributeSpread {
  let seen: Set<string> | undefined;
  for (const name of Object.keys(attributes)) {
    const problem = checkAttributeName(name);
    if (problem !== undefined) throw new LiveError("template.unsafe-position", problem);
    const lower = name.toLowerCase();
    // Names that are all in lower case cannot meet each other.
    if (lower === name && seen === undefined) continue;
    seen ??= new Set(Object.keys(attributes).filter((other) => other === other.toLowerCase()));
    if (lower !== name && seen.has(lower)) {
      throw new LiveError(
        "template.malformed",
        `The attribute ${lower} is given twice; browsers ignore the second. Remove ${name}.`,
      );
    }
    seen.add(lower);
  }
  return new AttributeSpread(attributes);
}

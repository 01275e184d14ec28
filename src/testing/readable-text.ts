import { collapse, type Element } from "./dom.ts";
import { isHidden } from "./visibility.ts";

/** Elements that stand within a line of text: no gap is seen around them. */
const INLINE = new Set(
  "a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q ruby s samp small span strong sub sup time u var wbr".split(
    " ",
  ),
);

/** The text of an element as people read it: without what is hidden, one space between its parts. */
export function readableText(element: Element): string {
  return collapse(gather(element));
}

function gather(element: Element): string {
  let text = "";
  for (const child of element.children) {
    if (child.kind === "text") text += child.data;
    else if (child.kind === "element" && !isHidden(child)) {
      const inner = gather(child);
      text += INLINE.has(child.name) ? inner : ` ${inner} `;
    }
  }
  return text;
}

import { PLAIN_TEXT_ELEMENTS, RAW_TEXT_ELEMENTS } from "./attributes.ts";
import { excerpt, HOLE_MARK } from "./excerpt.ts";
import type { Template } from "./template.ts";

// HTML, "void elements": they have no end tag.
const VOID_ELEMENTS = new Set("area base br col embed hr img input link meta param source track wbr".split(" "));

/** A comment, an end tag, or a start tag with its attributes; in the latter, a `>` within quotes does not end it. */
const MARKUP = /<!--[^]*?-->|<\/([a-z][^\s>]*)[^>]*>|<([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/giy;

const known = new WeakMap<Template, string>();

/**
 * What keeps a template from being exactly one element with nothing around it but white space and comments, with the place;
 * `undefined` if nothing does.
 */
export function whyNotSingleRoot(template: Template): string | undefined {
  let why = known.get(template);
  if (why === undefined) known.set(template, (why = judge(template.statics.join(HOLE_MARK))));
  return why === "" ? undefined : why;
}

/** Empty if nothing is wrong. The source was compiled before, so that its markup is well-formed. */
function judge(source: string): string {
  const open: string[] = [];
  let roots = 0;
  let position = 0;
  const refuse = (offset: number, what: string): string => `${what}\n\n${excerpt(source, offset)}`;
  while (position < source.length) {
    if (source.charAt(position) !== "<") {
      const next = source.indexOf("<", position + 1);
      const end = next === -1 ? source.length : next;
      const stray = source.slice(position, end).search(/\S/);
      if (open.length === 0 && stray !== -1) {
        const isValue = source.charAt(position + stray) === HOLE_MARK;
        return refuse(
          position + stray,
          isValue ? "A value stands beside the element." : "Text stands beside the element.",
        );
      }
      position = end;
      continue;
    }
    MARKUP.lastIndex = position;
    const markup = MARKUP.exec(source);
    if (markup === null) {
      if (open.length === 0) return refuse(position, "This is no element.");
      // A `<` that is text.
      position++;
      continue;
    }
    const [whole, endTag, startTag, attributes = ""] = markup;
    if (endTag !== undefined) {
      // As the browser does: it also ends what was left open inside.
      const opened = open.lastIndexOf(endTag.toLowerCase());
      if (opened !== -1) open.length = opened;
    } else if (startTag !== undefined) {
      const name = startTag.toLowerCase();
      if (open.length === 0 && ++roots > 1) return refuse(position, "A second element stands beside the first.");
      const isClosed = VOID_ELEMENTS.has(name) || (attributes.endsWith("/") && (name === "svg" || name === "math"));
      const isText = RAW_TEXT_ELEMENTS.has(name) || PLAIN_TEXT_ELEMENTS.has(name);
      if (isText) {
        const content = source.slice(position + whole.length).search(new RegExp(`</${name}`, "i"));
        position += Math.max(content, 0);
      }
      if (!isClosed) open.push(name);
    }
    position += whole.length;
  }
  if (roots === 0) return refuse(source.length, "There is no element.");
  const [root] = open;
  return root === undefined ? "" : refuse(source.length, `<${root}> is not closed in the same template.`);
}

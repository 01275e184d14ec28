import { isBooleanAttribute, spellsBooleans, urlUse } from "./attributes.ts";
import type { Hole } from "./hole.ts";
import { booleanHole, urlHole, valueHole } from "./holes.ts";
import { AttributeRefusal, NotRenderableError } from "./not-renderable.ts";
import { AttributeSpread, type AttributeValue } from "./rendered.ts";

/** Which attribute is animated, and to what, is checked where it is written. */
const ANIMATION = new Set(["attributename", "to", "from", "by", "values"]);

/** The place in a tag where `attrs` may stand. Writes all of its attributes, each with a space before it. */
export class AttributesHole implements Hole {
  readonly position = "attribute";
  readonly #element: string;
  readonly #written: ReadonlySet<string>;

  /**
   * @param element in lower case
   * @param written the names of the attributes that are written in the tag, in lower case; may grow until the first value
   */
  constructor(element: string, written: ReadonlySet<string>) {
    this.#element = element;
    this.#written = written;
  }

  encode(value: unknown): string {
    if (value === null || value === undefined || value === false) return "";
    if (!(value instanceof AttributeSpread)) throw new NotRenderableError(value, "attributes", "");
    let text = "";
    for (const name in value.attributes) text += this.#attribute(name, value.attributes[name]);
    return text;
  }

  #attribute(name: string, value: AttributeValue): string {
    if (value === null || value === undefined) return "";
    const lower = name.toLowerCase();
    this.#refuse(lower);
    if (isBooleanAttribute(lower)) return booleanHole(lower).encode(value);
    if (typeof value === "boolean" && !spellsBooleans(lower)) return value && lower !== "class" ? ` ${name}` : "";
    const use = urlUse(this.#element, lower);
    const hole = use === undefined ? valueHole(lower) : urlHole(lower, use, false);
    const text = hole.encode(value);
    return lower === "class" && text === "" ? "" : ` ${name}="${text}"`;
  }

  #refuse(name: string): void {
    if (this.#written.has(name)) {
      throw new AttributeRefusal(
        "template.malformed",
        `The attribute ${name} is written in the tag, and is in attrs too; browsers ignore the second. Take it out of one of them${name === "class" ? ', or join them: attrs({ ...rest, class: ["card", rest.class] })' : ""}.`,
      );
    }
    if (ANIMATION.has(name) && (this.#element === "animate" || this.#element === "set")) {
      throw new AttributeRefusal(
        "template.unsafe-position",
        `The attribute ${name} of an animation cannot be in attrs: it could run programs. Write it out.`,
      );
    }
  }
}

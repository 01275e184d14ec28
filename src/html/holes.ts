import { spellsBooleans, takesCommands, takesEventNames, type UrlUse } from "./attributes.ts";
import { escapeHtml } from "./escape.ts";
import { NotRenderableError } from "./not-renderable.ts";
import { Command, SafeHtml } from "./rendered.ts";
import { BLOCKED_URL, isDangerousUrl, mayBecomeDangerous } from "./url.ts";
import type { Hole } from "./hole.ts";

type Kind =
  | "text"
  | "comment"
  | "attribute"
  | "spelled" // an attribute in which `false` is a word
  | "boolean" // the whole attribute, with its name
  | "class"
  | "url" // begins a URL, and is followed by nothing that could lengthen its scheme
  | "url-part"; // begins a URL, and is directly followed by another value

/**
 * All holes but that of `attrs` are of this one class, so that `encode` stays nearly always one and the same call. Shared
 * by all places that are alike.
 */
class PlaceHole implements Hole {
  readonly position: "text" | "attribute";
  readonly kind: Kind;
  /** The attribute's name in lower case; empty in text and comments. */
  readonly name: string;
  readonly use: UrlUse;

  constructor(kind: Kind, name: string, use: UrlUse) {
    this.position = kind === "text" ? "text" : "attribute";
    this.kind = kind;
    this.name = name;
    this.use = use;
  }

  encode(value: unknown): string {
    switch (typeof value) {
      case "string":
        return this.encodeString(value);
      case "number":
      case "bigint":
        if (this.kind === "boolean") throw this.refusal(value);
        return String(value);
      case "boolean":
        return this.encodeBoolean(value);
      case "undefined":
        return "";
      case "object":
        return value === null ? "" : this.encodeObject(value);
      default:
        throw this.refusal(value);
    }
  }

  private encodeString(value: string): string {
    switch (this.kind) {
      case "boolean":
        return ` ${this.name}="${escapeHtml(value)}"`;
      case "url":
        return isDangerousUrl(value, this.use) ? BLOCKED_URL : escapeHtml(value);
      case "url-part":
        // The next value may continue this one: "java" and "script:…".
        return isDangerousUrl(value, this.use) || mayBecomeDangerous(value) ? BLOCKED_URL : escapeHtml(value);
      default:
        return escapeHtml(value);
    }
  }

  private encodeBoolean(value: boolean): string {
    switch (this.kind) {
      case "boolean":
        return value ? ` ${this.name}` : "";
      case "spelled":
        return String(value);
      case "class":
        return "";
      default:
        return value ? "true" : "";
    }
  }

  private encodeObject(value: object): string {
    if (this.kind === "text" && value instanceof SafeHtml) return value.text;
    if (this.kind === "class" && Array.isArray(value)) return this.encodeClasses(value);
    if (value instanceof Command && takesCommands(this.name))
      return escapeHtml(value.attributeText(takesEventNames(this.name)));
    throw this.refusal(value);
  }

  private encodeClasses(list: readonly unknown[]): string {
    let classes = "";
    for (const entry of list) {
      if (!entry || entry === true) continue;
      const text = this.encode(entry);
      if (text !== "") classes += classes === "" ? text : ` ${text}`;
    }
    return classes;
  }

  private refusal(value: unknown): NotRenderableError {
    return new NotRenderableError(value, this.kind, this.name);
  }
}

/** The hole in text, also in that of `<title>` and `<textarea>`. */
export const TEXT_HOLE: Hole = new PlaceHole("text", "", "resource");

/** The hole in a comment. `>` is escaped, so a value cannot end the comment. */
export const COMMENT_HOLE: Hole = new PlaceHole("comment", "", "resource");

const known = new Map<string, Hole>();

function attributeHole(kind: Kind, name: string, use: UrlUse = "resource"): Hole {
  const key = `${kind} ${name} ${use}`;
  let hole = known.get(key);
  if (hole === undefined) known.set(key, (hole = new PlaceHole(kind, name, use)));
  return hole;
}

/** The hole that is a whole boolean attribute, name included. `name` is in lower case. */
export function booleanHole(name: string): Hole {
  return attributeHole("boolean", name);
}

/** A hole in an attribute's value that is not at the start of a URL. `name` is in lower case. */
export function valueHole(name: string): Hole {
  if (name === "class") return attributeHole("class", name);
  return attributeHole(spellsBooleans(name) ? "spelled" : "attribute", name);
}

/** A hole that begins a URL. `continued`: the next thing in the URL is another value. */
export function urlHole(name: string, use: UrlUse, continued: boolean): Hole {
  return attributeHole(continued ? "url-part" : "url", name, use);
}

import { LiveError } from "../errors.ts";
import { excerpt, HOLE_MARK } from "./excerpt.ts";
import {
  AttributeSpread,
  Command,
  ComponentPlace,
  KeyedList,
  Rendered,
  SafeHtml,
  StreamValue,
  ViewPlace,
} from "./rendered.ts";
import type { Template } from "./template.ts";

/** A value met a hole that cannot show it. The hole does not know its template; `locate` adds it. */
export class NotRenderableError extends LiveError {
  constructor(value: unknown, kind: string, attribute: string) {
    super("template.not-renderable", explain(value, kind, attribute));
  }
}

/** An attribute of `attrs` cannot stand in the tag that it met. */
export class AttributeRefusal extends LiveError {}

/**
 * `error`, or the same with the template and the place in it when a hole of `template` refused its value. For the
 * `catch` around the loop over a template's holes; an error that is already located is returned as it is.
 */
export function locate(error: unknown, template: Template, hole: number): unknown {
  if (!(error instanceof NotRenderableError || error instanceof AttributeRefusal)) return error;
  const before = template.statics.slice(0, hole + 1).join(HOLE_MARK);
  const source = template.statics.join(HOLE_MARK);
  return new LiveError(error.code, `${error.message}\n\n${excerpt(source, before.length)}`, {
    cause: error,
  });
}

function explain(value: unknown, kind: string, attribute: string): string {
  return `${capitalised(describeValue(value))} cannot be shown in ${placeName(kind, attribute)}. ${mend(value, kind)}`;
}

function placeName(kind: string, attribute: string): string {
  if (kind === "attributes") return "the place of attributes";
  if (attribute === "") return kind === "comment" ? "a comment" : "text";
  return kind === "boolean" ? `the boolean attribute ${attribute}` : `the attribute ${attribute}`;
}

/** For messages: `a template`, `the number 1`, `an object with the fields id, name`. */
export function describeValue(value: unknown): string {
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (typeof value !== "object" || value === null) {
    const text = String(value);
    return value === undefined || value === null ? text : `the ${typeof value} ${text}`;
  }
  if (value instanceof Rendered) return "a template";
  if (value instanceof KeyedList) return "a keyed list";
  if (value instanceof SafeHtml) return "safe HTML";
  if (value instanceof Command) return "a command";
  if (value instanceof AttributeSpread) return "a set of attributes";
  if (value instanceof ComponentPlace) return "a live component";
  if (value instanceof ViewPlace) return "a nested view";
  if (value instanceof StreamValue) return value.name === undefined ? "a stream" : `the stream ${value.name}`;
  if (Array.isArray(value)) return "a list";
  if (isPromise(value)) return "a promise";
  const name = className(value);
  if (name === "ComponentHandle") return "a live component";
  if (name === "LiveViewHandle") return "a live view";
  if (name !== "Object" && name !== "") return `an object of class ${name}`;
  const fields = Object.keys(value);
  if (fields.length === 0) return "an object without fields";
  return `an object with the fields ${fields.slice(0, 8).join(", ")}${fields.length > 8 ? ", …" : ""}`;
}

function mend(value: unknown, kind: string): string {
  const inText = kind === "text";
  if (value instanceof StreamValue) {
    return `Show its rows, which map makes of what is new: \${context.${value.name ?? "messages"}.map((domId, item) => html\`<li id="\${domId}">…</li>\`)}.`;
  }
  if (kind === "comment" && isMarkup(value)) return "Delete the comment: it would be sent to every browser anyway.";
  if (kind === "attributes") {
    return 'Write the attribute out: title="${title}". One that may be absent takes a boolean: disabled="${isBusy}". For any others: ${attrs({ id, hidden: true })}.';
  }
  if (value instanceof AttributeSpread) return "Put it into a start tag, between the attributes: <div ${attrs(rest)}>.";
  if (kind === "boolean" && !isMarkup(value)) return "Give true, false or a string, as in disabled=${count === 0}.";
  if (className(value) === "ComponentHandle") return "Place it with its props: ${meta.liveComponent(card, { id })}.";
  if (className(value) === "LiveViewHandle") return 'Place it as a nested view: ${liveRender(view, { id: "player" })}.';
  if (typeof value === "function") return "Call it, and put what it returns into the template.";
  if (typeof value === "symbol") return "Put its description, or another text, into the template.";
  if (
    value instanceof Rendered ||
    value instanceof KeyedList ||
    value instanceof ComponentPlace ||
    value instanceof ViewPlace
  ) {
    return "Attributes hold text, not elements: give a string, and put the template between tags.";
  }
  if (value instanceof SafeHtml) return "Give the plain string: attributes are escaped for you, and need nothing else.";
  if (value instanceof Command) return "Put it into a phx-… or data-… attribute, as in phx-click=${command}.";
  if (Array.isArray(value)) {
    return inText
      ? "Map its entries to strings or templates."
      : 'Join it into one string, as in ${list.join(" ")}. Only class takes a list.';
  }
  if (isPromise(value)) return "Await it before the template is made: render may be async.";
  if (value instanceof Date) return "Format it, as in ${date.toISOString()}.";
  if (value instanceof URL) return "Give its text: ${url.href}.";
  if (value instanceof Error) return "Give its text: ${error.message}.";
  if (kind === "class") return 'Give a list: class=${["tab", isActive && "active"]}.';
  if (inText && isIterable(value)) return "Spread it into an array: ${[...values]}.";
  return "Pick the field to show, as in ${user.name}, or write it as text with JSON.stringify.";
}

function isMarkup(value: unknown): boolean {
  return (
    value instanceof Rendered ||
    value instanceof KeyedList ||
    value instanceof SafeHtml ||
    value instanceof Command ||
    value instanceof ComponentPlace ||
    value instanceof ViewPlace ||
    value instanceof AttributeSpread
  );
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function isIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function className(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== "object" || prototype === null || !("constructor" in prototype)) return "";
  return typeof prototype.constructor === "function" ? prototype.constructor.name : "";
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

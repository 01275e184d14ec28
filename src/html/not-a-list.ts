import { LiveError } from "../errors.ts";
import { describeValue } from "./not-renderable.ts";
import { StreamValue } from "./rendered.ts";

/** `each` was to show something that is no list. */
export class NotAList extends LiveError {
  /** There was nothing at all: perhaps a key of the context that nobody has assigned. */
  readonly isNothing: boolean;

  constructor(items: unknown) {
    const isNothing = items === undefined || items === null;
    const got = isNothing ? String(items) : describeValue(items);
    super("render.nothing-to-map", `each got ${got} where it needs a list. ${mend(items, isNothing)}`);
    this.isNothing = isNothing;
  }
}

function mend(items: unknown, isNothing: boolean): string {
  if (isNothing) return "Give an empty one: each(items ?? [], …).";
  if (items instanceof StreamValue)
    return 'Its own map shows what is new: ${context.rows.map((domId, item) => html`<li id="${domId}">…</li>`)}.';
  return typeof items === "object"
    ? "Give its values: each(Object.values(byId), …)."
    : "Give an array, or anything iterable.";
}

import type { Hole } from "./hole.ts";
import { locate } from "./not-renderable.ts";
import { isArray, KeyedList, Rendered, type Renderable } from "./rendered.ts";

/**
 * The HTML text of a tree, as the first page shows it.
 *
 * @throws {LiveError} `template.not-renderable`; and what the rows of `each(…, deps)` throw, which are made here.
 */
export function toHtml(rendered: Rendered): string {
  const { template, dynamics } = rendered;
  const { statics, holes } = template;
  let text = statics[0] ?? "";
  let index = 0;
  try {
    for (; index < holes.length; index++) {
      const hole = holes[index];
      if (hole !== undefined) text += valueToHtml(hole, dynamics[index]);
      text += statics[index + 1] ?? "";
    }
  } catch (error) {
    throw locate(error, template, index);
  }
  return text;
}

function valueToHtml(hole: Hole, value: Renderable): string {
  if (hole.position === "text" && typeof value === "object") {
    if (value instanceof Rendered) return toHtml(value);
    if (value instanceof KeyedList) return joined(hole, value.rowsOnEmptyPage);
    if (isArray(value)) return joined(hole, value);
  }
  return hole.encode(value);
}

function joined(hole: Hole, values: readonly Renderable[]): string {
  let text = "";
  for (const value of values) text += valueToHtml(hole, value);
  return text;
}

/** A template's literal text on one line, shortened, for error messages. */
export function describeTemplate(rendered: Rendered): string {
  const text = rendered.template.statics.join("${…}").replaceAll(/\s+/g, " ").trim();
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

import type { Hole } from "./holes.ts";
import { KeyedList, Rendered, type Renderable } from "./rendered.ts";

/** The HTML text of a tree, as the first page shows it. */
export function toHtml(rendered: Rendered): string {
  const { template, dynamics } = rendered;
  const { statics, holes } = template;
  let text = statics[0] ?? "";
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index];
    if (hole !== undefined) text += valueToHtml(hole, dynamics[index]);
    text += statics[index + 1] ?? "";
  }
  return text;
}

function valueToHtml(hole: Hole, value: Renderable): string {
  if (hole.position === "text") {
    if (value instanceof Rendered) return toHtml(value);
    if (value instanceof KeyedList) return value.rows.map(toHtml).join("");
    if (Array.isArray(value)) return value.map((entry) => valueToHtml(hole, entry)).join("");
  }
  return hole.encode(value);
}

/** A template's literal text on one line, shortened, for error messages. */
export function describeTemplate(rendered: Rendered): string {
  const text = rendered.template.statics.join("${…}").replaceAll(/\s+/g, " ").trim();
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

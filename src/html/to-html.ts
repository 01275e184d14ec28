import type { Hole } from "./hole.ts";
import { locate } from "./not-renderable.ts";
import { ComponentPlace, isArray, KeyedList, Rendered, ViewPlace, type Renderable } from "./rendered.ts";

/** What live components show at their places. */
export interface ComponentHtml {
  htmlOf(place: ComponentPlace): string;
}

/** For comparisons, where what a component shows does not matter. */
const MARKS: ComponentHtml = {
  htmlOf: ({ component, id }) => `<!-- ${component.name} ${JSON.stringify(id)} -->`,
};

/** What nested views show at their places, their elements included. */
export interface ViewHtml {
  viewHtmlOf(place: ViewPlace): string;
}

const VIEW_MARKS: ViewHtml = {
  viewHtmlOf: ({ id, tag, attributes }) => `<!-- nested view ${JSON.stringify(id)}: ${tag}${attributes} -->`,
};

/**
 * The HTML text of a tree, as the first page shows it.
 *
 * @param components by default, a comment stands for each live component.
 * @param views by default, a comment stands for each nested view.
 * @throws {LiveError} `template.not-renderable`; and what the rows of `each(…, deps)` throw, which are made here.
 */
export function toHtml(rendered: Rendered, components: ComponentHtml = MARKS, views: ViewHtml = VIEW_MARKS): string {
  const { template, dynamics } = rendered;
  const { statics, holes } = template;
  let text = statics[0] ?? "";
  let index = 0;
  try {
    for (; index < holes.length; index++) {
      const hole = holes[index];
      if (hole !== undefined) text += valueToHtml(hole, dynamics[index], components, views);
      text += statics[index + 1] ?? "";
    }
  } catch (error) {
    throw locate(error, template, index);
  }
  return text;
}

function valueToHtml(hole: Hole, value: Renderable, components: ComponentHtml, views: ViewHtml): string {
  if (hole.position === "text" && typeof value === "object") {
    if (value instanceof Rendered) return toHtml(value, components, views);
    if (value instanceof KeyedList) return joined(hole, value.rows, components, views);
    if (isArray(value)) return joined(hole, value, components, views);
    if (value instanceof ComponentPlace) return components.htmlOf(value);
    if (value instanceof ViewPlace) return views.viewHtmlOf(value);
  }
  return hole.encode(value);
}

function joined(hole: Hole, values: readonly Renderable[], components: ComponentHtml, views: ViewHtml): string {
  let text = "";
  for (const value of values) text += valueToHtml(hole, value, components, views);
  return text;
}

/** A template's literal text on one line, shortened, for error messages. */
export function describeTemplate(rendered: Rendered): string {
  const text = rendered.template.statics.join("${…}").replaceAll(/\s+/g, " ").trim();
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}

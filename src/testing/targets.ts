import type { Element } from "./dom.ts";
import { COMPONENT } from "./merged-page.ts";
import { sourceOf } from "./portals.ts";
import { select } from "./selectors.ts";

// For which live component an event is (phoenix_live_view: view.ts, withinTargets and targetComponentID).

const NUMBER = /^(?:0|[1-9]\d*)$/;

/**
 * The components that get an event of `element`, each by its number, and `undefined` for the view itself; none if the
 * target is not on the page.
 * @param pushed the `target` of the command that pushes it
 * @param root what is searched: the document, or what is about to be shown
 */
export function componentsFor(element: Element, pushed: unknown, root: Element): readonly (number | undefined)[] {
  const target = pushed === undefined || pushed === null || pushed === "" ? element.get("phx-target") : pushed;
  const text = typeof target === "number" ? String(target) : target;
  if (typeof text !== "string" || text === "") return [undefined];
  if (!NUMBER.test(text)) return select(root, text).map((found) => componentAround(found, root));
  const number = Number(text);
  return root.find((each) => each.get(COMPONENT) === text) === undefined ? [] : [number];
}

/** The live component that an element is in. What a portal shows is where its template is. */
function componentAround(element: Element, root: Element): number | undefined {
  const inside = element.closest((each) => each.has(COMPONENT));
  if (inside !== undefined) return Number(inside.get(COMPONENT));
  const source = sourceOf(root, element);
  return source === element ? undefined : componentAround(source, root);
}

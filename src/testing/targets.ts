import type { Element } from "./dom.ts";
import { COMPONENT, COMPONENT_VIEW } from "./merged-page.ts";
import { SESSION, viewIdAround } from "./nested.ts";
import { sourceOf } from "./portals.ts";
import { select } from "./selectors.ts";

// For which live component an event is (phoenix_live_view: view.ts, withinTargets and targetComponentID).

const NUMBER = /^(?:0|[1-9]\d*)$/;

/** Who gets an event. */
export interface Target {
  /** The live component, by its number; `undefined`: the view itself. */
  readonly component: number | undefined;
  /** An element of the view; `undefined`: that of the element which sends the event. */
  readonly found: Element | undefined;
}

/**
 * Who gets an event of `element`; nobody if the target is not on the page. An element of another view means that view.
 * @param pushed the `target` of the command that pushes it
 * @param root what is searched: the document, or what is about to be shown
 */
export function targetsOf(element: Element, pushed: unknown, root: Element): readonly Target[] {
  const target = pushed === undefined || pushed === null || pushed === "" ? element.get("phx-target") : pushed;
  const text = typeof target === "number" ? String(target) : target;
  if (typeof text !== "string" || text === "") return [{ component: undefined, found: undefined }];
  if (!NUMBER.test(text)) {
    return select(root, text).map((found) => ({ component: componentAround(found, root), found }));
  }
  const viewId = viewIdAround(element);
  const isTarget = (each: Element): boolean =>
    each.get(COMPONENT) === text && (viewId === undefined || each.get(COMPONENT_VIEW) === viewId);
  return root.find(isTarget) === undefined ? [] : [{ component: Number(text), found: undefined }];
}

/**
 * The components that get an event of `element`, each by its number, and `undefined` for the view itself; none if the
 * target is not on the page.
 * @param pushed the `target` of the command that pushes it
 * @param root what is searched: the document, or what is about to be shown
 */
export function componentsFor(element: Element, pushed: unknown, root: Element): readonly (number | undefined)[] {
  return targetsOf(element, pushed, root).map(({ component }) => component);
}

/** The live component that an element is in. What a portal shows is where its template is. */
function componentAround(element: Element, root: Element): number | undefined {
  const inside = element.closest((each) => each.has(COMPONENT) || each.has(SESSION));
  // What is around a nested view is not its own.
  if (inside?.has(COMPONENT) === true) return Number(inside.get(COMPONENT));
  const source = sourceOf(root, element);
  return source === element ? undefined : componentAround(source, root);
}

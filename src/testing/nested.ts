import type { Element } from "./dom.ts";
import { TELEPORTED } from "./portals.ts";

// Views in a view (phoenix_live_view: dom.ts, dom_patch.ts). Each has an element of its own, and what is in it is its own.

export const SESSION = "data-phx-session";
export const STATIC = "data-phx-static";
export const ROOT_ID = "data-phx-root-id";
const PARENT_ID = "data-phx-parent-id";
const STICKY = "data-phx-sticky";

/** Whether the element is that of a view which ends with the view around it. */
export function isChild(element: Element): boolean {
  return (element.get(PARENT_ID) ?? "") !== "";
}

/** Whether the element is that of a view which outlives the view around it. */
export function isSticky(element: Element): boolean {
  return element.has(STICKY);
}

/** The elements of the views in a view. */
export function childrenOf(viewId: string, root: Element): Element[] {
  return root.all((element) => element.has(SESSION) && element.get(PARENT_ID) === viewId);
}

/** The id of the view that an element belongs to: the nearest around it, or that whose portal shows it. */
export function viewIdAround(element: Element): string | undefined {
  const nearest = element.closest((each) => each.has(SESSION) || each.has(TELEPORTED));
  return nearest?.get(TELEPORTED) ?? nearest?.id;
}

/** A sticky view's element stays as it is when the view around it changes; only its tokens are new. */
export function keepSticky(from: Element, to: Element): void {
  for (const name of [SESSION, STATIC, ROOT_ID]) {
    const value = to.get(name) ?? "";
    if (value !== "") from.set(name, value);
  }
}

/** The view around a child changes its element, but not what is in it, nor the token of one that runs. */
export function mergeChild(from: Element, to: Element, rootId: string): void {
  const session = from.get(SESSION) ?? "";
  for (const [name, value] of to.attributes) if (name !== STATIC) from.set(name, value);
  for (const name of from.attributes.keys()) if (!to.has(name)) from.remove(name);
  if (session !== "") from.set(SESSION, session);
  from.set(ROOT_ID, rootId);
}

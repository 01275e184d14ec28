import { Element } from "./dom.ts";

// What a portal's template holds is shown elsewhere (phoenix_live_view: dom_patch.ts, teleport).

const PORTAL = "data-phx-portal";
/** On what is shown: the view, and the template it comes from. */
export const TELEPORTED = "data-phx-teleported";
export const TELEPORTED_FROM = "data-phx-teleported-src";

export function isPortal(element: Element): boolean {
  return element.name === "template" && element.has(PORTAL);
}

/** A portal's target, as a selector. */
export function portalTarget(template: Element): string {
  return template.get(PORTAL) ?? "";
}

/** The one element that a portal shows. */
export function portalRoot(template: Element): Element | undefined {
  return template.content?.children.find((child): child is Element => child.kind === "element");
}

/**
 * The element that shows a portal's content in `container`: the one that is there, or a new one.
 * @returns it, and what it is to become
 */
export function openPortal(
  document: Element,
  container: Element,
  template: Element,
  root: Element,
  viewId: string,
): { readonly shown: Element; readonly wanted: Element } {
  const existing = document.find((element) => element.id === root.id);
  const shown = existing ?? new Element(root.name, root.namespace);
  if (!container.contains(shown)) container.insert(shown);
  const wanted = root.clone();
  wanted.set(TELEPORTED, viewId);
  wanted.set(TELEPORTED_FROM, template.id);
  return { shown, wanted };
}

/** Where an element stands for its view: what a portal shows stands where its template does. */
export function sourceOf(document: Element, element: Element): Element {
  const shown = element.closest((each) => each.has(TELEPORTED_FROM));
  const id = shown?.get(TELEPORTED_FROM);
  return document.find((each) => each.id === id && isPortal(each)) ?? element;
}

import { isDisabled, typeOf, type Element } from "./dom.ts";
import { isVisible } from "./visibility.ts";

// Which elements can have the focus, and which of them the client tries (phoenix_live_view: aria.ts).

const FOCUSABLE = new Set(["select", "textarea", "button", "summary", "iframe"]);

/** Whether a user can put the focus on an element. */
export function canFocus(element: Element): boolean {
  if (isDisabled(element)) return false;
  if (element.has("tabindex") || element.get("contenteditable") === "true") return true;
  if (element.name === "input") return typeOf(element) !== "hidden";
  if (element.name === "a" || element.name === "area") return element.has("href");
  return FOCUSABLE.has(element.name);
}

/** Whether a program can: `element.focus()` does nothing for what is not shown. */
export function takesFocus(element: Element): boolean {
  return canFocus(element) && isVisible(element);
}

/** Whether `JS.focus` and the like try the element at all. */
export function isTried(element: Element, onlyInteractive: boolean): boolean {
  if (element.name === "a") return element.get("rel") !== "ignore";
  if (["input", "select", "textarea", "button"].includes(element.name) && !isDisabled(element)) return true;
  if (element.name === "iframe" || element.name === "area") return true;
  if (element.get("aria-hidden") === "true") return false;
  const tabIndex = element.has("tabindex") ? Number(element.get("tabindex")) : canFocus(element) ? 0 : -1;
  return tabIndex >= 0 || (!onlyInteractive && element.has("tabindex"));
}

/** The first element below that `JS.focusFirst` would put the focus on. */
export function firstFocusable(element: Element): Element | undefined {
  return search(element, true) ?? firstOfAny(element);
}

/** The same without preferring what a user works with: what `focusWrap` takes. */
export function firstOfAny(element: Element): Element | undefined {
  return search(element, false);
}

/** The last one of those. */
export function lastOfAny(element: Element): Element | undefined {
  return element.all((each) => isTried(each, false) && takesFocus(each)).at(-1);
}

function search(element: Element, onlyInteractive: boolean): Element | undefined {
  return element.find((each) => isTried(each, onlyInteractive) && takesFocus(each));
}

import { typeOf, type Element } from "./dom.ts";

// What of a page is to be seen, as far as its HTML says: there are no style sheets here.

/** Elements that browsers do not show. */
const UNSEEN = new Set(["template", "head", "script", "style", "noscript"]);
const HIDING = /(?:^|;)\s*visibility\s*:\s*hidden/i;

/** Whether a user sees an element. */
export function isVisible(element: Element): boolean {
  return element.closest((each) => isHidden(each)) === undefined;
}

/** Whether the element hides itself and what is in it. */
export function isHidden(element: Element): boolean {
  return hasNoBox(element) || HIDING.test(element.get("style") ?? "");
}

/** Whether the element takes room on the page, which is what the client calls visible. */
export function hasBox(element: Element): boolean {
  return element.closest((each) => hasNoBox(each)) === undefined;
}

/** Whether the element itself, wherever it stands, is one that takes no room. */
export function hasNoBox(element: Element): boolean {
  const display = styleOf(element, "display");
  return (
    display === "none" ||
    // The attribute is only a rule of the browser's own style sheet.
    (display === undefined && element.has("hidden")) ||
    typeOf(element) === "hidden" ||
    UNSEEN.has(element.name) ||
    isInClosedDetails(element)
  );
}

function isInClosedDetails(element: Element): boolean {
  const { parent } = element;
  return parent?.name === "details" && !parent.has("open") && element.name !== "summary";
}

/** A property in the element's `style`, in lower case. */
function styleOf(element: Element, property: string): string | undefined {
  const declaration = declarations(element).findLast(([name]) => name === property);
  return declaration?.[1].toLowerCase();
}

/** What `element.style.setProperty(property, value)` makes of the attribute. */
export function setStyle(element: Element, property: string, value: string): void {
  const list = declarations(element);
  const known = list.find(([name]) => name === property);
  if (known === undefined) list.push([property, value]);
  else known[1] = value;
  element.set("style", list.map(([name, text]) => `${name}: ${text};`).join(" "));
}

function declarations(element: Element): [property: string, value: string][] {
  return (element.get("style") ?? "").split(";").flatMap((declaration) => {
    const [property = "", ...value] = declaration.split(":");
    const text = value.join(":").trim();
    return text === "" ? [] : [[property.trim().toLowerCase(), text]];
  });
}

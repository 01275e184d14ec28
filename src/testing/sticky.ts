import type { Element, Sticky } from "./dom.ts";

// What JS commands do to an element is done again to what the server makes of it (phoenix_live_view: dom.ts, putSticky;
// js.js). Each kind of change is remembered once, as the sum of all commands of its kind.

type Names = readonly string[];
type Pairs = readonly (readonly [name: string, value: string])[];

function put(element: Element, kind: Sticky["kind"], apply: Sticky["apply"]): void {
  const result = apply(element);
  const all = (element.notes.sticky ??= []);
  const index = all.findIndex((each) => each.kind === kind);
  if (index === -1) all.push({ kind, apply, result });
  else all[index] = { kind, apply, result };
}

/** Does to the element all that commands have done to the one whose notes it has. */
export function applySticky(element: Element): void {
  for (const each of element.notes.sticky ?? []) each.result = each.apply(element);
}

/** What the latest change of the kind has left: its kind says of which types. */
function resultOf(element: Element, kind: Sticky["kind"]): readonly [unknown, unknown] | undefined {
  return element.notes.sticky?.find((each) => each.kind === kind)?.result;
}

// ── classes ──

export function stickyClasses(element: Element): readonly [added: Names, removed: Names] {
  // `changeClasses` alone puts this kind.
  return (resultOf(element, "classes") as readonly [Names, Names] | undefined) ?? [[], []];
}

export function changeClasses(element: Element, adds: Names, removes: Names): void {
  const [added, removed] = stickyClasses(element);
  const { classes } = element;
  const keepAdds = adds.filter((name) => !added.includes(name) && !classes.includes(name));
  const keepRemoves = removes.filter((name) => !removed.includes(name) && classes.includes(name));
  const newAdds = [...added.filter((name) => !removes.includes(name)), ...keepAdds];
  const newRemoves = [...removed.filter((name) => !adds.includes(name)), ...keepRemoves];
  put(element, "classes", (current) => {
    setClasses(current, [...current.classes.filter((name) => !newRemoves.includes(name)), ...newAdds]);
    return [newAdds, newRemoves];
  });
}

/** As Chromium's `classList.add` does: there is an attribute after it, even if it is empty. */
function setClasses(element: Element, classes: Names): void {
  element.set("class", [...new Set(classes)].join(" "));
}

// ── attributes ──

export function changeAttributes(element: Element, sets: Pairs, removes: Names): void {
  // This function alone puts this kind.
  const [oldSets, oldRemoves] = (resultOf(element, "attributes") as readonly [Pairs, Names] | undefined) ?? [[], []];
  const changed = [...sets.map(([name]) => name), ...removes];
  const newSets = [...oldSets.filter(([name]) => !changed.includes(name)), ...sets];
  const newRemoves = [...oldRemoves.filter((name) => !changed.includes(name)), ...removes];
  put(element, "attributes", (current) => {
    for (const name of newRemoves) current.remove(name);
    for (const [name, value] of newSets) current.set(name, value);
    return [newSets, newRemoves];
  });
}

// ── visibility ──

export function changeDisplay(element: Element, set: (current: Element) => void): void {
  put(element, "display", (current) => {
    set(current);
    return [undefined, undefined];
  });
}

// ── attributes that the server does not change ──

/** Brings what is to become of an element back to what the element has of the attributes that `ignoreAttributes` named. */
export function keepIgnored(from: Element, to: Element): void {
  const ignored = from.notes.ignoredAttributes;
  if (ignored === undefined) return;
  const isIgnored = (name: string): boolean =>
    ignored.some((each) => each === name || each === "*" || (each.includes("*") && new RegExp(each).test(name)));
  for (const name of to.attributes.keys()) if (!from.has(name) && isIgnored(name)) to.remove(name);
  for (const [name, value] of from.attributes) if (isIgnored(name)) to.set(name, value);
}

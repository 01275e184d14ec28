import { MARK, SKIPPED } from "./merged-page.ts";
import { isChild, isSticky, keepSticky, mergeChild } from "./nested.ts";
import { isPortal, TELEPORTED } from "./portals.ts";
import { applySticky, keepIgnored } from "./sticky.ts";
import { isStreamContainer, STREAM_REF, type StreamPatch } from "./stream-patch.ts";
import {
  controlsOf,
  detach,
  isCheckable,
  isChecked,
  isControl,
  isSelected,
  optionsOf,
  selectIndex,
  selectOf,
  setChecked,
  setSelected,
  setValue,
  typeOf,
  valueOf,
  Element,
  type ChildNode,
} from "./dom.ts";

// How the browser's client brings a page to what was rendered: the algorithm of morphdom with the client's callbacks
// (phoenix_live_view: dom_patch.ts, perform). It decides which old element becomes which new one, and so what a user has
// typed, chosen or focused survives. Written after the original, step by step: where it is odd, so are browsers.

/** The attributes by which the client marks elements whose event is under way. */
export const REF_SOURCE = "data-phx-ref-src";
export const REF_LOADING = "data-phx-ref-loading";
export const REF_LOCK = "data-phx-ref-lock";
const PENDING = [REF_LOADING, REF_SOURCE, REF_LOCK];
export const LOADING_CLASSES = ["click", "change", "submit", "keydown", "keyup", "blur", "focus", "hook"].map(
  (type) => `phx-${type}-loading`,
);

const TEXT_INPUTS = new Set(
  "text textarea number email password search tel url date time datetime-local color range".split(" "),
);

export interface MorphOptions {
  readonly focused: Element | undefined;
  /** Morphs `from` itself too, and not only what is in it. */
  readonly withRoot?: boolean;
  /** The answer that unlocks an element, if that is what this morph is for. */
  readonly undoneRef?: number;
  /** Gets what the morph leaves to be done. @default nothing is left: elements go at once, and portals stay closed */
  readonly outcome?: MorphOutcome;
  /** In the first patch after a join, elements are known by their ids alone. @default false */
  readonly isJoin?: boolean;
  /** What the message does to rows of streams. */
  readonly streams?: StreamPatch;
  /** The id of the view around all that are nested here. @default "" */
  readonly rootId?: string;
}

/** What comes after a morph, in the order of the client. */
export interface MorphOutcome {
  /** New elements. */
  readonly added: Element[];
  /** Elements that are to go once their `phx-remove` has run. */
  readonly leaving: Element[];
  /** Templates whose content is to be shown elsewhere, as they are now. */
  readonly portals: Element[];
  /** Templates that are gone. */
  readonly closed: Element[];
  /** Whether what has the focus was moved, and so loses it: the client gives it back to fields for text and to selects. */
  isFocusLost: boolean;
}

/** Makes `from` like `to`, whose nodes it takes where it has none of its own. */
export function morph(from: Element, to: Element, options: MorphOptions): void {
  new Morph(options).run(from, to);
}

class Morph {
  readonly #options: MorphOptions;
  readonly #byKey = new Map<string, Element>();
  readonly #removedKeys: string[] = [];

  constructor(options: MorphOptions) {
    this.#options = options;
  }

  run(from: Element, to: Element): void {
    const { withRoot } = this.#options;
    this.#index(from);
    this.#element(withRoot === true ? this.#named(from, to) : from, to, withRoot !== true);
    for (const key of this.#removedKeys) {
      const element = this.#byKey.get(key);
      if (element !== undefined) this.#remove(element, false);
    }
  }

  /** What an element is known by, wherever it stands: its id, or what the client gave a live component's for it. */
  #keyOf(node: ChildNode): string {
    // What shows a nested view that is over is not what will show the next one.
    if (node.kind !== "element" || node.notes.isOver === true) return "";
    return node.id === "" && this.#options.isJoin !== true ? (node.get(MARK) ?? "") : node.id;
  }

  /** The root itself, or if `to` has another name, an element of that name which takes over what is in it. */
  #named(from: Element, to: Element): Element {
    if (from.name === to.name || from.parent === undefined) return from;
    const target = new Element(to.name, to.namespace);
    this.#noteMoved(from);
    for (const child of from.children.slice()) target.insert(child);
    from.parent.replace(from, target);
    return target;
  }

  #noteMoved(element: Element): void {
    const { focused, outcome } = this.#options;
    if (outcome === undefined || focused === undefined || !element.contains(focused)) return;
    outcome.isFocusLost ||= focused.name !== "select" && !TEXT_INPUTS.has(typeOf(focused));
  }

  #noteAdded(element: Element): void {
    const { outcome } = this.#options;
    markEndless(element);
    this.#options.streams?.placed(element, true);
    outcome?.added.push(element);
    if (isPortal(element)) outcome?.portals.push(element);
  }

  #index(parent: Element): void {
    for (const element of parent.descendants()) {
      const key = this.#keyOf(element);
      if (key !== "") this.#byKey.set(key, element);
    }
  }

  #element(from: Element, to: Element, childrenOnly: boolean): void {
    let target = from;
    this.#byKey.delete(this.#keyOf(to));
    if (!childrenOnly) {
      const decided = this.#beforeUpdate(from, to);
      if (decided === undefined) return;
      target = decided;
      // The client hands its element back always, and morphdom then looks for keys in it anew.
      this.#index(target);
      copyAttributes(target, to);
      this.#options.streams?.placed(target, false);
    }
    if (target.name === "textarea") syncTextarea(target, to);
    else this.#children(target, to);
  }

  /** What to morph in the place of `from`: itself, or the copy that a locked element becomes; `undefined`: leave it. */
  #beforeUpdate(from: Element, to: Element): Element | undefined {
    syncPending(from, to);
    markEndless(to);
    if (isStreamContainer(to))
      for (const child of to.children.slice()) if (child.kind !== "element" || child.id === "") detach(child);
    const isFocused = from === this.#options.focused && isEditable(from);
    const isChangedSelect = isFocused && from.name === "select" && selectHasChanged(from, to);
    if (to.has(SKIPPED)) {
      this.#copyOfLocked(from, isFocused);
      this.#options.streams?.placed(from, false);
      return undefined;
    }
    if (isSticky(from)) {
      keepSticky(from, to);
      return undefined;
    }
    if (isIgnored(from)) {
      keepIgnored(from, to);
      mergeAttributes(from, to, { onlyData: true });
      applySticky(from);
      return undefined;
    }
    const target = this.#copyOfLocked(from, isFocused);
    if (isChild(to)) {
      mergeChild(target, to, this.#options.rootId ?? "");
      applySticky(target);
      if (from.notes.streamRef !== undefined) target.set(STREAM_REF, from.notes.streamRef);
      return undefined;
    }
    if (this.#options.undoneRef !== undefined && to.notes.lockedAs !== undefined) {
      target.notes.lockedAs = to.notes.lockedAs;
    }
    if (target === from) to.notes = from.notes;
    if (from.notes.streamRef !== undefined) to.set(STREAM_REF, from.notes.streamRef);
    if (isPortal(to)) {
      this.#options.outcome?.portals.push(to);
      target.content = to.content?.clone();
      return undefined;
    }
    if (isFocused && typeOf(from) !== "hidden" && !isChangedSelect && !to.has("phx-patch-focused")) {
      keepIgnored(target, to);
      mergeFocused(target, to);
      if (isCheckable(target)) setChecked(target, target.has("checked"));
      applySticky(target);
      return undefined;
    }
    if (isCheckable(to)) setChecked(to, to.has("checked"));
    applySticky(to);
    keepIgnored(target, to);
    return target;
  }

  #copyOfLocked(from: Element, isFocused: boolean): Element {
    const lock = from.get(REF_LOCK);
    if (!from.has(REF_SOURCE) || lock === undefined) return from;
    const { undoneRef } = this.#options;
    if (undoneRef !== undefined && Number(lock) <= undoneRef) return from;
    applySticky(from);
    const copy = from.notes.lockedAs ?? from.clone();
    from.notes.lockedAs = copy;
    return isFocused ? from : copy;
  }

  #children(from: Element, to: Element): void {
    // Rows of streams are nobody's but the page's: they are not matched by their place, and none is left over.
    const isStream = isStreamContainer(from) && to.children.length > 0;
    let next: ChildNode | undefined = isStream ? undefined : from.children[0];
    for (const wanted of to.children.slice()) next = this.#child(from, wanted, next);
    while (next !== undefined) {
      const following = from.after(next);
      this.#discard(next);
      next = following;
    }
    syncControl(from, to);
  }

  /** Finds or makes `wanted` among the children of `from`, from `next` on. @returns the child to go on with */
  #child(from: Element, wanted: ChildNode, next: ChildNode | undefined): ChildNode | undefined {
    const key = this.#keyOf(wanted);
    let current = next;
    while (current !== undefined) {
      const following: ChildNode | undefined = from.after(current);
      let isSame = false;
      if (current.kind === "element" && wanted.kind === "element") {
        const match = key === "" || key === this.#keyOf(current) ? undefined : this.#byKey.get(key);
        if (key === this.#keyOf(current)) isSame = true;
        else if (match !== undefined && match !== following) {
          this.#noteMoved(match);
          from.insert(match, current);
          this.#discard(current);
          current = match;
          isSame = true;
        }
        isSame &&= current.name === wanted.name;
        if (isSame) this.#element(current, wanted, false);
      } else if (current.kind !== "element" && current.kind === wanted.kind) {
        isSame = true;
        current.data = wanted.data;
      }
      // What was to follow may have been taken away, as a part of something else.
      if (isSame) return following?.parent === from ? following : from.after(current);
      this.#discard(current);
      current = following;
    }
    const match = this.#byKey.get(key);
    if (key !== "" && wanted.kind === "element" && match !== undefined && match.name === wanted.name) {
      if (!isStreamContainer(from)) {
        this.#noteMoved(match);
        from.insert(match);
      }
      this.#element(match, wanted, false);
    } else if (wanted.kind === "element") this.#add(from, wanted);
    else from.insert(wanted);
    return undefined;
  }

  #add(parent: Element, wanted: Element): void {
    const { streams } = this.#options;
    if (streams === undefined) {
      parent.insert(wanted);
      this.#noteAdded(wanted);
      return this.#added(wanted);
    }
    const found = streams.rowFor(wanted);
    if (found === undefined) return;
    const { row, isKept } = found;
    if (isKept) morph(row, wanted, { ...this.#options, withRoot: true });
    streams.add(parent, row);
    this.#noteAdded(row);
    this.#added(row);
  }

  /** Elements with an id inside of what was added may have been elsewhere before. */
  #added(element: Element): void {
    for (const child of element.children.slice()) {
      if (child.kind !== "element") continue;
      const match = this.#byKey.get(this.#keyOf(child));
      if (match !== undefined && match.name === child.name) {
        this.#noteMoved(match);
        element.replace(child, match);
        this.#element(match, child, false);
      } else {
        this.#noteAdded(child);
        this.#added(child);
      }
    }
  }

  /** Removes a node that has no place; one with an id later, because its place may still come. */
  #discard(node: ChildNode): void {
    const key = this.#keyOf(node);
    if (key === "") this.#remove(node, true);
    else this.#removedKeys.push(key);
  }

  #remove(node: ChildNode, keepKeyed: boolean): void {
    const { outcome } = this.#options;
    if (node.kind === "element") {
      if (node.id !== "" && node.parent !== undefined && isStreamContainer(node.parent)) return;
      // What a portal shows belongs to its template, wherever it stands.
      if (node.has(TELEPORTED)) return;
      if (node.has("phx-remove") && outcome !== undefined) {
        outcome.leaving.push(node);
        return;
      }
      if (isPortal(node)) outcome?.closed.push(node);
    }
    detach(node);
    if (keepKeyed && node.kind === "element") this.#discardKeyed(node);
  }

  #discardKeyed(parent: Element): void {
    for (const child of parent.children) {
      if (child.kind !== "element") continue;
      const key = this.#keyOf(child);
      if (key === "") this.#discardKeyed(child);
      else this.#removedKeys.push(key);
    }
  }
}

/** The client has a hook of its own for lists that grow where they are scrolled to. */
function markEndless(element: Element): void {
  if (element.has("phx-viewport-top") || element.has("phx-viewport-bottom")) {
    element.set("data-phx-hook", "Phoenix.InfiniteScroll");
  }
}

export function isIgnored(element: Element): boolean {
  return (element.get("phx-update") ?? element.get("data-phx-update")) === "ignore";
}

function isEditable(element: Element): boolean {
  return isControl(element) && element.name !== "button" && !(element.name === "input" && typeOf(element) === "button");
}

function syncPending(from: Element, to: Element): void {
  if (!from.has(REF_SOURCE)) return;
  const { classes } = from;
  for (const name of LOADING_CLASSES) if (classes.includes(name)) to.addClass(name);
  for (const name of PENDING) {
    const value = from.get(name);
    if (value !== undefined) to.set(name, value);
  }
}

function selectHasChanged(from: Element, to: Element): boolean {
  if (from.has("multiple")) return false;
  const [old, wanted] = [optionsOf(from), optionsOf(to)];
  if (old.length !== wanted.length) return true;
  const value = valueOf(from);
  selectIndex(
    to,
    wanted.findIndex((option) => valueOf(option) === value),
  );
  const show = (options: readonly Element[]): string =>
    JSON.stringify(options.map((option) => [option.text, [...option.attributes].sort(([a], [b]) => (a < b ? -1 : 1))]));
  return show(old) !== show(wanted);
}

function copyAttributes(from: Element, to: Element): void {
  for (const [name, value] of to.attributes) from.set(name, value);
  for (const name of from.attributes.keys()) if (!to.has(name)) from.remove(name);
}

/** The client's `mergeAttrs`. `onlyData`: of an element with phx-update="ignore", whose other attributes stay. */
function mergeAttributes(target: Element, source: Element, options: { readonly onlyData: boolean }): void {
  const counts = (name: string): boolean => !options.onlyData || name.startsWith("data-");
  for (const [name, value] of source.attributes) if (counts(name)) target.set(name, value);
  for (const name of target.attributes.keys()) {
    if (source.has(name) || !counts(name)) continue;
    if (!options.onlyData || !PENDING.includes(name)) target.remove(name);
  }
}

/** What is typed wins while the field has the focus; all else follows the server. */
function mergeFocused(target: Element, source: Element): void {
  if (target.name !== "select") {
    const value = target.get("value");
    const shown = valueOf(target);
    const sourceValue = source.get("value");
    mergeAttributes(target, source, { onlyData: false });
    if (source.has("value")) {
      if (shown === valueOf(source) && sourceValue !== undefined) target.set("value", sourceValue);
      else if (value === undefined) target.remove("value");
      else target.set("value", value);
    }
  }
  if (source.has("readonly")) target.set("readonly", "true");
  else target.remove("readonly");
}

// ── what morphdom does for form controls once their children are done ──

function syncControl(from: Element, to: Element): void {
  if (from.name === "input") syncInput(from, to);
  else if (from.name === "option") syncOption(from, to);
  else if (from.name === "select") syncSelect(from, to);
}

function syncInput(from: Element, to: Element): void {
  if (isChecked(from) !== isChecked(to)) {
    setChecked(from, isChecked(to));
    if (isChecked(from)) from.set("checked", "");
    else from.remove("checked");
  }
  const value = String(valueOf(to));
  if (valueOf(from) !== value) setValue(from, value);
  if (!to.has("value")) from.remove("value");
}

function syncTextarea(from: Element, to: Element): void {
  const value = String(valueOf(to));
  if (valueOf(from) !== value) setValue(from, value);
  const first = from.children[0];
  if (first?.kind !== "text") return;
  if (first.data === value || (value === "" && first.data === from.get("placeholder"))) return;
  first.data = value;
}

function syncOption(from: Element, to: Element): void {
  const select = selectOf(from);
  const wanted = isSelected(to);
  if (select !== undefined && !select.has("multiple")) {
    if (from.has("selected") && !wanted) from.remove("selected");
    selectIndex(select, -1);
  }
  if (isSelected(from) === wanted) return;
  setSelected(from, wanted);
  if (wanted) from.set("selected", "");
  else from.remove("selected");
}

function syncSelect(from: Element, to: Element): void {
  if (to.has("multiple")) return;
  selectIndex(
    from,
    optionsOf(from).findIndex((option) => option.has("selected")),
  );
}

/** Lets a form begin anew: what was typed and chosen in it goes. */
export function resetForm(form: Element): void {
  for (const control of controlsOf(form)) {
    control.typed = undefined;
    control.chosen = undefined;
    control.isCleared = false;
    for (const option of optionsOf(control)) option.chosen = undefined;
    control.notes.isUsed = false;
    control.notes.isSubmitted = false;
  }
}

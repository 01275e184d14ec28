// A page's document: as much of the DOM as the browser's client reads and changes, with the state of form controls that
// a user has touched. What a standard says of it is the HTML standard, section 4.10, "Forms".

import type { PageFile, UploadPace } from "./user-files.ts";

export type ChildNode = Element | Text | Comment;

export class Text {
  readonly kind = "text";
  data: string;
  parent: Element | undefined = undefined;
  constructor(data: string) {
    this.data = data;
  }
}

export class Comment {
  readonly kind = "comment";
  data: string;
  parent: Element | undefined = undefined;
  constructor(data: string) {
    this.data = data;
  }
}

/** What the client notes about an element, beside the DOM. The morph moves it from the old element to the new one. */
export interface Notes {
  /** The user has changed it: its field is not `_unused_` any more. */
  isUsed?: boolean;
  /** Its form was submitted. */
  isSubmitted?: boolean;
  /** What a locked element becomes once its event was answered. */
  lockedAs?: Element | undefined;
  /** The event that waits for its debounce. */
  waiting?: { run: () => void; timer: ReturnType<typeof setTimeout> | undefined } | undefined;
  throttled?: ReturnType<typeof setTimeout> | undefined;
  lastKey?: string | undefined;
  /** As a list with `phx-viewport-top`: the page has said that it was scrolled past its start. */
  isOverrun?: boolean;
  /** As a row of a stream: which stream it belongs to. */
  streamRef?: string;
  /** What JS commands have done to it, to be done again after the server has changed it. */
  sticky?: Sticky[];
  /** The attributes that the server does not change, as `JS.ignoreAttributes` names them. */
  ignoredAttributes?: readonly string[];
  /** The latest `input` or `change` event of a field, among those of all fields. */
  lastInput?: { readonly type: string; readonly count: number };
  /** Its `phx-mounted`, and its hook of the client's own, have run. */
  isMounted?: boolean;
  /** Of a nested view's element: the view is over. */
  isOver?: boolean;
  /** Of a file input: what was chosen, and how it goes. */
  files?: readonly PageFile[] | undefined;
  pace?: UploadPace | undefined;
}

/** A change by JS commands that lasts: sticky.ts. */
export interface Sticky {
  readonly kind: "classes" | "attributes" | "display";
  readonly apply: (element: Element) => readonly [unknown, unknown];
  /** What the kind needs to know of it when the next command comes. */
  result: readonly [unknown, unknown];
}

export class Element {
  readonly kind = "element";
  /** In lower case, but for SVG. `#document` and `#fragment` for the two that are no elements. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes = new Map<string, string>();
  readonly children: ChildNode[] = [];
  parent: Element | undefined = undefined;
  /** What stands in a `<template>`. */
  content: Element | undefined = undefined;
  /** Of an input or a textarea: what was typed; `undefined` while it shows its attribute or its text. */
  typed: string | undefined = undefined;
  /** Of a checkbox, a radio button or an option: set by the user or the client; `undefined` while its attribute counts. */
  chosen: boolean | undefined = undefined;
  /** Of a select: nothing is chosen, not even the first option. */
  isCleared = false;
  notes: Notes = {};

  constructor(name: string, namespace: string = HTML) {
    this.name = name;
    this.namespace = namespace;
  }

  get id(): string {
    return this.attributes.get("id") ?? "";
  }

  get(attribute: string): string | undefined {
    return this.attributes.get(attribute);
  }

  has(attribute: string): boolean {
    return this.attributes.has(attribute);
  }

  set(attribute: string, value: string): void {
    this.attributes.set(attribute, value);
  }

  remove(attribute: string): void {
    this.attributes.delete(attribute);
  }

  get classes(): string[] {
    return (this.get("class") ?? "").split(/\s+/).filter((name) => name !== "");
  }

  addClass(name: string): void {
    const { classes } = this;
    if (!classes.includes(name)) this.set("class", [...classes, name].join(" "));
  }

  removeClass(name: string): void {
    const { classes } = this;
    if (!classes.includes(name)) return;
    const left = classes.filter((each) => each !== name);
    if (left.length === 0) this.remove("class");
    else this.set("class", left.join(" "));
  }

  // ── the tree ──

  /** Puts `child` before `before`, or last; takes it from where it was. */
  insert(child: ChildNode, before?: ChildNode): void {
    detach(child);
    const index = before === undefined ? -1 : this.children.indexOf(before);
    if (index === -1) this.children.push(child);
    else this.children.splice(index, 0, child);
    child.parent = this;
  }

  /** The node after this one's child `child`. */
  after(child: ChildNode): ChildNode | undefined {
    return this.children[this.children.indexOf(child) + 1];
  }

  replace(old: ChildNode, child: ChildNode): void {
    detach(child);
    const index = this.children.indexOf(old);
    if (index === -1) throw new Error("The node to replace is no child.");
    this.children[index] = child;
    child.parent = this;
    old.parent = undefined;
  }

  contains(node: ChildNode): boolean {
    for (let at: ChildNode | undefined = node; at !== undefined; at = at.parent) if (at === this) return true;
    return false;
  }

  closest(matches: (element: Element) => boolean): Element | undefined {
    if (matches(this)) return this;
    for (let at = this.parent; at !== undefined; at = at.parent) if (matches(at)) return at;
    return undefined;
  }

  /** All elements below this one, in the order of the document. Live: do not change the tree while it runs. */
  *descendants(): Generator<Element, void, undefined> {
    for (const child of this.children) {
      if (child.kind !== "element") continue;
      yield child;
      yield* child.descendants();
    }
  }

  find(matches: (element: Element) => boolean): Element | undefined {
    for (const element of this.descendants()) if (matches(element)) return element;
    return undefined;
  }

  all(matches: (element: Element) => boolean): Element[] {
    const found: Element[] = [];
    for (const element of this.descendants()) if (matches(element)) found.push(element);
    return found;
  }

  /** All text below, as it stands. */
  get text(): string {
    let text = "";
    for (const child of this.children) {
      if (child.kind === "text") text += child.data;
      else if (child.kind === "element") text += child.text;
    }
    return text;
  }

  set text(text: string) {
    for (const child of this.children) child.parent = undefined;
    this.children.length = 0;
    if (text !== "") this.insert(new Text(text));
  }

  /** As `cloneNode(true)`: with what was typed and chosen, without the client's notes. */
  clone(): Element {
    const copy = new Element(this.name, this.namespace);
    for (const [name, value] of this.attributes) copy.attributes.set(name, value);
    copy.typed = this.typed;
    copy.chosen = this.chosen;
    copy.isCleared = this.isCleared;
    copy.content = this.content?.clone();
    for (const child of this.children) {
      copy.insert(
        child.kind === "element"
          ? child.clone()
          : child.kind === "text"
            ? new Text(child.data)
            : new Comment(child.data),
      );
    }
    return copy;
  }
}

export const HTML = "http://www.w3.org/1999/xhtml";

export function detach(node: ChildNode): void {
  const { parent } = node;
  if (parent === undefined) return;
  parent.children.splice(parent.children.indexOf(node), 1);
  node.parent = undefined;
}

// ── form controls ──

const TEXT_FREE_TYPES = new Set(["hidden", "submit", "button", "reset", "image", "checkbox", "radio", "file"]);

/** The type of an input or a button, as a browser takes it. */
export function typeOf(control: Element): string {
  const type = (control.get("type") ?? "").toLowerCase();
  if (control.name === "button") return type === "reset" || type === "button" ? type : "submit";
  if (control.name === "input") return type === "" ? "text" : type;
  return control.name === "select" ? (control.has("multiple") ? "select-multiple" : "select-one") : control.name;
}

export function isControl(element: Element): boolean {
  return ["input", "select", "textarea", "button"].includes(element.name);
}

export function isCheckable(element: Element): boolean {
  return element.name === "input" && ["checkbox", "radio"].includes(typeOf(element));
}

/** The property `value`; `undefined` for an element that has none. */
export function valueOf(element: Element): string | number | undefined {
  switch (element.name) {
    case "input": {
      const type = typeOf(element);
      if (type === "checkbox" || type === "radio") return element.get("value") ?? "on";
      if (TEXT_FREE_TYPES.has(type)) return element.get("value") ?? "";
      return element.typed ?? element.get("value") ?? "";
    }
    case "textarea":
      return element.typed ?? element.text;
    case "select":
      return selectedOptions(element).map(optionValue)[0] ?? "";
    case "option":
      return optionValue(element);
    case "button":
    case "data":
    case "param":
      return element.get("value") ?? "";
    case "output":
      return element.text;
    case "li":
    case "meter":
    case "progress":
      return Number(element.get("value") ?? 0) || 0;
    default:
      return undefined;
  }
}

/** Sets the property `value` of an input or a textarea. */
export function setValue(control: Element, value: string): void {
  if (control.name === "input" && TEXT_FREE_TYPES.has(typeOf(control))) control.set("value", value);
  else control.typed = value;
}

export function isChecked(input: Element): boolean {
  return input.chosen ?? input.has("checked");
}

export function setChecked(input: Element, isChecked: boolean): void {
  input.chosen = isChecked;
  if (!isChecked || typeOf(input) !== "radio" || (input.get("name") ?? "") === "") return;
  const form = formOf(input);
  for (const other of rootOf(input).descendants()) {
    if (other === input || other.name !== "input" || typeOf(other) !== "radio") continue;
    if (other.get("name") === input.get("name") && formOf(other) === form) other.chosen = false;
  }
}

/** The options of a select, those in groups too. */
export function optionsOf(select: Element): Element[] {
  return select.children.flatMap((child) => {
    if (child.kind !== "element") return [];
    if (child.name === "option") return [child];
    if (child.name !== "optgroup") return [];
    return child.children.filter((option): option is Element => option.kind === "element" && option.name === "option");
  });
}

export function optionValue(option: Element): string {
  return option.get("value") ?? collapse(option.text);
}

export function selectOf(option: Element): Element | undefined {
  const parent = option.parent?.name === "optgroup" ? option.parent.parent : option.parent;
  return parent?.name === "select" ? parent : undefined;
}

/** Whether the option itself says so, before its select is asked whether another one wins. */
function claims(option: Element): boolean {
  return option.chosen ?? option.has("selected");
}

export function selectedOptions(select: Element): Element[] {
  const options = optionsOf(select);
  const claiming = options.filter(claims);
  if (select.has("multiple")) return claiming;
  const last = claiming.at(-1);
  if (last !== undefined) return [last];
  if (select.isCleared || Number(select.get("size") ?? 1) > 1) return [];
  const first = options.find((option) => !option.has("disabled") && !isOff(option.parent));
  return first === undefined ? [] : [first];
}

function isOff(parent: Element | undefined): boolean {
  return parent?.name === "optgroup" && parent.has("disabled");
}

export function isSelected(option: Element): boolean {
  const select = selectOf(option);
  return select === undefined ? claims(option) : selectedOptions(select).includes(option);
}

export function setSelected(option: Element, isSelected: boolean): void {
  const select = selectOf(option);
  if (isSelected && select !== undefined && !select.has("multiple")) {
    for (const other of optionsOf(select)) other.chosen = false;
  }
  option.chosen = isSelected;
}

/** Sets the property `selectedIndex`; -1 chooses nothing. */
export function selectIndex(select: Element, index: number): void {
  const options = optionsOf(select);
  for (const option of options) option.chosen = false;
  const option = options[index];
  if (option !== undefined) option.chosen = true;
  select.isCleared = option === undefined;
}

/** The form that a control belongs to. */
export function formOf(control: Element): Element | undefined {
  const id = control.get("form");
  if (id !== undefined) return rootOf(control).find((element) => element.name === "form" && element.id === id);
  return control.parent?.closest((element) => element.name === "form");
}

/** The controls of a form in the order of the document, those outside that name it too. */
export function controlsOf(form: Element): Element[] {
  return rootOf(form).all((element) => isControl(element) && formOf(element) === form);
}

/** Disabled by itself or by a fieldset around it. */
export function isDisabled(element: Element): boolean {
  const canBe = isControl(element) || ["option", "optgroup", "fieldset"].includes(element.name);
  if (canBe && element.has("disabled")) return true;
  if (!canBe) return false;
  for (let at = element.parent; at !== undefined; at = at.parent) {
    if (at.name !== "fieldset" || !at.has("disabled")) continue;
    const legend = at.children.find((child): child is Element => child.kind === "element" && child.name === "legend");
    if (legend?.contains(element) !== true) return true;
  }
  return false;
}

export function rootOf(node: Element): Element {
  let root = node;
  while (root.parent !== undefined) root = root.parent;
  return root;
}

/** Text as people read it: runs of white space are one space. */
export function collapse(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

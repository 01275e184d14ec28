import { LIST_MARK, UNUSED_MARK } from "../protocol/form.ts";

// What stands in the fields of a form, as a tree. Pure. Rows of lists are known by keys that stay, and not by their place,
// so that what the browser keeps for a field (its text, its focus) stays with its row.

/** A field, a group of named fields, or a list of rows. Immutable. */
export type FormNode = FormLeaf | FormGroup | FormList;

/** One field. As the browser sent it that is a text; before that it is whatever the form began with. */
export interface FormLeaf {
  readonly kind: "leaf";
  readonly value: unknown;
}

export interface FormGroup {
  readonly kind: "group";
  readonly fields: ReadonlyMap<string, FormNode>;
}

export interface FormList {
  readonly kind: "list";
  readonly rows: readonly ListRow[];
  /**
   * The number of the next new row. It only grows, so that no key names two rows, one after the other; and with every change
   * of the rows, so that what a page tells of it says how old that page is.
   */
  readonly next: number;
  /** A page that tells a smaller number has not got the last change of the rows yet. */
  readonly changedTo?: number;
}

export interface ListRow {
  readonly key: string;
  readonly node: FormNode;
  /** It was added since the browser has sent the form. */
  readonly isNew?: true;
}

/** What a button in a form may do to a list (`items[_add]`, `items[_remove]=r0`), besides the mark of the list itself. */
export const ADD = "_add";
export const REMOVE = "_remove";
export const UP = "_up";
export const DOWN = "_down";

const EMPTY_LEAF: FormLeaf = { kind: "leaf", value: undefined };
const EMPTY_GROUP: FormGroup = { kind: "group", fields: new Map() };
/** Deeper data is taken as one value. What browsers send is bounded before, and far below. */
const MAX_DEPTH = 64;
/** Nobody clicks so often before an answer is there; who says so gets the list that they send, or it could grow without end. */
const MAX_CHANGES_UNSEEN = 100;

/**
 * The tree of what a browser has sent, or of data that a program has. Costs time in proportion to it.
 * @param before what the browser was to show: where its page has not got a change of the rows yet, those of `before` stay
 */
export function readNode(value: unknown, before?: FormNode, depthLeft = MAX_DEPTH): FormNode {
  if (depthLeft <= 0) return { kind: "leaf", value };
  if (Array.isArray(value)) {
    const rows = value.map((element: unknown, index) => ({
      key: rowKey(index),
      node: readNode(element, undefined, depthLeft - 1),
    }));
    return { kind: "list", rows, next: rows.length };
  }
  if (!isPlainObject(value)) return { kind: "leaf", value };
  return Object.hasOwn(value, LIST_MARK) ? readRows(value, before, depthLeft) : readGroup(value, before, depthLeft);
}

/** The group of what stands at the top of a form: an object, or nothing yet. */
export function readRoot(value: unknown, before?: FormNode): FormGroup {
  return isPlainObject(value) ? readGroup(value, before, MAX_DEPTH) : EMPTY_GROUP;
}

function readGroup(value: PlainObject, before: FormNode | undefined, depthLeft: number): FormGroup {
  const fields = new Map<string, FormNode>();
  for (const name of Object.keys(value)) {
    if (name.startsWith(UNUSED_MARK)) continue;
    fields.set(name, readNode(value[name], before && childOf(before, name), depthLeft - 1));
  }
  return { kind: "group", fields };
}

/** Rows come in the order of the page, which is that of the pairs; names that start with `_` are ours. */
function readRows(value: PlainObject, before: FormNode | undefined, depthLeft: number): FormList {
  const rows = Object.keys(value)
    .filter((key) => !key.startsWith("_"))
    .map((key) => ({ key, node: readNode(value[key], before && childOf(before, key), depthLeft - 1) }));
  const told = toldNumber(value[LIST_MARK]);
  if (before?.kind === "list" && isBehind(before, told)) return orderedBy(value, withTyped(before, rows, told));
  return orderedBy(value, { kind: "list", rows, next: nextNumber(told, rows) });
}

/** Whether the page that has told this number has not got the last change of the rows yet. */
function isBehind({ next, changedTo = 0 }: FormList, told: number): boolean {
  return told < changedTo && next - told <= MAX_CHANGES_UNSEEN;
}

/**
 * The rows as they are here, with what was typed into them there. Else a key, or a click on another button, while the answer
 * to a click is on its way would undo that one. Of what the page has not sent, only rows stay that it cannot know yet.
 */
function withTyped(list: FormList, sent: readonly ListRow[], told: number): FormList {
  const typed = new Map(sent.map((row) => [row.key, row]));
  const rows = list.rows.flatMap((row) => typed.get(row.key) ?? (keyNumber(row.key) >= told ? row : []));
  return { ...list, rows };
}

/** What the button that was clicked wants of the list. */
function orderedBy(value: PlainObject, list: FormList): FormList {
  const { [ADD]: add, [REMOVE]: remove, [UP]: up, [DOWN]: down } = value;
  if (add !== undefined) return appended(list, emptyLike(list.rows.at(-1)?.node));
  if (typeof remove === "string") return without(list, remove);
  const moved = typeof up === "string" ? up : down;
  if (typeof moved !== "string") return list;
  const from = list.rows.findIndex(({ key }) => key === moved);
  return movedTo(list, moved, from + (up === undefined ? 1 : -1));
}

/** A new row is like its neighbour, but empty; without a neighbour it is a group. */
function emptyLike(node: FormNode | undefined): FormNode {
  return node?.kind === "leaf" ? { kind: "leaf", value: "" } : EMPTY_GROUP;
}

export function appended(list: FormList, node: FormNode): FormList {
  return changed(list, [...list.rows, { key: rowKey(list.next), node, isNew: true }]);
}

export function without(list: FormList, key: string): FormList {
  const rows = list.rows.filter((row) => row.key !== key);
  return rows.length === list.rows.length ? list : changed(list, rows);
}

/** Moves a row to a place, or as far as there are places. A row that is not there changes nothing. */
export function movedTo(list: FormList, key: string, index: number): FormList {
  const row = list.rows.find((each) => each.key === key);
  if (row === undefined) return list;
  const rows = list.rows.filter((each) => each !== row);
  rows.splice(Math.min(Math.max(index, 0), rows.length), 0, row);
  return rows.every((each, at) => each === list.rows[at]) ? list : changed(list, rows);
}

function changed(list: FormList, rows: readonly ListRow[]): FormList {
  const next = list.next + 1;
  return { ...list, rows, next, changedTo: next };
}

export function rowKey(number: number): string {
  return `r${number}`;
}

/** As the mark says it, and in any case after the rows that are there. */
function nextNumber(told: number, rows: readonly ListRow[]): number {
  return Math.max(told, ...rows.map(({ key }) => keyNumber(key) + 1));
}

/** -1 for a key that is none of ours. */
function keyNumber(key: string): number {
  return /^r\d{1,9}$/.test(key) ? Number(key.slice(1)) : -1;
}

function toldNumber(mark: unknown): number {
  return typeof mark === "string" && /^\d{1,9}$/.test(mark) ? Number(mark) : 0;
}

// ── finding and changing ──

/** What is at a path; an empty field where nothing is. Rows are named by their keys. */
export function nodeAt(node: FormNode, path: readonly string[]): FormNode {
  return findAt(node, path) ?? EMPTY_LEAF;
}

/** What is at a path; `undefined` where nothing is. */
export function findAt(node: FormNode, path: readonly string[]): FormNode | undefined {
  let at: FormNode | undefined = node;
  for (const segment of path) {
    if (at === undefined) return undefined;
    at = childOf(at, segment);
  }
  return at;
}

/** Whether a path leads through a row that was added since the browser has sent the form. */
export function isInNewRow(root: FormNode, path: readonly string[]): boolean {
  let node: FormNode | undefined = root;
  for (const segment of path) {
    if (node?.kind === "list" && node.rows.some(({ key, isNew }) => key === segment && isNew === true)) return true;
    node = node === undefined ? undefined : childOf(node, segment);
  }
  return false;
}

function childOf(node: FormNode, segment: string): FormNode | undefined {
  if (node.kind === "group") return node.fields.get(segment);
  return node.kind === "list" ? node.rows.find(({ key }) => key === segment)?.node : undefined;
}

/** The tree with another node at a path. Groups on the way are made; rows must be there, or nothing changes. */
export function withNodeAt(node: FormNode, path: readonly string[], change: (old: FormNode) => FormNode): FormNode {
  const [segment, ...rest] = path;
  if (segment === undefined) return change(node);
  if (node.kind === "list") {
    const rows = node.rows.map((row) =>
      row.key === segment ? { ...row, node: withNodeAt(row.node, rest, change) } : row,
    );
    return { ...node, rows };
  }
  const fields = new Map(node.kind === "group" ? node.fields : []);
  fields.set(segment, withNodeAt(fields.get(segment) ?? EMPTY_LEAF, rest, change));
  return { kind: "group", fields };
}

/** The list at a path, also where there was none yet. */
export function asList(node: FormNode): FormList {
  return node.kind === "list" ? node : { kind: "list", rows: [], next: 0 };
}

/** Whether the same stands in both. */
export function isSameNode(a: FormNode, b: FormNode): boolean {
  if (a.kind === "leaf") return b.kind === "leaf" && Object.is(a.value, b.value);
  if (a.kind === "list") {
    return (
      b.kind === "list" &&
      a.rows.length === b.rows.length &&
      a.rows.every((row, index) => {
        const other = b.rows[index];
        return row.key === other?.key && isSameNode(row.node, other.node);
      })
    );
  }
  if (b.kind !== "group" || a.fields.size !== b.fields.size) return false;
  return [...a.fields].every(([name, node]) => {
    const other = b.fields.get(name);
    return other !== undefined && isSameNode(node, other);
  });
}

// ── for schemas ──

/**
 * The tree as ordinary data: groups are objects (without prototype, so that no field has an inherited value), lists are
 * arrays, fields what stands in them.
 * @param omitsEmpty whether empty texts in groups are left out
 */
export function toData(node: FormNode, omitsEmpty: boolean): unknown {
  if (node.kind === "leaf") return node.value;
  if (node.kind === "list") return node.rows.map((row) => toData(row.node, omitsEmpty));
  const data: PlainObject = prototypeFree();
  for (const [name, child] of node.fields) {
    const value = toData(child, omitsEmpty);
    if (!(omitsEmpty && value === "")) data[name] = value;
  }
  return data;
}

/** The path of a schema's issue in the tree, where rows have keys instead of numbers. */
export function toTreePath(root: FormNode, path: readonly PropertyKey[]): string[] {
  let node: FormNode | undefined = root;
  return path.map((part) => {
    const segment: string = node?.kind === "list" ? (node.rows[Number(part)]?.key ?? String(part)) : String(part);
    node = node === undefined ? undefined : childOf(node, segment);
    return segment;
  });
}

interface PlainObject {
  [name: string]: unknown;
}

export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The cast: an empty object has no value that could be of another type. */
function prototypeFree(): PlainObject {
  return Object.create(null) as PlainObject;
}

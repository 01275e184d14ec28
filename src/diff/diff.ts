import { jsonString } from "../html/escape.ts";
import { TEXT_HOLE, type Hole } from "../html/holes.ts";
import { KeyedList, Rendered, SafeHtml, type Renderable } from "../html/rendered.ts";
import { asList, MIXED, type List } from "./list.ts";
import { SharedStatics } from "./shared-statics.ts";

/**
 * The whole tree as the client's JSON: what a join sends, and what replaces a tree of another template.
 * Costs O(size of the page).
 */
export function fullTree(rendered: Rendered): string {
  const statics = new SharedStatics();
  return finish(fullRendered(rendered, statics), statics);
}

/**
 * What a client that shows `previous` must receive to show `next`, as JSON text; `""` when there is nothing to send.
 *
 * Pure: neither tree is changed (rows that `next` makes late are made here). Values that are the same (`===`) are not
 * looked into, so a page's unchanged parts cost one comparison each.
 */
export function diff(previous: Rendered, next: Rendered): string {
  if (previous === next) return "";
  const statics = new SharedStatics();
  if (previous.template !== next.template) return finish(fullRendered(next, statics), statics);
  const body = changedDynamics(previous, next, statics);
  return body === "" ? "" : finish(`{${body}}`, statics);
}

function finish(tree: string, statics: SharedStatics): string {
  const templates = statics.toJson();
  if (templates === "") return tree;
  return tree === "{}" ? `{${templates}}` : `${tree.slice(0, -1)},${templates}}`;
}

// ── whole values ──

function fullRendered(rendered: Rendered, statics: SharedStatics): string {
  const body = allDynamics(rendered, statics);
  return `{${body}${body === "" ? "" : ","}"s":${statics.reference(rendered.template)}}`;
}

/** `"0":…,"1":…`: every dynamic, without braces. */
function allDynamics(rendered: Rendered, statics: SharedStatics): string {
  const { holes } = rendered.template;
  const { dynamics } = rendered;
  let body = "";
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index];
    if (hole === undefined) continue;
    body += `${index === 0 ? "" : ","}"${index}":${fullValue(hole, dynamics[index], statics)}`;
  }
  return body;
}

function fullValue(hole: Hole, value: Renderable, statics: SharedStatics): string {
  if (hole.position === "text") {
    if (value instanceof Rendered) return fullRendered(value, statics);
    const list = asList(value);
    if (list !== undefined) return fullList(list, statics);
  }
  return jsonString(hole.encode(value));
}

function fullList(list: List, statics: SharedStatics): string {
  const count = list.rows.length;
  // An empty list has no template yet; its first rows will bring it.
  if (count === 0) return '""';
  const own = list.template === MIXED ? '["",""]' : statics.reference(list.template);
  let entries = "";
  statics.enterRow();
  for (let index = 0; index < count; index++) entries += `"${index}":${fullEntry(list, index, statics)},`;
  statics.leaveRow();
  return `{"s":${own},"k":{${entries}"kc":${count}}}`;
}

function fullEntry(list: List, index: number, statics: SharedStatics): string {
  const row = list.rows[index];
  if (list.template === MIXED || !(row instanceof Rendered)) return `{"0":${fullValue(TEXT_HOLE, row, statics)}}`;
  return `{${allDynamics(row, statics)}}`;
}

// ── changes ──

/** `"3":…,"7":…`: the dynamics that changed, without braces; `""` if none did. Both are of one template. */
function changedDynamics(previous: Rendered, next: Rendered, statics: SharedStatics): string {
  const before = previous.dynamics;
  const after = next.dynamics;
  const { holes } = next.template;
  let body = "";
  for (let index = 0; index < after.length; index++) {
    if (before[index] === after[index]) continue;
    const hole = holes[index];
    if (hole === undefined) continue;
    const change = changedValue(hole, before[index], after[index], statics);
    if (change !== "") body += `${body === "" ? "" : ","}"${index}":${change}`;
  }
  return body;
}

function changedValue(hole: Hole, previous: Renderable, next: Renderable, statics: SharedStatics): string {
  if (hole.position === "attribute") return changedLeaf(hole, previous, next);
  if (next instanceof Rendered) {
    if (!(previous instanceof Rendered) || previous.template !== next.template) return fullRendered(next, statics);
    const body = changedDynamics(previous, next, statics);
    return body === "" ? "" : `{${body}}`;
  }
  if (next instanceof KeyedList) next.materialise(previous instanceof KeyedList ? previous : undefined);
  const list = asList(next);
  const before = asList(previous);
  if (list !== undefined) {
    if (before === undefined) return list.rows.length === 0 && isEmptyLeaf(previous) ? "" : fullList(list, statics);
    return changedList(before, list, statics);
  }
  if (previous instanceof Rendered || (before !== undefined && before.rows.length > 0))
    return fullValue(hole, next, statics);
  // An empty list is on the client what an empty text is.
  return changedLeaf(hole, before === undefined ? previous : "", next);
}

function isEmptyLeaf(value: Renderable): boolean {
  return !(value instanceof Rendered) && TEXT_HOLE.encode(value) === "";
}

function changedLeaf(hole: Hole, previous: Renderable, next: Renderable): string {
  if (previous instanceof SafeHtml && next instanceof SafeHtml && previous.text === next.text) return "";
  const text = hole.encode(next);
  // Two different strings cannot encode alike; anything else may (1 and "1", null and "", a class list made anew).
  if (typeof previous !== "string" || typeof next !== "string") {
    if (hole.encode(previous) === text) return "";
  }
  return jsonString(text);
}

function changedList(previous: List, next: List, statics: SharedStatics): string {
  const count = next.rows.length;
  if (count === 0) return previous.rows.length === 0 ? "" : '""';
  if (previous.rows.length === 0 || previous.template !== next.template) return fullList(next, statics);
  if ((previous.keys === undefined) !== (next.keys === undefined)) return fullList(next, statics);
  statics.enterRow();
  const entries = changedEntries(previous, next, statics);
  statics.leaveRow();
  if (entries === "" && count === previous.rows.length) return "";
  return `{"k":{${entries}"kc":${count}}}`;
}

/** `"0":…,"3":1,"4":[2,{…}],"km":true,`: the entries that changed or moved, each with its comma. */
function changedEntries(previous: List, next: List, statics: SharedStatics): string {
  const oldCount = previous.rows.length;
  const count = next.rows.length;
  let entries = "";
  let moved = false;
  let oldIndexOfKey: Map<string | number, number> | undefined;
  for (let index = 0; index < count; index++) {
    if (index < oldCount && hasSameKey(previous, next, index)) {
      if (oldIndexOfKey !== undefined) oldIndexOfKey.delete(next.keys?.[index] ?? index);
      const change = changedEntry(previous, index, next, index, statics);
      if (change !== "") entries += `"${index}":${change},`;
      continue;
    }
    const key = next.keys?.[index];
    if (key === undefined || previous.keys === undefined) {
      entries += `"${index}":${fullEntry(next, index, statics)},`;
      continue;
    }
    oldIndexOfKey ??= unclaimedIndexes(previous.keys, next, index);
    const oldIndex = oldIndexOfKey.get(key);
    if (oldIndex === undefined) {
      entries += `"${index}":${fullEntry(next, index, statics)},`;
      continue;
    }
    // An old row moves to one place only: if a key stands twice, its second row is sent as a new one.
    oldIndexOfKey.delete(key);
    moved = true;
    const change = changedEntry(previous, oldIndex, next, index, statics);
    entries += change === "" ? `"${index}":${oldIndex},` : `"${index}":[${oldIndex},${change}],`;
  }
  return moved ? `${entries}"km":true,` : entries;
}

function hasSameKey(previous: List, next: List, index: number): boolean {
  return previous.keys === undefined || next.keys === undefined || previous.keys[index] === next.keys[index];
}

/** Where each old key stood, but for those that stay in place: before `from` none has moved, and later ones are skipped. */
function unclaimedIndexes(
  oldKeys: readonly (string | number)[],
  next: List,
  from: number,
): Map<string | number, number> {
  const indexes = new Map<string | number, number>();
  for (let index = from; index < oldKeys.length; index++) {
    const key = oldKeys[index];
    if (key !== undefined && key !== next.keys?.[index]) indexes.set(key, index);
  }
  return indexes;
}

/** The change of one entry as an object; `""` if there is none. */
function changedEntry(previous: List, oldIndex: number, next: List, index: number, statics: SharedStatics): string {
  const before = previous.rows[oldIndex];
  const after = next.rows[index];
  if (before === after) return "";
  if (next.template === MIXED || !(before instanceof Rendered) || !(after instanceof Rendered)) {
    const change = changedValue(TEXT_HOLE, before, after, statics);
    return change === "" ? "" : `{"0":${change}}`;
  }
  const body = changedDynamics(before, after, statics);
  return body === "" ? "" : `{${body}}`;
}

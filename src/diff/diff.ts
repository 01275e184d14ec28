import { escapedJsonString, jsonString } from "../html/escape.ts";
import type { Hole } from "../html/hole.ts";
import { TEXT_HOLE } from "../html/holes.ts";
import { StreamList } from "../html/live-stream.ts";
import { encodingOf } from "../html/memo.ts";
import { locate } from "../html/not-renderable.ts";
import { placeIn } from "../html/place-component.ts";
import { KeyedList, Rendered, SafeHtml, ViewPlace, type ComponentPlace, type Renderable } from "../html/rendered.ts";
import { KEYED, KEYED_COUNT, KEYED_MOVED, STATICS } from "../protocol/keys.ts";
import type { ComponentNumbers } from "./component-numbers.ts";
import { asList, type List } from "./list.ts";
import { SharedStatics } from "./shared-statics.ts";
import { isSameForAll, shownTwice, streamMember } from "./stream.ts";

/**
 * The whole tree as the client's JSON: what a join sends, and what replaces a tree of another template.
 * Costs O(size of the page).
 *
 * @param components whose tree it is. By default a tree that has no live components.
 * @throws {LiveError} `template.not-renderable`; and what the rows of `each(…, deps)` throw, which are made here.
 */
export function fullTree(rendered: Rendered, components?: ComponentNumbers): string {
  const statics = new SharedStatics(rendered, components);
  return finish(fullRendered(rendered, statics), statics);
}

/**
 * What a client that shows `previous` must receive to show `next`, as JSON text; `""` when there is nothing to send.
 *
 * Pure: neither tree is changed (rows that `next` makes late are made here). Values that are the same (`===`) are not
 * looked into, so a page's unchanged parts cost one comparison each.
 *
 * @throws {LiveError} as `fullTree` does.
 */
export function diff(previous: Rendered, next: Rendered, components?: ComponentNumbers): string {
  if (previous === next) return "";
  const statics = new SharedStatics(next, components);
  const change = changedRendered(previous, next, statics);
  return change === "" ? "" : finish(change, statics);
}

function finish(tree: string, statics: SharedStatics): string {
  const templates = statics.toJson();
  return templates === "" ? tree : `${tree.slice(0, -1)},${templates}}`;
}

// ── whole values ──

function fullRendered(rendered: Rendered, statics: SharedStatics): string {
  const body = allDynamics(rendered, statics);
  return `{${body}${body === "" ? "" : ","}"${STATICS}":${statics.reference(rendered.template)}}`;
}

/** `"0":…,"1":…`: every dynamic, without braces. */
export function allDynamics({ template, dynamics }: Rendered, statics: SharedStatics): string {
  const { holes } = template;
  let body = "";
  let index = 0;
  try {
    for (; index < holes.length; index++) {
      const hole = holes[index];
      if (hole === undefined) continue;
      body += `${index === 0 ? "" : ","}"${index}":${fullValue(hole, dynamics[index], statics)}`;
    }
  } catch (error) {
    throw locate(error, template, index);
  }
  return body;
}

function fullValue(hole: Hole, value: Renderable, statics: SharedStatics): string {
  if (hole.position === "text" && typeof value === "object") {
    const place = placeIn(value);
    if (place !== undefined) return String(statics.place(place));
    if (value instanceof Rendered) return fullRendered(value, statics);
    if (value instanceof StreamList) return fullStream(value, statics);
    const list = asList(value);
    if (list !== undefined) return fullList(list, statics);
    if (value instanceof ViewPlace) return jsonString(statics.viewHtmlOf(value));
  }
  return fullLeaf(hole, value);
}

function fullLeaf(hole: Hole, value: Renderable): string {
  // Nearly all values are text, and one scan instead of two is a third of the time of a whole page.
  if (hole === TEXT_HOLE && typeof value === "string") return escapedJsonString(value);
  return jsonString(hole.encode(value));
}

function fullList(list: List, statics: SharedStatics): string {
  const { rows, template } = list;
  // An empty list has no template yet; its first rows will bring it.
  if (rows.length === 0) return '""';
  const own = template === undefined ? '["",""]' : statics.reference(template);
  let entries = "";
  statics.enterRow();
  for (let index = 0; index < rows.length; index++) {
    entries += `"${index}":${fullEntry(rows[index], template !== undefined, statics)},`;
  }
  statics.leaveRow();
  return `{"${STATICS}":${own},"${KEYED}":{${entries}"${KEYED_COUNT}":${rows.length}}}`;
}

/** @param isOfTemplate whether the row is an evaluation of the list's template, else it is a dynamic like any other */
function fullEntry(row: Renderable, isOfTemplate: boolean, statics: SharedStatics): string {
  if (isOfTemplate && row instanceof Rendered) return `{${allDynamics(row, statics)}}`;
  return `{"0":${fullValue(TEXT_HOLE, row, statics)}}`;
}

// ── streams: what is new of them is always whole, and nothing else is sent ──

function fullStream(list: StreamList, statics: SharedStatics): string {
  list.materialise(undefined);
  // Nothing was ever shown, so that an empty text will do until there is something.
  if (!list.isNews) return '""';
  return `{"${STATICS}":${streamStatics(list, statics)},${streamNews(list, statics)}}`;
}

/** @param previous what the client has there: only the statics of the last rows, and those of this very stream */
function changedStream(previous: StreamList, next: StreamList, statics: SharedStatics): string {
  next.materialise(previous);
  if (!next.isNews) return "";
  const isKnown = next.shown === previous.shown;
  return `{${isKnown ? "" : `"${STATICS}":${streamStatics(next, statics)},`}${streamNews(next, statics)}}`;
}

function streamStatics({ template }: StreamList, statics: SharedStatics): string {
  return template === undefined ? '["",""]' : statics.reference(template);
}

/** `"k":{…},"stream":[…]` */
function streamNews(list: StreamList, statics: SharedStatics): string {
  const { rows, template } = list;
  if (statics.hasStream(list.ref)) throw shownTwice(list);
  let entries = "";
  const outer = statics.enterStream(list.ref);
  for (let index = 0; index < rows.length; index++) {
    entries += `"${index}":${streamEntry(rows[index], template !== undefined, statics)},`;
  }
  statics.leaveStream(outer);
  return `"${KEYED}":{${entries}"${KEYED_COUNT}":${rows.length}},${streamMember(list)}`;
}

/** As `fullEntry`. What a memo has remembered goes to many pages as it is, and is encoded for the first of them. */
function streamEntry(row: Rendered | undefined, isOfTemplate: boolean, statics: SharedStatics): string {
  const encoding = isOfTemplate && row !== undefined ? encodingOf(row) : undefined;
  if (row === undefined || encoding === undefined) return fullEntry(row, isOfTemplate, statics);
  const isFirst = statics.isEmpty;
  if (encoding.json !== undefined && (isFirst || encoding.templates.length === 0)) {
    statics.adopt(encoding.templates);
    return encoding.json;
  }
  const json = fullEntry(row, isOfTemplate, statics);
  // Numbers that other rows have begun would mean something else in the next message.
  if (isFirst && (encoding.isSameForAll ??= isSameForAll(row))) {
    encoding.json = json;
    encoding.templates = statics.templates;
  }
  return json;
}

// ── changes ──

/** What turns one value into the other; `""` if they look the same. Every function below keeps to this. */
function changedValue(hole: Hole, previous: Renderable, next: Renderable, statics: SharedStatics): string {
  if (hole.position === "attribute") return changedLeaf(hole, previous, next);
  const place = placeIn(next);
  if (place !== undefined) return changedPlace(previous, place, statics);
  if (placeIn(previous) !== undefined) return fullValue(hole, next, statics);
  if (next instanceof ViewPlace) return changedView(previous, next, statics);
  if (previous instanceof ViewPlace) return fullValue(hole, next, statics);
  if (next instanceof Rendered) {
    return previous instanceof Rendered ? changedRendered(previous, next, statics) : fullRendered(next, statics);
  }
  if (previous instanceof StreamList) {
    if (next instanceof StreamList && next.ref === previous.ref) return changedStream(previous, next, statics);
    // To the client it is an empty text until something of it was shown.
    return previous.shown === undefined ? changedValue(hole, "", next, statics) : fullValue(hole, next, statics);
  }
  if (next instanceof StreamList) {
    return next.isNews ? fullStream(next, statics) : changedValue(hole, previous, "", statics);
  }
  if (next instanceof KeyedList) {
    next.materialise(previous instanceof KeyedList && !statics.isOfAnother ? previous : undefined);
  }
  const list = asList(next);
  const before = asList(previous);
  if (list !== undefined && before !== undefined) return changedList(before, list, statics);
  if (previous instanceof Rendered) return fullValue(hole, next, statics);
  // An empty list is on the client what an empty text is.
  if (list !== undefined) return list.rows.length > 0 ? fullList(list, statics) : changedLeaf(hole, previous, "");
  if (before !== undefined) return before.rows.length > 0 ? fullLeaf(hole, next) : changedLeaf(hole, "", next);
  return changedLeaf(hole, previous, next);
}

function changedPlace(previous: Renderable, next: ComponentPlace, statics: SharedStatics): string {
  const before = placeIn(previous);
  // Asked for first: to place a component may be to begin it anew.
  const known = before === undefined ? undefined : statics.components.numberOf(before);
  const number = statics.place(next);
  return number === known ? "" : String(number);
}

function changedView(previous: Renderable, next: ViewPlace, statics: SharedStatics): string {
  const isSame = previous instanceof ViewPlace && previous.shows(next) && !statics.isOfAnother;
  return isSame ? "" : jsonString(statics.viewHtmlOf(next));
}

function changedRendered(previous: Rendered, next: Rendered, statics: SharedStatics): string {
  if (previous.template !== next.template) return fullRendered(next, statics);
  const body = changedDynamics(previous, next, statics);
  return body === "" ? "" : `{${body}}`;
}

/** `"3":…,"7":…`: the dynamics that changed, without braces. Both are of one template. */
export function changedDynamics(previous: Rendered, next: Rendered, statics: SharedStatics): string {
  const before = previous.dynamics;
  const after = next.dynamics;
  const { holes } = next.template;
  let body = "";
  let index = 0;
  try {
    for (; index < after.length; index++) {
      if (before[index] === after[index]) continue;
      const hole = holes[index];
      if (hole === undefined) continue;
      const change = changedValue(hole, before[index], after[index], statics);
      if (change !== "") body += `${body === "" ? "" : ","}"${index}":${change}`;
    }
  } catch (error) {
    throw locate(error, next.template, index);
  }
  return body;
}

function changedLeaf(hole: Hole, previous: Renderable, next: Renderable): string {
  // In text two different strings never encode alike. Anything else may: 1 and "1", null and "", a class list made anew.
  if (hole === TEXT_HOLE && typeof previous === "string" && typeof next === "string") {
    return previous === next ? "" : escapedJsonString(next);
  }
  if (previous instanceof SafeHtml && next instanceof SafeHtml && previous.text === next.text) return "";
  const text = hole.encode(next);
  return hole.encode(previous) === text ? "" : jsonString(text);
}

function changedList(previous: List, next: List, statics: SharedStatics): string {
  const count = next.rows.length;
  const oldCount = previous.rows.length;
  if (count === 0) return oldCount === 0 ? "" : '""';
  if (oldCount === 0 || previous.template !== next.template) return fullList(next, statics);
  if (previous.rows === next.rows && previous.keys === next.keys) return "";
  const positions = next.changedPositions?.(previous);
  statics.enterRow();
  const entries =
    positions === undefined
      ? changedEntries(previous, next, statics)
      : changedEntriesAt(positions, previous, next, statics);
  statics.leaveRow();
  if (entries === "" && count === oldCount) return "";
  return `{"${KEYED}":{${entries}"${KEYED_COUNT}":${count}}}`;
}

/** `"0":…,"3":1,"4":[2,{…}],"km":true,`: the entries that changed or moved, each with its comma. */
function changedEntries(previous: List, next: List, statics: SharedStatics): string {
  const { rows: oldRows, keys: oldKeys } = previous;
  const { rows, keys, template } = next;
  const isOfTemplate = template !== undefined;
  let entries = "";
  let movable: Map<string | number, number> | undefined;
  let moved = false;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index];
    const key = keys?.[index];
    const hasOldKeys = oldKeys !== undefined && key !== undefined;
    if (index < oldRows.length && (!hasOldKeys || oldKeys[index] === key)) {
      const before = oldRows[index];
      if (before === row) continue;
      const change = changedEntry(before, row, isOfTemplate, statics);
      if (change !== "") entries += `"${index}":${change},`;
      continue;
    }
    let oldIndex: number | undefined;
    if (hasOldKeys) {
      // Before this position all rows stayed where they were.
      movable ??= indexesOfKeys(oldKeys, index);
      oldIndex = movable.get(key);
    }
    if (oldIndex === undefined) {
      entries += `"${index}":${fullEntry(row, isOfTemplate, statics)},`;
      continue;
    }
    moved = true;
    // A row moves to one place only: if a key stands twice, its second row is sent as a new one.
    if (hasOldKeys) movable?.delete(key);
    const change = changedEntry(oldRows[oldIndex], row, isOfTemplate, statics);
    entries += change === "" ? `"${index}":${oldIndex},` : `"${index}":[${oldIndex},${change}],`;
  }
  return moved ? `${entries}"${KEYED_MOVED}":true,` : entries;
}

/** The same for two lists with the same keys, of which is known where they differ. */
function changedEntriesAt(positions: readonly number[], previous: List, next: List, statics: SharedStatics): string {
  const isOfTemplate = next.template !== undefined;
  let entries = "";
  for (const index of positions) {
    const change = changedEntry(previous.rows[index], next.rows[index], isOfTemplate, statics);
    if (change !== "") entries += `"${index}":${change},`;
  }
  return entries;
}

function indexesOfKeys(keys: readonly (string | number)[], from: number): Map<string | number, number> {
  const indexes = new Map<string | number, number>();
  for (let index = from; index < keys.length; index++) {
    const key = keys[index];
    if (key !== undefined) indexes.set(key, index);
  }
  return indexes;
}

/** The change of one entry as an object. */
function changedEntry(previous: Renderable, next: Renderable, isOfTemplate: boolean, statics: SharedStatics): string {
  if (previous === next) return "";
  if (isOfTemplate && previous instanceof Rendered && next instanceof Rendered) {
    const body = changedDynamics(previous, next, statics);
    return body === "" ? "" : `{${body}}`;
  }
  const change = changedValue(TEXT_HOLE, previous, next, statics);
  return change === "" ? "" : `{"0":${change}}`;
}

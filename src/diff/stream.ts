import { LiveError } from "../errors.ts";
import { jsonString } from "../html/escape.ts";
import type { StreamList } from "../html/live-stream.ts";
import { Command, isArray, KeyedList, Rendered, SafeHtml, type Renderable } from "../html/rendered.ts";
import { STREAM } from "../protocol/keys.ts";

/** `"stream":[ref, inserts, deletes]`, or with `true` at its end for a reset (docs/protocol.md, section 9). */
export function streamMember(list: StreamList): string {
  let inserts = "";
  for (const { domId, at, limit, updateOnly } of list.inserts) {
    inserts += `${inserts === "" ? "" : ","}[${jsonString(domId)},${at},${limit ?? null},${updateOnly ? "true" : "null"}]`;
  }
  let deletes = "";
  for (const domId of list.deletes) deletes += `${deletes === "" ? "" : ","}${jsonString(domId)}`;
  // The fourth element resets whatever its value is, so it is there for a reset only.
  return `"${STREAM}":[${jsonString(list.ref)},[${inserts}],[${deletes}]${list.isReset ? ",true" : ""}]`;
}

/** Whether a row is nothing but templates and texts, so that its JSON is the same on every page. */
export function isSameForAll(value: Renderable): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (isArray(value)) return value.every(isSameForAll);
  if (value instanceof KeyedList) return false;
  if (!(value instanceof Rendered)) return value instanceof SafeHtml || value instanceof Command;
  return Object.getPrototypeOf(value) === Rendered.prototype && value.dynamics.every(isSameForAll);
}

export function shownTwice(list: StreamList): LiveError {
  return new LiveError(
    "stream.markup",
    `The stream "${list.name}" is shown at two places of one page, but its rows' ids can be there only once. Call ${list.name}.map(…) once in a render, or stream the items into a second stream as well.`,
  );
}

import { LiveError } from "../errors.ts";
import { escapeHtml } from "./escape.ts";
import { ComponentPlace, Rendered, type Renderable } from "./rendered.ts";
import { describeTemplate } from "./to-html.ts";

/** A row that is a live component: it has to show the id that `map` gave for it. */
export interface ComponentRow {
  readonly stream: string;
  readonly domId: string;
}

/** The places that are rows of their own, while the development checks are on. */
const componentRows = new WeakMap<ComponentPlace, ComponentRow>();

/** The row that the place is all of, if it is one of a stream. In development only. */
export function rowAt(place: ComponentPlace): ComponentRow | undefined {
  return componentRows.get(place);
}

/**
 * In development: a row of a stream must be one element with the row's id, because that is how the browser finds it. Says
 * nothing of a row that begins with a value. A live component is looked at when it has rendered (`refuseComponentRow`).
 *
 * @throws {LiveError} `stream.markup`
 */
export function refuseRowWithoutId(stream: string, domId: string, row: Rendered): void {
  const place = onlyPlaceIn(row);
  if (place !== undefined) return void componentRows.set(place, { stream, domId });
  if (mayHaveId(row, domId)) return;
  throw new LiveError(
    "stream.markup",
    `
A row of the stream "${stream}" must be one element with the row's DOM id as its id, which is how the browser knows it.

    template  ${describeTemplate(row)}
    begins    ${startOf(row).trim()}
    expected  id="${domId}"

Put the id that map gives into the row's own tag:

    \${context.${stream}.map((domId, item) => html\`<li id="\${domId}">…</li>\`)}
`.trim(),
  );
}

/**
 * In development: the same for a row that is a live component, of what it shows.
 *
 * @throws {LiveError} `stream.markup`
 */
export function refuseComponentRow(component: string, { stream, domId }: ComponentRow, shown: Rendered): void {
  if (mayHaveId(shown, domId)) return;
  throw new LiveError(
    "stream.markup",
    `
A row of the stream "${stream}" is the live component ${component}, whose element must have the row's DOM id as its id, which is
how the browser knows the row.

    template  ${describeTemplate(shown)}
    begins    ${startOf(shown).trim()}
    expected  id="${domId}"

Give it the id that map gives, and put that into its own tag; or put an element with the id around it:

    \${context.${stream}.map((domId, item) => liveComponent(${component}, { id: item.id, domId, item }))}
    \${context.${stream}.map((domId, item) => html\`<li id="\${domId}">\${liveComponent(${component}, { id: item.id, item })}</li>\`)}
`.trim(),
  );
}

/** The place of a live component, if there is nothing else in the row. */
function onlyPlaceIn(row: Renderable): ComponentPlace | undefined {
  if (row instanceof ComponentPlace) return row;
  if (!(row instanceof Rendered) || row.dynamics.length !== 1) return undefined;
  return row.template.statics.every((text) => text.trim() === "") ? onlyPlaceIn(row.dynamics[0]) : undefined;
}

/** `false`: it begins with a tag that does not have the id. */
function mayHaveId(row: Rendered, domId: string): boolean {
  const start = startOf(row);
  if (start.trim() === "") return true;
  const attributes = /^\s*<[a-z][^\s/>]*((?:"[^"]*"|'[^']*'|[^>"'])*)/i.exec(start)?.[1];
  return attributes?.includes(` id="${escapeHtml(domId)}"`) === true;
}

/** The row's HTML as far as the first value in text: its first tag, if it begins with one. */
function startOf({ template, dynamics }: Rendered): string {
  const { statics, holes } = template;
  let text = statics[0] ?? "";
  for (const [index, hole] of holes.entries()) {
    if (hole.position !== "attribute") break;
    text += hole.encode(dynamics[index]) + (statics[index + 1] ?? "");
  }
  return text;
}

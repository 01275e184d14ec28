import { LiveError } from "../errors.ts";
import { escapeHtml } from "./escape.ts";
import type { Rendered } from "./rendered.ts";
import { describeTemplate } from "./to-html.ts";

/**
 * In development: a row of a stream must be one element with the row's id, because that is how the browser finds it. Says
 * nothing of a row that begins with a value.
 *
 * @throws {LiveError} `stream.markup`
 */
export function refuseRowWithoutId(stream: string, domId: string, row: Rendered): void {
  const start = startOf(row);
  if (start.trim() === "") return;
  const attributes = /^\s*<[a-z][^\s/>]*((?:"[^"]*"|'[^']*'|[^>"'])*)/i.exec(start)?.[1];
  if (attributes?.includes(` id="${escapeHtml(domId)}"`) === true) return;
  throw new LiveError(
    "stream.markup",
    `
A row of the stream "${stream}" must be one element with the row's DOM id as its id, which is how the browser knows it.

    template  ${describeTemplate(row)}
    begins    ${start.trim()}
    expected  id="${domId}"

Put the id that map gives into the row's own tag:

    \${context.${stream}.map((domId, item) => html\`<li id="\${domId}">…</li>\`)}
`.trim(),
  );
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

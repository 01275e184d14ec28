import { LiveError } from "../errors.ts";
import { HOLE_MARK } from "./excerpt.ts";
import { StreamList } from "./live-stream.ts";
import type { Renderable } from "./rendered.ts";
import type { Template } from "./template.ts";

const TAG = /<!--[\s\S]*?-->|<(\/?)([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi;
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;

/**
 * In development: a stream must be shown in an element with `phx-update="stream"` and an id, because otherwise the
 * browser throws its rows away. Says nothing where that element is not in the same template.
 *
 * @throws {LiveError} `stream.markup`
 */
export function refuseMisplacedStreams(template: Template, dynamics: readonly Renderable[]): void {
  for (const [index, value] of dynamics.entries()) {
    if (!(value instanceof StreamList)) continue;
    const tag = tagAround(template, index);
    if (tag === undefined || isContainer(tag)) continue;
    throw new LiveError(
      "stream.markup",
      `
The stream "${value.name}" is shown in ${tag.replaceAll(HOLE_MARK, "${…}")}. The immediate parent of a stream's rows needs
an id and phx-update="stream": else the browser takes the rows that are new for all that there are.

    <ul id="${value.name}" phx-update="stream">\${context.${value.name}.map(…)}</ul>
`.trim(),
    );
  }
}

function isContainer(tag: string): boolean {
  // A value that stands for attributes may be any of them.
  if (tag.replaceAll(/"[^"]*"/g, "").includes(HOLE_MARK)) return true;
  return /\sid="/.test(tag) && (tag.includes(' phx-update="stream"') || tag.includes(` phx-update="${HOLE_MARK}"`));
}

/** The start tag of the element that the value stands in; `undefined` if the template does not have it. */
function tagAround({ statics }: Template, index: number): string | undefined {
  const open: { readonly name: string; readonly tag: string }[] = [];
  for (const [tag, slash, name = "", attributes = ""] of statics
    .slice(0, index + 1)
    .join(HOLE_MARK)
    .matchAll(TAG)) {
    if (slash === undefined) continue;
    if (slash === "/") {
      const start = open.findLastIndex((element) => element.name === name.toLowerCase());
      if (start !== -1) open.length = start;
    } else if (!VOID.test(name) && !attributes.endsWith("/")) open.push({ name: name.toLowerCase(), tag });
  }
  return open.at(-1)?.tag;
}

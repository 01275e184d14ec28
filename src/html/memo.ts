import { LiveError } from "../errors.ts";
import { renderChecksEnabled } from "./checks.ts";
import { describeValue } from "./not-renderable.ts";
import type { Rendered } from "./rendered.ts";
import type { Template } from "./template.ts";
import { describeTemplate, toHtml } from "./to-html.ts";

type RowRender = (item: never) => Rendered;
const memos = new WeakMap<RowRender, WeakMap<object, Rendered>>();

/** The wire form of something that is sent as it is to many, once the first of them has needed it. */
export interface Encoding {
  /** Whether nothing in it depends on the page that it goes to; `undefined` while nobody has looked. */
  isSameForAll: boolean | undefined;
  json: string | undefined;
  /** The templates whose statics `json` names by number, from 0. */
  templates: readonly Template[];
}
const encodings = new WeakMap<Rendered, Encoding>();

/** Where to keep the encoding of what a memo has remembered; `undefined` for anything else, which is not rendered again. */
export function encodingOf(rendered: Rendered): Encoding | undefined {
  return encodings.get(rendered);
}

/**
 * `render(item)`, at most once per item and function, in all views of the process. Give it a function that is made once,
 * outside the render, and reads nothing but its item; items must not be mutated.
 *
 * In development the item is rendered every time and compared with what was remembered.
 *
 * @throws {LiveError} `render.stale-memo` in development, when the remembered output is not what `render` returns now;
 *   `view.invalid-argument` for an item that is no object.
 */
export function memo<T extends object>(item: T, render: (item: T) => Rendered): Rendered {
  if (typeof (render as unknown) !== "function" || typeof (item as unknown) !== "object" || item === null)
    throw notAnItem(item);
  let remembered = memos.get(render);
  if (remembered === undefined) memos.set(render, (remembered = new WeakMap()));
  const known = remembered.get(item);
  if (known !== undefined) {
    if (renderChecksEnabled()) refuseStaleMemo(known, render(item));
    return known;
  }
  const rendered = render(item);
  remembered.set(item, rendered);
  encodings.set(rendered, { isSameForAll: undefined, json: undefined, templates: [] });
  return rendered;
}

/** From a program that no compiler has read. */
function notAnItem(item: unknown): LiveError {
  return new LiveError(
    "view.invalid-argument",
    `memo got ${describeValue(item)}. It takes an object, by which it remembers, and how to show it: memo(item, row). A text or a number is shown as it is.`,
  );
}

function refuseStaleMemo(known: Rendered, fresh: Rendered): void {
  const shown = toHtml(known);
  const wanted = toHtml(fresh);
  if (shown === wanted) return;
  throw new LiveError(
    "render.stale-memo",
    `
memo(item, render) remembers what it rendered for this item, but it would now render something else. Either the item
was mutated in place, or the function reads something besides its item.

    template    ${describeTemplate(fresh)}
    remembered  ${shown}
    expected    ${wanted}

Make a new object for a changed item ({ ...item, done: true }). If the row depends on more than its item, use
each(items, key, render, deps) and list the rest in deps.
`.trim(),
  );
}

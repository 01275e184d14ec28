import fc from "fast-check";
import { expect } from "vitest";
import { diff, fullTree } from "../../src/diff/diff.ts";
import { toHtml } from "../../src/html/to-html.ts";
import { Element, type ChildNode } from "../../src/testing/dom.ts";
import { MergedPage } from "../../src/testing/merged-page.ts";
import { morph } from "../../src/testing/morph.ts";
import { parseFragment } from "../../src/testing/parse.ts";
import { outerHtml } from "../../src/testing/serialize.ts";
import { ClientPage } from "./client-page.ts";
import { editPage, renderBlock, type PageSequence } from "./random-pages.ts";

// What the test kit makes of random pages: its merge beside the client's own, its morph beside a fresh render.

/** The element that holds this markup. The kit's libraries must have been loaded. */
export function pageOf(html: string): Element {
  const [page] = parseFragment(`<div>${html}</div>`).children;
  if (!(page instanceof Element)) throw new Error("There is no element.");
  return page;
}

/** Its markup, whatever the order of its attributes. */
function shown(node: ChildNode): string {
  if (node.kind !== "element") return outerHtml(node);
  const attributes = [...node.attributes].map(([name, value]) => ` ${name}="${value}"`).sort();
  return `<${node.name}${attributes.join("")}>${node.children.map(shown).join("")}</${node.name}>`;
}

/** Of two elements with one id, nobody says which one is kept. */
function hasUniqueIds(page: Element): boolean {
  const ids = page.all((element) => element.id !== "").map((element) => element.id);
  return new Set(ids).size === ids.length;
}

/** Morphs one page into the next, and expects each time what a fresh render of it gives. */
export function expectMorphFollows({ start, steps }: PageSequence): void {
  const options = { duplicateKeys: false, fresh: true };
  let page = start;
  const document = pageOf(toHtml(renderBlock(page, options)));
  fc.pre(hasUniqueIds(document));
  for (const edits of steps) {
    page = edits.reduce(editPage, page);
    const html = toHtml(renderBlock(page, options));
    const wanted = pageOf(html);
    fc.pre(hasUniqueIds(wanted));
    morph(document, wanted, { focused: undefined });
    expect(shown(document)).toBe(shown(pageOf(html)));
  }
}

/** Merges each diff of a sequence, and expects what the official client shows after it. */
export function expectMergeFollows({ start, steps }: PageSequence): void {
  const options = { duplicateKeys: true, fresh: false };
  let page = start;
  let before = renderBlock(page, options);
  const client = new ClientPage(fullTree(before));
  const merged = new MergedPage(JSON.parse(fullTree(before)));
  expect(merged.render().html).toBe(client.html);
  for (const edits of steps) {
    page = edits.reduce(editPage, page);
    const next = renderBlock(page, options);
    const change = diff(before, next);
    client.apply(change);
    if (change !== "") merged.merge(JSON.parse(change));
    expect(merged.render().html).toBe(client.html);
    before = next;
  }
}

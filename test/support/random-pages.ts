import fc from "fast-check";
import { each } from "../../src/html/each.ts";
import { html, safe } from "../../src/html/html.ts";
import { memo } from "../../src/html/memo.ts";
import type { Renderable, Rendered } from "../../src/html/rendered.ts";

// Pages as data: the same page can be rendered as often as one likes, and edited as a program would, with new objects for
// what changed and the old ones for what did not.

type Leaf = string | number | bigint | boolean | null | undefined | { readonly safe: string };

interface Attributes {
  readonly text: string | number | boolean | null;
  readonly flag: string | boolean | null | undefined;
  readonly classes: string | null | readonly (string | false | null)[];
  readonly url: string;
}

/** One evaluation of a call site. It takes of `texts` and `attributes` what it has holes for. */
export interface Block {
  readonly kind: "block";
  readonly site: number;
  readonly texts: readonly Part[];
  readonly attributes: Attributes;
}

interface Row {
  readonly key: string | number;
  readonly block: Block;
}

interface Keyed {
  readonly kind: "each";
  readonly rows: readonly Row[];
  readonly skipping: "nothing" | "by memo" | "by deps";
  /** What all rows read besides their item. */
  readonly dep: number;
}

type Part =
  | { readonly kind: "leaf"; readonly value: Leaf }
  | { readonly kind: "array"; readonly entries: readonly Part[] }
  | Block
  | Keyed;

// ── rendering ──

type Site = (text: (index: number) => Renderable, attributes: Attributes) => Rendered;

const CALL_SITES: readonly Site[] = [
  (text) => html`<p>${text(0)}</p>`,
  (text) => html`<b>${text(0)}</b>`,
  () => html`<hr>`,
  () => html``,
  (text) => html`${text(0)}`,
  (text) => html`${text(0)}${text(1)}`,
  (text) => html`${text(0)} and <i>${text(1)}</i> or ${text(2)}.`,
  (text) => html`<ul>${text(0)}</ul>`,
  (text) => html`<table><tr><td>${text(0)}</td><td>${text(1)}</td></tr></table>`,
  (text, { text: id, classes }) => html`<li id="row-${id}" class=${classes}>${text(0)}: ${text(1)}</li>`,
  (_text, { text: value, flag }) => html`<input type="checkbox" value="${value}" checked=${flag}>`,
  (text, { url, flag, classes }) => html`<a href="${url}" class="link ${classes}" hidden="${flag}">${text(0)}</a>`,
  (text, { text: note }) => html`<!-- about ${note} --><em aria-busy="${note}">${text(0)}</em>`,
  (text, { flag }) => html`<section>${flag === true ? html`<h1>${text(0)}</h1>` : "untitled"}${text(1)}</section>`,
  (text, { flag }) => html`<nav>${flag === true && html`<u>${text(0)}</u>`}${[1, 2].map((index) => text(index))}</nav>`,
];

/** Call sites of which there are as many as there are numbers; the number decides about the holes too. */
function synthetic(site: number, text: (index: number) => Renderable): Rendered {
  let strings = syntheticStrings.get(site);
  if (strings === undefined) {
    const holes = site % 5;
    const literals = Array.from({ length: holes + 1 }, (_, index) => (index < holes ? `<x-${site}>` : "<br>"));
    strings = Object.freeze(Object.assign(literals, { raw: Object.freeze([...literals]) }));
    syntheticStrings.set(site, strings);
  }
  return html(strings, ...strings.slice(1).map((_, index) => text(index)));
}
const syntheticStrings = new Map<number, TemplateStringsArray>();

export interface RenderOptions {
  /** Two rows of one list may have the same key: an error in development, and a page that must be right in production. */
  readonly duplicateKeys: boolean;
  /** Rows are never taken from a memo or an earlier list. */
  readonly fresh: boolean;
}

export function renderBlock(block: Block, options: RenderOptions): Rendered {
  const text = (index: number): Renderable => {
    const part = block.texts[index];
    return part === undefined ? undefined : renderPart(part, options);
  };
  const site = CALL_SITES[block.site];
  return site === undefined ? synthetic(block.site, text) : site(text, block.attributes);
}

function renderPart(part: Part, options: RenderOptions): Renderable {
  switch (part.kind) {
    case "leaf":
      return typeof part.value === "object" && part.value !== null ? safe(part.value.safe) : part.value;
    case "array":
      return part.entries.map((entry) => renderPart(entry, options));
    case "block":
      return renderBlock(part, options);
    case "each": {
      const { dep } = part;
      const skipping = options.fresh ? "nothing" : part.skipping;
      const rows = options.duplicateKeys ? part.rows : part.rows.filter(isFirstOfItsKey);
      const render = ({ block }: Row): Rendered =>
        dep === 0 ? renderBlock(block, options) : html`<s>${dep}</s>${renderBlock(block, options)}`;
      if (skipping === "by deps") return each(rows, keyOf, render, [dep]);
      if (skipping === "by memo" && dep === 0) return each(rows, keyOf, (row) => memo(row, rowMemo(options)));
      return each(rows, keyOf, render);
    }
  }
}

function keyOf(row: Row): string | number {
  return row.key;
}

function isFirstOfItsKey(row: Row, index: number, rows: readonly Row[]): boolean {
  return rows.findIndex(({ key }) => key === row.key) === index;
}

const rowMemos = new Map<boolean, (row: Row) => Rendered>();

/** A memo remembers by function, so there must be one function for each of the ways to render. */
function rowMemo(options: RenderOptions): (row: Row) => Rendered {
  let render = rowMemos.get(options.duplicateKeys);
  if (render === undefined) {
    render = ({ block }) => renderBlock(block, options);
    rowMemos.set(options.duplicateKeys, render);
  }
  return render;
}

// ── editing ──

/** A change of a page. Which part it concerns and what it does to it is read from the numbers, so any edit fits any page. */
export interface Edit {
  /** The part in reading order, modulo the number of parts that the action fits: lists, for what is done to lists. */
  readonly at: number;
  readonly action: (typeof ACTIONS)[number];
  readonly from: number;
  readonly to: number;
  readonly part: Part;
  readonly block: Block;
  readonly key: string | number;
}

const LIST_ACTIONS = [
  "insert",
  "remove",
  "move",
  "swap",
  "reverse",
  "clear",
  "other key",
  "copy key",
  "convert",
  "other dep",
] as const;
const ACTIONS = [...LIST_ACTIONS, "nothing", "replace", "replace", "vanish", "other site", "other attributes"] as const;

export function editPage(page: Block, edit: Edit): Block {
  if (edit.action === "nothing") return page;
  const parts = partsOf(page);
  const isForLists = LIST_ACTIONS.some((action) => action === edit.action);
  const fitting = parts.filter((part) => !isForLists || part.kind === "each" || part.kind === "array");
  const chosen = fitting[edit.at % Math.max(fitting.length, 1)] ?? page;
  return editBlock(page, edit, { left: parts.indexOf(chosen) });
}

/** In reading order, the page itself first. */
function partsOf(part: Part): readonly Part[] {
  return [part, ...childrenOf(part).flatMap(partsOf)];
}

function childrenOf(part: Part): readonly Part[] {
  if (part.kind === "block") return part.texts;
  if (part.kind === "array") return part.entries;
  return part.kind === "each" ? part.rows.map(({ block }) => block) : [];
}

interface Counter {
  /** How many parts are to be passed by before the one that is edited; negative once it was. */
  left: number;
}

/** Blocks that must stay blocks: the page itself and the rows of keyed lists. */
function editBlock(block: Block, edit: Edit, counter: Counter): Block {
  if (counter.left-- === 0) {
    if (edit.action === "replace") return edit.block;
    return changedBlock(block, edit);
  }
  return editTexts(block, edit, counter);
}

function editPart(part: Part, edit: Edit, counter: Counter): Part {
  if (counter.left < 0) return part;
  if (counter.left-- === 0) return changedPart(part, edit);
  switch (part.kind) {
    case "leaf":
      return part;
    case "block":
      return editTexts(part, edit, counter);
    case "array":
      return { ...part, entries: part.entries.map((entry) => editPart(entry, edit, counter)) };
    case "each": {
      const rows = part.rows.map((row) => {
        if (counter.left < 0) return row;
        const block = editBlock(row.block, edit, counter);
        // Whoever leaves an item as it is leaves the object.
        return counter.left < 0 ? { ...row, block } : row;
      });
      return { ...part, rows };
    }
  }
}

function editTexts(block: Block, edit: Edit, counter: Counter): Block {
  const texts = block.texts.map((text) => editPart(text, edit, counter));
  return counter.left < 0 ? { ...block, texts } : block;
}

function changedBlock(block: Block, edit: Edit): Block {
  switch (edit.action) {
    case "other site":
      return { ...block, site: edit.block.site };
    case "other attributes":
      return { ...block, attributes: edit.block.attributes };
    default:
      return { ...block, texts: edited(block.texts, edit, edit.part) ?? block.texts };
  }
}

function changedPart(part: Part, edit: Edit): Part {
  if (edit.action === "vanish") return { kind: "leaf", value: null };
  if (edit.action === "replace" || part.kind === "leaf") return edit.part;
  if (part.kind === "block") return changedBlock(part, edit);
  if (part.kind === "array") {
    if (edit.action === "convert") return keyedFrom(part.entries, edit);
    const entries = edited(part.entries, edit, edit.part);
    return entries === undefined ? part : { ...part, entries };
  }
  return changedList(part, edit);
}

function changedList(list: Keyed, edit: Edit): Part {
  const { rows } = list;
  const from = edit.from % Math.max(rows.length, 1);
  switch (edit.action) {
    case "convert":
      return { kind: "array", entries: rows.map(({ block }) => block) };
    case "other dep":
      return { ...list, dep: (list.dep + 1) % 3 };
    case "other key":
      return { ...list, rows: rows.map((row, index) => (index === from ? { ...row, key: edit.key } : row)) };
    case "copy key": {
      const key = rows[edit.to % Math.max(rows.length, 1)]?.key ?? edit.key;
      return { ...list, rows: rows.map((row, index) => (index === from ? { ...row, key } : row)) };
    }
    default: {
      const result = edited(rows, edit, { key: edit.key, block: edit.block });
      return result === undefined ? list : { ...list, rows: result };
    }
  }
}

function keyedFrom(entries: readonly Part[], edit: Edit): Keyed {
  const rows = entries.map((entry, index) => ({ key: index, block: entry.kind === "block" ? entry : edit.block }));
  return { kind: "each", rows, skipping: "by deps", dep: 0 };
}

/** The entries after one of the actions that any list knows; `undefined` for the other actions. */
function edited<T>(entries: readonly T[], edit: Edit, fresh: T): T[] | undefined {
  const from = edit.from % Math.max(entries.length, 1);
  const to = edit.to % Math.max(entries.length, 1);
  const copy = [...entries];
  switch (edit.action) {
    case "insert":
      return copy.toSpliced(edit.from % (copy.length + 1), 0, fresh);
    case "remove":
      return copy.toSpliced(from, 1);
    case "move":
      return copy.toSpliced(from, 1).toSpliced(to, 0, ...copy.slice(from, from + 1));
    case "swap":
      return copy.map((entry, index) => (index === from ? copy[to] : index === to ? copy[from] : entry) ?? entry);
    case "reverse":
      return copy.reverse();
    case "clear":
      return [];
    default:
      return undefined;
  }
}

// ── making ──

// Few values, so that equal ones meet: texts that look the same (1 and "1", null and ""), markup, what JSON escapes.
const word = fc.constantFrom("", "a", "b", "1", "true", "<b>&\"'", "\\ \n\u2028\ud83d\ude00\ud800", "$&");
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  word,
  fc.constantFrom<Leaf>(0, -0, 1, 1.5, NaN, 1n, true, false, null, undefined),
  fc.constantFrom({ safe: "" }, { safe: "a" }, { safe: "<i>trusted</i>" }),
);
const classList = fc.array(fc.constantFrom<(string | false | null)[]>("on", "off", false, null), { maxLength: 3 });
const attributes: fc.Arbitrary<Attributes> = fc.record({
  text: fc.oneof(word, fc.constantFrom(1, true, false, null)),
  flag: fc.constantFrom<Attributes["flag"][]>(true, false, null, undefined, "", "until-found"),
  classes: fc.oneof(word, fc.constant(null), classList),
  url: fc.constantFrom("/a", "/b?c&d", "javascript:alert(1)", "JavaScript:alert(2)"),
});
const key = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom("a", "b", "1"));

const { block, part, page } = fc.letrec<{ block: Block; part: Part; keyed: Keyed; row: Row; page: Block }>((tie) => ({
  page: fc.record({
    kind: fc.constant("block" as const),
    // Those with a place for each of the three.
    site: fc.constantFrom(6, 18),
    texts: fc.tuple(tie("keyed"), tie("part"), tie("part")),
    attributes,
  }),
  block: fc.record({
    kind: fc.constant("block" as const),
    site: fc.nat({ max: CALL_SITES.length + 4 }),
    texts: fc.array(tie("part"), { maxLength: 3, depthIdentifier: "page" }),
    attributes,
  }),
  row: fc.record({ key, block: tie("block") }),
  keyed: fc.record({
    kind: fc.constant("each" as const),
    // Rows mostly share one template, else all lists would be mixed ones.
    rows: fc
      .tuple(fc.array(tie("row"), { maxLength: 6, depthIdentifier: "page" }), fc.option(fc.nat(), { freq: 3 }))
      .map(([rows, site]) =>
        site === null ? rows : rows.map((row) => ({ ...row, block: { ...row.block, site: site % CALL_SITES.length } })),
      ),
    skipping: fc.constantFrom("nothing" as const, "by memo" as const, "by deps" as const),
    dep: fc.nat({ max: 2 }),
  }),
  part: fc.oneof(
    { depthIdentifier: "page", depthSize: "small", maxDepth: 5 },
    leaf.map((value) => ({ kind: "leaf" as const, value })),
    tie("block"),
    fc.record({
      kind: fc.constant("array" as const),
      entries: fc.array(tie("part"), { maxLength: 4, depthIdentifier: "page" }),
    }),
    tie("keyed"),
    tie("keyed"),
  ),
}));

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat({ max: 60 }),
  action: fc.constantFrom(...ACTIONS),
  from: fc.nat({ max: 9 }),
  to: fc.nat({ max: 9 }),
  part,
  block,
  key,
});

export interface PageSequence {
  readonly start: Block;
  /** Each step is what happens between two renders. */
  readonly steps: readonly (readonly Edit[])[];
}

export const pageSequence: fc.Arbitrary<PageSequence> = fc.record({
  start: page,
  steps: fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
});

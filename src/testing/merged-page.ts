import { COMPONENTS, KEYED, KEYED_COUNT, KEYED_MOVED, ROOT, STATICS, STREAM, TEMPLATES } from "../protocol/keys.ts";

/** A rendered template, or a list of rows, as it travels: docs/protocol.md, section 8. */
interface Tree {
  [key: string]: unknown;
}

/** What is to happen to the rows of one stream, as it travels: docs/protocol.md, section 9. */
export interface StreamNews {
  readonly ref: string;
  readonly inserts: readonly StreamedRow[];
  readonly deletes: readonly string[];
  readonly isReset: boolean;
}

export interface StreamedRow {
  readonly domId: string;
  readonly at: number;
  readonly limit: number | null;
  readonly updateOnly: boolean;
}

/** What a message of the server changes, as far as the page has to know before it renders. */
export interface MergedChange {
  /** The live components that it brings. */
  readonly components: readonly number[];
  /** Whether it brings nothing else. */
  readonly isOfComponents: boolean;
}

interface Rendering {
  readonly html: string;
  readonly streams: readonly StreamNews[];
}

/** Where a render writes what it finds on its way. */
interface Output {
  readonly streams: StreamNews[];
  /** The components that are to be rendered, the others being left as they are; `undefined`: all of them. */
  readonly only: ReadonlySet<number> | undefined;
}

/** On the element of a live component. */
export const COMPONENT = "data-phx-component";
/** And by which the view that it is in. */
export const COMPONENT_VIEW = "data-phx-view";
/** On the element of a live component that is to stay as it is. */
export const SKIPPED = "data-phx-skip";
/** By which elements without an id are found again. */
export const MARK = "data-phx-id";

/** What a view shows, kept up to date by its diffs. Takes what it is given: a diff belongs to the page from then on. */
export class MergedPage {
  readonly #viewId: string;
  #tree: Tree = {};
  #components = new Map<number, Tree>();
  /** Components that have left the page: should they come back, they are rendered whatever the message brings. */
  readonly #left = new Set<number>();

  /** @param join the whole tree */
  constructor(join: unknown, viewId = "phx-main") {
    this.#viewId = viewId;
    this.merge(join);
  }

  merge(diff: unknown): MergedChange {
    if (!isTree(diff)) throw new Error(`A diff must be an object, and this one is ${JSON.stringify(diff)}.`);
    const { [COMPONENTS]: entries, ...change } = diff;
    placeStatics(change, undefined);
    if (change[STATICS] === undefined) mergeInto(this.#tree, change);
    else {
      this.#tree = change;
      this.#components = new Map();
    }
    const components = isTree(entries) ? this.#mergeComponents(entries) : [];
    return { components, isOfComponents: components.length > 0 && Object.keys(change).length === 0 };
  }

  #mergeComponents(entries: Tree): readonly number[] {
    const before = this.#components;
    const merged = new Map<number, Tree>();
    const mergedOf = (number: number): Tree => {
      const known = merged.get(number);
      if (known !== undefined) return known;
      const entry = entries[String(number)];
      if (!isTree(entry))
        throw new Error(`The component ${number} is to be a copy of one that the message does not bring.`);
      const tree = mergeComponent(entry, before.get(number), (donor) =>
        donor > 0 ? mergedOf(donor) : before.get(-donor),
      );
      merged.set(number, tree);
      return tree;
    };
    const numbers = Object.keys(entries).map(Number);
    for (const number of numbers) mergedOf(number);
    this.#components = new Map([...before, ...merged]);
    return numbers;
  }

  /**
   * The page as it is now, with those rows of streams that have just come; they are in the document from then on.
   * @param only the live components that have changed; of the others comes the element alone, marked as skipped
   */
  render(only?: readonly number[]): Rendering {
    const output: Output = { streams: [], only: only === undefined ? undefined : new Set(only) };
    return { html: this.#html(this.#tree, output), streams: output.streams };
  }

  /** One live component, with what is in it. */
  renderComponent(number: number): Rendering {
    const output: Output = { streams: [], only: undefined };
    return { html: this.#componentHtml(number, output), streams: output.streams };
  }

  /** The elements of these components are not on the page any more. */
  leave(components: readonly number[]): void {
    for (const number of components) this.#left.add(number);
  }

  /** The server has forgotten these components. */
  forget(components: readonly number[]): void {
    for (const number of components) this.#components.delete(number);
  }

  #html(tree: Tree, output: Output): string {
    const statics = tree[STATICS];
    if (!isStatics(statics)) throw new Error("A part of the page was changed that the page does not have.");
    const rows = tree[KEYED];
    if (!isTree(rows)) return this.#parts(tree, statics, output);
    let html = "";
    for (let position = 0; position < Number(rows[KEYED_COUNT]); position++) {
      html += this.#parts(rowAt(rows, position), statics, output);
    }
    if (tree[STREAM] !== undefined) {
      output.streams.push(streamNews(tree[STREAM]));
      delete tree[STREAM];
      tree[KEYED] = { [KEYED_COUNT]: 0 };
    }
    return html;
  }

  #parts(parts: Tree, statics: readonly string[], output: Output): string {
    let html = statics[0] ?? "";
    for (let index = 1; index < statics.length; index++) {
      const part = parts[index - 1];
      if (typeof part === "number") html += this.#componentHtml(part, output);
      else html += isTree(part) ? this.#html(part, output) : String(part);
      html += statics[index];
    }
    return html;
  }

  #componentHtml(number: number, output: Output): string {
    const tree = this.#components.get(number);
    if (tree === undefined) throw new Error(`The page shows the live component ${number}, which it does not have.`);
    const isSkipped = output.only?.has(number) === false && !this.#left.has(number);
    this.#left.delete(number);
    const html = this.#html(tree, output);
    const start = /^(?:\s|<!--[^]*?-->)*<[^\s/>]+/.exec(html)?.[0];
    if (tree[ROOT] !== 1 || start === undefined)
      throw new Error(`The live component ${number} is not one element: ${html}`);
    const view = this.#viewId;
    const marks = ` ${MARK}="c${number}-${view}" ${COMPONENT}="${number}" ${COMPONENT_VIEW}="${view}"${isSkipped ? ` ${SKIPPED}` : ""}`;
    return `${start}${marks}${html.slice(start.length)}`;
  }
}

/** @param donorOf the tree of another component, of this message or as it was before */
function mergeComponent(entry: Tree, before: Tree | undefined, donorOf: (number: number) => Tree | undefined): Tree {
  const { [STATICS]: statics, ...rest } = entry;
  placeStatics(rest, undefined);
  if (typeof statics !== "number") {
    if (statics !== undefined || before === undefined)
      return statics === undefined ? rest : { ...rest, [STATICS]: statics };
    const copy = structuredClone(before);
    mergeInto(copy, rest);
    return copy;
  }
  const donor = donorOf(statics);
  if (donor === undefined)
    throw new Error(`A live component is to be a copy of ${statics}, which the page does not have.`);
  const copy = structuredClone(donor);
  mergeInto(copy, rest);
  return copy;
}

/** Puts shared statics where they belong: their numbers mean something within one message only. */
function placeStatics(tree: Tree, outer: unknown): void {
  const templates = tree[TEMPLATES] ?? outer;
  delete tree[TEMPLATES];
  const statics = tree[STATICS];
  if (typeof statics === "number" && isTree(templates)) tree[STATICS] = templates[statics];
  for (const child of Object.values(tree)) {
    if (isTree(child)) placeStatics(child, templates);
    // A row that has moved: its old position and its change.
    else if (Array.isArray(child) && isTree(child[1])) placeStatics(child[1], templates);
  }
}

function mergeInto(target: Tree, change: Tree): void {
  const rows = change[KEYED];
  if (isTree(rows)) {
    mergeRows(target, rows);
    if (change[STREAM] !== undefined) target[STREAM] = change[STREAM];
    return;
  }
  for (const [key, value] of Object.entries(change)) {
    const known = target[key];
    if (isTree(value) && value[STATICS] === undefined && isTree(known)) mergeInto(known, value);
    else target[key] = value;
  }
}

function mergeRows(target: Tree, change: Tree): void {
  const known = target[KEYED];
  if (!isTree(known)) throw new Error("A change of rows came for something that is no list.");
  // A row that moves is read from where it was before this message, whatever has been put there meanwhile.
  const before = change[KEYED_MOVED] === true ? structuredClone(known) : known;
  for (const [position, row] of Object.entries(change)) {
    if (position === KEYED_COUNT || position === KEYED_MOVED) continue;
    if (typeof row === "number") known[position] = rowAt(before, row);
    else if (Array.isArray(row)) {
      const moved = rowAt(before, row[0]);
      if (isTree(row[1])) mergeInto(moved, row[1]);
      known[position] = moved;
    } else if (isTree(row)) {
      const old = known[position];
      if (isTree(old)) mergeInto(old, row);
      else known[position] = row;
    }
  }
  const count = Number(change[KEYED_COUNT]);
  for (let position = count; position < Number(known[KEYED_COUNT]); position++) delete known[position];
  known[KEYED_COUNT] = count;
}

function rowAt(rows: Tree, position: unknown): Tree {
  const row = rows[String(position)];
  if (!isTree(row)) throw new Error(`A row was moved from position ${String(position)}, where there was none.`);
  return row;
}

function streamNews(value: unknown): StreamNews {
  const [ref, inserts, deletes, ...reset] = listOf(value);
  return {
    ref: String(ref),
    inserts: listOf(inserts).map((insert) => {
      const [domId, at, limit, updateOnly] = listOf(insert);
      return {
        domId: String(domId),
        at: Number(at),
        limit: limit === null ? null : Number(limit),
        updateOnly: updateOnly === true,
      };
    }),
    deletes: listOf(deletes).map(String),
    // That there is a fourth element is what counts, whatever it is.
    isReset: reset.length > 0,
  };
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`A part of a stream must be a list, and this one is ${JSON.stringify(value)}.`);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStatics(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((part) => typeof part === "string");
}

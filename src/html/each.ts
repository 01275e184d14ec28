import { LiveError } from "../errors.ts";
import { renderChecksEnabled } from "./checks.ts";
import { NotAList } from "./not-a-list.ts";
import { commonTemplate, KeyedList, type Rendered } from "./rendered.ts";
import type { Template } from "./template.ts";
import { describeTemplate, toHtml } from "./to-html.ts";

type Key = string | number;

/** What an `EachList` needs to make its rows; let go of once they are made. */
interface Recipe<T> {
  readonly items: readonly T[];
  readonly key: (item: T) => Key;
  readonly render: (item: T) => Rendered;
  /** Whether the template was made with the development checks on: rows that are made late are made outside of it. */
  readonly checks: boolean;
}

/** What the next evaluation of `each` must find unchanged to take rows over. */
interface Origin {
  readonly items: readonly unknown[];
  readonly deps: readonly unknown[];
}

/** At which positions a list differs from an earlier one, that had the same keys. */
interface Changes {
  /** The earlier list's id. */
  readonly since: number;
  readonly positions: readonly number[];
}

let lastId = 0;

/**
 * The rows of one evaluation of `each`. Without `deps` they are rendered at once. With `deps` they are rendered at first
 * use, when the list that the client has is at hand and the rows of unchanged items can be taken from it.
 */
class EachList<T> extends KeyedList {
  #recipe: Recipe<T> | undefined;
  readonly #origin: Origin | undefined;
  #keys: readonly Key[] = [];
  #rows: readonly Rendered[] = [];
  #template: Template | undefined;
  /** Tells lists apart without holding them: a list that held its predecessor would hold all of them. */
  readonly #id = ++lastId;
  #changes: Changes | undefined;

  constructor(recipe: Recipe<T>, deps: readonly unknown[] | undefined) {
    super();
    this.#recipe = recipe;
    this.#origin = deps === undefined ? undefined : { items: recipe.items, deps };
    if (deps === undefined) this.materialise(undefined);
  }

  override get keys(): readonly Key[] {
    this.materialise(undefined);
    return this.#keys;
  }

  override get rows(): readonly Rendered[] {
    this.materialise(undefined);
    return this.#rows;
  }

  override get template(): Template | undefined {
    this.materialise(undefined);
    return this.#template;
  }

  override changedPositions(previous: unknown): readonly number[] | undefined {
    const changes = this.#changes;
    return previous instanceof EachList && changes?.since === previous.#id ? changes.positions : undefined;
  }

  override materialise(previous: KeyedList | undefined): void {
    const recipe = this.#recipe;
    if (recipe === undefined) return;
    const checks = recipe.checks || renderChecksEnabled();
    if (previous instanceof EachList && sameDeps(previous.#origin, this.#origin)) {
      this.#renderChanged(recipe, previous, checks);
    } else this.#renderAll(recipe);
    if (checks) refuseDuplicateKeys(this.#keys, this.#rows);
    // Last, so that a list whose row threw throws again instead of being empty.
    this.#recipe = undefined;
  }

  #renderAll({ items, key, render }: Recipe<T>): void {
    this.#keys = items.map((item) => key(item));
    this.#rows = items.map((item) => render(item));
    this.#template = commonTemplate(this.#rows);
  }

  #renderChanged({ items, key, render }: Recipe<T>, old: EachList<unknown>, checks: boolean): void {
    const oldItems = old.#origin?.items ?? [];
    const { keys: oldKeys, rows: oldRows } = old;
    // In development all rows are looked at, one by one.
    const same = checks ? 0 : countSame(items, oldItems);
    if (same === items.length && same === oldRows.length) {
      this.#keys = oldKeys;
      this.#rows = oldRows;
      this.#template = old.template;
      return;
    }
    const keys = oldKeys.slice(0, items.length);
    const rows = oldRows.slice(0, items.length);
    const positions: number[] = [];
    let areKeysSame = items.length === oldRows.length;
    let indexes: Map<unknown, number> | undefined;
    for (let index = same; index < items.length; index++) {
      // The loop's bound proves that the item is there; T itself may include undefined.
      const item = items[index] as T;
      let oldIndex: number | undefined = index;
      if (index >= oldItems.length || oldItems[index] !== item) {
        const itemKey = key(item);
        const isSameKey = itemKey === oldKeys[index];
        // The same key with another item is a changed row, not a moved one: no need to look for it elsewhere.
        oldIndex = isSameKey ? undefined : (indexes ??= indexesOf(oldItems)).get(item);
        areKeysSame &&= isSameKey;
        keys[index] = itemKey;
        positions.push(index);
      } else if (!checks) {
        // The copy above has brought the row.
        continue;
      }
      const oldRow = oldIndex === undefined ? undefined : oldRows[oldIndex];
      if (oldRow !== undefined && checks) refuseStaleRow(oldRow, render(item));
      rows[index] = oldRow ?? render(item);
    }
    this.#keys = keys;
    this.#rows = rows;
    if (areKeysSame) this.#changes = { since: old.#id, positions };
    const { template } = old;
    const isTemplateSame = areKeysSame && positions.every((index) => rows[index]?.template === template);
    this.#template = isTemplateSame ? template : commonTemplate(rows);
  }
}

/** How many items the two lists begin with that are the same. */
function countSame(items: readonly unknown[], oldItems: readonly unknown[]): number {
  const length = Math.min(items.length, oldItems.length);
  let count = 0;
  while (count < length && items[count] === oldItems[count]) count++;
  return count;
}

function indexesOf(items: readonly unknown[]): Map<unknown, number> {
  const indexes = new Map<unknown, number>();
  for (let index = 0; index < items.length; index++) indexes.set(items[index], index);
  return indexes;
}

/**
 * A list whose rows are known by `key`: a row that moves travels as a move, a removed one as a removal.
 *
 * Rows are rendered at every render and only what changed in them is sent. With `deps` the row of an item that is the
 * same object as before is skipped, as long as every entry of `deps` is the same (`Object.is`): list in it everything
 * besides the item that `render` reads. In development skipped rows are rendered once more and compared.
 *
 * @param key unique in the list; a duplicate is an error in development (`render.duplicate-key`).
 * @throws {LiveError} `render.nothing-to-map` if `items` is no list; `render.stale-row` in development, when a skipped row would
 * have rendered something else.
 */
export function each<T>(
  items: Iterable<T>,
  key: (item: T) => string | number,
  render: (item: T) => Rendered,
  deps?: readonly unknown[],
): KeyedList {
  checkRender(key, render);
  // Rows are made late when there are deps, and their items are compared with the next ones: who changes the array in
  // place must not change what was rendered.
  const list: readonly T[] = Array.isArray(items) && deps === undefined ? items : copyOf(items);
  return new EachList({ items: list, key, render, checks: renderChecksEnabled() }, deps);
}

/** By a program without types, most likely without the key. */
function checkRender(key: unknown, render: unknown): void {
  if (typeof key === "function" && typeof render === "function") return;
  throw new LiveError(
    "render.nothing-to-map",
    "each takes a list, what tells its items apart, and how to show one: each(items, (item) => item.id, (item) => html`<li>${item.name}</li>`).",
  );
}

function copyOf<T>(items: Iterable<T>): readonly T[] {
  const given: Partial<Iterable<T>> | null | undefined = items; // by a program without types, or a key that nobody assigned
  if (typeof given?.[Symbol.iterator] !== "function") throw new NotAList(given);
  return [...items];
}

function sameDeps(a: Origin | undefined, b: Origin | undefined): boolean {
  if (a === undefined || b === undefined || a.deps.length !== b.deps.length) return false;
  return a.deps.every((value, index) => Object.is(value, b.deps[index]));
}

function refuseStaleRow(skipped: Rendered, fresh: Rendered): void {
  const shown = toHtml(skipped);
  const wanted = toHtml(fresh);
  if (shown === wanted) return;
  throw new LiveError(
    "render.stale-row",
    `
A row of each(items, key, render, deps) was skipped because its item and deps are the same as before, but it would
now render something else. Either the item was mutated in place, or the row depends on more than its item and deps.

    template  ${describeTemplate(fresh)}
    skipped   ${shown}
    expected  ${wanted}

Make a new object for a changed item ({ ...item, done: true }), and list in deps whatever else the row reads.
`.trim(),
  );
}

function refuseDuplicateKeys(keys: readonly Key[], rows: readonly Rendered[]): void {
  const seen = new Set<Key>();
  for (const [index, key] of keys.entries()) {
    if (!seen.has(key)) {
      seen.add(key);
      continue;
    }
    const row = rows[index];
    throw new LiveError(
      "render.duplicate-key",
      `
Two rows of one each(…) list have the key ${JSON.stringify(key)}; a key must be unique in its list.

    template  ${row === undefined ? "" : describeTemplate(row)}

Use something that identifies the item, such as its id.
`.trim(),
    );
  }
}

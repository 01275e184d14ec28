import { LiveError } from "../errors.ts";
import { renderChecksEnabled } from "./checks.ts";
import { KeyedList, type Rendered } from "./rendered.ts";
import { describeTemplate, toHtml } from "./to-html.ts";

type Key = string | number;

/** What an `EachList` needs to make its rows; let go of once they are made. */
interface Recipe<T> {
  readonly key: (item: T) => Key;
  readonly render: (item: T) => Rendered;
}

/**
 * The rows of one evaluation of `each`. Without `deps` they are rendered at once. With `deps` they are rendered at first
 * use, when the list that the client has is at hand and the rows of unchanged items can be taken from it.
 */
export class EachList<T = unknown> extends KeyedList {
  readonly items: readonly T[];
  readonly deps: readonly unknown[] | undefined;
  #keys: readonly Key[] | undefined;
  #rows: readonly Rendered[] | undefined;
  #recipe: Recipe<T> | undefined;

  constructor(items: readonly T[], recipe: Recipe<T>, deps: readonly unknown[] | undefined) {
    super();
    this.items = items;
    this.deps = deps;
    this.#recipe = recipe;
    if (deps === undefined) this.materialise(undefined);
  }

  override get keys(): readonly Key[] {
    this.materialise(undefined);
    return this.#keys ?? [];
  }

  override get rows(): readonly Rendered[] {
    this.materialise(undefined);
    return this.#rows ?? [];
  }

  /** Makes the rows, taking those of `previous` whose item and `deps` are the same. Does nothing the second time. */
  override materialise(previous: KeyedList | undefined): void {
    const recipe = this.#recipe;
    if (recipe === undefined) return;
    this.#recipe = undefined;
    const reusable = previous instanceof EachList && sameDeps(this.deps, previous.deps) ? previous : undefined;
    const { items } = this;
    const keys: Key[] = [];
    const rows: Rendered[] = [];
    let indexOfItem: Map<unknown, number> | undefined;
    const oldItems = reusable === undefined ? [] : reusable.items;
    const oldKeys = reusable === undefined ? [] : reusable.keys;
    const oldRows = reusable === undefined ? [] : reusable.rows;
    for (let index = 0; index < items.length; index++) {
      // The loop bound proves that the item is there; T itself may include undefined.
      const item = items[index] as T;
      let oldIndex: number | undefined;
      let key: Key | undefined;
      if (index < oldItems.length && Object.is(item, oldItems[index])) oldIndex = index;
      else if (reusable !== undefined) {
        key = recipe.key(item);
        // The same key with another item is a changed row, not a moved one: no need to look for it elsewhere.
        if (key !== oldKeys[index]) {
          indexOfItem ??= new Map(oldItems.map((old, position) => [old, position]));
          oldIndex = indexOfItem.get(item);
        }
      }
      const oldRow = oldIndex === undefined ? undefined : oldRows[oldIndex];
      if (oldRow !== undefined && oldIndex !== undefined) {
        if (renderChecksEnabled()) refuseStaleRow(oldRow, recipe.render(item));
        keys.push(oldKeys[oldIndex] ?? recipe.key(item));
        rows.push(oldRow);
      } else {
        keys.push(key ?? recipe.key(item));
        rows.push(recipe.render(item));
      }
    }
    if (renderChecksEnabled()) refuseDuplicateKeys(keys, rows);
    this.#keys = keys;
    this.#rows = rows;
  }
}

/**
 * A list whose rows are known by `key`: a row that moves travels as a move, a removed one as a removal.
 *
 * Rows are rendered at every render and only what changed in them is sent. With `deps` the row of an item that is the
 * same object as before is skipped, as long as every entry of `deps` is the same (`Object.is`): list in it everything
 * besides the item that `render` reads. In development skipped rows are rendered once more and compared.
 *
 * @param key unique in the list; a duplicate is an error in development (`render.duplicate-key`).
 * @throws {LiveError} `render.stale-row` in development, when a skipped row would have rendered something else.
 */
export function each<T>(
  items: Iterable<T>,
  key: (item: T) => string | number,
  render: (item: T) => Rendered,
  deps?: readonly unknown[],
): KeyedList {
  return new EachList(Array.isArray(items) ? items : [...items], { key, render }, deps);
}

function sameDeps(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((value, index) => Object.is(value, b[index]));
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

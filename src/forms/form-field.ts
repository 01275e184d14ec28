import { JS } from "../html/js-commands.ts";
import type { Attributes } from "../html/rendered.ts";
import type { FieldAt, FieldPath, RowOf } from "./field-path.ts";
import type { FormState } from "./form-state.ts";
import { ADD, asList, DOWN, nodeAt, REMOVE, UP, type FormNode } from "./form-tree.ts";

/** A field as components take it, whatever its type: `(props: { field: AnyField }) => …`. */
export interface AnyField {
  /** Where it is in the form: `"address.street"`, in rows `"items.r0.text"`. */
  readonly path: string;
  /** For the attribute `name`: `user[address][street]`. */
  readonly name: string;
  /** For the attribute `id`. */
  readonly id: string;
  /**
   * What stands in it, never what the schema made of it: the text as the user has typed it, a list where several can be chosen.
   * Before the browser has sent the form, what the form began with; `undefined` if nothing. Of a group, `undefined`.
   */
  readonly value: unknown;
  /** What is wrong with it, to be shown: nothing before the user has touched it, or has submitted the form. */
  readonly errors: readonly string[];
  /** Whether the user has touched it, or has submitted the form. Of a group, whether one of its fields was. */
  readonly isUsed: boolean;
  /** For a `<button>` in the form that adds an empty row at the end of this list. */
  readonly addButton: Attributes;
  /** The rows of a list, in their order. */
  readonly rows: readonly AnyRow[];
  /** For the hidden input that makes fields of this name a list, also when there are none: `inputsFor` and `input` place it. */
  readonly listMark: Attributes;
}

/** A row of a list, as components take it. */
export interface AnyRow extends AnyField {
  /** Names the row for as long as it is there, wherever it moves: for `each`. */
  readonly key: string;
  /** Its place, from 0. */
  readonly index: number;
  /** For a `<button>` in the form that removes this row. */
  readonly removeButton: Attributes;
  /** For a `<button>` in the form that moves this row up by one; disabled in the first. */
  readonly upButton: Attributes;
  /** For a `<button>` in the form that moves this row down by one; disabled in the last. */
  readonly downButton: Attributes;
}

/** A field, a group of fields or a list in a form, made by `form.field(path)`. */
export class FormField<T = unknown> implements AnyField {
  readonly #state: FormState;
  readonly #path: readonly string[];

  /** Made by `form.field`. */
  constructor(state: FormState, path: readonly string[]) {
    this.#state = state;
    this.#path = path;
  }

  get path(): string {
    return this.#path.join(".");
  }

  get name(): string {
    return this.#state.nameAt(this.#path);
  }

  get id(): string {
    return this.#state.idAt(this.#path);
  }

  get value(): unknown {
    const node = this.#node;
    if (node.kind === "list") return node.rows.map((row) => (row.node.kind === "leaf" ? row.node.value : undefined));
    return node.kind === "leaf" ? node.value : undefined;
  }

  get errors(): readonly string[] {
    return this.#state.errorsAt(this.#path);
  }

  get isUsed(): boolean {
    return this.#state.isUsed(this.#path);
  }

  /** A field in this group, named from here: `form.field("address").field("street")`. */
  field<const P extends FieldPath<T>>(path: P): FormField<FieldAt<T, P>> {
    return new FormField(this.#state, [...this.#path, ...path.split(".")]);
  }

  get rows(): readonly FormRow<RowOf<T>>[] {
    const { rows } = asList(this.#node);
    return rows.map(({ key }, index) => new FormRow(this.#state, this.#path, key, index, rows.length));
  }

  get addButton(): Attributes {
    return listButton(this.name, ADD, "");
  }

  get listMark(): Attributes {
    return { type: "hidden", name: `${this.name}[_rows]`, value: asList(this.#node).next };
  }

  get #node(): FormNode {
    return nodeAt(this.#state.content.tree, this.#path);
  }
}

/** A row of a list in a form: `form.field("items").rows`. */
export class FormRow<T = unknown> extends FormField<T> implements AnyRow {
  readonly key: string;
  readonly index: number;
  readonly #list: FormField;
  readonly #count: number;

  /** Made by `rows` of a field. */
  constructor(state: FormState, list: readonly string[], key: string, index: number, count: number) {
    super(state, [...list, key]);
    this.key = key;
    this.index = index;
    this.#list = new FormField(state, list);
    this.#count = count;
  }

  get removeButton(): Attributes {
    return listButton(this.#list.name, REMOVE, this.key);
  }

  get upButton(): Attributes {
    return { ...listButton(this.#list.name, UP, this.key), disabled: this.index === 0 };
  }

  get downButton(): Attributes {
    return { ...listButton(this.#list.name, DOWN, this.key), disabled: this.index === this.#count - 1 };
  }
}

const CHANGE = JS.dispatch("change");

/**
 * What is typed into the form at this moment must not be lost when a row comes or goes. So the button has no event of its
 * own: it is a change of the form, which carries all fields, and the button's name and value among them.
 */
function listButton(list: string, what: string, value: string): Attributes {
  return {
    type: "button",
    name: `${list}[${what}]`,
    value,
    "phx-click": CHANGE,
    // No event of its own, and yet the attribute: to recover a form the client acts as if its first input without it had changed,
    // and a button that had "changed" would do its work once more (view.ts, pushFormRecovery).
    "phx-change": "",
  };
}

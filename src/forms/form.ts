import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isSchema } from "../argument-kinds.ts";
import { decodePairs } from "../protocol/form.ts";
import { DEFAULT_PARAM_LIMITS } from "../protocol/params.ts";
import type { FieldAt, FieldPath, RowOf } from "./field-path.ts";
import { FormField, type AnyField, type AnyRow } from "./form-field.ts";
import { invalidName, noSchema, notAnEvent, refusedBody } from "./form-errors.ts";
import { FormState, NOT_FIELDS, RESETS } from "./form-state.ts";
import {
  appended,
  asList,
  movedTo,
  readNode,
  withNodeAt,
  without,
  type FormGroup,
  type FormNode,
} from "./form-tree.ts";

export interface FormOptions {
  /**
   * The name that the fields' names begin with, one word: `"user"` makes `user[email]`. To be given where a page has several forms, and
   * where a field is called `type`. @default none: the fields' names as they are
   */
  readonly name?: string | undefined;
  /**
   * The `id` of the form, unique on the page; those of its inputs begin with it. By it the browser finds the form again after a
   * reconnect. @default the `name`, or "form"
   */
  readonly id?: string | undefined;
  /**
   * Leaves fields in which nothing stands out of what the schema gets, so that they can be `optional()` or have a default in it.
   * @default false: they are `""`
   */
  readonly omitEmpty?: boolean | undefined;
}

/** What a form begins with, by its fields. The values may be what the schema gives as well as what it takes: `new Date()`. */
export type FormValues<In> = unknown extends In ? object : { readonly [K in keyof In]?: unknown };

/** What is wrong with a form. */
export interface FormIssue {
  /** The path of the field, as of `AnyField`; `""`: the form as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A form whatever its fields, as components take it. */
export interface AnyForm {
  readonly id: string;
  readonly name: string | undefined;
  readonly isValid: boolean;
  readonly errors: readonly string[];
  readonly isSubmitted: boolean;
  /** The hidden input by which a form that was reset is known to be so: `liveForm` places it. */
  readonly resetMark: { readonly name: string; readonly value: string } | undefined;
}

/**
 * A form with fields: what the user has typed, what a schema makes of it, and what is wrong with it. Immutable: what changes it
 * gives another one back.
 *
 * `isValid` tells whether `value` is there:
 *
 * ```ts
 * const entered = socket.context.form.update(event);
 * if (event.type === "save" && entered.isValid) await save(entered.value);
 * ```
 */
export type Form<S extends StandardSchemaV1 = StandardSchemaV1> = FormOf<
  StandardSchemaV1.InferInput<S>,
  StandardSchemaV1.InferOutput<S>
>;

/** A `Form` by the types of its schema's input and output. */
export type FormOf<In, Out> = FormObject<In, Out> &
  (
    | {
        /** Whether the schema accepts what is in the form, and the program has added no error. */
        readonly isValid: true;
        /** What the schema made of it. */
        readonly value: Out;
      }
    | {
        readonly isValid: false;
        readonly value: undefined;
      }
  );

/**
 * Begins a form. Nothing in it counts as touched yet, so no errors are shown.
 *
 * ```ts
 * const signup = z.object({ email: z.email(), age: z.coerce.number().min(18) });
 *
 * createLiveView<{ form: Form<typeof signup> }, FormEvent<"validate" | "save">>({
 *   mount: (socket) => socket.assign({ form: form(signup) }),
 *   handleEvent: (event, socket) => socket.assign({ form: socket.context.form.update(event) }),
 *   render: ({ form }) => liveForm({ form, change: "validate", submit: "save" }, html`
 *     ${input({ field: form.field("email"), type: "email", label: "Email" })}
 *     <button phx-disable-with="Saving…">Save</button>`),
 * });
 * ```
 *
 * @param schema of zod, valibot, arktype, or any other library with Standard Schema. It gets texts, as browsers send them.
 * @param values what it begins with, such as what is being edited, or what a browser has sent.
 * @throws {LiveError} `form.no-schema`, or `form.reserved-name` for a name that cannot be
 */
export function form<S extends StandardSchemaV1>(
  schema: S,
  values: FormValues<StandardSchemaV1.InferInput<S>> = {},
  { name, id = name ?? "form", omitEmpty = false }: FormOptions = {},
): Form<S> {
  checkSchema(schema);
  if (name !== undefined) checkName(name);
  return present(FormState.begin({ schema, name, id, omitsEmpty: omitEmpty }, values));
}

/** The type of what stands in a field, by its path or the field itself. */
type ValueAt<In, P> = P extends string ? FieldAt<In, P> : P extends FormField<infer T> ? T : unknown;

/** The members of a `Form`. */
export class FormObject<In, Out> implements AnyForm {
  readonly #state: FormState;

  /** Made by `form`. */
  constructor(state: FormState) {
    this.#state = state;
  }

  get id(): string {
    return this.#state.settings.id;
  }

  get name(): string | undefined {
    return this.#state.settings.name;
  }

  get isValid(): boolean {
    return this.#state.content.added.length === 0 && this.#state.check().ok;
  }

  get value(): unknown {
    const checked = this.#state.check();
    return this.isValid && checked.ok ? checked.value : undefined;
  }

  /**
   * What is wrong with the form as a whole, to be shown: nothing before the user has touched all fields, or has submitted it.
   */
  get errors(): readonly string[] {
    return this.#state.errorsAt([]);
  }

  /** All that is wrong with it, shown or not, and at fields that are not on the page as well. */
  get issues(): readonly FormIssue[] {
    return this.#state.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  }

  /** Whether the user has submitted it. */
  get isSubmitted(): boolean {
    return this.#state.content.isSubmitted;
  }

  get resetMark(): { readonly name: string; readonly value: string } | undefined {
    const { resets } = this.#state.content;
    if (resets === 0) return undefined;
    return { name: this.name === undefined ? RESETS : `${this.name}[${RESETS}]`, value: String(resets) };
  }

  /** One of its fields, by its path: `form.field("address.street")`. */
  field<const P extends FieldPath<In>>(path: P): FormField<FieldAt<In, P>> {
    return new FormField(this.#state, path.split("."));
  }

  // ── from the browser ──

  /**
   * The form as the browser has sent it, with a change or a submit: the event of `handleEvent`, or the body of a request. All of
   * its fields are replaced, since a browser sends all of them. Errors that were added stay at fields that are still the same,
   * until the form is submitted.
   *
   * @throws {LiveError} `form.refused` for the body of a request with more than 1000 fields, with names that are deeper than 16, or that
   * could reach a prototype; `form.no-event` for a promise or a request
   */
  update(event: object | FormData | URLSearchParams): FormOf<In, Out> {
    checkEvent(event);
    return present(this.#state.received(isBody(event) ? decodeBody(event) : event));
  }

  /**
   * The same form once its schema has looked at it. Only asynchronous schemas need it, and they need it before `isValid`, `value`
   * or errors are read: `await form.update(event).validate()`. Rejects as the schema does.
   */
  async validate(): Promise<FormOf<In, Out>> {
    await this.#state.awaitCheck();
    return present(this.#state);
  }

  // ── from the program ──

  /**
   * With an error that only the program can know, shown at once: `form.withError("email", "is taken")`. Of a field in a row, give the
   * field itself: `form.withError(row.field("email"), "is taken")`.
   */
  withError(at: FieldPath<In> | AnyField, message: string): FormOf<In, Out> {
    return this.#withError(partsOf(at), message);
  }

  /** With an error that is no single field's: `form.withFormError("Try again later.")`. */
  withFormError(message: string): FormOf<In, Out> {
    return this.#withError([], message);
  }

  #withError(path: readonly string[], message: string): FormOf<In, Out> {
    return present(this.#state.with({ added: [...this.#state.content.added, { path, message }] }), this.#state);
  }

  /**
   * With another value in a field. The browser shows it unless the user is in that field.
   * @param at its path or, in a row, the field itself: `form.set(row.field("city"), "")`. Nothing happens if that row is gone.
   */
  set<const P extends FieldPath<In> | AnyField>(at: P, value: ValueAt<In, P> | string): FormOf<In, Out> {
    return this.#change(partsOf(at), () => readNode(value));
  }

  /**
   * With one more row at the end of a list.
   * @param list its path or, in a row, the list itself: `form.addRow(row.field("tags"), { label: "new" })`
   */
  addRow<const P extends FieldPath<In> | AnyField>(list: P, value: Partial<RowOf<ValueAt<In, P>>>): FormOf<In, Out> {
    return this.#change(partsOf(list), (node) => appended(asList(node), readNode(value)));
  }

  /** Without a row: `form.removeRow(row)`, where `row` is one of `form.field("items").rows`. */
  removeRow(row: AnyRow): FormOf<In, Out> {
    return this.#change(listOf(row), (node) => without(asList(node), row.key));
  }

  /** With a row at another place, counted from 0 among those that stay. */
  moveRow(row: AnyRow, index: number): FormOf<In, Out> {
    return this.#change(listOf(row), (node) => movedTo(asList(node), row.key, index));
  }

  /**
   * A new form in place of this one, as after a save: nothing is touched, nothing submitted. Its inputs have other ids, so that
   * the browser makes new ones, and forgets what was typed into the old ones, even where the user is.
   * @param values what it begins with
   */
  reset(values: FormValues<In> = {}): FormOf<In, Out> {
    return present(FormState.begin(this.#state.settings, values, this.#state.content.resets + 1));
  }

  #change(path: readonly string[], change: (node: FormNode) => FormNode): FormOf<In, Out> {
    // A group stays one: the path has at least one part.
    const tree = withNodeAt(this.#state.content.tree, path, change) as FormGroup;
    return present(this.#state.with({ tree }));
  }
}

/** What the schema says of a form with an error more is what it said before. */
function present<In, Out>(state: FormState, like?: FormState): FormOf<In, Out> {
  if (like !== undefined) state.takeCheck(like);
  // `isValid` and `value` of a form are those of one of the two members: `value` is there if and only if `isValid` is true,
  // and then it is what the schema with this output has given.
  return new FormObject<In, Out>(state) as FormOf<In, Out>;
}

function partsOf(at: string | AnyField): string[] {
  return (typeof at === "string" ? at : at.path).split(".");
}

function listOf(row: AnyField & { readonly key: string }): string[] {
  return partsOf(row).slice(0, -1);
}

function isBody(event: object): event is FormData | URLSearchParams {
  return event instanceof FormData || event instanceof URLSearchParams;
}

function decodeBody(body: FormData | URLSearchParams): object {
  const decoded = decodePairs(body, DEFAULT_PARAM_LIMITS, "refuse");
  if (decoded.ok) return decoded.value;
  throw refusedBody(decoded.reason);
}

/** What the types let pass, since an event may have any fields. */
function checkEvent(event: unknown): void {
  if (typeof event !== "object" || event === null) throw notAnEvent(event === null ? "null" : typeof event);
  if (event instanceof Promise) throw notAnEvent("a promise that was not awaited");
  if (event instanceof Request) throw notAnEvent("a request");
}

function checkName(name: string): void {
  if (name === "" || /[[\]&=\s]/.test(name) || NOT_FIELDS.has(name)) throw invalidName(name);
}

function checkSchema(schema: unknown): void {
  const standard = isSchema(schema) ? schema["~standard"] : undefined;
  if (typeof standard !== "object" || standard === null) throw noSchema(schema);
}

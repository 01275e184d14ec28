import type { StandardSchemaV1 } from "@standard-schema/spec";
import { asyncSchema, reservedName } from "./form-errors.ts";
import { sentOf } from "./form-event.ts";
import {
  findAt,
  isInNewRow,
  isPlainObject,
  isSameNode,
  nodeAt,
  readRoot,
  toData,
  toTreePath,
  type FormGroup,
  type FormNode,
} from "./form-tree.ts";
import { pathKey, usedFields } from "./used-fields.ts";

/** What a form's schema says of what is in it. */
export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly CheckedIssue[] };

interface CheckedIssue {
  /** Where, with the keys of rows instead of their numbers. */
  readonly path: readonly string[];
  readonly message: string;
}

/** What a form is, but for what is in it. */
export interface FormSettings {
  readonly schema: StandardSchemaV1;
  readonly name: string | undefined;
  readonly id: string;
  readonly omitsEmpty: boolean;
}

/** An error that the program has added. */
export interface AddedError {
  readonly path: readonly string[];
  readonly message: string;
}

interface FormContent {
  readonly tree: FormGroup;
  /** The keys of the paths that the user has touched. */
  readonly used: ReadonlySet<string>;
  /** The keys of those that the browser has said of, last time, that they are untouched; `undefined` before it has said anything. */
  readonly unused: ReadonlySet<string> | undefined;
  readonly isSubmitted: boolean;
  readonly added: readonly AddedError[];
  /** How often it was reset: its inputs then are new ones. */
  readonly resets: number;
}

/** The hidden field that says how often a form was reset, so that the browser's answer after a reconnect says it too. */
export const RESETS = "_resets";
/** What an event has at its top besides a form's fields. */
export const NOT_FIELDS = new Set(["type", "_target", "_csrf_token", RESETS]);

/** What is in a form, and what is wrong with it. Immutable, but that it remembers what the schema has said. */
export class FormState {
  readonly settings: FormSettings;
  readonly content: FormContent;
  #checked: Checked | undefined;
  #messages: ReadonlyMap<string, readonly string[]> | undefined;

  constructor(settings: FormSettings, content: FormContent) {
    this.settings = settings;
    this.content = content;
  }

  /** A form that nobody has touched. */
  static begin(settings: FormSettings, values: unknown, resets = 0): FormState {
    const tree = fieldsOf(values, settings.name);
    return new FormState(settings, {
      tree,
      used: new Set(),
      unused: undefined,
      isSubmitted: false,
      added: [],
      resets,
    });
  }

  with(changes: Partial<FormContent>): FormState {
    return new FormState(this.settings, { ...this.content, ...changes });
  }

  /** As the browser has sent it with a change, or with a submit, which has no `_target`. */
  received(event: object): FormState {
    const { name } = this.settings;
    const sent = sentOf(event);
    const found = name === undefined ? sent : Object.hasOwn(sent, name) ? sent[name] : {};
    const params = isPlainObject(found) ? found : {};
    // Of a form that has begun anew, as after a reconnect, the page knows more.
    const before = this.content.unused === undefined ? undefined : this.content.tree;
    const tree = fieldsOf(params, name, before);
    const target = sent["_target"];
    const isSubmitted = this.content.isSubmitted || target === undefined;
    const { paths, unused } = usedFields(params);
    const used = new Set(paths);
    // Once used, a field stays so for as long as the form has it. What is gone is forgotten, or the set would only grow.
    for (const key of [...this.content.used, ...targetKeys(target, name)]) {
      if (!used.has(key) && findAt(tree, key.split(".")) !== undefined) used.add(key);
    }
    return new FormState(this.settings, {
      tree,
      used,
      unused,
      isSubmitted,
      added: target === undefined ? [] : this.content.added.filter(({ path }) => this.#isSameAt(tree, path)),
      resets: resetsOf(params[RESETS], this.content.resets),
    });
  }

  /** An error that was added stands until its field is changed, or the form is submitted again. */
  #isSameAt(tree: FormNode, path: readonly string[]): boolean {
    return path.length > 0 && isSameNode(nodeAt(this.content.tree, path), nodeAt(tree, path));
  }

  // ── the schema ──

  /** @throws {LiveError} `form.async-schema` if the schema is asynchronous, and was not awaited before */
  check(): Checked {
    if (this.#checked !== undefined) return this.#checked;
    const result = this.#validate();
    if (result instanceof Promise) {
      // What it comes to does not matter any more, but must not end the process.
      result.catch(() => {});
      throw asyncSchema(this.settings.id);
    }
    return (this.#checked = this.#toChecked(result));
  }

  /** Of a form with the same fields. */
  takeCheck(same: FormState): void {
    this.#checked = same.#checked;
  }

  async awaitCheck(): Promise<void> {
    this.#checked ??= this.#toChecked(await this.#validate());
  }

  #validate(): StandardSchemaV1.Result<unknown> | Promise<StandardSchemaV1.Result<unknown>> {
    const { schema, omitsEmpty } = this.settings;
    return schema["~standard"].validate(toData(this.content.tree, omitsEmpty));
  }

  #toChecked(result: StandardSchemaV1.Result<unknown>): Checked {
    if (result.issues === undefined) return { ok: true, value: result.value };
    const issues = result.issues.map(({ message, path = [] }) => ({
      path: toTreePath(
        this.content.tree,
        path.map((part) => (typeof part === "object" ? part.key : part)),
      ),
      message,
    }));
    return { ok: false, issues };
  }

  // ── what is shown ──

  get issues(): readonly CheckedIssue[] {
    const checked = this.check();
    return [...(checked.ok ? [] : checked.issues), ...this.content.added];
  }

  isUsed(path: readonly string[]): boolean {
    const { isSubmitted, unused, used, tree } = this.content;
    // What is wrong with the whole form may come from any of its fields.
    if (path.length === 0) return isSubmitted || unused?.size === 0;
    const key = pathKey(path);
    // With a submit all fields are used, but for those that have come to the page since.
    return used.has(key) || (isSubmitted && unused?.has(key) !== true && !isInNewRow(tree, path));
  }

  /** The errors to show at a path: of the schema none before the user has touched it. */
  errorsAt(path: readonly string[]): readonly string[] {
    const key = pathKey(path);
    const checked = this.isUsed(path) ? (this.#checkedMessages().get(key) ?? NONE) : NONE;
    const added = this.content.added.filter((each) => pathKey(each.path) === key);
    return added.length === 0 ? checked : [...checked, ...added.map(({ message }) => message)];
  }

  #checkedMessages(): ReadonlyMap<string, readonly string[]> {
    if (this.#messages !== undefined) return this.#messages;
    const messages = new Map<string, string[]>();
    const checked = this.check();
    for (const { path, message } of checked.ok ? [] : checked.issues) {
      const key = pathKey(path);
      const known = messages.get(key);
      if (known === undefined) messages.set(key, [message]);
      else if (!known.includes(message)) known.push(message);
    }
    return (this.#messages = messages);
  }

  // ── names ──

  /** The name of an input: `user[address][street]`. */
  nameAt(path: readonly string[]): string {
    const { name } = this.settings;
    const [first = "", ...rest] = path;
    if (name === undefined && NOT_FIELDS.has(first)) throw reservedName(first);
    return name === undefined
      ? first + rest.map((part) => `[${part}]`).join("")
      : name + path.map((part) => `[${part}]`).join("");
  }

  idAt(path: readonly string[]): string {
    const { resets } = this.content;
    return [resets === 0 ? this.settings.id : `${this.settings.id}-${resets}`, ...path].join("_");
  }
}

const NONE: readonly string[] = [];

function fieldsOf(params: unknown, name: string | undefined, before?: FormGroup): FormGroup {
  const { fields } = readRoot(params, before);
  // Below a name, a field may be called as it likes, but for the mark that is ours.
  const others = name === undefined ? NOT_FIELDS : [RESETS];
  const own = new Map(fields);
  for (const other of others) own.delete(other);
  return { kind: "group", fields: own };
}

/** The keys of the changed input and of the groups around it. Names that start with `_` belong to buttons of lists. */
function targetKeys(target: unknown, name: string | undefined): string[] {
  if (!Array.isArray(target)) return [];
  const path = target.filter((part): part is string => typeof part === "string");
  if (name !== undefined && path.shift() !== name) return [];
  const end = path.findIndex((part) => part.startsWith("_"));
  const own = end === -1 ? path : path.slice(0, end);
  return own.map((_part, index) => pathKey(own.slice(0, index + 1)));
}

/** As the browser says it after a reconnect, when the form of here has begun anew. */
function resetsOf(sent: unknown, known: number): number {
  return typeof sent === "string" && /^\d{1,6}$/.test(sent) ? Math.max(Number(sent), known) : known;
}

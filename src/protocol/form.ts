import { type DecodeResult, refuse } from "../decode-result.ts";
import { DEPTH_CEILING, isPolluting, type ParamLimits } from "./params.ts";

/** A form as the server reads it. Its objects have no prototype, so a field's name can never be an inherited one. */
export type FormParams = { readonly [name: string]: FormValue };
export type FormValue = string | readonly FormValue[] | FormParams;

/**
 * Decodes what a browser form (or a query string) holds, by the rules of the reference server (docs/protocol.md,
 * section 13): `a=1`, `a[b]=1` for objects, `a[]=1&a[]=2` for lists. The last value of a name wins; where a name is used
 * in several ways, so does the way of its last pair, and pairs that use it otherwise are dropped. Digits are a key like
 * any other (`a[0]` makes an object). `a[][b]=1&a[][c]=2` makes one object per pair.
 *
 * Never throws and takes time in proportion to `text`: malformed `%` codes stay as they are, bytes that are no UTF-8
 * become U+FFFD. `limits.maxKeys` counts pairs.
 * @param pollution What becomes of names that could reach a prototype. `"drop"`, for addresses, which anybody may write into a
 * link: they are left out, as in `boundValue`. `"refuse"`, for forms, which no page of ours sends so: all of it is refused.
 */
export function decodeForm(
  text: string,
  limits: ParamLimits,
  pollution: "drop" | "refuse" = "drop",
): DecodeResult<FormParams> {
  if (countPairs(text) > limits.maxKeys) return refuse(`the form has more than ${limits.maxKeys} fields`);
  // URLSearchParams would take off a leading "?", which is part of the first name here; a "&" in front prevents that.
  return decodePairs(new URLSearchParams(text.startsWith("?") ? "&" + text : text), limits, pollution);
}

/** The same of pairs that were split already: a `URLSearchParams`, or a `FormData` of which the files are left out. */
export function decodePairs(
  pairs: Iterable<readonly [name: string, value: unknown]>,
  limits: ParamLimits,
  pollution: "drop" | "refuse" = "drop",
): DecodeResult<FormParams> {
  const depth = Math.min(limits.maxDepth, DEPTH_CEILING);
  const root = new Field();
  let left = limits.maxKeys;
  for (const [name, value] of pairs) {
    if (typeof value !== "string") continue;
    if (--left < 0) return refuse(`the form has more than ${limits.maxKeys} fields`);
    const path = splitName(name, depth + 1);
    if (path.length > depth) return refuse(`a field's name is nested more than ${depth} levels`);
    if (pollution === "refuse" && path.some((part, at) => isPolluting(part, at < path.length - 1 ? path : value)))
      return refuse("a field's name could reach a prototype: __proto__, or constructor with fields in it");
    insert(root, path, value);
  }
  return { ok: true, value: finishObject(root) };
}

/**
 * The path of a changed input, from its `name` (the client's `_target`): `user[name]` → `["user", "name"]`,
 * `user[tags][]` → `["user", "tags"]`. It leads to the field's value in what `decodeForm` gives.
 */
export function decodeTarget(text: string): string[] {
  return splitName(text, DEPTH_CEILING).filter((segment, index) => segment !== "" || index === 0);
}

/** Before the last part of a name: the user has not touched that input. */
export const UNUSED_MARK = "_unused_";

/** The field that makes an object of fields the rows of a list: `items[_rows]`. It is ours, not the client's; see src/forms. */
export const LIST_MARK = "_rows";

function countPairs(text: string): number {
  if (text === "") return 0;
  let pairs = 1;
  for (let at = text.indexOf("&"); at !== -1; at = text.indexOf("&", at + 1)) pairs++;
  return pairs;
}

/** `a[b][]` → `["a", "b", ""]`, at most `maxSegments` of them. A name that does not end in `]`, or begins with `[`, is taken as it is. */
function splitName(name: string, maxSegments: number): string[] {
  const bracket = name.indexOf("[");
  if (bracket < 1 || !name.endsWith("]")) return [name];
  return [name.slice(0, bracket), ...name.slice(bracket + 1, -1).split("][", maxSegments - 1)];
}

/**
 * All that was sent under one name. Which of the three it is shows only with its last pair, and then earlier pairs of the
 * same kind count too: `a[b]=1&a=x&a[c]=2` is `{ a: { b: "1", c: "2" } }`.
 */
class Field {
  kind: "text" | "list" | "object" = "text";
  text = "";
  list: Field[] | undefined;
  object: Map<string, Field> | undefined;
}

function insert(root: Field, path: readonly string[], value: string): void {
  let field = root;
  path.forEach((segment, index) => {
    field = segment === "" && index > 0 ? appended(field) : child(field, segment);
  });
  field.kind = "text";
  field.text = value;
}

function appended(field: Field): Field {
  field.kind = "list";
  const element = new Field();
  field.list ??= [];
  field.list.push(element);
  return element;
}

function child(field: Field, name: string): Field {
  field.kind = "object";
  field.object ??= new Map();
  let found = field.object.get(name);
  if (found === undefined) {
    found = new Field();
    field.object.set(name, found);
  }
  return found;
}

function finish(field: Field): FormValue {
  if (field.kind === "text") return field.text;
  return field.kind === "list" ? (field.list ?? []).map(finish) : finishObject(field);
}

function finishObject(field: Field): FormParams {
  const object: { [name: string]: FormValue } = prototypeFree();
  for (const [name, content] of field.object ?? []) {
    const value = finish(content);
    if (!isPolluting(name, value)) object[name] = value;
  }
  return object;
}

/** The cast: an empty object has no value that could be of another type. */
function prototypeFree(): { [name: string]: FormValue } {
  return Object.create(null) as { [name: string]: FormValue };
}

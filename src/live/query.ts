import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isSchema } from "../argument-kinds.ts";
import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { decodeForm } from "../protocol/form.ts";
import { isRecord } from "../protocol/decode.ts";
import { DEPTH_CEILING, type ParamLimits } from "../protocol/params.ts";
import { isThenable } from "./renderer.ts";

/** A parameter of a query. What is `undefined` is left out, and so is an empty list. */
export type QueryValue =
  | string
  | number
  | boolean
  | undefined
  | readonly (string | number | boolean)[]
  | { readonly [name: string]: QueryValue };

/**
 * Parameters of a query, by name. A list is written as the name again and again (`tag=a&tag=b`), an object as
 * `filter[status]=open`.
 */
export type Query = URLSearchParams | { readonly [name: string]: QueryValue };

/**
 * What a schema makes of an address's query, which anybody can write: `parseQuery(schema, socket.url)` in `handleParams`.
 *
 * The schema gets texts: by name, `tag=a&tag=b` and `tag[]=a` as a list, `filter[status]=open` as an object. Where it wants a list
 * of what came once, it gets that, and where it wants a text of what came several times, the last.
 *
 * **A parameter that does not fit counts as absent**, so that a schema's defaults are what a bad query gives. If the query as a
 * whole does not fit, all of it counts as absent. The parameters are the query's, not the captures of the path.
 *
 * @param schema any Standard Schema of an object (zod, valibot, arktype, …), a synchronous one
 * @throws {LiveError} `view.invalid-query` if something is missing that has no default, with the `status` 400: thrown on by `mount`
 * or `handleParams`, it answers the request with that status. Also for a schema that is asynchronous.
 */
export function parseQuery<S extends StandardSchemaV1<unknown, object>>(
  schema: S,
  { search }: Pick<URL, "search">,
): StandardSchemaV1.InferOutput<S> {
  checkArguments(schema, search);
  const first = readQuery(search);
  let checked = check(schema, first);
  if (checked.ok) return checked.value;
  let params: Params | undefined = withOtherKinds(first, offenders(checked.issues, first));
  do {
    checked = check(schema, params);
    if (checked.ok) return checked.value;
    params = withoutKeys(params, offenders(checked.issues, params));
  } while (params !== undefined);
  throw invalidQuery(search, checked.issues);
}

/**
 * A path with these parameters in its query: for links, `link({ patch: withQuery(meta.url, { page: page + 1 }) }, "Next")`.
 * They take the place of those that have their names; one that is `undefined` is taken away, and all others stay.
 *
 * @param path a path of this app (`"/list?page=1#top"`), or an address, of which the path and all after it counts.
 */
export function withQuery(path: string | URL, query: Query): string {
  checkQuery(query);
  const text = typeof path === "string" ? path : path.pathname + path.search + path.hash;
  const [address, hash] = splitBefore(text, "#");
  const [base, search] = splitBefore(address, "?");
  const params = new URLSearchParams(search);
  const entries = query instanceof URLSearchParams ? [...query] : [...flatten(query)];
  const names = query instanceof URLSearchParams ? [...query.keys()] : Object.keys(query);
  if (names.length === 0) return text;
  // A set of its own, because the loop takes away what it walks over.
  for (const name of new Set(params.keys())) if (names.some((set) => isPartOf(name, set))) params.delete(name);
  for (const [name, value] of entries) params.append(name, value);
  const written = params.toString();
  return `${base}${written === "" ? "" : `?${written}`}${hash}`;
}

/** A page is not shown for a query beyond the app's limits, and other servers have a limit for the whole address. */
const NO_LIMITS: ParamLimits = { maxDepth: DEPTH_CEILING, maxKeys: Number.MAX_SAFE_INTEGER };

type Params = { readonly [name: string]: unknown };

/** As of a form, but that a name that comes several times makes a list. */
function readQuery(search: string): Params {
  const pairs = [...new URLSearchParams(search)];
  const counts = new Map<string, number>();
  for (const [name] of pairs) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isRepeated = (name: string): boolean => !name.includes("[") && (counts.get(name) ?? 0) > 1;
  const text = new URLSearchParams(pairs.map(([name, value]) => [isRepeated(name) ? `${name}[]` : name, value]));
  const decoded = decodeForm(text.toString(), NO_LIMITS);
  return decoded.ok ? decoded.value : {};
}

type Issues = readonly StandardSchemaV1.Issue[];

function check<S extends StandardSchemaV1<unknown, object>>(
  schema: S,
  params: Params,
):
  | { readonly ok: true; readonly value: StandardSchemaV1.InferOutput<S> }
  | { readonly ok: false; readonly issues: Issues } {
  // A copy with a prototype: some schemas take no other object.
  const result = schema["~standard"].validate({ ...params });
  if (isThenable(result)) {
    throw new LiveError(
      "view.invalid-query",
      "parseQuery got a schema that is asynchronous, but what an address says has to be known at once. Take out what it awaits, and look it up in mount or handleParams.",
    );
  }
  if (result.issues !== undefined) return { ok: false, issues: result.issues };
  return { ok: true, value: result.value };
}

/** Which parameters do not fit; all of them, if it is their whole. */
function offenders(issues: Issues, params: Params): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { path } of issues) {
    const part = path?.[0];
    const key = String(typeof part === "object" ? part.key : part);
    if (part === undefined || part === null) return new Set(Object.keys(params));
    if (Object.hasOwn(params, key)) keys.add(key);
  }
  return keys;
}

function withOtherKinds(params: Params, keys: ReadonlySet<string>): Params {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => {
      if (!keys.has(key)) return [key, value];
      if (Array.isArray(value)) return [key, value.at(-1)];
      return [key, typeof value === "string" ? [value] : value];
    }),
  );
}

/** `undefined` if there is nothing to take away. */
function withoutKeys(params: Params, keys: ReadonlySet<string>): Params | undefined {
  if (keys.size === 0) return undefined;
  return Object.fromEntries(Object.entries(params).filter(([key]) => !keys.has(key)));
}

function invalidQuery(search: string, issues: Issues): LiveError {
  const reasons = issues.map(({ message, path = [] }) => {
    const name = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
    return name === "" ? message : `${name}: ${message}`;
  });
  const error = new LiveError(
    "view.invalid-query",
    `The query ${JSON.stringify(search.slice(0, 200))} does not fit, also without what does not fit in it: ${reasons.join("; ")}. Give these a default in the schema, or let the page answer with the status 400.`,
  );
  return Object.assign(error, { status: 400 });
}

function* flatten(query: { readonly [name: string]: QueryValue }, within = ""): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(query)) {
    const name = within === "" ? key : `${within}[${key}]`;
    if (isAbsent(value)) continue;
    if (isList(value)) for (const item of value) yield [within === "" ? name : `${name}[]`, String(item)];
    else if (typeof value === "object") yield* flatten(value, name);
    else yield [name, String(value)];
  }
}

/** `null` is what a program without types may have for it. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function checkArguments(schema: unknown, search: unknown): void {
  if (isSchema(schema) && typeof search === "string") return;
  throw new LiveError(
    "view.invalid-argument",
    "parseQuery takes a schema, and the address as a URL: parseQuery(z.object({ page: z.coerce.number().default(1) }), socket.url).",
  );
}

function checkQuery(query: unknown): void {
  if (isRecord(query)) return;
  throw new LiveError(
    "view.invalid-argument",
    `A query was given as ${describeValue(query)}. It takes an object of its parameters, { page: 2 }, or stands in the path: "/list?page=2".`,
  );
}

function isList(value: QueryValue): value is readonly (string | number | boolean)[] {
  return Array.isArray(value);
}

/** Whether a parameter's name is this one, or an item or a field of it. */
function isPartOf(name: string, whole: string): boolean {
  return name === whole || name.startsWith(`${whole}[`);
}

/** @returns the rest with the mark */
function splitBefore(text: string, mark: string): readonly [before: string, rest: string] {
  const index = text.indexOf(mark);
  return index === -1 ? [text, ""] : [text.slice(0, index), text.slice(index)];
}

import { notJson, sessionTooLarge } from "./nested-errors.ts";

type Session = Readonly<Record<string, unknown>>;

/** In bytes of UTF-8. With the rest of a token it stays below what a join takes. */
const MAX_SESSION_BYTES = 3_000;

const NOTHING: Session = Object.freeze({});

/**
 * What a sticky view was given, to be put into its token.
 * @throws {LiveError} `nested.invalid-option` for what JSON would not keep as it is, and for too much of it.
 */
export function stickySession(id: string, session: object | undefined): Session {
  if (session === undefined) return NOTHING;
  // A key that is `undefined` is as good as none.
  const given = Object.fromEntries(Object.entries(session).filter(([, value]) => value !== undefined));
  const path = foreignPath(given, "session", 0);
  if (path !== undefined) throw notJson(id, path);
  const bytes = Buffer.byteLength(JSON.stringify(given));
  if (bytes > MAX_SESSION_BYTES) throw sessionTooLarge(id, bytes, MAX_SESSION_BYTES);
  return given;
}

/** Where something is that comes out of JSON as something else; `undefined` if nothing is. */
function foreignPath(value: unknown, path: string, depth: number): string | undefined {
  if (depth > 50) return path;
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : path;
    case "object":
      break;
    default:
      return path;
  }
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    return firstOf(list.entries(), (index) => `${path}[${index}]`, depth);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return path;
  return firstOf(Object.entries(value), (key) => `${path}.${key}`, depth);
}

function firstOf<K>(
  entries: Iterable<readonly [K, unknown]>,
  pathOf: (key: K) => string,
  depth: number,
): string | undefined {
  for (const [key, value] of entries) {
    const path = foreignPath(value, pathOf(key), depth + 1);
    if (path !== undefined) return path;
  }
  return undefined;
}

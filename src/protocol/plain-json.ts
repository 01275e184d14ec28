/**
 * Where something in `value` comes out of JSON as something else than it went in (a `Date`, a `Map`, `NaN`, …), as a path
 * that begins with `name`; `undefined` if nothing does. Deeper than 50 levels counts as such a place.
 */
export function whereNotJson(value: unknown, name: string): string | undefined {
  return foreignPath(value, name, 0);
}

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

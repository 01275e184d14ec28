/** Who is present on a topic: for each key, the metas tracked under it. Two tabs of one person are two metas of one key. */
export type Presences<Meta> = {
  readonly [key: string]: {
    readonly metas: readonly (Meta & { readonly ref: string; readonly prevRef?: string })[];
  };
};

/**
 * What turns one list of presences into the next. A key in both `joins` and `leaves` neither came nor went: it changed.
 * An update has the old meta in `leaves`, and in `joins` the new one with the old one's `ref` as its `prevRef`.
 */
export type PresenceDiff<Meta> = {
  readonly type: "presence_diff";
  readonly topic: string;
  readonly joins: Presences<Meta>;
  readonly leaves: Presences<Meta>;
};

/** A meta as it is listed, whatever its own fields are. */
export type ListedMeta = Readonly<Record<string, unknown>> & { readonly ref: string; readonly prevRef?: string };

/** Those that came from `applyDiff`, by the diff and then by what it was applied to. */
const results = new WeakMap<object, WeakMap<object, object>>();

/**
 * The list after the diff. Nothing is changed in place; keys that the diff does not name keep their objects, and what the
 * diff says already is no change: then `current` itself is returned.
 *
 * Remembered by both arguments, so that a thousand views with one list share the next one too.
 */
export function applyDiff<Meta>(current: Presences<Meta>, diff: PresenceDiff<Meta>): Presences<Meta> {
  let byList = results.get(diff);
  if (byList === undefined) results.set(diff, (byList = new WeakMap()));
  const known = byList.get(current);
  // Only what `compute` returned for these two was put there.
  if (known !== undefined) return known as Presences<Meta>;
  const next = compute(current, diff);
  byList.set(current, next);
  return next;
}

function compute<Meta>(current: Presences<Meta>, { joins, leaves }: PresenceDiff<Meta>): Presences<Meta> {
  let next: Record<string, Presences<Meta>[string]> | undefined;
  for (const key of new Set([...Object.keys(leaves), ...Object.keys(joins)])) {
    const before = ownMetas(current, key);
    const after = mergeMetas(before, ownMetas(leaves, key), ownMetas(joins, key));
    if (after === before) continue;
    next ??= copyOf(current);
    if (after.length === 0) delete next[key];
    else next[key] = { metas: after };
  }
  return next ?? current;
}

/** Keys come from users: `constructor` and `__proto__` are keys like any other. */
function ownMetas<Meta>(presences: Presences<Meta>, key: string): Presences<Meta>[string]["metas"] {
  return (Object.hasOwn(presences, key) ? presences[key]?.metas : undefined) ?? [];
}

function copyOf<Meta>(presences: Presences<Meta>): Record<string, Presences<Meta>[string]> {
  return Object.assign(emptyTable(), presences);
}

/** A table without a prototype: of anything, as long as nothing is in it. */
export function emptyTable(): Record<string, never> {
  // What was just made has neither prototype nor properties.
  return Object.create(null) as Record<string, never>;
}

interface Referred {
  readonly ref: string;
  readonly prevRef?: string;
}

/**
 * The metas of one key after some left and others joined. One that replaces another (`prevRef`) takes its place, the
 * others go to the end. The same array if nothing changes.
 */
export function mergeMetas<M extends Referred>(
  current: readonly M[],
  left: readonly M[],
  joined: readonly M[],
): readonly M[] {
  if (current.length === 0) return joined.length === 0 ? current : joined;
  const leftRefs = new Set(left.map(({ ref }) => ref));
  const places = new Map<string, M>();
  for (const meta of joined) places.set(meta.ref, meta);
  for (const meta of joined)
    if (meta.prevRef !== undefined && leftRefs.has(meta.prevRef)) places.set(meta.prevRef, meta);
  const placed = new Set<string>();
  const next: M[] = [];
  let changed = false;
  const place = (meta: M): void => {
    if (placed.has(meta.ref)) return;
    placed.add(meta.ref);
    next.push(meta);
  };
  for (const meta of current) {
    const successor = places.get(meta.ref);
    if (successor?.ref === meta.ref) {
      placed.add(meta.ref);
      next.push(meta);
    } else if (leftRefs.has(meta.ref)) {
      changed = true;
      if (successor !== undefined) place(successor);
    } else next.push(meta);
  }
  for (const meta of joined) {
    if (!placed.has(meta.ref)) changed = true;
    place(meta);
  }
  return changed ? next : current;
}

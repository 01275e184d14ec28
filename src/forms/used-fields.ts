import { LIST_MARK, UNUSED_MARK } from "../protocol/form.ts";
import { isPlainObject } from "./form-tree.ts";

/** Which fields the user has touched, by what a browser has sent of a form. */
export interface UsedFields {
  /** By the keys of their paths; a group is among them if one of its fields is. */
  readonly paths: ReadonlySet<string>;
  /** Those that are marked as untouched. */
  readonly unused: ReadonlySet<string>;
}

/** What a path is known by. A field whose name has a dot in it may share its key with another; it gets that one's errors. */
export function pathKey(path: readonly string[]): string {
  return path.join(".");
}

/** A field counts as used when it is there and the client has not sent its twin, `_unused_` before its name. */
export function usedFields(params: unknown): UsedFields {
  const paths = new Set<string>();
  const unused = new Set<string>();
  const visit = (group: { readonly [name: string]: unknown }, around: readonly string[]): boolean => {
    let isUsed = false;
    const isList = Object.hasOwn(group, LIST_MARK);
    for (const name of Object.keys(group)) {
      if (name.startsWith(UNUSED_MARK)) unused.add(pathKey([...around, name.slice(UNUSED_MARK.length)]));
      else if (!(isList && name.startsWith("_")) && !Object.hasOwn(group, UNUSED_MARK + name)) {
        const path = [...around, name];
        const value = group[name];
        if (isPlainObject(value) && !visit(value, path)) continue;
        paths.add(pathKey(path));
        isUsed = true;
      }
    }
    return isUsed;
  };
  if (isPlainObject(params)) visit(params, []);
  return { paths, unused };
}

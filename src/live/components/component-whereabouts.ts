import { placesOf, showsStream } from "../../html/component-places.ts";
import type { Rendered } from "../../html/rendered.ts";
import type { ComponentInstance } from "./component-instance.ts";

/** How deep components may be inside each other. Of those that were removed the records may even go in circles. */
export const MAX_DEPTH = 1_000;

/**
 * Whether a tree has a place for the instance. A row of a stream is sent and forgotten: that the page still shows it is what the
 * page has not denied.
 */
export function holds(tree: Rendered, { kind, id, stream }: ComponentInstance): boolean {
  if (stream !== undefined) return showsStream(tree, stream);
  for (const { place } of placesOf(tree)) if (place.component === kind && place.id === id) return true;
  return false;
}

/** Whether it, or what is around it, stands in a row of a stream. */
export function isInStream(instance: ComponentInstance): boolean {
  let around: ComponentInstance | undefined = instance;
  for (let depth = 0; around !== undefined && depth < MAX_DEPTH; depth++) {
    if (around.stream !== undefined) return true;
    around = around.parent;
  }
  return false;
}

/** Each before what it is around. */
export function parentsFirst(instances: Iterable<ComponentInstance>): readonly ComponentInstance[] {
  const all = [...instances];
  if (all.length < 2) return all;
  const depths = new Map(all.map((instance) => [instance, depthOf(instance)]));
  return all.sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0));
}

function depthOf({ parent }: ComponentInstance): number {
  let depth = 0;
  for (let around = parent; around !== undefined && depth < MAX_DEPTH; around = around.parent) depth++;
  return depth;
}

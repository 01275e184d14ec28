import { excerpt, HOLE_MARK } from "./excerpt.ts";
import { VIEW_TEMPLATE } from "./place-view.ts";
import { isArray, KeyedList, Rendered, ViewPlace, type Renderable } from "./rendered.ts";
import type { Template } from "./template.ts";

/** A nested view, and where in a template it stands. */
export interface FoundView {
  readonly place: ViewPlace;
  readonly template: Template;
  readonly hole: number;
}

/**
 * All places of nested views in a tree, in their order; not those in live components, nor in rows of streams that were
 * shown already. Costs O(size of the tree).
 */
export function* viewPlacesOf({ template, dynamics }: Rendered): Generator<FoundView> {
  for (let hole = 0; hole < dynamics.length; hole++) yield* viewPlacesIn(dynamics[hole], template, hole);
}

function* viewPlacesIn(value: Renderable, template: Template, hole: number): Generator<FoundView> {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof ViewPlace) yield { place: value, template, hole };
  // The template around each place is of no use to who looks for it.
  else if (value instanceof Rendered && value.template === VIEW_TEMPLATE)
    yield* viewPlacesIn(value.dynamics[0], template, hole);
  else if (value instanceof Rendered) yield* viewPlacesOf(value);
  else if (value instanceof KeyedList) for (const row of value.rows) yield* viewPlacesIn(row, template, hole);
  else if (isArray(value)) for (const entry of value) yield* viewPlacesIn(entry, template, hole);
}

/** The place as a developer finds it: the template around it, and a caret. */
export function excerptOfView({ template, hole }: FoundView): string {
  const before = template.statics.slice(0, hole + 1).join(HOLE_MARK);
  return excerpt(template.statics.join(HOLE_MARK), before.length);
}

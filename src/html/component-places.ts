import { excerpt, HOLE_MARK } from "./excerpt.ts";
import { StreamList } from "./live-stream.ts";
import { PLACE_TEMPLATE } from "./place-component.ts";
import { ComponentPlace, isArray, KeyedList, Rendered, type Renderable } from "./rendered.ts";
import type { Template } from "./template.ts";

/** A live component, and where in a template it stands. */
export interface FoundPlace {
  readonly place: ComponentPlace;
  readonly template: Template;
  readonly hole: number;
}

/** All places of live components in a tree, in their order; not what the components themselves show. Costs O(size of the tree). */
export function* placesOf({ template, dynamics }: Rendered): Generator<FoundPlace> {
  for (let hole = 0; hole < dynamics.length; hole++) yield* placesIn(dynamics[hole], template, hole);
}

function* placesIn(value: Renderable, template: Template, hole: number): Generator<FoundPlace> {
  if (typeof value !== "object" || value === null) return;
  if (value instanceof ComponentPlace) yield { place: value, template, hole };
  // The template around each place is of no use to who looks for it.
  else if (value instanceof Rendered && value.template === PLACE_TEMPLATE)
    yield* placesIn(value.dynamics[0], template, hole);
  else if (value instanceof Rendered) yield* placesOf(value);
  else if (value instanceof KeyedList) for (const row of value.rows) yield* placesIn(row, template, hole);
  else if (isArray(value)) for (const entry of value) yield* placesIn(entry, template, hole);
}

/** Whether a tree shows the stream, of whose rows it keeps none. Costs O(size of the tree). */
export function showsStream({ dynamics }: Rendered, ref: string): boolean {
  return dynamics.some((value) => isStreamIn(value, ref));
}

function isStreamIn(value: Renderable, ref: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Rendered) return showsStream(value, ref);
  if (value instanceof StreamList) return value.ref === ref;
  const rows: readonly Renderable[] | undefined =
    value instanceof KeyedList ? value.rows : isArray(value) ? value : undefined;
  return rows?.some((row) => isStreamIn(row, ref)) === true;
}

/** The place as a developer finds it: the template around it, and a caret. */
export function excerptOf({ template, hole }: FoundPlace): string {
  const before = template.statics.slice(0, hole + 1).join(HOLE_MARK);
  return excerpt(template.statics.join(HOLE_MARK), before.length);
}

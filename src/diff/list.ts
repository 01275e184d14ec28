import { KeyedList, Rendered, type Renderable } from "../html/rendered.ts";
import type { Template } from "../html/template.ts";

/** The rows are not all of one template: each is sent as the only dynamic of an empty one. */
export const MIXED = "mixed";

/** A comprehension as the wire knows it. Rows without keys are known by their index. */
export interface List {
  readonly keys: readonly (string | number)[] | undefined;
  readonly rows: readonly Renderable[];
  /** What all rows share. Meaningless when there are none. */
  readonly template: Template | typeof MIXED;
}

/** The value as a list, if it is one. */
export function asList(value: Renderable): List | undefined {
  if (value instanceof KeyedList) return { keys: value.keys, rows: value.rows, template: commonTemplate(value.rows) };
  // `Array.isArray` does not narrow readonly arrays out of a union, hence the constructor's type guard.
  if (Array.isArray(value)) return { keys: undefined, rows: value, template: commonTemplate(value) };
  return undefined;
}

function commonTemplate(rows: readonly Renderable[]): Template | typeof MIXED {
  const first = rows[0];
  if (!(first instanceof Rendered)) return MIXED;
  const { template } = first;
  for (const row of rows) if (!(row instanceof Rendered) || row.template !== template) return MIXED;
  return template;
}

import { commonTemplate, isArray, KeyedList, type Renderable } from "../html/rendered.ts";
import type { Template } from "../html/template.ts";

/** A list as the wire knows it. Rows without keys are known by their index. */
export interface List {
  readonly keys: readonly (string | number)[] | undefined;
  readonly rows: readonly Renderable[];
  /** What all rows are of. `undefined`: they differ, and each is sent as the only dynamic of an empty template. */
  readonly template: Template | undefined;
  /** See `KeyedList`. */
  changedPositions?(previous: unknown): readonly number[] | undefined;
}

/** The value as a list, if it is one. */
export function asList(value: Renderable): List | undefined {
  if (value instanceof KeyedList) return value;
  if (!isArray(value)) return undefined;
  return { keys: undefined, rows: value, template: commonTemplate(value) };
}

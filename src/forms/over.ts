import type { Attributes } from "../html/rendered.ts";

/** A component's own attributes over those that it was given; of what it has none itself, those that it was given stay. */
export function over(given: Attributes | undefined, own: Attributes): Attributes {
  return given === undefined
    ? own
    : { ...given, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
}

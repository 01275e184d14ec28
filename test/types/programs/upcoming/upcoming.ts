/**
 * The public names that are designed but not built yet, added to the real declarations so that `resume.ts` checks today
 * that the real ones leave them room. For that program only: no other file may import it, and what is built moves from
 * here to `src/`. A name that stands in both is an error.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Message, Resume, Schemas } from "wingbeat";
import type { StreamKey } from "../../../../src/html/live-stream.ts";

declare module "wingbeat" {
  /** The keys that survive; what `schema` accepts of them is merged before the first render. */
  export interface Resume<C> {
    keys: readonly Exclude<keyof C, StreamKey<C>>[];
    schema: StandardSchemaV1<unknown, Partial<C>>;
    maxAgeMs?: number;
  }
}

declare module "../../../../src/live/live-view.ts" {
  export interface LiveViewDeclarations<C, E extends Message, S extends Schemas, W> {
    readonly resume?: NoInfer<Resume<C>> | undefined;
  }
}

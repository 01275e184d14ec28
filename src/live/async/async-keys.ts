import type { AsyncResult } from "./async-result.ts";

/** The keys of a context that are loaded in the background. */
export type AsyncKey<C> = {
  [K in keyof C]-?: [C[K]] extends [AsyncResult<unknown>] ? K : never;
}[keyof C] &
  string;

/** What is loaded for a field of a context. */
type ValueOf<R> = R extends { readonly status: "ok"; readonly value: infer T } ? T : never;

/** What has to be loaded for a key: its value; for a list of keys: an object with the value of each. */
export type Loaded<C, K> = K extends readonly (infer Key extends keyof C)[]
  ? { readonly [P in Key]: ValueOf<C[P]> }
  : K extends keyof C
    ? ValueOf<C[K]>
    : never;

/**
 * The public names that are designed but not built yet, added to the real declarations so that `usage.ts` and
 * `refused.ts` check today that the real ones leave them room. For these two programs only: no other file may import
 * it, and what is built moves from here to `src/`. A name that stands in both is an error.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type {
  LiveSession,
  LiveView,
  Message,
  Mounting,
  Params,
  PathParams,
  Resume,
  Schemas,
  NeedsOf as NeedsOfView,
} from "wingbeat";
import type { StreamKey } from "../../../../src/html/live-stream.ts";

declare const brand: unique symbol;
type Simplify<T> = { [K in keyof T]: T[K] } & {};

// ── streams, components, hooks: new names of the package ──

interface Halt {
  readonly [brand]: "Halt";
}
type MountHook = (mounting: never) => unknown;
type OrNothing<T> = [T] extends [never] ? {} : T;
type AddsOf<H> = H extends (...args: never) => infer R ? OrNothing<Exclude<Awaited<R>, Halt | void>> : {};
type NeedsOf<H> = H extends (mounting: Mounting<infer S>) => unknown ? S : {};
/** What is left to ask for; a key that is there with another type is asked for again, and so reported. */
type Missing<Needs, Have> = Have extends Pick<Needs, keyof Have & keyof Needs> ? Omit<Needs, keyof Have> : Needs;
/** All that the hooks add, and what the first of them must be given so that all can run, in their order. */
type Adds<H extends readonly MountHook[]> = H extends readonly [infer First, ...infer Rest extends readonly MountHook[]]
  ? AddsOf<First> & Adds<Rest>
  : {};
type Base<H extends readonly MountHook[], Have = {}> = H extends readonly [
  infer First,
  ...infer Rest extends readonly MountHook[],
]
  ? Missing<NeedsOf<First>, Have> & Base<Rest, Have & AddsOf<First>>
  : {};
type SessionOf<V> = NeedsOfView<V> extends { session: infer S } ? S : {};
type LiveSessions<Session> = readonly LiveSession<{
  readonly [path: string]: (session: Session) => void;
}>[];

declare module "wingbeat" {
  export interface Mounting<Session = {}> {
    readonly session: Session;
    readonly params: Params;
    readonly url: URL;
    readonly connected: boolean;
    readonly redirect: (to: string) => Halt;
  }
  export interface LiveSession<NeedsByPath> {
    readonly [brand]: NeedsByPath;
  }
  export function liveSession<
    const H extends readonly MountHook[],
    const R extends { readonly [path: string]: LiveView<never> },
  >(
    name: string,
    options: { onMount?: H },
    routes: R & {
      [P in keyof R & string]: LiveView<{
        session: Simplify<Adds<H> & Omit<SessionOf<R[P]>, keyof Adds<H>>>;
        params: PathParams<P>;
      }>;
    },
  ): LiveSession<{
    [P in keyof R]: (session: Simplify<Base<H> & Omit<SessionOf<R[P]>, keyof Adds<H>>>) => void;
  }>;

  /** The keys that survive; what `schema` accepts of them is merged before the first render. */
  export interface Resume<C> {
    keys: readonly Exclude<keyof C, StreamKey<C>>[];
    schema: StandardSchemaV1<unknown, Partial<C>>;
    maxAgeMs?: number;
  }
}

// ── what they add to the names that exist ──

declare module "../../../../src/live/live-view.ts" {
  export interface LiveViewDeclarations<C, E extends Message, S extends Schemas, W> {
    readonly resume?: NoInfer<Resume<C>> | undefined;
  }
}

declare module "../../../../src/live/app-options.ts" {
  export interface AppRoutes<Session, Path extends string> {
    readonly liveSessions?: LiveSessions<Session> | undefined;
  }
}

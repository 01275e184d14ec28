import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { isRecord } from "../protocol/decode.ts";
import type { Layout, PathParams } from "./app-options.ts";
import type { Halt, MountHook, Mounting } from "./hooks/mounting.ts";
import type { LiveView, NeedsOf } from "./live-view.ts";

declare const brand: unique symbol; // phantom: exists for the checker only, never at run time

type Simplify<T> = { [K in keyof T]: T[K] } & {};

/** A hook that sometimes adds nothing adds keys that may be missing. */
type Added<T> = [T] extends [void] ? {} : undefined extends T ? Partial<Exclude<T, void>> : T;
type AddsOf<H> = H extends (...given: never) => infer R ? Added<Exclude<Awaited<R>, Halt>> : {};
type NeedsOfHook<H> = H extends (mounting: Mounting<infer S>) => unknown ? S : {};
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
  ? Missing<NeedsOfHook<First>, Have> & Base<Rest, Have & AddsOf<First>>
  : {};
type SessionOf<V> = NeedsOf<V> extends { readonly session: infer S } ? S : {};

/**
 * Routes with what they have in common, as `createLiveApp` takes them. What its hooks and views need of the session is known
 * to the type checker only.
 *
 * @typeParam NeedsByPath for each path a function of the session that it needs.
 */
export interface LiveSession<out NeedsByPath = unknown> {
  readonly [brand]: NeedsByPath;
}

/** Live sessions that an app with this session can have. */
export type LiveSessions<Session, Path extends string = string> = readonly LiveSession<{
  // Each of the sessions has some of the paths.
  readonly [P in Path]?: (session: Session) => void;
}>[];

/** What the routes of a live session have in common. */
export interface LiveSessionOptions<H extends readonly MountHook[]> {
  /**
   * Run before each of the views is mounted, in this order: for the HTTP response, and again when the browser connects or
   * reconnects. What they return is added to the session that later hooks and `mount` get. @default none
   */
  readonly onMount?: H | undefined;
  /** The document around these views. @default the app's */
  readonly layout?: Layout | undefined;
}

/**
 * Puts routes behind hooks: for what must hold before a visitor sees any of them, such as being logged in.
 *
 * Live navigation stays within a live session. From one to another, and between one and the app's own `routes`, the browser
 * loads the page, so that nobody passes hooks unseen on a connection that is open.
 *
 * ```ts
 * const requireUser = ({ session, redirect }: Mounting<{ userId?: string }>) =>
 *   session.userId === undefined ? redirect("/login") : { user: findUser(session.userId) };
 *
 * createLiveApp({
 *   session: readSession,
 *   routes: { "/login": login },
 *   liveSessions: [liveSession("members", { onMount: [requireUser] }, { "/rooms/:id": chat })],
 * });
 * ```
 *
 * @param name unique in the app; goes into tokens. Letters, digits, `_`, `-` and `.`. A page that is open when a deploy
 * renames its live session loads anew.
 * @throws {LiveError} `live-session.invalid` for a name that cannot be, hooks that are no functions, and options that there are not.
 */
export function liveSession<
  const H extends readonly MountHook[],
  const R extends { readonly [path: string]: LiveView },
>(
  name: string,
  options: LiveSessionOptions<H>,
  routes: R & {
    [P in keyof R & string]: LiveView<{
      session: Simplify<Adds<H> & Omit<SessionOf<R[P]>, keyof Adds<H>>>;
      params: PathParams<P>;
    }>;
  },
): LiveSession<{
  [P in keyof R]: (session: Simplify<Base<H> & Omit<SessionOf<R[P]>, keyof Adds<H>>>) => void;
}> {
  if (!/^[\w.-]{1,64}$/.test(name)) throw invalidName(name);
  checkOptions(name, options);
  const { onMount = [], layout } = options;
  const given: readonly unknown[] = onMount;
  if (!Array.isArray(given) || given.some((hook) => typeof hook !== "function")) throw invalidHooks(name);
  if (!isRecord(routes)) throw withoutRoutes(name);
  return new LiveSessionHandle({ name, onMount: [...onMount], layout, routes: { ...routes } });
}

/** What no compiler has read: hooks in the wrong place would leave the routes open to everybody, without a word. */
function checkOptions(name: string, options: unknown): void {
  if (!isRecord(options)) throw invalidOptions(name, options);
  for (const key of Object.keys(options)) if (key !== "onMount" && key !== "layout") throw unknownOption(name, key);
  const { layout } = options;
  if (layout !== undefined && typeof layout !== "function") throw invalidLayout(name, layout);
}

/** What a view has of its live session. */
export interface RouteSession {
  /** The empty string: the app's own `routes`, which are a live session of their own. */
  readonly name: string;
  readonly onMount: readonly MountHook[];
  readonly layout: Layout | undefined;
}

/** A live session as the runtime reads it. */
export interface LiveSessionDefinition extends RouteSession {
  readonly routes: { readonly [path: string]: unknown };
}

class LiveSessionHandle<NeedsByPath> implements LiveSession<NeedsByPath> {
  declare readonly [brand]: NeedsByPath;
  readonly #definition: LiveSessionDefinition;

  constructor(definition: LiveSessionDefinition) {
    this.#definition = definition;
    Object.freeze(this);
  }

  static definitionOf(value: unknown): LiveSessionDefinition | undefined {
    return typeof value === "object" && value !== null && #definition in value ? value.#definition : undefined;
  }
}

/**
 * The definitions inside an app's `liveSessions`.
 * @throws {LiveError} `live-session.invalid` for what `liveSession` has not made, and for a name that two of them have.
 */
export function definitionsOf(liveSessions: readonly unknown[]): readonly LiveSessionDefinition[] {
  const names = new Set<string>();
  return liveSessions.map((value) => {
    const definition = LiveSessionHandle.definitionOf(value);
    if (definition === undefined) throw notALiveSession(value);
    if (names.has(definition.name)) throw namedTwice(definition.name);
    names.add(definition.name);
    return definition;
  });
}

function invalidName(name: unknown): LiveError {
  return new LiveError(
    "live-session.invalid",
    `liveSession got the name ${JSON.stringify(name)}. Its name goes into tokens: 1 to 64 letters, digits, "_", "-" and ".", such as liveSession("members", { … }, { … }).`,
  );
}

function invalidOptions(name: string, options: unknown): LiveError {
  return new LiveError(
    "live-session.invalid",
    `The live session ${JSON.stringify(name)} got ${describeValue(options)} for its options, the second argument: liveSession(${JSON.stringify(name)}, { onMount: [requireUser] }, { "/rooms": rooms }).`,
  );
}

function unknownOption(name: string, option: string): LiveError {
  return new LiveError(
    "live-session.invalid",
    `The live session ${JSON.stringify(name)} got \`${option}\`, which is none of its options. It has \`onMount\`, for hooks, and \`layout\`.`,
  );
}

function invalidLayout(name: string, layout: unknown): LiveError {
  return new LiveError(
    "live-session.invalid",
    `\`layout\` of the live session ${JSON.stringify(name)} is ${describeValue(layout)}, and must be a function: layout: (content, page) => html\`…\`.`,
  );
}

function invalidHooks(name: string): LiveError {
  return new LiveError(
    "live-session.invalid",
    `\`onMount\` of the live session ${JSON.stringify(name)} must be a list of functions: { onMount: [requireUser] }.`,
  );
}

function withoutRoutes(name: string): LiveError {
  return new LiveError(
    "live-session.invalid",
    `The live session ${JSON.stringify(name)} got no routes, its third argument: liveSession(${JSON.stringify(name)}, { onMount: [requireUser] }, { "/rooms": rooms }).`,
  );
}

function notALiveSession(value: unknown): LiveError {
  return new LiveError(
    "live-session.invalid",
    `\`liveSessions\` takes what liveSession("name", { … }, { … }) returned (from this copy of wingbeat), but it holds ${value === null ? "null" : typeof value}.`,
  );
}

function namedTwice(name: string): LiveError {
  return new LiveError(
    "live-session.invalid",
    `Two live sessions of the app are named ${JSON.stringify(name)}. Live navigation between them would pass the hooks of one of them: give each a name of its own, or put their routes together.`,
  );
}

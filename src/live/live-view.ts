import { LiveError } from "../errors.ts";
import type { StreamKey } from "../html/live-stream.ts";
import type { Rendered } from "../html/rendered.ts";
import type { Message } from "../pubsub/message.ts";
import type { Witness } from "../pubsub/topic.ts";
import { checkDefinition } from "./definition-checks.ts";
import type { HookableSocket } from "./hooks/stages.ts";
import type { AnyMessage, Awaitable, EventIn, InfoIn, Schemas, SchemasFor, Sent } from "./messages.ts";
import type { UploadKey } from "./uploads/live-upload.ts";
import type { RenderMeta } from "./render-meta.ts";
import type { ViewGap } from "./view-gap.ts";

declare const brand: unique symbol; // phantom: exists for the checker only, never at run time

/** Named in the error when a view neither writes generics nor gives `initial`. */
export interface ContextNotDeclared {
  readonly [brand]: "createLiveView<{ … }>({ … }) or initial: { … }";
}

/** What a view may read of the session when it declares no need of one: nothing. */
export interface SessionNotDeclared {}

/** The captures of the route's path, and the parameters of the query, of which nothing is known. */
export type Params = { readonly [name: string]: unknown };

/**
 * What a route must supply so that the view can have `P`. If all of it is optional, any route will do: without the index signature
 * the checker would refuse one whose captures have other names, as if they were misspelt.
 */
type ParamsNeeded<P> = {} extends P ? P & Params : P;

/** What a `handleEvent` that answers its event returns: the hook's `pushEvent` in the browser gets `reply`. */
export interface EventReply {
  /** Anything that `JSON.stringify` keeps. */
  readonly reply: unknown;
}

/**
 * A view's callbacks. Each may be synchronous or asynchronous; of one view, one runs at a time, to its end. One that
 * throws or rejects ends this view, which the browser then joins anew, and no other.
 *
 * @typeParam C the context: the view's state.
 * @typeParam E the events that `handleEvent` gets.
 * @typeParam Outgoing the events that templates may send: those of `E` before their schemas transformed them.
 * @typeParam I the infos that `handleInfo` gets.
 */
export interface LiveViewDefinition<C, E extends Message, Outgoing extends Message, I extends Message, Session, P> {
  /**
   * Runs first, twice for a page: for the HTTP response (`socket.connected` is `false`), then when the browser has
   * connected; and again after each reconnect.
   * @param session what the app's `session` made of the request, and the hooks of its live session have added. Nobody changes it.
   * @param params the captures of the path and the parameters of the query.
   */
  mount?: ((socket: HookableSocket<C, E, I>, session: Session, params: P) => Awaitable<void>) | undefined;
  /**
   * Runs after `mount`, and at every patch of the address: by `socket.pushPatch`, a link that patches, back and forward.
   * @param params as for `mount`, of the address as it is now.
   */
  handleParams?: ((url: URL, socket: HookableSocket<C, E, I>, params: P) => Awaitable<void>) | undefined;
  /**
   * Runs for each event from the browser: `{ type: <its name>, …its value }`, or a form's fields. The infos that wait
   * are handled before it. What it sends is what a browser sends: it has the declared type only if `events` has its schema.
   */
  handleEvent?: ((event: E, socket: HookableSocket<C, E, I>) => Awaitable<void | EventReply>) | undefined;
  /** Runs for each message of a subscribed topic and for each info that the view sent itself, in their order. */
  handleInfo?: ((info: I, socket: HookableSocket<C, E, I>) => Awaitable<void>) | undefined;
  /**
   * Runs when messages of the view's topics may have been lost on their way from other processes, or were dropped because too
   * many waited: what depends on them should be loaded again. Once per gap, after the infos that came before it and before
   * those that come later; at a random moment within `limits.gapSpreadMs`, at once for what was dropped. Gaps that come while
   * one waits are merged into it. Of a view without it, and without `onGap`, gaps are noted in the log only.
   */
  handleGap?: ((gap: ViewGap, socket: HookableSocket<C, E, I>) => Awaitable<void>) | undefined;
  /**
   * `"remount"` instead of `handleGap`: the view starts anew on the page that is open, which sees the difference only. What
   * the view had is let go of as at its end (`shutdown`, timers, infos to itself), the context begins with `initial`, then
   * `mount` and `handleParams` run for the page's present address. Subscriptions that they make again go on without a break,
   * the others end. The flash and the title stay until something else is set.
   */
  onGap?: "remount" | undefined;
  /**
   * Runs once when the view has ended, in whichever way, and before each remount (`onGap`), which waits for it. An error is
   * reported and changes nothing.
   */
  shutdown?: ((id: string, context: Readonly<C>) => Awaitable<void>) | undefined;
  /**
   * Shows the context. Runs after callbacks that changed it, once for all of them; never while the browser lags. It
   * must change nothing. Wrapped in `shared` it runs once for all views whose contexts have equal values.
   */
  render: (context: Readonly<C>, meta: RenderMeta<Outgoing, I>) => Awaitable<Rendered>;
}

/**
 * A view, as routes take it. What it needs and handles is known to the type checker only; nothing of it can be read at
 * run time.
 *
 * @typeParam Supplied what a route must supply: a session and the path's captures.
 */
export interface LiveView<in Supplied = never, out C = unknown, out E = unknown, out I = unknown> {
  readonly [brand]: {
    readonly needs: (supplied: Supplied) => void;
    readonly context: C;
    readonly event: E;
    readonly info: I;
  };
}

/** The context of a view: `ContextOf<typeof counter>`. */
export type ContextOf<V> = V extends { readonly [brand]: { readonly context: infer C } } ? C : never;
/** The events that a view handles. Circular inside the view's own helpers: name the union there, and use it in both. */
export type EventOf<V> = V extends { readonly [brand]: { readonly event: infer E } } ? E : never;
/** The infos that a view handles. */
export type InfoOf<V> = V extends { readonly [brand]: { readonly info: infer I } } ? I : never;
/** What a route must supply to a view: `{ session, params }`. */
export type NeedsOf<V> = V extends { readonly [brand]: { readonly needs: (supplied: infer Supplied) => void } }
  ? Supplied
  : never;

/** A context's start where it has streams and uploads, which begin by `socket.stream` and `socket.allowUpload`: with the other keys alone. */
export type WithoutStreams<C> = [StreamKey<C> | UploadKey<C>] extends [never]
  ? never
  : Omit<C, StreamKey<C> | UploadKey<C>>;

/** What a definition may say beside its callbacks. */
export interface LiveViewDeclarations<C, E extends Message, S extends Schemas, W> {
  /** The context's start, complete but for streams and uploads. Also infers the context's type when it is not written out. */
  readonly initial?: C | WithoutStreams<C> | undefined;
  /**
   * Schemas for events from the browser, one for each. An event that does not fit, or has no schema here, is refused
   * before `handleEvent`, and logged with the place that does not fit. Without written generics they also infer the
   * events' types.
   */
  readonly events?: S | NoInfer<SchemasFor<E>> | undefined;
  /** Topics, and `message<…>()` where there is no topic. For the checker only: infers the infos' types. */
  readonly infos?: readonly W[] | undefined;
}

/**
 * Defines a view. Either write its types out, or let `initial`, `events`, `infos` and the annotations of `mount`'s
 * parameters infer them:
 *
 * ```ts
 * const counter = createLiveView<{ count: number }, { type: "increment" }>({
 *   mount: (socket) => socket.assign({ count: 0 }),
 *   handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
 *   render: (context) => html`<button phx-click="increment">${context.count}</button>`,
 * });
 * ```
 *
 * @typeParam C the context: one object type. Put unions into its fields, not around it.
 * @typeParam E the events from the browser: a union of objects with a literal `type`.
 * @typeParam I the infos from the server side: likewise.
 * @typeParam Session what the view reads of the session; the app's routes must supply it.
 * @typeParam P the captures that its routes must have.
 * @throws {LiveError} `view.invalid-definition` if there is no `render`, both `handleGap` and `onGap`, or what is no callback, context or
 * schema in the place of one.
 */
export function createLiveView<
  C extends object = ContextNotDeclared,
  E extends Message = AnyMessage,
  I extends Message = AnyMessage,
  Session extends object = SessionNotDeclared,
  P extends object = Params,
  const S extends Schemas = never,
  W extends Witness<Message> = never,
>(
  // One signature: with overloads a mistake would be reported as "No overload matches this call".
  definition: LiveViewDefinition<C, EventIn<E, S>, Sent<E, S>, InfoIn<I, W>, Session, P> &
    LiveViewDeclarations<C, E, S, W>,
): LiveView<{ session: Session; params: ParamsNeeded<P> }, C, EventIn<E, S>, InfoIn<I, W>> {
  const untyped: { readonly render?: unknown } | undefined = definition;
  if (typeof untyped?.render !== "function") {
    throw new LiveError(
      "view.invalid-definition",
      `
createLiveView got ${untyped === undefined || untyped === null ? String(untyped) : "a definition"} without a render function.
Every view needs one that shows its context:

    createLiveView({ initial: { count: 0 }, render: (context) => html\`<p>\${context.count}</p>\` })
`.trim(),
    );
  }
  checkDefinition(definition);
  checkGapSettings(definition);
  // The types end here: what callbacks are given from now on was checked where it came from, by the schemas, by the
  // type of `createLiveApp`'s routes, and by the keys of `assign`. The checker cannot follow that through a mailbox.
  return new LiveViewHandle(definition as unknown as ErasedDefinition);
}

function checkGapSettings({ handleGap, onGap }: { readonly handleGap?: unknown; readonly onGap?: unknown }): void {
  if (onGap !== undefined && onGap !== "remount") {
    throw new LiveError(
      "view.invalid-definition",
      'A view has an `onGap` that is not "remount". Write onGap: "remount" to mount it anew when messages may be missing, handleGap: (gap, socket) => { … } to load again what depends on them, or neither.',
    );
  }
  if (onGap !== undefined && handleGap !== undefined) {
    throw new LiveError(
      "view.invalid-definition",
      'A view has both `handleGap` and `onGap: "remount"`, but a remount leaves nothing for handleGap to do. Keep handleGap if it loads again what may be missing; keep onGap: "remount" if mount does.',
    );
  }
}

/** The state of a view whose type is not known. */
export type ErasedContext = Readonly<Record<string, unknown>>;

/** A view's definition as the runtime calls it. */
export interface ErasedDefinition
  extends
    LiveViewDefinition<ErasedContext, AnyMessage, AnyMessage, AnyMessage, object, Params>,
    Pick<LiveViewDeclarations<ErasedContext, never, Schemas, unknown>, "initial" | "infos"> {
  readonly events?: Schemas | undefined;
}

class LiveViewHandle<Supplied, C, E, I> implements LiveView<Supplied, C, E, I> {
  declare readonly [brand]: LiveView<Supplied, C, E, I>[typeof brand];
  readonly #definition: ErasedDefinition;

  constructor(definition: ErasedDefinition) {
    this.#definition = definition;
    Object.freeze(this);
  }

  static definitionOf(view: unknown): ErasedDefinition | undefined {
    return typeof view === "object" && view !== null && #definition in view ? view.#definition : undefined;
  }
}

/** The definition inside a view, or `undefined` when `view` was not made by this copy's `createLiveView`. */
export function definitionOf(view: unknown): ErasedDefinition | undefined {
  return LiveViewHandle.definitionOf(view);
}

import type { Message } from "../../pubsub/message.ts";
import type { Outcome } from "../async/outcome.ts";
import type { ComponentSocket } from "../components/component-definition.ts";
import type { LiveSocket } from "../live-socket.ts";
import type { AnyMessage, Awaitable } from "../messages.ts";

/** What a hook returns so that neither later hooks nor the callback run. One that returns nothing goes on. */
export interface HookHalt {
  readonly halt: true;
}

/** Likewise for `handleEvent`: the hook's `pushEvent` in the browser gets `reply`, if there is one. */
export interface EventHookHalt extends HookHalt {
  /** Anything that `JSON.stringify` keeps. */
  readonly reply?: unknown;
}

/**
 * Where hooks can be attached to a view, and what they get there.
 *
 * @typeParam E the events that `handleEvent` gets.
 * @typeParam I the infos that `handleInfo` gets.
 */
export interface ViewStages<E extends Message, I extends Message, Socket> {
  /** Before `handleParams`, with the page's address. Not in a nested view. */
  readonly handleParams: (url: URL, socket: Socket) => Awaitable<void | HookHalt>;
  /** Before `handleEvent`, for each event that is meant for the view itself. */
  readonly handleEvent: (event: E, socket: Socket) => Awaitable<void | EventHookHalt>;
  /** Before `handleInfo`. */
  readonly handleInfo: (info: I, socket: Socket) => Awaitable<void | HookHalt>;
  /** Before the `done` of a `startAsync`, with its name. */
  readonly handleAsync: (name: string, outcome: Outcome<unknown>, socket: Socket) => Awaitable<void | HookHalt>;
  /**
   * After each render of a connected view, when its message is on its way. What it assigns renders once more, and so runs it
   * once more.
   */
  readonly afterRender: (socket: Socket) => Awaitable<void>;
}

/** Likewise for a live component, whose hooks get what is meant for it alone. */
export interface ComponentStages<C, E extends Message, ToParent extends Message> {
  /** Before the component's `handleEvent`. */
  readonly handleEvent: (event: E, socket: HookableComponentSocket<C, E, ToParent>) => Awaitable<void | EventHookHalt>;
  /** Before the `done` of a `startAsync`, with its name. */
  readonly handleAsync: (
    name: string,
    outcome: Outcome<unknown>,
    socket: HookableComponentSocket<C, E, ToParent>,
  ) => Awaitable<void | HookHalt>;
  /** After each render of the component on a connected page, when the message is on its way. */
  readonly afterRender: (socket: HookableComponentSocket<C, E, ToParent>) => Awaitable<void>;
}

/** What hooks are attached by, in the callbacks of a view or a live component. */
export interface Hookable<Stages> {
  /**
   * Has `hook` run before the callback of that name, after the hooks that were attached before. It may be asynchronous:
   * nothing else of the view runs meanwhile. One that returns `{ halt: true }` keeps later hooks and the callback from
   * running. It stays until it is detached, the view ends, or the view mounts anew (`onGap`).
   *
   * @param id names it for `detachHook`.
   * @throws {LiveError} `hook.duplicate-id` if the stage has a hook of this id; `hook.invalid-stage` for a stage that does
   * not exist here.
   */
  attachHook<S extends keyof Stages & string>(stage: S, id: string, hook: Stages[S]): void;
  /** Nothing happens if there is no such hook. */
  detachHook(stage: keyof Stages & string, id: string): void;
}

/** A view's socket as its own callbacks have it: with hooks that know its events and infos. */
export interface HookableSocket<C, E extends Message = AnyMessage, I extends Message = AnyMessage>
  extends LiveSocket<C, I>, Hookable<ViewStages<E, I, HookableSocket<C, E, I>>> {}

/**
 * A view's socket as the hooks have it that a mount hook attaches: without a context, because they do not know which view it
 * is.
 */
export interface AnyViewSocket
  extends
    Pick<
      LiveSocket<{}>,
      | "id"
      | "connected"
      | "staticChanged"
      | "url"
      | "navigation"
      | "sendInfo"
      | "sendInfoAfter"
      | "sendInfoEvery"
      | "subscribe"
      | "unsubscribe"
      | "broadcast"
      | "broadcastFrom"
      | "startAsync"
      | "cancelAsync"
      | "pageTitle"
      | "pushEvent"
      | "pushPatch"
      | "pushNavigate"
      | "pushRedirect"
      | "redirect"
      | "putFlash"
      | "clearFlash"
    >,
    Hookable<ViewStages<AnyMessage, AnyMessage, AnyViewSocket>> {}

/** A live component's socket as its own callbacks have it. */
export interface HookableComponentSocket<C, E extends Message = AnyMessage, ToParent extends Message = never>
  extends ComponentSocket<C, ToParent>, Hookable<ComponentStages<C, E, ToParent>> {}

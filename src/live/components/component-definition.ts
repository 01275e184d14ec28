import type { Rendered } from "../../html/rendered.ts";
import type { Message } from "../../pubsub/message.ts";
import type { HookableComponentSocket } from "../hooks/stages.ts";
import type { LiveSocket } from "../live-socket.ts";
import type { ErasedContext, EventReply, WithoutStreams } from "../live-view.ts";
import type { AnyMessage, Awaitable, BareName, Schemas } from "../messages.ts";
import type { RenderMeta } from "../render-meta.ts";

/**
 * One instance of a live component, as its callbacks see it: its state, and what it can do to its page and to others.
 *
 * It belongs to a place on the page of one view and ends with it. `id`, `connected`, `url`, the page's title and flash
 * are those of the view.
 *
 * @typeParam C the context: props and state together.
 * @typeParam ToParent the infos that the component sends to its view.
 */
export interface ComponentSocket<C, ToParent extends Message = never> extends Pick<
  LiveSocket<C>,
  | "id"
  | "connected"
  | "url"
  | "context"
  | "assign"
  | "stream"
  | "streamInsert"
  | "streamDelete"
  | "streamDeleteByDomId"
  | "sendUpdate"
  | "startAsync"
  | "assignAsync"
  | "cancelAsync"
  | "allowUpload"
  | "disallowUpload"
  | "cancelUpload"
  | "uploadedEntries"
  | "consumeUploadedEntries"
  | "consumeUploadedEntry"
  | "pushEvent"
  | "pushPatch"
  | "pushNavigate"
  | "redirect"
  | "putFlash"
  | "clearFlash"
> {
  /** Sends an info to the view, whose `handleInfo` gets it in a turn of its own. Nothing happens in the dead render. */
  sendParent(info: ToParent | BareName<ToParent>): void;
}

/** What a component's render may read beside its context. */
export interface ComponentMeta<E extends Message, ToParent extends Message> extends RenderMeta<E, ToParent> {
  /**
   * The number by which the page knows this instance, for `phx-target="${meta.self}"`: events of that element, and of
   * elements within that have none of their own, go to the component. `meta.event` and `meta.js.push` go to it by
   * themselves.
   */
  readonly self: number;
}

/** One of the instances that `updateMany` brings up to date. */
export interface ComponentUpdate<C, Props, ToParent extends Message = never> {
  readonly socket: ComponentSocket<C, ToParent>;
  readonly props: Props;
}

/**
 * A live component's callbacks. Each but `render` may be synchronous or asynchronous; of all callbacks of one view and
 * its components, one runs at a time, to its end. One that throws or rejects ends the view, which the browser then joins
 * anew.
 *
 * @typeParam Props what each place gives it.
 * @typeParam State what the component keeps beside its props.
 * @typeParam E the events that `handleEvent` gets.
 * @typeParam Outgoing the events that its template may send: those of `E` before their schemas transformed them.
 * @typeParam ToParent the infos that it sends to its view.
 */
export interface LiveComponentDefinition<
  Props,
  State,
  E extends Message,
  Outgoing extends Message,
  ToParent extends Message,
> {
  /** For logs and errors. @default the file and line of `createLiveComponent` */
  readonly name?: string | undefined;
  /** The state's start, complete but for streams. */
  readonly initial?: State | WithoutStreams<State> | undefined;
  /** Runs once for each instance, before its first `update`; the context has the props already. Also in the dead render. */
  mount?: ((socket: HookableComponentSocket<Props & State, E, ToParent>) => Awaitable<void>) | undefined;
  /**
   * Runs when the instance is new, when its place gives it other props than before (`Object.is` of each), and for
   * `sendUpdate`. A component without it has its props assigned; one with it assigns what it wants to keep of them.
   * @param props all of them, whatever changed.
   */
  update?: ((socket: HookableComponentSocket<Props & State, E, ToParent>, props: Props) => Awaitable<void>) | undefined;
  /**
   * In place of `update`: runs once for all instances of the component that one render updates, so that what they need
   * can be loaded by one query.
   */
  updateMany?: ((updates: readonly ComponentUpdate<Props & State, Props, ToParent>[]) => Awaitable<void>) | undefined;
  /**
   * Runs for each event that is meant for this instance: sent by `meta.event` or `meta.js.push` of its render, or by an
   * element whose `phx-target` leads to it. What it returns as `reply` goes to the hook that pushed the event.
   */
  handleEvent?:
    | ((event: E, socket: HookableComponentSocket<Props & State, E, ToParent>) => Awaitable<void | EventReply>)
    | undefined;
  /**
   * Shows the context, as exactly one element. Runs when the context has changed, and only then: what changes in the
   * view reaches it by its props. It must change nothing.
   */
  render: (context: Readonly<Props & State>, meta: ComponentMeta<Outgoing, ToParent>) => Rendered;
}

/** A live component's definition as the runtime calls it. */
export interface ErasedComponentDefinition extends LiveComponentDefinition<
  ErasedContext,
  ErasedContext,
  AnyMessage,
  AnyMessage,
  AnyMessage
> {
  readonly events?: Schemas | undefined;
}

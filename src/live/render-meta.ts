import type { JSCommands } from "../html/js-commands.ts";
import type { Command, Rendered } from "../html/rendered.ts";
import type { Message } from "../pubsub/message.ts";
import type { ComponentId, LiveComponent } from "./components/live-component.ts";
import type { FieldsOf } from "./messages.ts";

/** The messages set by `socket.putFlash`, by kind. A kind that was not set, or was cleared, is absent. */
export type Flash = { readonly [kind: string]: string | undefined };

/** The value of an event: not to be given when the event has no field, optional otherwise, because forms supply theirs. */
type Value<E extends Message, T extends E["type"]> = keyof FieldsOf<E, T> extends never ? [] : [value?: FieldsOf<E, T>];

/**
 * What a render may read beside its context. A `shared` render gets none of it.
 *
 * @typeParam E the events that the view's templates may send.
 * @typeParam I the infos that the view handles: what its live components may send it.
 */
export interface RenderMeta<E extends Message, I extends Message> {
  /** For a form that posts to a plain HTTP handler: `<input type="hidden" name="_csrf_token" value="${meta.csrfToken}">`. */
  readonly csrfToken: string;
  /**
   * The nonce of the page, the same as the layout's `page.nonce`: for scripts and styles of this render under a
   * Content-Security-Policy, `hookScript("Chart", source, { nonce: meta.nonce })`. The page keeps it over live navigation.
   */
  readonly nonce: string;
  /** The page's address, the same as `socket.url`. */
  readonly url: URL;
  /** What `socket.putFlash` set. */
  readonly flash: Flash;
  /**
   * An event's name for a `phx-…` attribute, checked against the events that the view declares, with the value that
   * the browser then sends: `phx-click="${meta.event("rename", { name: "Ada" })}"`.
   *
   * Without a value it compiles for an event that has fields, because a form or `phx-value-…` attributes supply them;
   * whether they do is not known to the checker. The value must survive JSON.
   */
  event<T extends E["type"]>(name: T, ...value: Value<E, T>): Command;
  /**
   * What the browser does at once, without asking the server: `phx-click="${meta.js.push("delete").hide({ to: "#menu" })}"`.
   * As the global `JS`, but `push` takes the events that the view declares.
   */
  readonly js: JSCommands<E>;
  /**
   * Places a live component; as the global `liveComponent`, but also one whose messages the view handles.
   * @param props those that the component declares, and its `id`, unique among its instances on the page.
   */
  liveComponent<Props>(component: LiveComponent<Props, I>, props: NoInfer<Props> & ComponentId): Rendered;
}

import type { ItemOf, StreamKey } from "../html/live-stream.ts";
import type { Message } from "../pubsub/message.ts";
import type { MessageOf, PlainTopic, Topic } from "../pubsub/topic.ts";
import type {
  Postponed,
  UploadedEntries,
  UploadedOf,
  UploadEntry,
  UploadKey,
  UploadOptions,
} from "./uploads/live-upload.ts";
import type { LiveComponent } from "./components/live-component.ts";
import type { AsyncKey, Loaded } from "./async/async-keys.ts";
import type { Eventually, Outcome } from "./async/outcome.ts";
import type { AnyMessage, Awaitable, BareName, Given } from "./messages.ts";
import type { ViewNavigation } from "./navigation.ts";
import type { Query } from "./query.ts";

/** How a navigation enters the browser's history. */
export interface NavigateOptions {
  /** Replace the current entry of the history instead of adding one. @default false */
  readonly replace?: boolean | undefined;
}

/**
 * One mounted view, as its callbacks see it: its state, and what it can do to its page and to others.
 *
 * A socket belongs to one view of one browser and ends with it: by a navigation, a closed tab, a crash or a stop of
 * the server. Its subscriptions, timers and async work end with it. After that its methods do nothing.
 *
 * @typeParam C the context: the view's state.
 * @typeParam I the infos that the view handles.
 */
export interface LiveSocket<C, I extends Message = AnyMessage> {
  // ── state ──

  /** Unique in this process for every mount: the page's first render and its connected view have two. */
  readonly id: string;
  /** `false` in the render of the HTTP response, `true` once the browser's socket has joined. */
  readonly connected: boolean;
  /**
   * Whether the page was loaded with older scripts or styles than the server has now, as after a deploy: a good time to
   * offer a reload. Known of the client's own files, and of those in the app's `staticPaths`, if their elements
   * have the attribute `phx-track-static`.
   */
  readonly staticChanged: boolean;
  /** The page's address: path, captures and query; in a sticky view, that of the page it last joined on. Changed by `pushPatch` and by links that patch, before `handleParams` runs. */
  readonly url: URL;
  /**
   * How the page came to that address: loaded, by live navigation, by a patch, or not at all, because it is there again after a
   * reconnect. In a nested view that of the page; in a sticky one of its own first join, or a reconnect.
   */
  readonly navigation: ViewNavigation;
  /**
   * The view's state, by reference: never cloned, changed by `assign` only. A context is typed as complete from the
   * start; a key that was neither in `initial` nor assigned yet is `undefined`.
   */
  readonly context: Readonly<C>;
  /**
   * Changes keys of the context. The page is rendered once, after the callback and the infos that wait with it, and
   * only if a value differs (`Object.is`).
   *
   * `Pick`, not `Partial`: a key that is named must have its full type, so `undefined` cannot slip in. What is
   * assigned under a condition takes two calls.
   */
  assign<K extends Exclude<keyof C, StreamKey<C> | UploadKey<C>>>(values: Pick<C, K>): void;
  /**
   * Says what keys fall back to after each render: a list that was shown need not stay in memory. Call it once, say in
   * `mount`; `assign` sets the value for the next render. The fall-back itself does not render.
   */
  tempAssign<K extends Exclude<keyof C, StreamKey<C> | UploadKey<C>>>(fallbacks: Pick<C, K>): void;

  // ── streams ──

  /**
   * Adds items to a stream, and begins it: from then on `context[name]` is there for `render`. The server keeps no item
   * once it was rendered. So `mount` streams what is to be on the page at first, which after a reconnect is all there is.
   *
   * An item whose row is on the page changes the row where it is. Rows are known by their DOM id.
   *
   * Sent while the page lags, items wait; of more than 1 000 the view ends and mounts anew.
   *
   * @param name a key of the context that is declared as a `LiveStream`.
   * @throws {LiveError} `stream.no-id` for an item that has no `id` if there is no `domId`; `stream.invalid-option`;
   * `render.impure-shared` if the view's render is a `shared` one.
   */
  stream<K extends StreamKey<C>>(
    name: K,
    items: Iterable<ItemOf<C[K]>>,
    options?: {
      /**
       * Where rows go that are not on the page: -1 at the end, 0 at the start, n before the row at index n. Several are
       * put there one after the other, so that at 0 the last of them comes first.
       * @default -1
       */
      readonly at?: number | undefined;
      /**
       * How many rows the page keeps: n the first, -n the last ones. Applies when a row is put in; it is not remembered
       * for later calls. All children of the container count, also one that is no row.
       */
      readonly limit?: number | undefined;
      /** Removes all rows first. Those that come again keep their element. @default false */
      readonly reset?: boolean | undefined;
      /** The DOM id of an item's row, unique on the page. Stays for later calls. @default `${name}-${item.id}` */
      readonly domId?: ((item: ItemOf<C[K]>) => string) | undefined;
    },
  ): void;
  /**
   * Inserts one item, or an array of them, or changes the rows that the page has of them.
   * @throws {LiveError} `stream.unknown` before `stream` was called for that name; and as `stream` does.
   */
  streamInsert<K extends StreamKey<C>>(
    name: K,
    items: ItemOf<C[K]> | readonly ItemOf<C[K]>[],
    options?: {
      /** As for `stream`. @default -1 */
      readonly at?: number | undefined;
      /** As for `stream`. */
      readonly limit?: number | undefined;
      /** Changes rows that are on the page, and inserts none. @default false */
      readonly updateOnly?: boolean | undefined;
    },
  ): void;
  /** Removes an item's row from the page. Of the item, only what makes its DOM id is read. */
  streamDelete<K extends StreamKey<C>>(name: K, item: ItemOf<C[K]>): void;
  /** Removes a row from the page by its DOM id, which an event may bring: `phx-value-id="${domId}"`. */
  streamDeleteByDomId(name: StreamKey<C>, domId: string): void;

  // ── uploads ──

  /**
   * Lets the user choose files: from then on `context[name]` is there for `render`, and `liveFileInput` shows it as a field
   * of a form. Call it in `mount`; files that were chosen, and what has come of them, end with the view.
   *
   * @param name a key of the context that is declared as a `LiveUpload`; also the name of the field.
   * @throws {LiveError} `upload.invalid-option`; `upload.active` if it was allowed before and files are chosen.
   */
  allowUpload<K extends UploadKey<C>>(name: K, options: UploadOptions<UploadedOf<C[K]>>): void;
  /**
   * From now on the field takes no files.
   * @throws {LiveError} `upload.unknown`; `upload.active` while files are chosen.
   */
  disallowUpload(name: UploadKey<C>): void;
  /**
   * Takes a file back, whatever became of it so far. Nothing happens if it is gone already.
   * @param ref of its entry, which an event may bring: `phx-value-ref="${entry.ref}"`
   * @throws {LiveError} `upload.unknown`
   */
  cancelUpload(name: UploadKey<C>, ref: string): void;
  /**
   * The chosen files, as they are now.
   * @throws {LiveError} `upload.unknown`
   */
  uploadedEntries(name: UploadKey<C>): UploadedEntries;
  /**
   * Does something with each file that was uploaded, one after the other; then the file and its entry are gone, also if
   * `work` fails. One for which `work` returns `postpone(result)` stays. Await it.
   * @returns what `work` returned for each
   * @throws {LiveError} `upload.unknown`; `upload.in-progress` if one of the chosen files is not there yet.
   */
  consumeUploadedEntries<K extends UploadKey<C>, R>(
    name: K,
    work: (uploaded: UploadedOf<C[K]>, entry: UploadEntry) => Awaitable<R | Postponed<R>>,
  ): Promise<R[]>;
  /**
   * As `consumeUploadedEntries`, for one: in an upload's `progress`, when the entry `isDone`.
   * @returns `undefined` if it is gone already
   */
  consumeUploadedEntry<K extends UploadKey<C>, R>(
    name: K,
    entry: UploadEntry,
    work: (uploaded: UploadedOf<C[K]>, entry: UploadEntry) => Awaitable<R | Postponed<R>>,
  ): Promise<R | undefined>;

  // ── live components ──

  /**
   * Gives a live component on this view's page other props: its `update` gets all of its props, with these in place of
   * the former ones. They hold until its place gives it props that differ from those that it gave before. Nothing happens
   * if the page does not have it, or in the render of the HTTP response.
   * @param id that of the instance; a number is the same id as its decimal text.
   */
  sendUpdate<Props, K extends keyof Props>(
    component: LiveComponent<Props, unknown>,
    id: string | number,
    props: Pick<Props, K>,
  ): void;

  // ── messages ──

  /**
   * Puts an info into this view's own mailbox; `handleInfo` gets it after the callback at hand. A bare name stands for
   * an info with no other field.
   */
  sendInfo(info: Given<I> | BareName<I>): void;
  /**
   * As `sendInfo`, once, after `ms` milliseconds. Cancelled when the view ends. Does nothing while not `connected`.
   * @throws {LiveError} `view.invalid-argument` for more than 2 147 483 647 ms, about 24 days, and for `NaN`: timers would fire at once.
   */
  sendInfoAfter(ms: number, info: Given<I> | BareName<I>): void;
  /**
   * As `sendInfo`, every `ms` milliseconds, the first time after `ms`. Cancelled when the view ends. Does nothing
   * while not `connected`. A tick whose predecessor still waits in the mailbox is skipped.
   * @throws {LiveError} as `sendInfoAfter`
   */
  sendInfoEvery(ms: number, info: Given<I> | BareName<I>): void;
  /**
   * From now on the topic's messages arrive in `handleInfo`: the view's own too, unless sent by `broadcastFrom`.
   * Subscribing twice delivers once. Does nothing while not `connected`.
   *
   * A message without a string `type` arrives as a copy with the topic as its `type`; one that is no plain object as
   * `{ type: topic, value }`. That a *plain string* carries what the view declares is not checked: use `topic<…>`.
   *
   * Resolves when the subscription is live: every later broadcast reaches the view. One that is not awaited is awaited
   * before the join is answered. Rejects when the backplane refuses; during the mount that fails the join.
   */
  subscribe(topic: Topic<Given<I>> | PlainTopic): Promise<void>;
  /** Ends a subscription. Messages that wait in the mailbox are still handled. */
  unsubscribe(topic: string): Promise<void>;
  /** To every subscriber of the topic, this view included. Resolves when the backplane has taken it, not when it was handled. */
  broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void>;
  /** To every subscriber of the topic but this view. */
  broadcastFrom<T extends string>(topic: T, message: MessageOf<T>): Promise<void>;

  // ── work that is not waited for ──

  /**
   * Begins work that the view does not wait for, and gives `done` its outcome: as a callback of this view, in the order of
   * its infos, and never while another one runs. One that throws ends the view, as any callback.
   *
   * Work of the same name that is still under way is aborted, and its outcome is never seen: the latest wins. With the
   * view's end, in whichever way, and when it mounts anew (`onGap`), its work is aborted too, and `done` does not run. Nothing
   * begins while not `connected`.
   *
   * @param work begins at once. What it throws, or rejects with, is its outcome. It gets a signal that says when
   * nobody wants the outcome any more: pass it on to `fetch` and its like, and look at `signal.aborted` between steps.
   * @throws {LiveError} `async.invalid-argument` if `work` or `done` is no function.
   */
  startAsync<T>(
    name: string,
    work: (signal: AbortSignal) => Eventually<T>,
    done: (outcome: Outcome<T>) => Awaitable<void>,
  ): void;
  /**
   * Loads a key of the context, which is declared as an `AsyncResult`, without the view waiting for it. From now on the key
   * is `loading`, in the render of the HTTP response too, where nothing is loaded; then it is `ok`, or `failed` with what
   * `load` threw, which also goes to the app's `onError`. Meanwhile, and after a failure, `value` is the one before.
   *
   * Several keys are loaded together by a list of them: `load` then returns an object with the value of each.
   *
   * The latest wins for each key. Otherwise as `startAsync`.
   *
   * @throws {LiveError} `async.invalid-argument` if `load` is no function, or `key` is none.
   */
  assignAsync<const K extends AsyncKey<C> | readonly AsyncKey<C>[]>(
    key: K,
    load: (signal: AbortSignal) => Eventually<Loaded<C, K>>,
    options?: {
      /** Forgets the previous value at once: of all keys, or of those that are named. @default false */
      readonly reset?: boolean | readonly AsyncKey<C>[] | undefined;
    },
  ): void;
  /**
   * Aborts work of `startAsync` by its name, and of `assignAsync` by its key; keys that are loaded together end together.
   * What was started ends with `{ ok: false, error: reason }`, in `done`; a key is `failed` at once. Without such
   * work nothing happens.
   * @param reason also that of the signal. @default a `DOMException` whose name is `"AbortError"`
   */
  cancelAsync(name: string, reason?: unknown): void;

  // ── page ──

  /** Sets the page's title. The app's `title` option adds its prefix and suffix; the empty string shows its default. */
  pageTitle(title: string): void;
  /**
   * Sends an event to the page: to hooks that `handleEvent(name, …)`, and to `window` as `phx:${name}`. It travels with
   * the next frame, after that frame's changes were applied to the page.
   * @param payload anything that `JSON.stringify` keeps.
   */
  pushEvent(name: string, payload: object): void;
  /**
   * Changes the page's address within this view: `handleParams` runs, the view stays. In `mount` of the HTTP render it
   * is a redirect. In a nested view it is the page's own view that does all this.
   * @param path absolute within the app (`/users`), or only a query (`?page=2`) for the path as it is.
   * @param query takes the place of the path's own parameters of its names: see `withQuery`.
   * @param options `true` is short for `{ replace: true }`.
   * @throws {LiveError} `view.invalid-destination` if the path leads to another view, or out of the app; in a sticky view always.
   */
  pushPatch(path: string, query?: Query, options?: NavigateOptions | boolean): void;
  /**
   * Goes to another live view over the same connection, without a page load. Where the server cannot (another app, another
   * live session), the browser loads the page.
   * @param path absolute within the app (`/users`).
   * @param query takes the place of the path's own parameters of its names: see `withQuery`.
   * @param options `true` is short for `{ replace: true }`.
   * @throws {LiveError} `view.invalid-destination` if the path leads out of the app.
   */
  pushNavigate(path: string, query?: Query, options?: NavigateOptions | boolean): void;
  /** The same as `pushNavigate`, under the name that LiveViewJS gives it. */
  pushRedirect(path: string, query?: Query, options?: NavigateOptions | boolean): void;
  /**
   * Makes the browser load a page, and ends this view.
   * @param to a path within the app, or a full `http:` or `https:` URL.
   * @throws {LiveError} `view.invalid-destination` for anything else, such as `javascript:` or `//host`.
   */
  redirect(to: string): void;
  /**
   * Sets one flash message, read in `render` as `meta.flash`. It survives `pushNavigate` and `redirect` within the app: what is
   * longer than about 2 800 bytes is cut there, with a line in the log.
   */
  putFlash(kind: string, message: string): void;
  /** Removes one flash message, or all when no kind is given. */
  clearFlash(kind?: string): void;
}

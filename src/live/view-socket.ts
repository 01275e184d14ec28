import {
  checkAssigned,
  checkPushedEvent,
  checkFallbacks,
  checkFlash,
  checkTime,
  checkTitle,
  contextAssigned,
  titleAssigned,
} from "./argument-checks.ts";
import { LiveError } from "../errors.ts";
import { LIFE, type ViewLife } from "../view-life.ts";
import type { AsyncWork, Done, LoadOptions, Work } from "./async/async-work.ts";
import { UpdateInfo } from "./components/update-info.ts";
import type { Display } from "./display.ts";
import type { StageHooks } from "./hooks/stage-hooks.ts";
import type { NavigateOptions } from "./live-socket.ts";
import type { Query } from "./query.ts";
import type { ErasedContext } from "./live-view.ts";
import type { Navigation, ViewNavigation } from "./navigation.ts";
import type { Info } from "./topic-hub.ts";
import { navigateTo, patchTo, redirectTo, type NavigatingView } from "./view-navigation.ts";
import type { UploadEntry, UploadedEntries } from "./uploads/live-upload.ts";
import type { ErasedUploadOptions } from "./uploads/upload-options.ts";
import type { ConsumeWork, ViewUploads } from "./uploads/view-uploads.ts";
import type { AnySocket } from "./view-services.ts";
import type { ViewStreams } from "./view-streams.ts";
import type { ViewTimers } from "./view-timers.ts";

/** What the socket needs of the process behind it. After the view's end none of it does anything. */
export interface SocketActions extends NavigatingView, ViewLife {
  /** The view whose address the page has: itself, unless it is nested. */
  readonly root: Pick<
    SocketActions,
    "name" | "isSticky" | "view" | "services" | "page" | "origin" | "channel" | "queue"
  >;
  readonly id: string;
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  readonly staticChanged: boolean;
  readonly url: URL;
  readonly display: Display;
  readonly timers: ViewTimers;
  /** Made for the first. */
  readonly stageHooks: StageHooks;
  readonly ownHooks: StageHooks | undefined;
  /** What it does in the background. Made when it is asked for. */
  readonly asyncWork: AsyncWork;
  /** Likewise. */
  readonly uploads: ViewUploads;
  receiveOwnInfo(info: Info): void;
  receiveTick(info: Info): void;
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): Promise<void>;
  pushEvent(name: string, payload: object): void;
  /** Asks for a turn, if none is under way. */
  queue(): void;
}

/** What a view's callbacks hold of their process. */
export class ViewSocket implements AnySocket {
  readonly #view: SocketActions;
  constructor(view: SocketActions) {
    this.#view = view;
  }

  get [LIFE](): ViewLife {
    return this.#view;
  }

  get id(): string {
    return this.#view.id;
  }

  get connected(): boolean {
    return this.#view.isConnected;
  }

  get staticChanged(): boolean {
    return this.#view.staticChanged;
  }

  get url(): URL {
    return this.#view.url;
  }

  get navigation(): ViewNavigation {
    return this.#view.page.arrivedBy;
  }

  get context(): Readonly<Record<string, unknown>> {
    return this.#view.display.context;
  }

  /** For a program that no compiler has read. */
  set context(value: unknown) {
    throw contextAssigned(value);
  }

  assign(values: ErasedContext): void {
    checkAssigned(values);
    this.#view.display.assign(values);
  }

  tempAssign(fallbacks: ErasedContext): void {
    checkFallbacks(fallbacks);
    this.#view.display.tempAssign(fallbacks);
  }

  stream(name: string, items: Iterable<unknown>, options?: Parameters<ViewStreams["stream"]>[2]): void {
    if (!this.#view.isEnded) this.#view.display.streams.stream(name, items, options);
  }

  streamInsert(name: string, items: unknown, options?: Parameters<ViewStreams["insert"]>[2]): void {
    if (this.#view.isEnded) return;
    this.#view.display.streams.insert(name, Array.isArray(items) ? items : [items], options);
  }

  streamDelete(name: string, item: unknown): void {
    if (!this.#view.isEnded) this.#view.display.streams.delete(name, item);
  }

  streamDeleteByDomId(name: string, domId: string): void {
    if (!this.#view.isEnded) this.#view.display.streams.deleteByDomId(name, domId);
  }

  allowUpload(name: string, options: ErasedUploadOptions): void {
    this.#view.uploads.allow(this.#view.display, name, options);
  }

  disallowUpload(name: string): void {
    this.#view.uploads.disallow(this.#view.display, name);
  }

  cancelUpload(name: string, ref: string): void {
    this.#view.uploads.cancel(this.#view.display, name, ref);
  }

  uploadedEntries(name: string): UploadedEntries {
    return this.#view.uploads.entries(this.#view.display, name);
  }

  // What the work gets, and so what comes of it, its view knows by the context.

  consumeUploadedEntries(name: string, work: ConsumeWork): Promise<never[]> {
    return this.#view.uploads.consumeAll(this.#view.display, name, work) as Promise<never[]>;
  }

  consumeUploadedEntry(name: string, entry: UploadEntry, work: ConsumeWork): Promise<never> {
    return this.#view.uploads.consumeOne(this.#view.display, name, entry, work) as Promise<never>;
  }

  sendUpdate(component: object, id: string | number, props: object): void {
    this.#view.receiveOwnInfo(new UpdateInfo(component, id, props));
  }

  sendInfo(info: Info | string): void {
    this.#view.receiveOwnInfo(toInfo(info));
  }

  sendInfoAfter(ms: number, info: Info | string): void {
    checkTime("sendInfoAfter", ms);
    if (!this.#runsTimers) return;
    const message = toInfo(info);
    this.#view.timers.after(ms, () => this.#view.receiveOwnInfo(message));
  }

  sendInfoEvery(ms: number, info: Info | string): void {
    checkTime("sendInfoEvery", ms);
    if (!this.#runsTimers) return;
    // One object for all ticks: that is how a tick that still waits is known. A bare copy, so that no other info is it.
    const message = { ...toInfo(info) };
    this.#view.timers.every(ms, () => this.#view.receiveTick(message));
  }

  startAsync<T>(name: string, work: Work<T>, done: Done<T>): void {
    this.#view.asyncWork.start(this.#view.display, name, work, done);
  }

  assignAsync(keys: string | readonly string[], load: Work, options?: LoadOptions): void {
    this.#view.asyncWork.load(this.#view.display, keys, load, options);
  }

  cancelAsync(name: string, reason?: unknown): void {
    this.#view.asyncWork.cancel(this.#view.display, name, reason);
  }

  attachHook(stage: string, id: string, hook: unknown): void {
    if (!this.#view.isEnded) this.#view.stageHooks.attach(stage, id, hook);
  }

  detachHook(stage: string, id: string): void {
    this.#view.ownHooks?.detach(stage, id);
  }

  get #runsTimers(): boolean {
    return this.#view.isConnected && !this.#view.isEnded;
  }

  subscribe(topic: string): Promise<void> {
    return this.#view.subscribe(topic);
  }

  unsubscribe(topic: string): Promise<void> {
    return this.#view.unsubscribe(topic);
  }

  broadcast(topic: string, message: unknown): Promise<void> {
    return this.#view.services.pubSub.broadcast<string>(topic, message);
  }

  broadcastFrom(topic: string, message: unknown): Promise<void> {
    return this.#view.services.pubSub.broadcastFrom<string>(this.#view, topic, message);
  }

  get pageTitle(): (title: string) => void {
    return (title) => {
      checkTitle(title);
      this.#view.page.title = title;
      this.#view.queue();
    };
  }

  /** Its name makes it look like a value; assigned as one it would be lost without a word. */
  set pageTitle(title: unknown) {
    throw titleAssigned(title);
  }

  pushEvent(name: string, payload: object): void {
    checkPushedEvent(name, payload);
    this.#view.pushEvent(name, payload);
  }

  pushPatch(path: string, query?: Query, options?: NavigateOptions | boolean): void {
    const { root } = this.#view;
    const patch = patchTo(root, path, query, options);
    // The address is that of the page's own view. Of a page that is not there yet, only this view's mount is waited for.
    if (root === this.#view || !this.connected) return this.#go(patch);
    for (const [kind, message = ""] of Object.entries(this.#view.page.flash)) root.page.putFlash(kind, message);
    root.page.go(patch);
    root.queue();
  }

  pushNavigate(path: string, query?: Query, options?: NavigateOptions | boolean): void {
    this.#go(navigateTo(this.#view, path, query, options));
  }

  pushRedirect(path: string, query?: Query, options?: NavigateOptions | boolean): void {
    this.pushNavigate(path, query, options);
  }

  redirect(to: string): void {
    this.#go(redirectTo(to));
  }

  #go(navigation: Navigation): void {
    this.#view.page.go(navigation);
    this.#view.queue();
  }

  putFlash(kind: string, message: string): void {
    checkFlash(kind, message);
    if (this.#view.page.putFlash(kind, message)) this.#view.display.touch();
  }

  clearFlash(kind?: string): void {
    if (this.#view.page.clearFlash(kind)) this.#view.display.touch();
  }
}

function toInfo(info: Info | string): Info {
  if (typeof info === "string") return { type: info };
  if (typeof info === "object" && info !== null && typeof info.type === "string") return info;
  throw new LiveError(
    "view.invalid-event",
    'socket.sendInfo takes an info ({ type: "refresh", … }) or just its type ("refresh"); what it got has no string `type`.',
  );
}

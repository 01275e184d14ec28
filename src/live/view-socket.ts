import { LiveError } from "../errors.ts";
import type { NavigateOptions, Query } from "./live-socket.ts";
import type { ErasedContext } from "./live-view.ts";
import type { Info } from "./topic-hub.ts";
import type { AnySocket } from "./view-services.ts";
import type { ViewTimers } from "./view-timers.ts";

/** What the socket needs of the process behind it. After the view's end none of it does anything. */
export interface SocketActions {
  readonly id: string;
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  readonly staticChanged: boolean;
  readonly url: URL;
  readonly context: ErasedContext;
  readonly timers: ViewTimers;
  assign(values: ErasedContext): void;
  tempAssign(fallbacks: ErasedContext): void;
  receiveInfo(info: Info): void;
  receiveTick(info: Info): void;
  subscribe(topic: string): Promise<void>;
  unsubscribe(topic: string): Promise<void>;
  broadcast(topic: string, message: unknown): Promise<void>;
  broadcastFrom(topic: string, message: unknown): Promise<void>;
  pageTitle(title: string): void;
  pushEvent(name: string, payload: object): void;
  pushPatch(path: string, query: Query | undefined, options: NavigateOptions | boolean | undefined): void;
  pushNavigate(path: string, query: Query | undefined, options: NavigateOptions | boolean | undefined): void;
  redirect(to: string): void;
  putFlash(kind: string, message: string): void;
  clearFlash(kind?: string): void;
}

/** What a view's callbacks hold of their process. */
export class ViewSocket implements AnySocket {
  readonly #view: SocketActions;
  constructor(view: SocketActions) {
    this.#view = view;
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

  get context(): Readonly<Record<string, unknown>> {
    return this.#view.context;
  }

  assign(values: ErasedContext): void {
    this.#view.assign(values);
  }

  tempAssign(fallbacks: ErasedContext): void {
    this.#view.tempAssign(fallbacks);
  }

  sendInfo(info: Info | string): void {
    this.#view.receiveInfo(toInfo(info));
  }

  sendInfoAfter(ms: number, info: Info | string): void {
    if (!this.#runsTimers) return;
    const message = toInfo(info);
    this.#view.timers.after(ms, () => this.#view.receiveInfo(message));
  }

  sendInfoEvery(ms: number, info: Info | string): void {
    if (!this.#runsTimers) return;
    // One object for all ticks: that is how a tick that still waits is known. A bare copy, so that no other info is it.
    const message = { ...toInfo(info) };
    this.#view.timers.every(ms, () => this.#view.receiveTick(message));
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
    return this.#view.broadcast(topic, message);
  }

  broadcastFrom(topic: string, message: unknown): Promise<void> {
    return this.#view.broadcastFrom(topic, message);
  }

  pageTitle(title: string): void {
    this.#view.pageTitle(title);
  }

  pushEvent(name: string, payload: object): void {
    this.#view.pushEvent(name, payload);
  }

  pushPatch(path: string, query?: Query, options?: NavigateOptions | boolean): void {
    this.#view.pushPatch(path, query, options);
  }

  pushNavigate(path: string, query?: Query, options?: NavigateOptions | boolean): void {
    this.#view.pushNavigate(path, query, options);
  }

  pushRedirect(path: string, query?: Query, options?: NavigateOptions | boolean): void {
    this.#view.pushNavigate(path, query, options);
  }

  redirect(to: string): void {
    this.#view.redirect(to);
  }

  putFlash(kind: string, message: string): void {
    this.#view.putFlash(kind, message);
  }

  clearFlash(kind?: string): void {
    this.#view.clearFlash(kind);
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

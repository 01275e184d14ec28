import { checkAssigned, contextAssigned } from "../argument-checks.ts";
import { LIFE, lifeOf, type ViewLife } from "../../view-life.ts";
import type { AsyncOwner, AsyncWork, Done, LoadOptions, Work } from "../async/async-work.ts";
import type { HookableComponentSocket } from "../hooks/stages.ts";
import type { StageHooks } from "../hooks/stage-hooks.ts";
import type { ErasedContext } from "../live-view.ts";
import type { NavigateOptions } from "../live-socket.ts";
import type { Query } from "../query.ts";
import type { AnyMessage } from "../messages.ts";
import type { UploadEntry, UploadedEntries } from "../uploads/live-upload.ts";
import type { ErasedUploadOptions } from "../uploads/upload-options.ts";
import type { ConsumeWork, ViewUploads } from "../uploads/view-uploads.ts";
import type { UploadOwner } from "../uploads/upload.ts";
import type { AnySocket } from "../view-services.ts";
import type { ViewStreams } from "../view-streams.ts";
import type { LiveComponent } from "./live-component.ts";

/** What the socket needs of the instance behind it. After the instance's end none of it does anything. */
export interface InstanceActions extends AsyncOwner, UploadOwner {
  readonly isEnded: boolean;
  readonly streams: ViewStreams;
  readonly stageHooks: StageHooks;
  /** Its view's. */
  readonly asyncWork: AsyncWork;
  readonly uploads: ViewUploads;
}

/** What a component's callbacks hold of their instance. What it shares with its view, the view's socket does. */
export class InstanceSocket implements HookableComponentSocket<ErasedContext, AnyMessage, AnyMessage> {
  readonly #instance: InstanceActions;
  readonly #view: AnySocket;
  constructor(instance: InstanceActions, view: AnySocket) {
    this.#instance = instance;
    this.#view = view;
  }

  // ── its own ──

  get context(): ErasedContext {
    return this.#instance.context;
  }

  /** For a program that no compiler has read. */
  set context(value: unknown) {
    throw contextAssigned(value);
  }

  assign(values: ErasedContext): void {
    checkAssigned(values);
    if (!this.#instance.isEnded) this.#instance.assign(values);
  }

  stream(name: string, items: Iterable<unknown>, options?: Parameters<ViewStreams["stream"]>[2]): void {
    if (!this.#instance.isEnded) this.#instance.streams.stream(name, items, options);
  }

  streamInsert(name: string, items: unknown, options?: Parameters<ViewStreams["insert"]>[2]): void {
    if (this.#instance.isEnded) return;
    this.#instance.streams.insert(name, Array.isArray(items) ? items : [items], options);
  }

  streamDelete(name: string, item: unknown): void {
    if (!this.#instance.isEnded) this.#instance.streams.delete(name, item);
  }

  streamDeleteByDomId(name: string, domId: string): void {
    if (!this.#instance.isEnded) this.#instance.streams.deleteByDomId(name, domId);
  }

  startAsync<T>(name: string, work: Work<T>, done: Done<T>): void {
    if (!this.#instance.isEnded) this.#instance.asyncWork.start(this.#instance, name, work, done);
  }

  assignAsync(keys: string | readonly string[], load: Work, options?: LoadOptions): void {
    if (!this.#instance.isEnded) this.#instance.asyncWork.load(this.#instance, keys, load, options);
  }

  cancelAsync(name: string, reason?: unknown): void {
    this.#instance.asyncWork.cancel(this.#instance, name, reason);
  }

  attachHook(stage: string, id: string, hook: unknown): void {
    if (!this.#instance.isEnded) this.#instance.stageHooks.attach(stage, id, hook);
  }

  detachHook(stage: string, id: string): void {
    this.#instance.ownHooks?.detach(stage, id);
  }

  allowUpload(name: string, options: ErasedUploadOptions): void {
    this.#instance.uploads.allow(this.#instance, name, options);
  }

  disallowUpload(name: string): void {
    this.#instance.uploads.disallow(this.#instance, name);
  }

  cancelUpload(name: string, ref: string): void {
    this.#instance.uploads.cancel(this.#instance, name, ref);
  }

  uploadedEntries(name: string): UploadedEntries {
    return this.#instance.uploads.entries(this.#instance, name);
  }

  // What the work gets, and so what comes of it, its view knows by the context.

  consumeUploadedEntries(name: string, work: ConsumeWork): Promise<never[]> {
    return this.#instance.uploads.consumeAll(this.#instance, name, work) as Promise<never[]>;
  }

  consumeUploadedEntry(name: string, entry: UploadEntry, work: ConsumeWork): Promise<never> {
    return this.#instance.uploads.consumeOne(this.#instance, name, entry, work) as Promise<never>;
  }

  // ── its view's ──

  sendParent(info: AnyMessage | string): void {
    this.#view.sendInfo(info);
  }

  get [LIFE](): ViewLife | undefined {
    return lifeOf(this.#view);
  }

  get id(): string {
    return this.#view.id;
  }

  get connected(): boolean {
    return this.#view.connected;
  }

  get url(): URL {
    return this.#view.url;
  }

  sendUpdate(component: LiveComponent<never, unknown>, id: string | number, props: object): void {
    this.#view.sendUpdate(component, id, props);
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

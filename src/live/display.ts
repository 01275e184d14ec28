import type { Channel } from "../channel/channel.ts";
import type { LiveError } from "../errors.ts";
import type { PendingStream } from "../html/live-stream.ts";
import type { ComponentPlace, Rendered, ViewPlace } from "../html/rendered.ts";
import { isShared } from "../html/shared.ts";
import { encodePush } from "../protocol/frames.ts";
import { DIFF_EVENT, VIEW_TOPIC_PREFIX } from "../protocol/keys.ts";
import { PreparedFrame } from "../transport/prepared-frame.ts";
import { withValues } from "./context-values.ts";
import type { ErasedContext } from "./live-view.ts";
import type { PageState } from "./page-state.ts";
import { ComponentTable } from "./components/component-table.ts";
import type { ComponentHost } from "./components/component-host.ts";
import type { NestedHtml } from "./nested/nested-html.ts";
import type { NestedChild, NestedTable } from "./nested/nested-table.ts";
import { MAIN_VIEW_ID } from "./page-tokens.ts";
import type { ViewProcess } from "./view-process.ts";
import { shownHtml, shownJson, type Change, type PageComponents, type Shown } from "./renderer.ts";
import type { LiveUpload } from "./uploads/live-upload.ts";
import type { UploadOwner } from "./uploads/upload.ts";
import { mutatedInPlace, streamsInSharedRender, unreadStreamItems, unshownStream } from "./view-errors.ts";
import type { MountableView } from "./view-services.ts";
import { ViewStreams, type StreamOwner } from "./view-streams.ts";

/** What a display needs of the actor whose context it shows. */
export interface DisplayedView extends ComponentHost {
  readonly view: MountableView;
  readonly page: PageState;
  readonly channel: Channel | undefined;
  /** Whether the turn at hand is to answer a push of the page. */
  readonly hasPush: boolean;
  /** The ref of that push, once. */
  takePush(): string | undefined;
  /** Says for the log what runs now. */
  startRender(): void;
  /** Has `Display.resume` called with what `promised` becomes. */
  awaitRender(promised: Promise<unknown>, step: RenderStep): void;
  /** The first render is done, JSON for a channel and HTML without one, and is to be sent by whoever asked for the mount. */
  showFirst(content: string): void;
  /** The turn is over. */
  rest(): void;
  /** Asks for a turn, if none is under way. */
  queue(): void;
  createNestedTable(shownTrees: () => Iterable<Rendered>, rowTrees: () => Iterable<Rendered>): NestedTable;
  createNestedHtml(shownTrees: () => Iterable<Rendered>): NestedHtml;
  crash(error: unknown): void;
  /** As `crash`, in a turn of its own. */
  abort(failure: LiveError): void;
}

/** Where a display goes on when a render had to be awaited. */
export type RenderStep = "showFirst" | "first" | "show" | "send";

const MAIN_TOPIC = `${VIEW_TOPIC_PREFIX}${MAIN_VIEW_ID}`;
/** How many items of streams may wait for a client that lags. */
const MAX_WAITING_STREAM_ITEMS = 1000;

/**
 * What one view's page shows and what it is to show: the context, its render, the diff between the two, the frame.
 *
 * The diff is always taken against what was sent last, so that a page that lags is held back and then brought up to date
 * in one step. What is synchronous costs no promise.
 */
export class Display implements StreamOwner, UploadOwner, PageComponents {
  readonly #view: DisplayedView;
  #context: ErasedContext;
  /** What `tempAssign` has the context fall back to after each render. */
  #fallbacks: ErasedContext | undefined;
  #streams: ViewStreams | undefined;
  #hasLostItems = false;
  #components: ComponentTable | undefined;
  #nested: NestedTable | undefined;
  /** What the page shows; `undefined` until the mount is done. */
  #shown: Shown | undefined;
  /** The context is not what the page shows. */
  #isDirty = true;
  /** The client lags; the channel says when it has caught up. */
  #isHeld = false;

  constructor(view: DisplayedView, initial: ErasedContext | undefined) {
    this.#view = view;
    this.#context = { ...initial };
  }

  // ── context ──

  get context(): ErasedContext {
    return this.#context;
  }

  assign(values: ErasedContext): void {
    this.#streams?.refuseAssigned(values);
    const assigned = withValues(this.#context, values);
    if (assigned === this.#context) return;
    this.#context = assigned;
    this.touch();
  }

  tempAssign(fallbacks: ErasedContext): void {
    this.#fallbacks = { ...this.#fallbacks, ...fallbacks };
    this.assign(Object.fromEntries(Object.entries(fallbacks).filter(([key]) => !(key in this.#context))));
  }

  // ── streams ──

  get name(): string {
    return this.#view.name;
  }

  /** Made when the view has its first. */
  get streams(): ViewStreams {
    if (this.#streams !== undefined) return this.#streams;
    if (isShared(this.#view.view.definition.render)) throw streamsInSharedRender(this.name);
    return (this.#streams = new ViewStreams(this, ""));
  }

  streamChanged(stream: PendingStream): void {
    const { name } = stream;
    if (this.#context[name] !== stream) this.#context = { ...this.#context, [name]: stream };
    this.touch();
    if (this.#isHeld) this.#limitWaitingItems();
  }

  streamLost({ name, changes }: PendingStream): void {
    const { services } = this.#view;
    // Only once: the list of a tab that is not open may get items all the time.
    if (!services.checks || this.#hasLostItems) return;
    this.#hasLostItems = true;
    services.warn(unshownStream(this.name, name, changes.inserts.size));
  }

  /** Streams are no state: what waits for a client that lags would grow with every message. */
  #limitWaitingItems(): void {
    const waiting = (this.#streams?.waiting ?? 0) + (this.#components?.waitingItems ?? 0);
    if (waiting <= MAX_WAITING_STREAM_ITEMS) return;
    this.#view.abort(unreadStreamItems(this.name, MAX_WAITING_STREAM_ITEMS));
  }

  // ── uploads ──

  /** As an owner of uploads: it is no component. */
  get number(): undefined {
    return undefined;
  }

  showUpload(name: string, upload: LiveUpload<unknown>): void {
    this.#context = { ...this.#context, [name]: upload };
    this.touch();
  }

  // ── live components ──

  /** Those of the page, once it has had one. */
  get components(): ComponentTable | undefined {
    return this.#components;
  }

  numberOf(place: ComponentPlace): number | undefined {
    return this.#components?.numberOf(place);
  }

  place(place: ComponentPlace, tree: Rendered, stream?: string): number {
    return (this.#components ??= new ComponentTable(this.#view, this)).place(place, tree, stream);
  }

  forgetShown(): void {
    this.#components?.forgetShown();
  }

  /** A component has something new to show. */
  componentChanged(): void {
    if (this.#isHeld) this.#limitWaitingItems();
    else this.#view.queue();
  }

  // ── nested views ──

  /** Those that the view has placed. Made for the first. */
  get nested(): NestedTable {
    return (this.#nested ??= this.#view.createNestedTable(
      () => this.#shownTrees(),
      () => this.#components?.treesInRows() ?? [],
    ));
  }

  viewHtmlOf(place: ViewPlace, tree: Rendered): string {
    return this.nested.viewHtmlOf(place, tree);
  }

  /** The processes in it. */
  get children(): Iterable<ViewProcess> {
    return this.#nested?.processes() ?? [];
  }

  /** The nested view that a token names by this key, if it may still join. */
  child(key: string): NestedChild | undefined {
    return this.#nested?.child(key);
  }

  endNested(): void {
    this.#nested?.end();
    this.#nested = undefined;
  }

  /** What the page shows of the view itself, and of its live components. */
  *#shownTrees(): Generator<Rendered> {
    const shown = this.#shown;
    if (shown === undefined || "context" in shown) return;
    yield shown;
    if (this.#components !== undefined) yield* this.#components.treesIn(shown);
  }

  // ── state ──

  /** Has the page rendered: at the end of the turn, or in a turn of its own if none is under way. */
  touch(): void {
    this.#isDirty = true;
    if (!this.#isHeld) this.#view.queue();
  }

  /** Begins with a new context on the page as it is; the next render shows the difference. */
  reset(initial: ErasedContext | undefined): void {
    this.#context = { ...initial };
    this.#fallbacks = undefined;
    this.#streams?.restart();
    this.touch();
  }

  /** Whether the mount is done. */
  get isShown(): boolean {
    return this.#shown !== undefined;
  }

  /** Whether there is something to render now. */
  get isBehind(): boolean {
    return !this.#isHeld && (this.#isDirty || this.#components?.isBehind === true);
  }

  /** The client has caught up. */
  release(): void {
    this.#isHeld = false;
    this.#view.queue();
  }

  // ── from context to frame ──

  /** Brings the page up to date, and ends the turn. */
  render(): void {
    const shown = this.#shown;
    if (shown === undefined) return this.#renderFirst();
    const view = this.#view;
    const isComponentBehind = this.#components?.isBehind === true;
    if (!this.#isDirty && !isComponentBehind) {
      if (view.services.checks) this.#reportMutation(shown);
      return this.#send("", undefined);
    }
    if (!view.hasPush && view.channel?.isLagging() === true) return this.#holdBack();
    if (!this.#isDirty) return this.#complete("", undefined, undefined);
    this.#isDirty = false;
    view.startRender();
    this.#streams?.begin();
    let change: Change | Promise<Change>;
    try {
      change = view.view.renderer.next(shown, this.#context, view, this);
    } catch (error) {
      return view.crash(error);
    }
    if (change instanceof Promise) view.awaitRender(change, "show");
    else this.#show(change);
  }

  #renderFirst(): void {
    const view = this.#view;
    this.#isDirty = false;
    view.startRender();
    this.#streams?.begin();
    let shown: Shown | Promise<Shown>;
    try {
      shown = view.view.renderer.first(this.#context, view);
    } catch (error) {
      return view.crash(error);
    }
    if (shown instanceof Promise) view.awaitRender(shown, "showFirst");
    else this.#showFirst(shown);
  }

  /** @param result what was promised for this step: by the renderer, or with the components */
  resume(step: RenderStep, result: unknown): void {
    switch (step) {
      case "showFirst":
        return this.#showFirst(result as Shown);
      case "first":
        return this.#first(result as string);
      case "show":
        return this.#show(result as Change);
      case "send":
        return this.#sendChecked(result as string);
    }
  }

  #showFirst(shown: Shown): void {
    this.#shown = shown;
    this.#adopt(shown);
    let content: string | Promise<string>;
    try {
      content = this.#view.channel === undefined ? this.#firstHtml(shown) : this.#firstJson(shown);
    } catch (error) {
      return this.#view.crash(error);
    }
    if (content instanceof Promise) this.#view.awaitRender(content, "first");
    else this.#first(content);
  }

  #firstJson(shown: Shown): string | Promise<string> {
    const tree = shownJson(shown, this);
    const entries = "context" in shown ? "" : (this.#components?.settle(shown) ?? "");
    return typeof entries === "string"
      ? withEntries(tree, entries)
      : entries.then((settled) => withEntries(tree, settled));
  }

  #firstHtml(shown: Shown): string | Promise<string> {
    if ("context" in shown) return shownHtml(shown);
    const nested = this.#view.createNestedHtml(() => this.#shownTrees());
    const html = shownHtml(shown, { htmlOf: (place) => String(this.place(place, shown)) }, nested);
    const whole = this.#components?.settleHtml(shown, nested) ?? html;
    return typeof whole === "string" ? nested.fill(whole) : whole.then((settled) => nested.fill(settled));
  }

  #first(content: string): void {
    this.#streams?.end();
    try {
      this.#checkComponents();
      this.#nested?.endMessage();
    } catch (error) {
      return this.#view.crash(error);
    }
    this.#view.showFirst(content);
    this.#view.rest();
  }

  #show(change: Change): void {
    this.#shown = change.to;
    this.#adopt(change.to);
    this.#streams?.end();
    this.#complete(change.diff, change.shared, change.to);
  }

  /** Adds what has changed in live components, and sends it. */
  #complete(diff: string, shared: Change["shared"], to: Shown | undefined): void {
    const view = this.#view;
    if (this.#components === undefined && this.#nested === undefined) return this.#send(diff, shared);
    if (this.#components === undefined) return this.#sendChecked(diff);
    let entries: string | Promise<string>;
    try {
      entries = this.#components.settle(to === undefined || "context" in to ? undefined : to, diff !== "");
    } catch (error) {
      return view.crash(error);
    }
    if (typeof entries === "string") return this.#sendChecked(withEntries(diff, entries));
    view.awaitRender(
      entries.then((settled) => withEntries(diff, settled)),
      "send",
    );
  }

  #sendChecked(diff: string): void {
    try {
      this.#checkComponents();
      this.#nested?.endMessage();
    } catch (error) {
      return this.#view.crash(error);
    }
    this.#send(diff, undefined);
  }

  #checkComponents(): void {
    const shown = this.#shown;
    if (!this.#view.services.checks || shown === undefined || "context" in shown) return;
    this.#components?.checkPlaces(shown);
  }

  /** Lets go of what need not stay in memory now that it was rendered. */
  #adopt(shown: Shown): void {
    // Views in lockstep hold one context between them.
    if ("context" in shown) this.#context = shown.context;
    // What was assigned while an async render was awaited is for the next one.
    if (this.#fallbacks !== undefined && !this.#isDirty) this.#context = { ...this.#context, ...this.#fallbacks };
  }

  #send(diff: string, shared: Change["shared"]): void {
    const { channel, page } = this.#view;
    const ref = this.#view.takePush();
    const { hasNews } = page;
    if (ref !== undefined) {
      const whole = hasNews ? page.outbox.takeInto(diff) : diff;
      channel?.reply(ref, "ok", page.answerWith(whole));
    } else if (hasNews) {
      // An event for the page is no state, so it waits in the outbox only while it has to.
      if (diff === "" && channel?.isLagging() === true) return this.#holdBack();
      channel?.push(DIFF_EVENT, page.outbox.takeInto(diff));
    } else if (diff !== "") {
      if (shared === undefined) channel?.push(DIFF_EVENT, diff);
      else this.#pushShared(diff, shared);
    }
    if (this.#components?.needsAnotherMessage === true) this.#complete("", undefined, undefined);
    else this.#view.rest();
  }

  #pushShared(diff: string, shared: { frame: PreparedFrame | undefined }): void {
    const { channel } = this.#view;
    if (channel === undefined) return;
    // The frame names the topic of all pages' own views.
    if (channel.topic !== MAIN_TOPIC) return channel.push(DIFF_EVENT, diff);
    shared.frame ??= new PreparedFrame(encodePush(null, channel.topic, DIFF_EVENT, diff));
    channel.pushPrepared(shared.frame);
  }

  /** The client lags: what is behind is state, so it is rendered once when the client has caught up. */
  #holdBack(): void {
    const { services, channel } = this.#view;
    services.counters.rendersSkipped++;
    if (!this.#isHeld) {
      this.#isHeld = true;
      channel?.hold();
    }
    this.#limitWaitingItems();
    this.#view.rest();
  }

  /** In development: a context that was not assigned must still render what the page shows. */
  #reportMutation(shown: Shown): void {
    // After a render, values that were assigned for it alone are not in the context any more.
    if (this.#fallbacks !== undefined) return;
    const view = this.#view;
    const context = this.#context;
    const compare = (fresh: Rendered): void => {
      if (view.isEnded || this.#isDirty || this.#context !== context || this.#shown !== shown) return;
      if (shownHtml(fresh) === shownHtml(shown)) return;
      view.report(mutatedInPlace(view.name));
    };
    const failed = (error: unknown): void => view.report(error);
    const streams = this.#streams;
    streams?.open();
    try {
      const fresh = view.view.renderer.fresh(context, view);
      if (fresh instanceof Promise) {
        fresh
          .finally(() => streams?.close())
          .then(compare)
          .catch(failed);
        return;
      }
      compare(fresh);
    } catch (error) {
      failed(error);
    }
    streams?.close();
  }
}

/** Puts the entries of components into a diff; both are JSON text, and empty if there is nothing to say. */
function withEntries(diff: string, entries: string): string {
  if (entries === "") return diff;
  return diff === "" ? `{${entries}}` : `${diff.slice(0, -1)},${entries}}`;
}

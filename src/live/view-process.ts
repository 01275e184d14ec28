import type { Channel, Member } from "../channel/channel.ts";
import { LiveError } from "../errors.ts";
import {
  DIFF_EVENT,
  CLEAR_FLASH_EVENT,
  LIVE_PATCH_EVENT,
  LIVE_REDIRECT_EVENT,
  REDIRECT_EVENT,
  VIEW_EVENT,
} from "../protocol/keys.ts";
import { encodePush } from "../protocol/frames.ts";
import type { DecodeResult } from "../protocol/decode.ts";
import { decodeEvent, decodeLivePatch, type ClientEvent } from "../protocol/payloads.ts";
import { PreparedFrame } from "../transport/prepared-frame.ts";
import { toViewEvent, type ViewEvent } from "./client-message.ts";
import { externalDestination, localDestination } from "./destination.ts";
import { statusOf } from "./error-pages.ts";
import { Lane } from "./lane.ts";
import type { NavigateOptions, Query } from "./live-socket.ts";
import type { AnyMessage } from "./messages.ts";
import { PageOutbox } from "./page-outbox.ts";
import type { Ready } from "./ready-ring.ts";
import type { Flash } from "./render-meta.ts";
import type { Rendered } from "../html/rendered.ts";
import { isThenable, shownHtml, type Change, type Shown } from "./renderer.ts";
import { LIVE, type Info, type TopicMember } from "./topic-hub.ts";
import type { MetaSource } from "./view-meta.ts";
import type { Callback, MountRequest, ViewServices } from "./view-services.ts";
import { ViewSocket } from "./view-socket.ts";
import { ViewTimers } from "./view-timers.ts";

/** Where a callback wants the page to go. The last wish of a callback counts. */
export type Navigation =
  | { readonly kind: "patch"; readonly to: string; readonly replace: boolean }
  | { readonly kind: "navigate"; readonly to: string; readonly replace: boolean }
  | { readonly kind: "redirect"; readonly to: string };

/** How a mount ended. After anything but `rendered` the process is over. */
export type Mounted =
  | {
      readonly outcome: "rendered";
      readonly shown: Shown;
      readonly patchedTo: Extract<Navigation, { kind: "patch" }> | undefined;
    }
  | { readonly outcome: "left"; readonly navigation: Navigation }
  | { readonly outcome: "failed"; readonly error: unknown };

/** A push of the client that waits for its turn. */
type ClientPush =
  | { readonly kind: "event"; readonly ref: string; readonly event: ClientEvent }
  | { readonly kind: "patch"; readonly ref: string; readonly url: string }
  | { readonly kind: "clear-flash"; readonly ref: string; readonly key: string | undefined };

interface WaitingPush {
  readonly push: ClientPush;
  /** How many of the infos that were queued when its turn came are still to be handled before it. `-1`: not counted yet. */
  infosBefore: number;
}

/** What follows once a callback, a schema or a render is done. Names instead of closures: a view lives long and idles. */
type Next = "handleParams" | "proceed" | "check" | "reply" | "settle" | "showFirst" | "show";

/** The most infos that a view handles before it renders and lets others run. */
const INFOS_PER_TURN = 256;
/** How often `handleParams` may patch on before it counts as a loop. */
const PATCHES_PER_CALLBACK = 20;
/** How many pushed events may wait for a client that lags. */
const MAX_WAITING_PAGE_EVENTS = 1000;
/** A callback that keeps the process from doing anything else for longer is logged, in milliseconds. */
const SLOW_CALLBACK_MS = 50;

const NO_FLASH: Flash = Object.freeze({});

/**
 * One mounted view: an actor with a mailbox of two lanes, infos and events.
 *
 * - One callback runs at a time, to its end; what arrives meanwhile waits in its lane, in order.
 * - Before an event is handled, so are the infos that were queued when its turn came: a count taken once, so that later
 *   infos cannot starve it.
 * - Infos never run on the sender's stack: they put the view on the ready ring. An event for a view with nothing else to
 *   do runs at once.
 * - After a turn the context is rendered once, and what changed is sent: in the event's reply, or as a push.
 *
 * In the dead render there is no channel: the process mounts, renders, and is over.
 */
export class ViewProcess implements Ready, Member, TopicMember, MetaSource {
  readonly id: string;
  readonly #services: ViewServices;
  readonly #request: MountRequest;
  readonly #channel: Channel | undefined;
  readonly #infos = new Lane<Info>();
  readonly #pushes = new Lane<WaitingPush>();
  readonly #socket: ViewSocket;
  #context: Readonly<Record<string, unknown>>;
  #fallbacks: Record<string, unknown> | undefined;
  #url: string;
  #urlObject: URL | undefined;
  #flash: Flash;
  #navigation: Navigation | undefined;
  #patches = 0;
  #mountPatch: Extract<Navigation, { kind: "patch" }> | undefined;
  #outbox: PageOutbox | undefined;
  #timers: ViewTimers | undefined;
  #topics: Set<string> | undefined;
  #pendingSubscriptions: Promise<unknown>[] | undefined;
  #shown: Shown | undefined;
  #onMounted: ((mounted: Mounted) => void) | undefined;
  /** Infos left to handle in this turn, and the push that ends it. */
  #infosLeft = 0;
  #current: ClientPush | undefined;
  /** Why the view has to end in its next turn. */
  #failure: LiveError | undefined;
  #waitingTicks: Set<Info> | undefined;
  /** What was put into the flash since the turn began. */
  #newFlash: Flash | undefined;
  #isDirty = true;
  /** A callback or a render runs or is awaited; nothing else of this view may start. */
  #isBusy = true;
  #isQueued = false;
  #isHeld = false;
  #isEnded = false;
  #callback: Callback = "mount";
  #messageType: string | undefined;
  /** When the code that runs now got the thread. */
  #startedMs = 0;
  title: string | undefined;

  constructor(services: ViewServices, request: MountRequest, channel: Channel | undefined) {
    this.id = services.newId();
    this.#services = services;
    this.#request = request;
    this.#channel = channel;
    this.#url = request.url;
    this.#flash = request.flash ?? NO_FLASH;
    this.#context = { ...request.view.definition.initial };
    this.#socket = new ViewSocket(this);
    services.counters.views++;
  }

  // ── life ──

  /** Runs mount, handleParams and the first render. `done` is called once, at once if all of them are synchronous. */
  mount(done: (mounted: Mounted) => void): void {
    this.#onMounted = done;
    this.#startedMs = this.#services.now();
    this.#call("mount", "handleParams");
  }

  /** Ends the view and frees what it holds. Later calls do nothing. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#infos.clear();
    this.#pushes.clear();
    this.#timers?.clear();
    if (this.#topics !== undefined) {
      for (const topic of this.#topics) void this.#services.topics.unsubscribe(topic, this);
      this.#topics.clear();
    }
    this.#services.counters.views--;
    this.#shutdown();
  }

  #shutdown(): void {
    const { definition } = this.#request.view;
    if (definition.shutdown === undefined || this.#channel === undefined) return;
    const failed = (error: unknown): void => this.#report(error, "shutdown");
    try {
      const result = definition.shutdown(this.id, this.#context);
      if (isThenable(result)) result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  // ── Member: from the channel ──

  closed(): void {
    this.end();
  }

  drained(): void {
    this.#isHeld = false;
    this.#queue();
  }

  receive(event: string, ref: string, payload: unknown): void {
    const decoded = this.#decode(event, ref, payload);
    if (!decoded.ok) {
      this.#services.warn(`refused "${event}" from the page of ${this.name}: ${decoded.reason}`);
      this.#channel?.reply(ref, "ok", "{}");
      return;
    }
    if (!this.#isBusy && this.#infos.length === 0 && this.#pushes.length === 0) {
      this.#current = decoded.value;
      return this.#begin();
    }
    this.#pushes.push({ push: decoded.value, infosBefore: -1 });
    const { maxMailboxEvents } = this.#services.limits;
    if (this.#pushes.length > maxMailboxEvents) this.#overflow(`${maxMailboxEvents} events`, "maxMailboxEvents");
    else this.#queue();
  }

  #decode(event: string, ref: string, payload: unknown): DecodeResult<ClientPush> {
    if (event === LIVE_PATCH_EVENT) {
      const decoded = decodeLivePatch(payload);
      return decoded.ok ? { ok: true, value: { kind: "patch", ref, url: decoded.value.url } } : decoded;
    }
    if (event !== VIEW_EVENT) return { ok: false, reason: "a view knows no such message" };
    const decoded = decodeEvent(payload, this.#services.paramLimits);
    if (!decoded.ok) return decoded;
    const { value } = decoded;
    if (value.cid !== undefined) return { ok: false, reason: "the component is not on the page" };
    if (value.event === CLEAR_FLASH_EVENT)
      return { ok: true, value: { kind: "clear-flash", ref, key: flashKey(value.value) } };
    if (value.event.startsWith("lv:")) return { ok: false, reason: 'event names that begin with "lv:" are reserved' };
    return { ok: true, value: { kind: "event", ref, event: value } };
  }

  // ── TopicMember, timers and the view itself: into the mailbox ──

  receiveInfo(info: Info): void {
    // Nobody reads the mailbox of a dead render.
    if (this.#isEnded || this.#channel === undefined || this.#failure !== undefined) return;
    this.#infos.push(info);
    const { maxMailboxInfos } = this.#services.limits;
    if (this.#infos.length > maxMailboxInfos) this.#overflow(`${maxMailboxInfos} infos`, "maxMailboxInfos");
    else this.#queue();
  }

  /** As `receiveInfo`, for a timer: skipped while its predecessor, the same object, still waits. */
  receiveTick(info: Info): void {
    this.#waitingTicks ??= new Set();
    if (this.#waitingTicks.has(info)) return;
    this.#waitingTicks.add(info);
    this.receiveInfo(info);
  }

  /** The view ends in a turn of its own: whoever filled the mailbox must not run the view's code. */
  #overflow(count: string, limit: string): void {
    this.#failure = new LiveError(
      "view.mailbox-overflow",
      `More than ${count} wait for ${this.name} (limits.${limit}), so it ends and mounts anew. Broadcast less often, or make its callbacks faster.`,
    );
    this.#infos.clear();
    this.#pushes.clear();
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#services.ring.add(this);
  }

  #queue(): void {
    // A busy view looks after its mailbox itself when it is done.
    if (this.#isQueued || this.#isBusy || this.#isEnded) return;
    this.#isQueued = true;
    this.#services.ring.add(this);
  }

  // ── turns ──

  turn(): void {
    this.#isQueued = false;
    if (this.#isEnded) return;
    if (this.#failure !== undefined) return this.#crash(this.#failure);
    if (this.#isBusy) return;
    const waiting = this.#pushes.peek();
    if (waiting === undefined) {
      this.#infosLeft = Math.min(this.#infos.length, INFOS_PER_TURN);
    } else {
      if (waiting.infosBefore < 0) waiting.infosBefore = this.#infos.length;
      this.#infosLeft = Math.min(waiting.infosBefore, INFOS_PER_TURN);
      waiting.infosBefore -= this.#infosLeft;
      if (waiting.infosBefore === 0) this.#current = this.#pushes.shift()?.push;
    }
    this.#begin();
  }

  #begin(): void {
    this.#isBusy = true;
    this.#startedMs = this.#services.now();
    this.#proceed();
  }

  /** Handles what this turn still has to; comes back here after each callback that had to be awaited. */
  #proceed(): void {
    while (this.#infosLeft > 0) {
      this.#infosLeft--;
      const info = this.#infos.shift();
      if (info !== undefined && !this.#handleInfo(info)) return;
    }
    if (this.#current === undefined) this.#settle();
    else this.#handlePush(this.#current);
  }

  /** @returns whether the callback is done and the turn may go on */
  #handleInfo(info: Info): boolean {
    const { definition, name } = this.#request.view;
    if (definition.handleInfo === undefined) {
      this.#services.warn(`${name} got the info "${info.type}" but has no handleInfo; add one or do not subscribe`);
      return true;
    }
    this.#callback = "handleInfo";
    this.#messageType = info.type;
    this.#waitingTicks?.delete(info);
    let result: unknown;
    try {
      // An info is a message with any other fields: views say which, and their subscriptions were checked for it.
      result = definition.handleInfo(info as AnyMessage, this.#socket);
    } catch (error) {
      this.#crash(error);
      return false;
    }
    if (!isThenable(result) && this.#pendingSubscriptions === undefined) return !this.#isEnded;
    this.#await(result, "proceed");
    return false;
  }

  #handlePush(push: ClientPush): void {
    switch (push.kind) {
      case "event":
        return this.#handleEvent(push.event);
      case "patch":
        return this.#handlePatch(push.ref, push.url);
      case "clear-flash":
        this.clearFlash(push.key);
        return this.#settle();
    }
  }

  #handleEvent(event: ClientEvent): void {
    this.#callback = "handleEvent";
    this.#messageType = event.event;
    const checked = toViewEvent(event, this.#request.view.definition.events);
    if (checked instanceof Promise) this.#await(checked, "check");
    else this.#handleChecked(event, checked);
  }

  #handleChecked(event: ClientEvent, checked: DecodeResult<ViewEvent>): void {
    const { name, definition } = this.#request.view;
    if (!checked.ok) {
      this.#services.warn(`refused the event "${event.event}" of ${name}: ${checked.reason}`);
      return this.#settle();
    }
    if (definition.handleEvent === undefined) return this.#crash(noHandler(event, name));
    let result: unknown;
    try {
      result = definition.handleEvent(checked.value, this.#socket);
    } catch (error) {
      return this.#crash(error);
    }
    this.#after(result, "reply");
  }

  #takeReply(result: unknown): void {
    if (typeof result === "object" && result !== null && "reply" in result) this.#outgoing.reply(result.reply);
    this.#settle();
  }

  #handlePatch(ref: string, url: string): void {
    const target = this.#services.locate(url, this.#request.view);
    if (target === undefined) {
      // The client then reaches that page by a live navigation, or by loading it.
      this.#current = undefined;
      this.#channel?.reply(ref, "ok", '{"link_redirect":true}');
      return this.#settle();
    }
    this.clearFlash();
    this.#moveTo(target.href);
    this.#call("handleParams", "settle");
  }

  /** Callbacks are done: goes where they want to go, else renders. */
  #settle(): void {
    const navigation = this.#navigation;
    if (navigation === undefined) return this.#render();
    this.#navigation = undefined;
    if (navigation.kind !== "patch") return this.#leaveFor(navigation);
    if (++this.#patches > PATCHES_PER_CALLBACK) {
      return this.#crash(
        new LiveError(
          "view.patch-loop",
          `handleParams of ${this.name} called socket.pushPatch ${PATCHES_PER_CALLBACK} times in a row; the last was to ${navigation.to}. Patch only when the URL is not yet what it should be.`,
        ),
      );
    }
    if (this.#shown === undefined) {
      this.#mountPatch = navigation;
      // A browser that is about to be told to go elsewhere does not need the page.
      if (this.#channel === undefined) return this.#finishMount({ outcome: "left", navigation });
    } else {
      this.#channel?.push(
        LIVE_PATCH_EVENT,
        JSON.stringify({ to: navigation.to, kind: navigation.replace ? "replace" : "push" }),
      );
    }
    // Of the flash, only what this very callback put survives a patch.
    this.#flash = this.#newFlash ?? NO_FLASH;
    this.#moveTo(new URL(navigation.to, this.#url).href);
    this.#call("handleParams", "settle");
  }

  #leaveFor(navigation: Exclude<Navigation, { kind: "patch" }>): void {
    if (this.#shown === undefined) return this.#finishMount({ outcome: "left", navigation });
    const answer = navigationAnswer(navigation, this.#flashToken());
    if (this.#outbox?.hasEvents === true) this.#channel?.push(DIFF_EVENT, `{"e":${this.#outbox.takeEvents()}}`);
    if (this.#current !== undefined) this.#channel?.reply(this.#current.ref, "ok", JSON.stringify(answer));
    else if (navigation.kind === "redirect") this.#channel?.push(REDIRECT_EVENT, JSON.stringify(answer["redirect"]));
    else this.#channel?.push(LIVE_REDIRECT_EVENT, JSON.stringify(answer["live_redirect"]));
    this.#channel?.close();
    this.end();
  }

  // ── rendering ──

  #render(): void {
    this.#patches = 0;
    const shown = this.#shown;
    if (shown === undefined) return this.#renderFirst();
    if (!this.#isDirty) {
      if (this.#services.checks) this.#reportMutation(shown);
      return this.#send("", undefined);
    }
    if (this.#current === undefined && this.#channel?.isLagging() === true) return this.#holdBack();
    this.#isDirty = false;
    this.#callback = "render";
    let change: Change | Promise<Change>;
    try {
      change = this.#request.view.renderer.next(shown, this.#context, this);
    } catch (error) {
      return this.#crash(error);
    }
    if (change instanceof Promise) this.#await(change, "show");
    else this.#show(change);
  }

  #renderFirst(): void {
    this.#isDirty = false;
    this.#callback = "render";
    let shown: Shown | Promise<Shown>;
    try {
      shown = this.#request.view.renderer.first(this.#context, this);
    } catch (error) {
      return this.#crash(error);
    }
    if (shown instanceof Promise) this.#await(shown, "showFirst");
    else this.#showFirst(shown);
  }

  #showFirst(shown: Shown): void {
    this.#shown = shown;
    this.#adopt(shown);
    this.#finishMount({ outcome: "rendered", shown, patchedTo: this.#mountPatch });
    this.#mountPatch = undefined;
    this.#rest();
  }

  #finishMount(mounted: Mounted): void {
    const done = this.#onMounted;
    this.#onMounted = undefined;
    if (mounted.outcome !== "rendered") this.end();
    done?.(mounted);
  }

  #show(change: Change): void {
    this.#shown = change.to;
    this.#adopt(change.to);
    this.#send(change.diff, change.shared);
  }

  /** Lets go of what need not stay in memory now that it was rendered. */
  #adopt(shown: Shown): void {
    // Views in lockstep hold one context between them.
    if ("context" in shown) this.#context = shown.context;
    if (this.#fallbacks !== undefined) this.#context = { ...this.#context, ...this.#fallbacks };
  }

  #send(diff: string, shared: Change["shared"]): void {
    const push = this.#current;
    this.#current = undefined;
    const hasExtras = this.#outbox?.isEmpty === false;
    if (push !== undefined) {
      const whole = hasExtras ? this.#outgoing.takeInto(diff) : diff;
      this.#channel?.reply(push.ref, "ok", whole === "" ? "{}" : `{"diff":${whole}}`);
    } else if (hasExtras) {
      // An event for the page is no state, so it waits in the outbox only while it has to.
      if (diff === "" && this.#channel?.isLagging() === true) return this.#holdBack();
      this.#channel?.push(DIFF_EVENT, this.#outgoing.takeInto(diff));
    } else if (diff !== "") {
      if (shared === undefined) this.#channel?.push(DIFF_EVENT, diff);
      else this.#pushShared(diff, shared);
    }
    this.#rest();
  }

  #pushShared(diff: string, shared: { frame: PreparedFrame | undefined }): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    shared.frame ??= new PreparedFrame(encodePush(null, channel.topic, DIFF_EVENT, diff));
    channel.pushPrepared(shared.frame);
  }

  /** The client lags: what is behind is state, so it is rendered once when the client has caught up. */
  #holdBack(): void {
    this.#services.counters.rendersSkipped++;
    if (!this.#isHeld) {
      this.#isHeld = true;
      this.#channel?.hold();
    }
    this.#rest();
  }

  /** The turn is over. */
  #rest(): void {
    this.#isBusy = false;
    this.#newFlash = undefined;
    this.#watchTime();
    if (this.#isEnded) return;
    if (this.#infos.length > 0 || this.#pushes.length > 0 || (this.#isDirty && !this.#isHeld)) this.#queue();
  }

  // ── callbacks ──

  /** Runs a callback that gets no message. */
  #call(callback: "mount" | "handleParams", next: Next): void {
    const { view, session, params } = this.#request;
    this.#callback = callback;
    this.#messageType = undefined;
    let result: unknown;
    try {
      if (callback === "mount") result = view.definition.mount?.(this.#socket, session, params);
      else result = view.definition.handleParams?.(this.url, this.#socket);
    } catch (error) {
      return this.#crash(error);
    }
    this.#after(result, next);
  }

  /** `next` follows at once if the callback is done, else when what it returned has settled. */
  #after(result: unknown, next: Next): void {
    if (isThenable(result) || this.#pendingSubscriptions !== undefined) this.#await(result, next);
    else if (!this.#isEnded) this.#continue(next, result);
  }

  #continue(next: Next, result: unknown): void {
    switch (next) {
      case "handleParams":
        return this.#call("handleParams", "settle");
      case "proceed":
        return this.#proceed();
      case "check":
        // Awaited in `#handleEvent`: the result of the event's schema.
        if (this.#current?.kind === "event")
          this.#handleChecked(this.#current.event, result as DecodeResult<ViewEvent>);
        return;
      case "reply":
        return this.#takeReply(result);
      case "settle":
        return this.#settle();
      case "showFirst":
        // Awaited in `#renderFirst`: what the renderer promised.
        return this.#showFirst(result as Shown);
      case "show":
        // Awaited in `#render`: what the renderer promised.
        return this.#show(result as Change);
    }
  }

  /** Stays busy until `result`, and the subscriptions that nobody awaited, have settled. */
  #await(result: unknown, next: Next): void {
    this.#watchTime();
    const subscriptions = this.#pendingSubscriptions;
    this.#pendingSubscriptions = undefined;
    const settled =
      subscriptions === undefined ? result : Promise.all([result, ...subscriptions]).then(([first]) => first);
    Promise.resolve(settled)
      .then((value) => {
        if (this.#isEnded) return;
        this.#startedMs = this.#services.now();
        this.#after(value, next);
      })
      .catch((error: unknown) => this.#crash(error));
  }

  #crash(error: unknown): void {
    // An error with a status is how a mount says "not found" or "not allowed": an answer, not a failure.
    const isAnswer = this.#onMounted !== undefined && statusOf(error) !== undefined;
    if (!isAnswer) this.#report(error, this.#callback);
    // What a view that is gone still throws is news for the log only.
    if (this.#isEnded) return;
    if (this.#onMounted !== undefined) return this.#finishMount({ outcome: "failed", error });
    this.#services.showError(this.#channel, error, this.name, this.#callback);
    this.#channel?.crash();
    this.end();
  }

  #report(error: unknown, callback: Callback): void {
    this.#services.report(error, { view: this.name, callback, message: this.#messageType });
  }

  #watchTime(): void {
    const ms = this.#services.now() - this.#startedMs;
    if (ms <= SLOW_CALLBACK_MS) return;
    const message = this.#messageType === undefined ? "" : ` "${this.#messageType}"`;
    this.#services.warn(
      `${this.name} kept everybody waiting for ${Math.round(ms)} ms; the last to run was ${this.#callback}${message}. Await slow work, or do it elsewhere.`,
    );
  }

  /** In development: a context that was not assigned must still render what the page shows. */
  #reportMutation(shown: Shown): void {
    const context = this.#context;
    const compare = (fresh: Rendered): void => {
      if (this.#isEnded || this.#isDirty || this.#context !== context || this.#shown !== shown) return;
      if (shownHtml(fresh) === shownHtml(shown)) return;
      this.#services.report(mutatedInPlace(this.name), {
        view: this.name,
        callback: this.#callback,
        message: this.#messageType,
      });
    };
    const failed = (error: unknown): void => this.#report(error, "render");
    if (this.#fallbacks !== undefined) return;
    try {
      const fresh = this.#request.view.renderer.fresh(context, this);
      if (fresh instanceof Promise) fresh.then(compare).catch(failed);
      else compare(fresh);
    } catch (error) {
      failed(error);
    }
  }

  // ── for the socket ──

  get isConnected(): boolean {
    return this.#channel !== undefined;
  }

  get staticChanged(): boolean {
    return this.#request.staticChanged;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get context(): Readonly<Record<string, unknown>> {
    return this.#context;
  }

  get url(): URL {
    return (this.#urlObject ??= new URL(this.#url));
  }

  get csrfToken(): string {
    return this.#request.csrfToken;
  }

  get flash(): Flash {
    return this.#flash;
  }

  assign(values: object): void {
    if (!this.#differs(values)) return;
    this.#context = { ...this.#context, ...values };
    this.#touch();
  }

  #differs(values: object): boolean {
    const context = this.#context;
    for (const [key, value] of Object.entries(values)) {
      if (!Object.is(context[key], value) || !(key in context)) return true;
    }
    return false;
  }

  /** Has the page rendered: at the end of the turn, or in a turn of its own if none is under way. */
  #touch(): void {
    this.#isDirty = true;
    if (!this.#isHeld) this.#queue();
  }

  tempAssign(fallbacks: object): void {
    this.#fallbacks = { ...this.#fallbacks, ...fallbacks };
    const missing = Object.entries(fallbacks).filter(([key]) => !(key in this.#context));
    if (missing.length > 0) this.assign(Object.fromEntries(missing));
  }

  get timers(): ViewTimers {
    return (this.#timers ??= new ViewTimers());
  }

  subscribe(topic: string): Promise<void> {
    if (this.#channel === undefined || this.#isEnded) return LIVE;
    this.#topics ??= new Set();
    this.#topics.add(topic);
    const live = this.#services.topics.subscribe(topic, this);
    if (live === LIVE) return live;
    (this.#pendingSubscriptions ??= []).push(live);
    return live;
  }

  unsubscribe(topic: string): Promise<void> {
    if (this.#topics?.delete(topic) !== true) return LIVE;
    return this.#services.topics.unsubscribe(topic, this);
  }

  broadcast(topic: string, message: unknown): Promise<void> {
    return this.#services.pubSub.broadcast<string>(topic, message);
  }

  broadcastFrom(topic: string, message: unknown): Promise<void> {
    return this.#services.pubSub.broadcastFrom<string>(this, topic, message);
  }

  pageTitle(title: string): void {
    this.title = title;
    this.#outgoing.title = title;
    this.#queue();
  }

  pushEvent(name: string, payload: object): void {
    if (this.#isEnded) return;
    const waiting = this.#outgoing.pushEvent(name, payload);
    if (waiting > MAX_WAITING_PAGE_EVENTS) {
      return this.#overflow(`${MAX_WAITING_PAGE_EVENTS} pushed events`, "lagSoftBytes");
    }
    this.#queue();
  }

  /** Puts the title and the events that wait into what the join sends. */
  takeExtras(rendered: string): string {
    return this.#outbox?.takeInto(rendered) ?? rendered;
  }

  /** For logs: the path of its route. */
  get name(): string {
    return this.#request.view.name;
  }

  get #outgoing(): PageOutbox {
    return (this.#outbox ??= new PageOutbox());
  }

  pushPatch(path: string, query: Query | undefined, options: NavigateOptions | boolean | undefined): void {
    const to = localDestination(path, query, this.url.pathname);
    if (this.#services.locate(new URL(to, this.#url).href, this.#request.view) === undefined) {
      throw new LiveError(
        "view.invalid-destination",
        `socket.pushPatch("${path}") leads away from ${this.name}: a patch stays in its view. Use socket.pushNavigate for another view of this app.`,
      );
    }
    this.#go({ kind: "patch", to, replace: isReplace(options) });
  }

  pushNavigate(path: string, query: Query | undefined, options: NavigateOptions | boolean | undefined): void {
    this.#go({ kind: "navigate", to: localDestination(path, query, this.url.pathname), replace: isReplace(options) });
  }

  redirect(to: string): void {
    this.#go({ kind: "redirect", to: externalDestination(to) });
  }

  #go(navigation: Navigation): void {
    if (this.#isEnded) return;
    this.#navigation = navigation;
    this.#queue();
  }

  #moveTo(href: string): void {
    this.#url = href;
    this.#urlObject = undefined;
    this.#isDirty = true;
  }

  putFlash(kind: string, message: string): void {
    this.#newFlash = { ...this.#newFlash, [kind]: message };
    if (this.#flash[kind] === message) return;
    this.#flash = { ...this.#flash, [kind]: message };
    this.#touch();
  }

  clearFlash(kind?: string): void {
    if (kind === undefined ? Object.keys(this.#flash).length === 0 : this.#flash[kind] === undefined) return;
    this.#flash =
      kind === undefined ? NO_FLASH : Object.fromEntries(Object.entries(this.#flash).filter(([key]) => key !== kind));
    this.#touch();
  }

  #flashToken(): string | undefined {
    return Object.keys(this.#flash).length === 0 ? undefined : this.#services.signFlash(this.#flash);
  }
}

function flashKey(value: unknown): string | undefined {
  return typeof value === "object" && value !== null && "key" in value && typeof value.key === "string"
    ? value.key
    : undefined;
}

function isReplace(options: NavigateOptions | boolean | undefined): boolean {
  return typeof options === "object" ? options.replace === true : options === true;
}

/** A navigation as the client knows it, in replies to events and to joins. */
export function navigationAnswer(
  navigation: Exclude<Navigation, { kind: "patch" }>,
  flash: string | undefined,
): { readonly [kind: string]: object } {
  const flashPart = flash === undefined ? {} : { flash };
  if (navigation.kind === "redirect") return { redirect: { to: navigation.to, ...flashPart } };
  return { live_redirect: { to: navigation.to, kind: navigation.replace ? "replace" : "push", ...flashPart } };
}

function noHandler(event: ClientEvent, view: string): LiveError {
  return new LiveError(
    "view.no-handler",
    `
The browser sent "${event.event}" to ${view}, which has no handleEvent.
Add one, or remove the phx-… attribute that sends it from its template:

    handleEvent: (event, socket) => { /* event.type is ${JSON.stringify(event.event)} */ }
`.trim(),
  );
}

function mutatedInPlace(view: string): LiveError {
  return new LiveError(
    "render.mutated-in-place",
    `
${view} would now render something else than its page shows, but nothing was assigned. A value of its context was
changed in place, or its render reads something besides the context. The page stays as it is until the next assign.

Make a new value and assign it, so that the change is seen:

    socket.assign({ items: [...socket.context.items, item] });   // not: socket.context.items.push(item)
`.trim(),
  );
}

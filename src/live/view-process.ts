import type { Channel, Member } from "../channel/channel.ts";
import type { LiveError } from "../errors.ts";
import { withRenderChecks } from "../html/checks.ts";
import type { DecodeResult } from "../protocol/decode.ts";
import { LIVE_PATCH_EVENT } from "../protocol/keys.ts";
import type { ClientEvent } from "../protocol/payloads.ts";
import type { Awaiting } from "./activity.ts";
import { toViewEvent, type ViewEvent } from "./client-message.ts";
import { decodeClientPush, type ClientPush } from "./client-push.ts";
import { Display, type DisplayedView, type RenderStep } from "./display.ts";
import { statusOf } from "./error-pages.ts";
import { Mailbox } from "./mailbox.ts";
import type { AnyMessage } from "./messages.ts";
import { patchPayload, type Leaving, type Navigation, type Patch } from "./navigation.ts";
import { PageState } from "./page-state.ts";
import type { Ready } from "./ready-ring.ts";
import type { Flash } from "./render-meta.ts";
import { isThenable, type Shown } from "./renderer.ts";
import { LIVE, type Info, type TopicMember } from "./topic-hub.ts";
import { mailboxOverflow, noHandler, patchLoop, unreadPageEvents } from "./view-errors.ts";
import { sendAway, type NavigatingView } from "./view-navigation.ts";
import type { Callback, MountableView, MountRequest, ViewServices } from "./view-services.ts";
import { ViewSocket, type SocketActions } from "./view-socket.ts";
import { ViewSubscriptions } from "./view-subscriptions.ts";
import { ViewTimers } from "./view-timers.ts";

/** How a mount ended. After anything but `rendered` the process is over. */
export type Mounted =
  | { readonly outcome: "rendered"; readonly shown: Shown; readonly patchedTo: Patch | undefined }
  | { readonly outcome: "left"; readonly navigation: Navigation }
  | { readonly outcome: "failed"; readonly error: unknown };

/** What follows once a callback, a schema or a render is done. Names instead of closures: a view lives long and idles. */
type Next = "handleParams" | "proceed" | "check" | "reply" | "settle" | RenderStep;

/** What a view needs until it is mounted. */
interface Mounting {
  readonly request: MountRequest;
  done: ((mounted: Mounted) => void) | undefined;
  /** Where `handleParams` has patched the page to. */
  patchedTo: Patch | undefined;
}

/** How often `handleParams` may patch on before it counts as a loop. */
const PATCHES_PER_CALLBACK = 20;
/** How many pushed events may wait for a client that lags. */
const MAX_WAITING_PAGE_EVENTS = 1000;
/** A callback that keeps the process from doing anything else for longer is logged, in milliseconds. */
const SLOW_CALLBACK_MS = 50;

/**
 * One mounted view: an actor with a mailbox.
 *
 * - One callback runs at a time, to its end; what arrives meanwhile waits in the mailbox, in order.
 * - Infos never run on the sender's stack: they put the view on the ready ring. An event for a view with nothing else to
 *   do runs at once.
 * - After a turn the context is rendered once, and what changed is sent: in the event's reply, or as a push.
 * - What is synchronous costs no promise.
 *
 * In the dead render there is no channel: the process mounts, renders, and is over.
 */
export class ViewProcess implements Ready, Member, TopicMember, Awaiting, DisplayedView, NavigatingView, SocketActions {
  readonly id: string;
  readonly services: ViewServices;
  readonly view: MountableView;
  readonly channel: Channel | undefined;
  /** Its address, title and flash, and what it shall be told. */
  readonly page: PageState;
  /** The context, and what the page shows of it. */
  readonly display: Display;
  readonly staticChanged: boolean;
  readonly #cookieId: string;
  readonly #mailbox = new Mailbox();
  readonly #socket: ViewSocket;
  #timers: ViewTimers | undefined;
  #subscriptions: ViewSubscriptions | undefined;
  /** Let go of when the mount is done. */
  #mounting: Mounting | undefined;
  /** How often `handleParams` has patched on since a callback that was called for something else. */
  #patches = 0;
  /** The push that the turn at hand will answer. */
  #current: ClientPush | undefined;
  /** Why the view has to end in its next turn. */
  #failure: LiveError | undefined;
  /** A callback or a render runs or is awaited; nothing else of this view may start. */
  #isBusy = true;
  #isQueued = false;
  #isEnded = false;
  /** What ran last, for logs. */
  #callback: Callback = "mount";
  #messageType: string | undefined;
  /** When the code that runs now got the thread. */
  #startedMs = 0;

  constructor(services: ViewServices, request: MountRequest, channel: Channel | undefined) {
    this.id = services.newId();
    this.services = services;
    this.view = request.view;
    this.channel = channel;
    this.page = new PageState(request.url, request.flash);
    this.display = new Display(this, request.view.definition.initial);
    this.staticChanged = request.staticChanged;
    this.#cookieId = request.cookieId;
    this.#mounting = { request, done: undefined, patchedTo: undefined };
    this.#socket = new ViewSocket(this);
    services.counters.views++;
  }

  /** For logs: the path of its route. */
  get name(): string {
    return this.view.name;
  }

  // ── life ──

  /** Runs mount, handleParams and the first render. `done` is called once, at once if all of them are synchronous. */
  mount(done: (mounted: Mounted) => void): void {
    if (this.#mounting !== undefined) this.#mounting.done = done;
    this.#startedMs = this.services.now();
    this.#call("mount", "handleParams");
  }

  /** Ends the view and frees what it holds. Later calls do nothing. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#mailbox.clear();
    this.#timers?.clear();
    this.#subscriptions?.clear();
    this.services.activity.awaiting.delete(this);
    this.services.counters.views--;
    this.#shutdown();
  }

  #shutdown(): void {
    const { definition } = this.view;
    if (definition.shutdown === undefined || this.channel === undefined) return;
    const failed = (error: unknown): void => this.#report(error, "shutdown");
    try {
      const result = definition.shutdown(this.id, this.display.context);
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
    this.display.release();
  }

  receive(event: string, ref: string, payload: unknown): void {
    const decoded = decodeClientPush(event, ref, payload, this.services.paramLimits);
    if (!decoded.ok) {
      this.services.warn(`refused "${event}" from the page of ${this.name}: ${decoded.reason}`);
      this.channel?.reply(ref, "ok", "{}");
      return;
    }
    // The page is about to be told that its view is gone.
    if (this.#failure !== undefined) return;
    if (!this.#isBusy && this.#mailbox.isEmpty) {
      this.#current = decoded.value;
      this.#mailbox.beginPush();
      return this.#begin();
    }
    this.#mailbox.addPush(decoded.value);
    this.#awaitTurn();
  }

  // ── into the mailbox: from topics, timers and the view itself ──

  receiveInfo(info: Info): void {
    if (!this.#takesInfos) return;
    this.#mailbox.addInfo(info);
    this.#awaitTurn();
  }

  /** As `receiveInfo`, for a timer: skipped while its predecessor, the same object, still waits. */
  receiveTick(info: Info): void {
    if (!this.#takesInfos) return;
    this.#mailbox.addTick(info);
    this.#awaitTurn();
  }

  /** Nobody reads the mailbox of a dead render, or of a view that is about to end. */
  get #takesInfos(): boolean {
    return this.channel !== undefined && !this.#isEnded && this.#failure === undefined;
  }

  #awaitTurn(): void {
    const limit = this.#mailbox.exceeds(this.services.limits);
    if (limit === undefined) this.queue();
    else this.#failLater(mailboxOverflow(this.name, limit, this.services.limits[limit]));
  }

  /** The view ends in a turn of its own: whoever filled the mailbox must not run the view's code. */
  #failLater(failure: LiveError): void {
    this.#failure = failure;
    this.#mailbox.clear();
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.services.ring.add(this);
  }

  queue(): void {
    // A busy view looks after its mailbox itself when it is done.
    if (this.#isQueued || this.#isBusy || this.#isEnded) return;
    this.#isQueued = true;
    this.services.ring.add(this);
  }

  // ── turns ──

  turn(): void {
    this.#isQueued = false;
    if (this.#isEnded) return;
    if (this.#failure !== undefined) return this.crash(this.#failure);
    if (this.#isBusy) return;
    this.#current = this.#mailbox.startTurn();
    this.#begin();
  }

  #begin(): void {
    this.#isBusy = true;
    this.#startedMs = this.services.now();
    this.#proceed();
  }

  /** The view has awaited something in the midst of its turn. */
  #resume(): void {
    // A push must not act on what is outdated by now.
    if (this.#current !== undefined) this.#mailbox.letIn();
    this.#proceed();
  }

  /** Handles what this turn still has to; comes back here after each callback that had to be awaited. */
  #proceed(): void {
    for (let info = this.#mailbox.takeInfo(); info !== undefined; info = this.#mailbox.takeInfo()) {
      if (!this.#handleInfo(info)) return;
    }
    if (this.#current === undefined) this.#settle();
    else this.#handlePush(this.#current);
  }

  /** @returns whether the callback is done and the turn may go on */
  #handleInfo(info: Info): boolean {
    const { definition, name } = this.view;
    if (definition.handleInfo === undefined) {
      this.services.warn(`${name} got the info "${info.type}" but has no handleInfo; add one or do not subscribe`);
      return true;
    }
    this.#callback = "handleInfo";
    this.#messageType = info.type;
    let result: unknown;
    try {
      // An info is a message with any other fields: views say which, and their subscriptions were checked for it.
      const message = info as AnyMessage;
      result = this.services.checks
        ? withRenderChecks(true, () => definition.handleInfo?.(message, this.#socket))
        : definition.handleInfo(message, this.#socket);
    } catch (error) {
      this.crash(error);
      return false;
    }
    if (!isThenable(result) && this.#subscriptions?.hasPending !== true) return !this.#isEnded;
    this.#await(result, "proceed");
    return false;
  }

  #handlePush(push: ClientPush): void {
    switch (push.kind) {
      case "event":
        return push.checked === undefined
          ? this.#handleEvent(push.event)
          : this.#handleChecked(push.event, push.checked);
      case "patch":
        return this.#handlePatch(push.ref, push.url);
      case "clear-flash":
        if (this.page.clearFlash(push.key)) this.display.touch();
        return this.#settle();
    }
  }

  #handleEvent(event: ClientEvent): void {
    this.#callback = "handleEvent";
    this.#messageType = event.event;
    let checked: DecodeResult<ViewEvent> | Promise<DecodeResult<ViewEvent>>;
    try {
      checked = toViewEvent(event, this.view.definition.events);
    } catch (error) {
      return this.crash(error);
    }
    if (checked instanceof Promise) this.#await(checked, "check");
    else this.#handleChecked(event, checked);
  }

  #handleChecked(event: ClientEvent, checked: DecodeResult<ViewEvent>): void {
    const { name, definition } = this.view;
    this.#callback = "handleEvent";
    this.#messageType = event.event;
    if (!checked.ok) {
      this.services.warn(`refused the event "${event.event}" of ${name}: ${checked.reason}`);
      return this.#settle();
    }
    if (definition.handleEvent === undefined) return this.crash(noHandler(event.event, name));
    let result: unknown;
    try {
      result = this.services.checks
        ? withRenderChecks(true, () => definition.handleEvent?.(checked.value, this.#socket))
        : definition.handleEvent(checked.value, this.#socket);
    } catch (error) {
      return this.crash(error);
    }
    this.#after(result, "reply");
  }

  #takeReply(result: unknown): void {
    try {
      if (typeof result === "object" && result !== null && "reply" in result) this.page.outbox.reply(result.reply);
    } catch (error) {
      // It cannot be written as JSON.
      return this.crash(error);
    }
    this.#settle();
  }

  #handlePatch(ref: string, url: string): void {
    const target = this.services.locate(url, this.view);
    if (target === undefined) {
      // The client then reaches that page by a live navigation, or by loading it.
      this.#current = undefined;
      this.channel?.reply(ref, "ok", '{"link_redirect":true}');
      return this.#settle();
    }
    if (this.page.clearFlash(undefined)) this.display.touch();
    this.#moveTo(target.href);
    this.#call("handleParams", "settle");
  }

  /** Callbacks are done: goes where they want to go, else renders. */
  #settle(): void {
    const navigation = this.page.takeNavigation();
    if (navigation === undefined) return this.#render();
    if (navigation.kind === "patch") this.#patch(navigation);
    else this.#leave(navigation);
  }

  #patch(patch: Patch): void {
    if (++this.#patches > PATCHES_PER_CALLBACK) {
      return this.crash(patchLoop(this.name, PATCHES_PER_CALLBACK, patch.to));
    }
    if (this.display.isShown) this.channel?.push(LIVE_PATCH_EVENT, JSON.stringify(patchPayload(patch)));
    // A browser that asks for a page is told to ask for the other one instead.
    else if (this.channel === undefined) return this.#finishMount({ outcome: "left", navigation: patch });
    else if (this.#mounting !== undefined) this.#mounting.patchedTo = patch;
    this.page.keepNewFlash();
    this.#moveTo(this.page.resolve(patch.to));
    this.#call("handleParams", "settle");
  }

  #leave(leaving: Leaving): void {
    if (!this.display.isShown) return this.#finishMount({ outcome: "left", navigation: leaving });
    sendAway(this, leaving, this.takePush());
    this.end();
  }

  #moveTo(href: string): void {
    this.page.moveTo(href);
    this.display.touch();
  }

  // ── rendering ──

  #render(): void {
    this.#patches = 0;
    this.display.render();
  }

  startRender(): void {
    this.#callback = "render";
  }

  awaitRender(promised: Promise<unknown>, step: RenderStep): void {
    this.#await(promised, step);
  }

  showFirst(shown: Shown): void {
    this.#finishMount({ outcome: "rendered", shown, patchedTo: this.#mounting?.patchedTo });
  }

  #finishMount(mounted: Mounted): void {
    const done = this.#mounting?.done;
    this.#mounting = undefined;
    if (mounted.outcome !== "rendered") this.end();
    done?.(mounted);
  }

  get hasPush(): boolean {
    return this.#current !== undefined;
  }

  takePush(): string | undefined {
    const ref = this.#current?.ref;
    this.#current = undefined;
    return ref;
  }

  rest(): void {
    this.#isBusy = false;
    this.page.endTurn();
    this.#watchTime();
    // The latter two by code outside of callbacks, while a render was awaited.
    if (!this.#mailbox.isEmpty || this.display.isBehind || this.page.hasNavigation) this.queue();
  }

  // ── callbacks ──

  /** Runs a callback that gets no message. */
  #call(callback: "mount" | "handleParams", next: Next): void {
    const { definition } = this.view;
    this.#callback = callback;
    this.#messageType = undefined;
    let result: unknown;
    try {
      if (callback === "handleParams") result = definition.handleParams?.(this.url, this.#socket);
      else if (this.#mounting !== undefined) {
        const { session, params } = this.#mounting.request;
        result = definition.mount?.(this.#socket, session, params);
      }
    } catch (error) {
      return this.crash(error);
    }
    this.#after(result, next);
  }

  /** `next` follows at once if the callback is done, else when what it returned has settled. */
  #after(result: unknown, next: Next): void {
    if (isThenable(result) || this.#subscriptions?.hasPending === true) this.#await(result, next);
    else if (!this.#isEnded) this.#continue(next, result);
  }

  #continue(next: Next, result: unknown): void {
    switch (next) {
      case "handleParams":
        // A mount that leads elsewhere need not have made what handleParams relies on.
        return this.page.hasNavigation ? this.#settle() : this.#call("handleParams", "settle");
      case "proceed":
        return this.#resume();
      case "check":
        // Awaited in `#handleEvent`: the result of the event's schema.
        if (this.#current?.kind === "event")
          this.#current = { ...this.#current, checked: result as DecodeResult<ViewEvent> };
        return this.#resume();
      case "reply":
        return this.#takeReply(result);
      case "settle":
        return this.#settle();
      case "showFirst":
      case "show":
        return this.display.resume(next, result);
    }
  }

  /** Stays busy until `result`, and the subscriptions that nobody awaited, have settled. */
  #await(result: unknown, next: Next): void {
    this.#watchTime();
    const subscriptions = this.#subscriptions?.takePending() ?? [];
    const settled =
      subscriptions.length === 0 ? result : Promise.all([result, ...subscriptions]).then(([first]) => first);
    this.services.activity.awaiting.add(this);
    Promise.resolve(settled)
      .then((value) => {
        if (this.#isEnded) return;
        this.services.activity.awaiting.delete(this);
        this.#startedMs = this.services.now();
        this.#after(value, next);
      })
      .catch((error: unknown) => this.crash(error));
  }

  crash(error: unknown): void {
    // An error with a status is how a mount says "not found" or "not allowed": an answer, not a failure.
    const isAnswer = this.#mounting !== undefined && statusOf(error) !== undefined;
    if (!isAnswer) this.report(error);
    // What a view that is gone still throws is news for the log only.
    if (this.#isEnded) return;
    if (this.#mounting !== undefined) return this.#finishMount({ outcome: "failed", error });
    this.services.showError(this.channel, error, this.name, this.#callback);
    this.channel?.crash();
    this.end();
  }

  report(error: unknown): void {
    this.#report(error, this.#callback);
  }

  #report(error: unknown, callback: Callback): void {
    this.services.report(error, { view: this.name, callback, message: this.#messageType });
  }

  #watchTime(): void {
    const ms = this.services.now() - this.#startedMs;
    if (ms <= SLOW_CALLBACK_MS) return;
    const message = this.#messageType === undefined ? "" : ` "${this.#messageType}"`;
    this.services.warn(
      `${this.name} kept everybody waiting for ${Math.round(ms)} ms; the last to run was ${this.#callback}${message}. Await slow work, or do it elsewhere.`,
    );
  }

  // ── for tests ──

  describeWork(): string {
    const message = this.#messageType === undefined ? "" : ` of "${this.#messageType}"`;
    return `${this.#callback}${message} in ${this.name}`;
  }

  /** Whether the definition has a place for an event of this name. */
  handles(event: string): boolean {
    const { handleEvent, events } = this.view.definition;
    return handleEvent !== undefined && (events === undefined || Object.hasOwn(events, event));
  }

  get definition(): object {
    return this.view.definition;
  }

  /** Ends the view as an exception in a callback does. */
  abort(failure: LiveError): void {
    if (!this.#isEnded) this.#failLater(failure);
  }

  // ── for renders and the socket ──

  get isConnected(): boolean {
    return this.channel !== undefined;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get url(): URL {
    return this.page.url;
  }

  get csrfToken(): string {
    return this.services.csrfToken(this.#cookieId);
  }

  get flash(): Flash {
    return this.page.flash;
  }

  get timers(): ViewTimers {
    return (this.#timers ??= new ViewTimers(this.services.activity));
  }

  subscribe(topic: string): Promise<void> {
    if (this.channel === undefined || this.#isEnded) return LIVE;
    this.#subscriptions ??= new ViewSubscriptions(this.services.topics, this);
    const live = this.#subscriptions.subscribe(topic);
    // Between turns nobody is there to await it, and a failure has to end the view nevertheless.
    if (!this.#isBusy) live.catch((error: unknown) => this.crash(error));
    return live;
  }

  unsubscribe(topic: string): Promise<void> {
    return this.#subscriptions?.unsubscribe(topic) ?? LIVE;
  }

  pushEvent(name: string, payload: object): void {
    // A dead render has a page that nobody listens on yet.
    if (this.#isEnded || this.channel === undefined || this.#failure !== undefined) return;
    const { outbox } = this.page;
    outbox.pushEvent(name, payload);
    const { maxUnsentBytes } = this.services.limits;
    if (outbox.eventCount > MAX_WAITING_PAGE_EVENTS) {
      this.#failLater(unreadPageEvents(this.name, `${MAX_WAITING_PAGE_EVENTS} events`));
    } else if (outbox.eventsLength > maxUnsentBytes) {
      this.#failLater(unreadPageEvents(this.name, `${maxUnsentBytes} bytes (limits.maxUnsentBytes)`));
    } else this.queue();
  }
}

import type { Channel, Member } from "../channel/channel.ts";
import type { LiveError } from "../errors.ts";
import { withRenderChecks } from "../html/checks.ts";
import { LIVE_PATCH_EVENT } from "../protocol/keys.ts";
import type { ClientEvent } from "../protocol/payloads.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import type { ViewCompanion } from "../view-life.ts";
import type { Awaiting } from "./activity.ts";
import type { AsyncOwner, AsyncWork } from "./async/async-work.ts";
import { toViewEvent, type ViewEvent } from "./client-message.ts";
import { decodeClientPush, type ClientPush } from "./client-push.ts";
import { MountHalt } from "./hooks/mounting.ts";
import { runMountHooks, type Admission, type HookedView } from "./hooks/mount-hooks.ts";
import { NO_HOOKS, runAfterRender, StageHooks, type CheckedEvent } from "./hooks/stage-hooks.ts";
import type { Params } from "./live-view.ts";
import { CallbackWatch } from "./callback-watch.ts";
import { Display, type DisplayedView, type RenderStep } from "./display.ts";
import { statusOf } from "./page-problem.ts";
import type { EventTarget } from "./event-target.ts";
import type { Rendered, ViewPlace } from "../html/rendered.ts";
import { NestedHtml, NestedMountEnd } from "./nested/nested-html.ts";
import { NestedTable } from "./nested/nested-table.ts";
import { OwnWork } from "./own-work.ts";
import { definitionAt, depthIn, nestedSession, type Nesting, type PageOrigin } from "./nested/nesting.ts";
import { MAIN_VIEW_ID } from "./page-tokens.ts";
import type { AnyMessage, Schemas } from "./messages.ts";
import {
  LOADED,
  PATCHED_BY_PAGE,
  PATCHED_BY_VIEW,
  patchPayload,
  type Leaving,
  type Navigation,
  type Patch,
  type ViewNavigation,
} from "./navigation.ts";
import { PageState } from "./page-state.ts";
import type { Ready } from "./ready-ring.ts";
import type { Flash } from "./render-meta.ts";
import { isThenable } from "./renderer.ts";
import { LIVE, type Info, type TopicMember } from "./topic-hub.ts";
import { noHandler, patchLoop, unreadPageEvents } from "./view-errors.ts";
import { GapInfo, type ViewGap } from "./view-gap.ts";
import { ViewBelongings } from "./view-belongings.ts";
import { ViewIntake } from "./view-intake.ts";
import { sendAway, type NavigatingView } from "./view-navigation.ts";
import type { Callback, MountableView, MountRequest, ViewServices } from "./view-services.ts";
import { ViewSocket, type SocketActions } from "./view-socket.ts";
import type { ViewUploads } from "./uploads/view-uploads.ts";
import type { ViewTimers } from "./view-timers.ts";

/** How a mount ended. After anything but `rendered` the process is over. */
export type Mounted =
  | {
      readonly outcome: "rendered";
      /** The whole page: JSON for a channel, HTML without one. */
      readonly content: string;
      readonly patchedTo: Patch | undefined;
    }
  | { readonly outcome: "left"; readonly navigation: Navigation }
  | { readonly outcome: "failed"; readonly error: unknown };

/** What follows once a callback, a schema or a render is done. Names instead of closures: a view lives long and idles. */
type Next =
  | "admitted"
  | "rest"
  | "handleParams"
  | "proceed"
  | "check"
  | "reply"
  | "settle"
  | "answer"
  | RenderStep
  | Remounting;

/** A remount: the view's shutdown is over, its mount, its handleParams. */
type Remounting = "shutDown" | "mounted" | "located";

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
export class ViewProcess
  implements
    Ready,
    Member,
    TopicMember,
    Awaiting,
    DisplayedView,
    NavigatingView,
    SocketActions,
    EventTarget,
    HookedView
{
  readonly id: string;
  readonly services: ViewServices;
  readonly view: MountableView;
  readonly channel: Channel | undefined;
  /** Its address, title and flash, and what it shall be told. */
  readonly page: PageState;
  /** The context, and what the page shows of it. */
  readonly display: Display;
  readonly staticChanged: boolean;
  readonly origin: PageOrigin;
  /** Where it is nested; `undefined`: it is its page's own view. */
  readonly nesting: Nesting | undefined;
  readonly #intake = new ViewIntake(this);
  readonly socket: ViewSocket;
  /** Made when there is something that ends with the view. */
  #belongings: ViewBelongings | undefined;
  /** Let go of when the mount is done. */
  #mounting: Mounting | undefined;
  /** What its `mount` gets, with all that the mount hooks have added. */
  session: object;
  #stageHooks: StageHooks | undefined;
  /** What a remount under way waits for. */
  #remounting: Remounting | undefined;
  /** How often `handleParams` has patched on since a callback that was called for something else. */
  #patches = 0;
  /** Signed when a render reads it first, for all later ones. */
  #csrfToken: string | undefined;
  /** The push that the turn at hand will answer. */
  #current: ClientPush | undefined;
  /** A callback or a render runs or is awaited; nothing else of this view may start. */
  #isBusy = true;
  #isEnded = false;
  readonly #watch: CallbackWatch;

  constructor(services: ViewServices, request: MountRequest, channel: Channel | undefined) {
    this.id = services.newId();
    this.services = services;
    this.view = request.view;
    this.channel = channel;
    this.page = new PageState(request.url, request.flash, request.navigation);
    this.display = new Display(this, request.view.definition.initial);
    this.staticChanged = request.staticChanged;
    this.origin = request.origin;
    this.nesting = request.nesting;
    this.#mounting = { request, done: undefined, patchedTo: undefined };
    this.session = request.session;
    this.#watch = new CallbackWatch(this.name, services);
    this.socket = new ViewSocket(this);
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
    this.#watch.startTime();
    this.#admit();
  }

  /** Ends the view and frees what it holds. Later calls do nothing. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#intake.mailbox.clear();
    this.#belongings?.viewEnded();
    this.display.endNested();
    this.nesting?.ended(this);
    this.services.activity.awaiting.delete(this);
    this.services.counters.views--;
    // A remount has called it already for what is there to be shut down.
    if (this.#remounting !== "shutDown") void this.#shutdown();
  }

  /** The view around it is over. The page knows by then. */
  endWithParent(): void {
    this.channel?.close();
    this.end();
  }

  // ── nested in another view, and others in it ──

  /** The id of its element. */
  get elementId(): string {
    return this.nesting?.id ?? MAIN_VIEW_ID;
  }

  /** The view whose address the page has: that of the page, or a sticky one, whose is nobody's. */
  get root(): ViewProcess {
    return this.nesting?.parent?.root ?? this;
  }

  get isSticky(): boolean {
    return this.nesting !== undefined && this.nesting.parent === undefined;
  }

  createNestedTable(shownTrees: () => Iterable<Rendered>, rowTrees: () => Iterable<Rendered>): NestedTable {
    return new NestedTable(this, shownTrees, rowTrees);
  }

  createNestedHtml(shownTrees: () => Iterable<Rendered>): NestedHtml {
    return new NestedHtml(this, shownTrees);
  }

  /** The view at one of its places, for the HTML of a page's first request. */
  nest(place: ViewPlace): ViewProcess {
    const { id } = place;
    const { services, origin, nesting } = this;
    const definition = definitionAt(place);
    const name = services.nested.views.nameOf(definition) ?? `${this.name} > ${id}`;
    return new ViewProcess(
      services,
      {
        view: services.nested.views.mountable(definition, name),
        url: this.url.href,
        params: {},
        // A sticky one outlives the page, and with it what its hooks have found out.
        session: nestedSession(place.isSticky ? origin.visitor.session : this.session, place.session),
        flash: undefined,
        staticChanged: false,
        navigation: LOADED,
        origin,
        nesting: {
          id,
          parent: place.isSticky ? undefined : this,
          depth: depthIn(id, nesting),
          ended: () => {},
        },
      },
      undefined,
    );
  }

  /** @returns what settles when the callback is done. It does not reject. */
  #shutdown(): unknown {
    const { definition } = this.view;
    if (definition.shutdown === undefined || this.channel === undefined) return undefined;
    const failed = (error: unknown): void => this.#watch.report(error, "shutdown");
    try {
      const result = definition.shutdown(this.id, this.display.context);
      if (isThenable(result)) return result.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
    return undefined;
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
    if (this.#intake.failure !== undefined) return;
    const push = decoded.value;
    if (push.kind === "progress" && this.ownUploads?.notes(push.progress) === true)
      return this.channel?.reply(ref, "ok", "{}");
    if (!this.#isBusy && this.#intake.mailbox.isEmpty) {
      this.#current = decoded.value;
      this.#intake.mailbox.beginPush();
      return this.#begin();
    }
    this.#intake.receivePush(decoded.value);
  }

  // ── into the mailbox: from topics, timers and the view itself ──

  receiveInfo(info: Info): void {
    this.#intake.receiveInfo(info);
  }

  receiveOwnInfo(info: Info): void {
    this.#intake.receiveOwnInfo(info);
  }

  /** As `receiveOwnInfo`, for a timer: skipped while its predecessor, the same object, still waits. */
  receiveTick(info: Info): void {
    this.#intake.receiveTick(info);
  }

  get heedsGaps(): boolean {
    return this.#intake.heedsGaps;
  }

  receiveGap(gap: ViewGap): void {
    this.#intake.receiveGap(gap);
  }

  queue(): void {
    this.#intake.queue();
  }

  // ── turns ──

  turn(): void {
    this.#intake.turned();
    if (this.#isEnded) return;
    if (this.#intake.failure !== undefined) return this.crash(this.#intake.failure);
    if (this.#isBusy) return;
    this.#current = this.#intake.mailbox.startTurn();
    this.#begin();
  }

  #begin(): void {
    this.#isBusy = true;
    this.#watch.startTime();
    this.#proceed();
  }

  /** The view has awaited something in the midst of its turn. */
  #resume(): void {
    // A push must not act on what is outdated by now.
    if (this.#current !== undefined) this.#intake.mailbox.letIn();
    this.#proceed();
  }

  /** Handles what this turn still has to; comes back here after each callback that had to be awaited. */
  #proceed(): void {
    for (let info = this.#intake.mailbox.takeInfo(); info !== undefined; info = this.#intake.mailbox.takeInfo()) {
      if (info instanceof GapInfo ? !this.#handleGap(info.gap) : !this.#handleInfo(info)) return;
    }
    if (this.#current === undefined) this.#settle();
    else this.#handlePush(this.#current);
  }

  /** @returns whether the callback is done and the turn may go on */
  #handleInfo(info: Info): boolean {
    if (info instanceof OwnWork) return this.#doOwn(info);
    const { definition } = this.view;
    const hooks = this.#stageHooks;
    if (definition.handleInfo === undefined && hooks === undefined) {
      this.#ignoreInfo(info);
      return true;
    }
    this.#watch.start("handleInfo", info.type);
    let result: unknown;
    try {
      // An info is a message with any other fields: views say which, and their subscriptions were checked for it.
      const message = info as AnyMessage;
      if (hooks === undefined && !this.services.checks) result = definition.handleInfo?.(message, this.socket);
      else {
        const handle = (): unknown =>
          definition.handleInfo === undefined ? this.#ignoreInfo(info) : definition.handleInfo(message, this.socket);
        result = withRenderChecks(this.services.checks, () =>
          hooks === undefined ? handle() : hooks.through("handleInfo", [message], handle),
        );
      }
    } catch (error) {
      this.crash(error);
      return false;
    }
    return this.#goesOn(result);
  }

  #ignoreInfo({ type }: Info): void {
    this.services.warn(`${this.name} got the info "${type}" but has no handleInfo; add one or do not subscribe`);
  }

  /** Likewise. */
  #handleGap(gap: ViewGap): boolean {
    const { definition } = this.view;
    if (definition.onGap === "remount") {
      this.#remount();
      return false;
    }
    this.#watch.start("handleGap", gap.cause);
    let result: unknown;
    try {
      result = withRenderChecks(this.services.checks, () => definition.handleGap?.(gap, this.socket));
    } catch (error) {
      this.crash(error);
      return false;
    }
    return this.#goesOn(result);
  }

  /** Likewise. */
  #doOwn(work: OwnWork): boolean {
    this.#watch.start(work.callback, work.message, work.component);
    let result: unknown;
    try {
      result = work.run(this);
    } catch (error) {
      this.crash(error);
      return false;
    }
    return this.#goesOn(result);
  }

  #goesOn(result: unknown): boolean {
    if (!isThenable(result) && this.#belongings?.ownSubscriptions?.hasPending !== true) return !this.#isEnded;
    this.#await(result, "proceed");
    return false;
  }

  #handlePush(push: ClientPush): void {
    switch (push.kind) {
      case "event":
        return this.#handleEvent(push.event, push.checked);
      case "patch":
        return this.#handlePatch(push.ref, push.url);
      case "clear-flash":
        if (this.page.clearFlash(push.key)) this.display.touch();
        return this.#settle();
      case "components-will-go":
        this.display.components?.mark(push.numbers);
        this.#reply("{}");
        return this.#settle();
      case "components-gone":
        this.#reply(JSON.stringify({ cids: this.display.components?.remove(push.numbers) ?? [] }));
        return this.#settle();
      case "allow-upload":
        return this.#withUploads((uploads) => uploads.preflight(push.preflight), "answer");
      case "progress":
        return this.#withUploads((uploads) => uploads.progress(push.progress), "settle");
    }
  }

  #withUploads(work: (uploads: ViewUploads) => unknown, next: Next): void {
    let result: unknown;
    try {
      result = work(this.uploads);
    } catch (error) {
      return this.crash(error);
    }
    this.#after(result, next);
  }

  /** Answers the push at hand with something else than a diff. What there is to show follows as a message of its own. */
  #reply(responseJson: string): void {
    const ref = this.takePush();
    if (ref !== undefined) this.channel?.reply(ref, "ok", responseJson);
  }

  /** @param checked what mount hooks and the event's schema said, once that was awaited */
  #handleEvent(event: ClientEvent, checked: CheckedEvent | undefined): void {
    const target = event.cid === undefined ? this : this.display.components?.find(event.cid);
    if (target === undefined) {
      // It may have crossed the diff that has just removed the component.
      this.services.warn(`refused "event" from the page of ${this.name}: the component of "${event.event}" is gone`);
      return this.#settle();
    }
    this.#watch.start("handleEvent", event.event, target === this ? undefined : target.name);
    if (checked !== undefined) return this.#handleChecked(event, target, checked);
    if (event.uploads !== undefined) this.uploads.choose(event.uploads, event.cid);
    let result: CheckedEvent | Promise<CheckedEvent>;
    try {
      const hooks = target === this ? this.#stageHooks : undefined;
      result = hooks?.admitEvent(event, target.events) ?? toViewEvent(event, target.events);
    } catch (error) {
      return this.crash(error);
    }
    if (result instanceof Promise) this.#await(result, "check");
    else this.#handleChecked(event, target, result);
  }

  #handleChecked(event: ClientEvent, target: EventTarget, checked: CheckedEvent): void {
    if ("halt" in checked) return this.#takeReply(checked);
    if (!checked.ok) {
      this.services.warn(`refused the event "${event.event}" of ${target.name}: ${checked.reason}`);
      return this.#settle();
    }
    if (!target.handlesEvents) return this.crash(noHandler(event.event, target.name));
    let result: unknown;
    try {
      result = this.services.checks
        ? withRenderChecks(true, () => target.handleEvent(checked.value))
        : target.handleEvent(checked.value);
    } catch (error) {
      return this.crash(error);
    }
    this.#after(result, "reply");
  }

  // ── EventTarget ──

  get events(): Schemas | undefined {
    return this.view.definition.events;
  }

  get handlesEvents(): boolean {
    return this.view.definition.handleEvent !== undefined || this.#stageHooks?.has("handleEvent") === true;
  }

  handleEvent(event: ViewEvent): unknown {
    const { definition } = this.view;
    if (this.#stageHooks === undefined) return definition.handleEvent?.(event, this.socket);
    return this.#stageHooks.through("handleEvent", [event], () => {
      if (definition.handleEvent === undefined) throw noHandler(event.type, this.name);
      return definition.handleEvent(event, this.socket);
    });
  }

  // ── turns, continued ──

  /** In development: what a component's handler did not assign must still render what the page shows. */
  #checkComponent({ cid }: ClientEvent): void {
    const { components } = this.display;
    const instance = cid === undefined ? undefined : components?.find(cid);
    if (instance !== undefined) components?.checkUnchanged(instance);
  }

  #takeReply(result: unknown): void {
    if (this.services.checks && this.#current?.kind === "event") this.#checkComponent(this.#current.event);
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
    this.#moveTo(target.href, PATCHED_BY_PAGE);
    this.#call("handleParams", "settle");
  }

  /** Callbacks are done: goes where they want to go, else renders. */
  #settle(): void {
    const navigation = this.page.takeNavigation();
    if (navigation === undefined) this.#render();
    else this.#go(navigation, "settle");
  }

  /** @param next what follows a patch */
  #go(navigation: Navigation, next: Next): void {
    if (navigation.kind === "patch") this.#patch(navigation, next);
    else this.#leave(navigation);
  }

  #patch(patch: Patch, next: Next): void {
    if (++this.#patches > PATCHES_PER_CALLBACK) {
      return this.crash(patchLoop(this.name, PATCHES_PER_CALLBACK, patch.to));
    }
    if (this.display.isShown) this.channel?.push(LIVE_PATCH_EVENT, JSON.stringify(patchPayload(patch)));
    // A browser that asks for a page is told to ask for the other one instead.
    else if (this.channel === undefined) return this.#finishMount({ outcome: "left", navigation: patch });
    else if (this.#mounting !== undefined) this.#mounting.patchedTo = patch;
    this.page.keepNewFlash();
    this.#moveTo(this.page.resolve(patch.to), PATCHED_BY_VIEW);
    this.#call("handleParams", next);
  }

  #leave(leaving: Leaving): void {
    if (!this.display.isShown) return this.#finishMount({ outcome: "left", navigation: leaving });
    const stays = this.isSticky && leaving.kind === "navigate";
    sendAway(this, leaving, this.takePush(), stays);
    if (stays) this.#render();
    else this.end();
  }

  #moveTo(href: string, by: ViewNavigation): void {
    this.moved(href, by);
    this.display.touch();
  }

  /** The page has another address. */
  moved(href: string, by: ViewNavigation): void {
    this.page.moveTo(href, by);
    for (const child of this.display.children) child.moved(href, by);
  }

  // ── mounting anew ──

  /** In the midst of a turn, which goes on when it is done: the view starts afresh on the page that is open. */
  #remount(): void {
    this.#remounting = "shutDown";
    this.#watch.start("shutdown");
    this.#after(this.#shutdown(), "shutDown");
  }

  #continueRemount(step: Remounting): void {
    if (step === "shutDown") {
      this.#remounting = "mounted";
      this.#belongings?.renewalBegan();
      this.#intake.mailbox.dropOwnInfos();
      this.#stageHooks = undefined;
      this.display.reset(this.view.definition.initial);
      return this.#admit();
    }
    this.#remounting = "located";
    const navigation = this.page.takeNavigation();
    if (navigation !== undefined) return this.#go(navigation, "located");
    if (step === "mounted") return this.#call("handleParams", "located");
    this.#remounting = undefined;
    this.#belongings?.renewalEnded();
    this.#resume();
  }

  // ── rendering ──

  #render(): void {
    this.#patches = 0;
    this.display.render();
  }

  startRender(): void {
    this.#watch.startWithin("render", undefined);
    this.#stageHooks?.noteRender();
  }

  startCallback(callback: Callback, component: string | undefined): void {
    this.#watch.startWithin(callback, component);
  }

  componentChanged(): void {
    this.display.componentChanged();
  }

  componentEnded(component: AsyncOwner): void {
    this.#belongings?.componentEnded(component);
  }

  awaitRender(promised: Promise<unknown>, step: RenderStep): void {
    this.#await(promised, step);
  }

  showFirst(content: string): void {
    this.#finishMount({ outcome: "rendered", content, patchedTo: this.#mounting?.patchedTo });
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
    const rendered = this.#renderedHooks();
    if (rendered.length > 0) return this.#afterRender(rendered);
    this.#isBusy = false;
    this.page.endTurn();
    this.#watch.checkTime();
    // The latter two by code outside of callbacks, while a render was awaited.
    if (!this.#intake.mailbox.isEmpty || this.display.isBehind || this.page.hasNavigation) this.queue();
  }

  /** The hooks that are to hear of a render. Of the HTML of a first request none is: nobody could do anything after it. */
  #renderedHooks(): readonly StageHooks[] {
    if (this.channel === undefined) return NO_HOOKS;
    const hooks = this.display.components?.takeRendered() ?? NO_HOOKS;
    return this.#stageHooks?.isRendered === true ? [this.#stageHooks, ...hooks] : hooks;
  }

  #afterRender(rendered: readonly StageHooks[]): void {
    if (this.#isEnded) return;
    this.#watch.start("afterRender");
    let result: unknown;
    try {
      result = runAfterRender(rendered);
    } catch (error) {
      return this.crash(error);
    }
    this.#after(result, "rest");
  }

  // ── callbacks ──

  /** Runs a callback that gets no message. */
  #call(callback: "mount" | "handleParams", next: Next): void {
    const { definition } = this.view;
    this.#watch.start(callback);
    let result: unknown;
    try {
      if (callback === "mount") result = definition.mount?.(this.socket, this.session, this.#params);
      else if (this.#stageHooks === undefined) result = this.#handleParams();
      else {
        const handle = (): unknown => this.#handleParams();
        result = this.#stageHooks.through("handleParams", [this.url], handle);
      }
    } catch (error) {
      return this.crash(error);
    }
    this.#after(result, next);
  }

  #handleParams(): unknown {
    return this.view.definition.handleParams?.(this.url, this.socket, this.#addressParams);
  }

  /** Runs the mount hooks, and then `mount`, unless one of them sends the visitor elsewhere. */
  #admit(): void {
    if (this.view.liveSession === undefined || this.view.liveSession.onMount.length === 0) return this.#admitted();
    this.#watch.start("onMount");
    let result: unknown;
    try {
      // A remount asks them anew.
      result = runMountHooks(this, this.origin.visitor.session, this.#params);
    } catch (error) {
      return this.crash(error);
    }
    this.#after(result, "admitted");
  }

  /** @param admission what the mount hooks have come to; by default there are none */
  #admitted(admission: Admission = this.session): void {
    const next = this.#mounting === undefined ? "mounted" : "handleParams";
    if (!(admission instanceof MountHalt)) {
      this.session = admission;
      return this.#call("mount", next);
    }
    this.page.go(admission.navigation);
    this.#continue(next, undefined);
  }

  /** For `mount`. At a remount, patches may have changed the captures of the path. */
  get #params(): Params {
    return this.#mounting?.request.params ?? this.#addressParams;
  }

  /** Those of the address as it is now: a mount may have patched it. */
  get #addressParams(): Params {
    const { href } = this.url;
    const request = this.#mounting?.request;
    return request?.url === href ? request.params : (this.services.locate(href, this.view)?.params ?? {});
  }

  /** `next` follows at once if the callback is done, else when what it returned has settled. */
  #after(result: unknown, next: Next): void {
    if (isThenable(result) || this.#belongings?.ownSubscriptions?.hasPending === true) this.#await(result, next);
    else if (!this.#isEnded) this.#continue(next, result);
  }

  #continue(next: Next, result: unknown): void {
    switch (next) {
      case "admitted":
        // Awaited in `#admit`.
        return this.#admitted(result as Admission);
      case "rest":
        this.rest();
        // What its afterRender hooks want to tell the page.
        return this.page.hasNews ? this.queue() : undefined;
      case "handleParams":
        // A mount that leads elsewhere need not have made what handleParams relies on.
        return this.page.hasNavigation ? this.#settle() : this.#call("handleParams", "settle");
      case "proceed":
        return this.#resume();
      case "check":
        // Awaited in `#handleEvent`: what mount hooks and the event's schema said.
        if (this.#current?.kind === "event") this.#current = { ...this.#current, checked: result as CheckedEvent };
        return this.#resume();
      case "reply":
        return this.#takeReply(result);
      case "answer":
        // Of `ViewUploads.preflight`.
        this.page.outbox.answer(result as string);
        return this.#settle();
      case "settle":
        return this.#settle();
      case "shutDown":
      case "mounted":
      case "located":
        return this.#continueRemount(next);
      case "showFirst":
      case "first":
      case "show":
      case "send":
        return this.display.resume(next, result);
    }
  }

  /** Stays busy until `result`, and the subscriptions that nobody awaited, have settled. */
  #await(result: unknown, next: Next): void {
    this.#watch.checkTime();
    const subscriptions = this.#belongings?.ownSubscriptions?.takePending() ?? [];
    const settled =
      subscriptions.length === 0 ? result : Promise.all([result, ...subscriptions]).then(([first]) => first);
    this.services.activity.awaiting.add(this);
    Promise.resolve(settled)
      .then((value) => {
        if (this.#isEnded) return;
        this.services.activity.awaiting.delete(this);
        this.#watch.startTime();
        this.#after(value, next);
      })
      .catch((error: unknown) => this.crash(error));
  }

  crash(error: unknown): void {
    // It has been reported, as what it is.
    if (error instanceof NestedMountEnd) return this.#endWithNested(error);
    // An error with a status is how a mount says "not found" or "not allowed": an answer, not a failure.
    const isMounting = this.#mounting !== undefined || this.#remounting !== undefined;
    const isAnswer = isMounting && statusOf(error) !== undefined;
    if (!isAnswer) this.report(error);
    // What a view that is gone still throws is news for the log only.
    if (this.#isEnded) return;
    if (this.#mounting !== undefined) return this.#finishMount({ outcome: "failed", error });
    // The browser then joins, and gets the answer.
    if (!isAnswer) this.services.showError(this.channel, error, this.#watch.place, this.#watch.callback);
    this.channel?.crash();
    this.end();
  }

  /** A nested view has redirected the page's first request, or has failed in it. */
  #endWithNested({ mounted, view }: NestedMountEnd): void {
    for (const [kind, message = ""] of Object.entries(view.flash)) this.page.putFlash(kind, message);
    if (!this.#isEnded) this.#finishMount(mounted);
  }

  report(error: unknown): void {
    this.#watch.report(error);
  }

  // ── for tests ──

  describeWork(): string {
    return this.#watch.describe();
  }

  /** Whether the view, or the component of that number, has a place for an event of this name. */
  handles(event: string, component: number | undefined): boolean {
    const target = component === undefined ? this : this.display.components?.find(component);
    // Of one that is about to leave the page, nothing is known any more.
    if (target === undefined) return true;
    if (target === this && this.#stageHooks?.has("anyEvent") === true) return true;
    return target.handlesEvents && (target.events === undefined || Object.hasOwn(target.events, event));
  }

  get definition(): object {
    return this.view.definition;
  }

  /** Ends the view as an exception in a callback does. */
  abort(failure: LiveError): void {
    if (!this.#isEnded) this.#intake.failLater(failure);
  }

  // ── for renders and the socket ──

  get isConnected(): boolean {
    return this.channel !== undefined;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  get url(): URL {
    return this.page.url;
  }

  get csrfToken(): string {
    return (this.#csrfToken ??= this.services.csrfToken(this.origin.cookieId));
  }

  get nonce(): string {
    return this.services.scriptNonce(this.origin.nonce);
  }

  get flash(): Flash {
    return this.page.flash;
  }

  get #ownBelongings(): ViewBelongings {
    return (this.#belongings ??= new ViewBelongings(this));
  }

  get timers(): ViewTimers {
    return this.#ownBelongings.timers;
  }

  get asyncWork(): AsyncWork {
    return this.#ownBelongings.asyncWork;
  }

  get stageHooks(): StageHooks {
    const kind = this.nesting === undefined ? "view" : "nested view";
    return (this.#stageHooks ??= new StageHooks(this, kind, () => this.#isEnded));
  }

  get ownHooks(): StageHooks | undefined {
    return this.#stageHooks;
  }

  get pubSub(): PubSub {
    return this.services.pubSub;
  }

  get uploads(): ViewUploads {
    return this.#ownBelongings.uploads;
  }

  /** `undefined` if it has never allowed any. */
  get ownUploads(): ViewUploads | undefined {
    return this.#belongings?.ownUploads;
  }

  accompany(companion: ViewCompanion): void {
    this.#ownBelongings.accompany(companion);
  }

  subscribe(topic: string): Promise<void> {
    if (this.channel === undefined || this.#isEnded) return LIVE;
    const live = this.#ownBelongings.subscriptions.subscribe(topic);
    // Between turns nobody is there to await it, and a failure has to end the view nevertheless.
    if (!this.#isBusy) live.catch((error: unknown) => this.crash(error));
    return live;
  }

  /** Those it is subscribed to. */
  get topics(): readonly string[] {
    return this.#belongings?.ownSubscriptions?.topics ?? [];
  }

  unsubscribe(topic: string): Promise<void> {
    return this.#belongings?.ownSubscriptions?.unsubscribe(topic) ?? LIVE;
  }

  pushEvent(name: string, payload: object): void {
    // A dead render has a page that nobody listens on yet.
    if (this.#isEnded || this.channel === undefined || this.#intake.failure !== undefined) return;
    const { outbox } = this.page;
    outbox.pushEvent(name, payload);
    const { maxUnsentBytes } = this.services.limits;
    if (outbox.eventCount > MAX_WAITING_PAGE_EVENTS) {
      this.#intake.failLater(unreadPageEvents(this.name, `${MAX_WAITING_PAGE_EVENTS} events`));
    } else if (outbox.eventsLength > maxUnsentBytes) {
      this.#intake.failLater(unreadPageEvents(this.name, `${maxUnsentBytes} bytes (limits.maxUnsentBytes)`));
    } else this.queue();
  }
}

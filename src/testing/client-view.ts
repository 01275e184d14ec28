import {
  CLOSE_EVENT,
  COMPONENTS_GONE_EVENT,
  COMPONENTS_WILL_GO_EVENT,
  DIFF_EVENT,
  ERROR_EVENT,
  EVENTS,
  JOIN_EVENT,
  LEAVE_EVENT,
  LIVE_PATCH_EVENT,
  LIVE_REDIRECT_EVENT,
  REDIRECT_EVENT,
  REPLY,
  REPLY_EVENT,
  TITLE,
  VIEW_TOPIC_PREFIX,
} from "../protocol/keys.ts";
import { controlsOf, detach, formOf, isControl, typeOf, type Element } from "./dom.ts";
import { lostUploads } from "./lost-uploads.ts";
import { childrenOf, isChild, isSticky, ROOT_ID, SESSION, STATIC } from "./nested.ts";
import { forgetRefs, mark, release, type Marked } from "./element-refs.ts";
import { componentsFor } from "./targets.ts";
import { serializeForm } from "./form-data.ts";
import { COMPONENT, COMPONENT_VIEW, MergedPage, SKIPPED, type StreamNews } from "./merged-page.ts";
import { morph, REF_SOURCE, type MorphOutcome, REF_LOCK } from "./morph.ts";
import { parseFragment } from "./parse.ts";
import { StreamPatch } from "./stream-patch.ts";
import { isPortal, openPortal, portalRoot, portalTarget, TELEPORTED, TELEPORTED_FROM } from "./portals.ts";
import { pushesOf } from "./event-attribute.ts";
import { select } from "./selectors.ts";

type Fields = { readonly [key: string]: unknown };

/** A message of the server, decoded. */
export interface Received {
  readonly joinRef: unknown;
  readonly ref: unknown;
  readonly event: string;
  readonly payload: Fields;
}

/** The browser around a view: its document, its address, its socket. */
export interface ViewHost {
  readonly document: Element;
  /** The page's address, absolute. */
  readonly href: string;
  readonly focused: Element | undefined;
  readonly isOnline: boolean;
  readonly csrfToken: string | undefined;
  newRef(): string;
  send(text: string): void;
  /** What has the focus was moved, and so has it no more. */
  loseFocus(): void;
  /** The view has shown something new. */
  changed(): void;
  showTitle(title: string | undefined): void;
  dispatch(name: string, payload: unknown): void;
  /** The view's address has changed, without leaving it. */
  patched(to: string, kind: string): void;
  /** The server sends the browser elsewhere, by a page load. */
  redirect(to: string, flash: string | undefined, reloadToken: string | undefined): void;
  /** The server sends the browser to another view, over the same connection. */
  liveRedirect(to: string, kind: string, flash: string | undefined): void;
  /** The first join of a view that was reached by a live navigation is done. */
  entered(view: ClientView): void;
  /** Sticky views may be on the page that have not joined yet. */
  joinSticky(): void;
  /** The view's process is gone: it is to be joined anew. */
  crashed(view: ClientView): void;
  /** The join was refused, and neither a reload nor another address would mend it. */
  refused(view: ClientView, response: Fields): void;
  /** A form with `phx-trigger-action` is to be sent as forms without a view are. */
  submitExternally(form: Element): void;
  /** Runs the commands in an attribute that may hold nothing else, such as `phx-mounted`. */
  execute(element: Element, attribute: string, type: "remove" | null): void;
  /** An element with the client's own `Phoenix.FocusWrap` is on the page. */
  wrapFocus(element: Element): void;
}

/** The hook of `focusWrap`. */
export const FOCUS_WRAP = "Phoenix.FocusWrap";
/** As deep as the client looks for portals within portals. */
const MAX_PORTAL_DEPTH = 5;

/** An event that was sent, and waits for its answer. */
export interface Push {
  /** `lost`: the view or the connection was gone before the answer came, or there was no connection to send it. */
  outcome: "waiting" | "answered" | "lost";
  /** What a hook gets. */
  reply: unknown;
}

type Waiting = {
  readonly push: Push;
  readonly elementRef: number | undefined;
  readonly onAnswer: (response: Fields) => void;
};

interface PatchOptions {
  readonly withRoot?: boolean;
  readonly undoneRef?: number;
  readonly streams?: readonly StreamNews[];
  readonly isJoin?: boolean;
}

/** Where a view is nested. */
export interface ClientNesting {
  /** The view around it; `undefined` for a sticky one. */
  readonly parent: ClientView | undefined;
}

/** One view on a page, as the browser's client keeps it (phoenix_live_view: view.ts): joined, merged, morphed, recovered. */
export class ClientView {
  element: Element;
  /** How often it has joined. */
  joinCount = 0;
  /** The address that the next join names, and whether the view was reached by a live navigation. */
  href: string;
  readonly isRedirected: boolean;
  readonly #host: ViewHost;
  readonly #referer: string | undefined;
  #flash: string | undefined;
  #page: MergedPage | undefined;
  #joinAttempts = 0;
  #joinRef = "";
  #state: "joining" | "joined" | "gone" = "gone";
  /** The join was answered, and its render is not on the page yet: forms are being recovered. */
  #isJoinPending = true;
  /** The view around it. */
  readonly parent: ClientView | undefined;
  /** Whether it has no address: it is in another view, or sticky. */
  readonly #isNested: boolean;
  /** By the ids of their elements. */
  readonly children = new Map<string, ClientView>();
  /** How many of them are joining for the first time, and so keep the page waiting. */
  #childJoins = 0;
  /** Of the root: what is to be done once all views in it have joined for the first time. */
  readonly #joined: { readonly view: ClientView; readonly show: () => void }[] = [];
  /** It is in a row of a stream that has left the page, of which the client does not tell the view. */
  isForgotten = false;
  /** How often it has crashed by itself. */
  crashes = 0;
  #elementRef = 0;
  readonly #waiting = new Map<string, Waiting>();
  readonly #pendingDiffs: { readonly diff: Fields; readonly events: unknown; readonly joinCount: number }[] = [];
  readonly #pendingMessages: (() => void)[] = [];
  #oldForms = new Map<string, Element>();
  readonly #recovering = new Set<string>();
  /** The address of a patch that was asked for; while it is on its way, changes wait. */
  #pendingLink: string | undefined;
  /** The ids of what the view shows elsewhere by portals. */
  readonly #portalIds = new Set<string>();
  isDestroyed = false;

  constructor(
    host: ViewHost,
    element: Element,
    href: string,
    from?: { readonly referer: string; readonly flash: string | undefined },
    nesting?: ClientNesting,
  ) {
    this.#host = host;
    this.element = element;
    this.href = href;
    this.isRedirected = from !== undefined;
    this.#referer = from?.referer;
    this.#flash = from?.flash;
    this.parent = nesting?.parent;
    this.#isNested = nesting !== undefined;
    this.joinCount = this.parent === undefined ? 0 : this.parent.joinCount - 1;
    element.set(ROOT_ID, this.root.element.id);
  }

  get root(): ClientView {
    return this.parent?.root ?? this;
  }

  /** It, and all views that are in it. */
  *all(): Generator<ClientView> {
    yield this;
    for (const child of this.children.values()) yield* child.all();
  }

  get topic(): string {
    return `${VIEW_TOPIC_PREFIX}${this.element.id}`;
  }

  /** Whether events reach the server. */
  get canPush(): boolean {
    return this.#host.isOnline && this.#state === "joined";
  }

  get isJoined(): boolean {
    return this.#state === "joined" && !this.#isJoinPending;
  }

  // ── life ──

  join(): void {
    this.#joinRef = this.#host.newRef();
    this.#state = "joining";
    this.#isJoinPending = true;
    const staticToken = this.element.get(STATIC);
    const address = this.isRedirected ? { redirect: this.href } : { url: this.href };
    const payload = {
      ...(this.#isNested ? {} : address),
      params: this.#joinParams(),
      session: this.element.get(SESSION),
      static: staticToken === "" || staticToken === undefined ? null : staticToken,
      flash: this.#flash,
      sticky: isSticky(this.element),
    };
    this.#joinAttempts++;
    this.#sendFrame(this.#joinRef, JOIN_EVENT, payload);
  }

  #joinParams(): object {
    const { csrfToken, document, href } = this.#host;
    const tracked = document
      .all((element) => element.has("phx-track-static"))
      .map((element) => element.get("src") ?? element.get("href"))
      .filter((address) => address !== undefined)
      .map((address) => new URL(address, href).href);
    const lost = lostUploads(this.element);
    return {
      _csrf_token: csrfToken,
      ...(lost.length > 0 ? { _lost_uploads: lost } : {}),
      ...(tracked.length > 0 ? { _track_static: tracked } : {}),
      _mounts: this.joinCount,
      _mount_attempts: this.#joinAttempts,
      _live_referer: this.#referer,
    };
  }

  /** The browser goes elsewhere. */
  leave(): void {
    this.#leaveChildren();
    if (isChild(this.element)) this.element.set(SESSION, "");
    this.element.notes.isOver = true;
    this.parent?.children.delete(this.element.id);
    for (const element of this.#portalElements()) detach(element);
    if (this.#state !== "gone" && this.#host.isOnline) this.#sendFrame(this.#host.newRef(), LEAVE_EVENT, {});
    this.#end();
    this.isDestroyed = true;
  }

  /** The connection is gone, or the view is. */
  lost(kind: "client" | "server"): void {
    this.#leaveChildren();
    this.#end();
    this.#showClasses("phx-loading", "phx-error", `phx-${kind}-error`);
  }

  /** They come back with what the view shows next. */
  #leaveChildren(): void {
    for (const child of this.children.values()) child.leave();
    this.#childJoins = 0;
  }

  /** The page shows that it is cut off. A browser waits half a second for that, in case that it is not for long. */
  showDisconnected(): void {
    this.#executeAll("phx-disconnected");
  }

  #executeAll(attribute: string): void {
    for (const element of this.element.all((each) => (each.get(attribute) ?? "") !== "")) {
      this.#host.execute(element, attribute, null);
    }
  }

  /** What elements of the view have to say before another view takes its place. */
  runRemovals(): void {
    const isCarriedOver = (element: Element): boolean => element.closest(isSticky) !== undefined;
    const leaving = this.element.all((each) => each.has("phx-remove") && !isCarriedOver(each));
    for (const element of leaving) this.#host.execute(element, "phx-remove", "remove");
  }

  #end(): void {
    this.#state = "gone";
    for (const { push } of this.#waiting.values()) push.outcome = "lost";
    this.#waiting.clear();
    this.#pendingLink = undefined;
  }

  #showClasses(...classes: readonly string[]): void {
    const all = ["phx-connected", "phx-loading", "phx-error", "phx-client-error", "phx-server-error"];
    for (const name of all) this.element.removeClass(name);
    for (const name of classes) this.element.addClass(name);
  }

  // ── from the server ──

  receive({ joinRef, ref, event, payload }: Received): void {
    if (this.isDestroyed || (joinRef !== null && joinRef !== this.#joinRef)) return;
    switch (event) {
      case REPLY_EVENT:
        return ref === this.#joinRef ? this.#joinAnswered(payload) : this.#answered(String(ref), payload);
      case DIFF_EVENT:
        return this.#applyDiff(payload, false);
      case ERROR_EVENT:
        this.lost("server");
        this.showDisconnected();
        return this.#host.crashed(this);
      case CLOSE_EVENT:
        this.#leaveChildren();
        return this.#end();
      case REDIRECT_EVENT:
        return this.#host.redirect(String(payload["to"]), textOr(payload["flash"]), undefined);
      case LIVE_REDIRECT_EVENT:
        return this.#liveRedirect(payload);
      case LIVE_PATCH_EVENT:
        if (this.#isJoinPending) this.#pendingMessages.push(() => this.#patched(payload));
        else this.#patched(payload);
        return;
    }
  }

  #answered(ref: string, payload: Fields): void {
    const waiting = this.#waiting.get(ref);
    if (waiting === undefined) return;
    this.#waiting.delete(ref);
    const { push, elementRef, onAnswer } = waiting;
    const response = fieldsOf(payload["response"]);
    const { diff, redirect, live_patch: patch, live_redirect: liveRedirect } = response;
    if (diff === undefined) this.#release(elementRef);
    else {
      const { [REPLY]: reply, ...rest } = fieldsOf(diff);
      push.reply = reply ?? null;
      this.#release(elementRef);
      this.#applyDiff(rest, false);
    }
    push.outcome = "answered";
    if (redirect !== undefined) {
      const { to, flash } = fieldsOf(redirect);
      this.#host.redirect(String(to), textOr(flash), undefined);
    }
    if (patch !== undefined) this.#patched(fieldsOf(patch));
    if (liveRedirect !== undefined) this.#liveRedirect(fieldsOf(liveRedirect));
    onAnswer(response);
  }

  #patched(payload: Fields): void {
    const to = new URL(String(payload["to"]), this.#host.href).href;
    // The address of a link that is on its way is out of date.
    this.#pendingLink = undefined;
    this.href = to;
    this.#host.patched(to, String(payload["kind"]));
  }

  #liveRedirect(payload: Fields): void {
    this.#host.liveRedirect(String(payload["to"]), String(payload["kind"]), textOr(payload["flash"]));
  }

  // ── the join ──

  #joinAnswered(payload: Fields): void {
    if (this.#state !== "joining") return;
    const response = fieldsOf(payload["response"]);
    if (payload["status"] !== "ok") return this.#joinRefused(response);
    this.#state = "joined";
    this.#flash = undefined;
    this.#childJoins = 0;
    if (this.parent === undefined) {
      this.#oldForms = this.joinCount === 0 ? new Map<string, Element>() : this.#formsToRecover();
    }
    const { [TITLE]: title, [EVENTS]: events, [REPLY]: _reply, ...rendered } = fieldsOf(response["rendered"]);
    this.#page = new MergedPage(rendered, this.element.id);
    const { html, streams } = this.#page.render();
    forgetRefs(this.#host.document, this.element.id);
    this.joinCount++;
    this.#joinAttempts = 0;
    this.#recoverForms(html, () => this.#completeJoin(html, streams, events, response["live_patch"]));
    if (typeof title === "string" || !this.#isNested) this.#host.showTitle(textOr(title));
  }

  /** A page is shown when all views in it have joined; what comes to it later by itself. */
  #completeJoin(html: string, streams: readonly StreamNews[], events: unknown, patch: unknown): void {
    const show = (): void => this.#showJoin(html, streams, events, patch);
    const { parent, root } = this;
    if (this.joinCount > 1 || (parent !== undefined && !parent.#isJoinPending)) return show();
    const children = childrenOf(this.element.id, parseFragment(html));
    for (const child of children) {
      const shown = this.element.find((element) => element.id === child.id);
      const staticToken = shown?.get(STATIC) ?? "";
      if (staticToken !== "") child.set(STATIC, staticToken);
      shown?.set(ROOT_ID, root.element.id);
    }
    const joining = children.filter((child) => this.#joinChild(child));
    if (joining.length > 0 || parent !== undefined) root.#joined.push({ view: this, show });
    if (joining.length > 0) return;
    if (parent !== undefined) return parent.#childJoined();
    this.#allJoined();
    show();
  }

  #joinChild(element: Element): boolean {
    if (this.children.has(element.id)) return false;
    const child = new ClientView(this.#host, element, this.href, undefined, { parent: this });
    this.children.set(element.id, child);
    child.join();
    this.#childJoins++;
    return true;
  }

  #childJoined(): void {
    if (--this.#childJoins !== 0) return;
    if (this.parent === undefined) this.#allJoined();
    else this.parent.#childJoined();
  }

  #allJoined(): void {
    this.#oldForms = new Map();
    if (this.joinCount === 1 && this.isRedirected) this.#host.entered(this);
    for (const { view, show } of this.#joined.splice(0)) if (!view.isDestroyed) show();
  }

  #joinNewChildren(): void {
    for (const element of childrenOf(this.element.id, this.#host.document)) this.#joinChild(element);
  }

  #showJoin(html: string, streams: readonly StreamNews[], events: unknown, patch: unknown): void {
    // Until now a nested view has had the element of what is to be shown.
    const { document } = this.#host;
    this.element = document.find((element) => element.id === this.element.id) ?? this.element;
    this.element.set(ROOT_ID, this.root.element.id);
    for (const message of this.#pendingMessages.splice(0)) message();
    this.#patchElement(html, streams, true);
    this.#joinNewChildren();
    this.#mountAll();
    this.#isJoinPending = false;
    this.#dispatch(events);
    this.#applyPending();
    if (patch !== undefined) this.#patched(fieldsOf(patch));
    this.#showClasses("phx-connected");
    this.#executeAll("phx-connected");
    this.#host.changed();
  }

  #joinRefused(response: Fields): void {
    this.#end();
    const { reason, redirect, live_redirect: liveRedirect, token, events } = response;
    this.#dispatch(events);
    if (reason === "reload") return this.#host.redirect(this.href, undefined, String(token));
    if (reason === "stale" || reason === "unauthorized") return this.#host.redirect(this.href, this.#flash, undefined);
    if (redirect !== undefined) {
      const { to, flash } = fieldsOf(redirect);
      return this.#host.redirect(String(to), textOr(flash), undefined);
    }
    if (liveRedirect !== undefined) return this.#liveRedirect(fieldsOf(liveRedirect));
    this.#showClasses("phx-loading", "phx-error", "phx-server-error");
    this.#host.refused(this, response);
  }

  // ── forms of before a rejoin ──

  #formsToRecover(): Map<string, Element> {
    const forms = this.#everywhereWithin(
      (element) => element.name === "form" && element.has("phx-change") && element.id !== "",
    );
    const recoverable = forms.filter(
      (form) => controlsOf(form).length > 0 && form.get("phx-auto-recover") !== "ignore",
    );
    return new Map(recoverable.map((form) => [form.id, this.#copyOf(form)]));
  }

  #copyOf(form: Element): Element {
    const copy = cloneWithNotes(form);
    for (const outside of this.#host.document.all((element) => element.get("form") === form.id)) {
      if (form.contains(outside)) continue;
      const control = cloneWithNotes(outside);
      control.remove("form");
      copy.insert(control);
    }
    return copy;
  }

  /** Sends the forms that are on the page again, and goes on when the view has answered. */
  #recoverForms(html: string, done: () => void): void {
    const fragment = withPortals(parseFragment(html));
    const forms = fragment.all((element) => {
      const old = element.name === "form" && element.id !== "" ? this.root.#oldForms.get(element.id) : undefined;
      const hasChanged = old?.get("phx-change") !== element.get("phx-change");
      return old !== undefined && !hasChanged && !this.#recovering.has(element.id);
    });
    let left = forms.length;
    if (left === 0) return done();
    const recovered = (id: string): void => {
      this.#recovering.delete(id);
      left--;
      if (left === 0) done();
    };
    for (const form of forms) {
      this.#recovering.add(form.id);
      const old = this.root.#oldForms.get(form.id);
      if (old !== undefined) this.#recoverForm(old, form, fragment, () => recovered(form.id));
    }
  }

  #recoverForm(old: Element, form: Element, fragment: Element, done: () => void): void {
    const inputs = controlsOf(old).filter(
      (control) => (control.get("name") ?? "") !== "" && !control.has("phx-change"),
    );
    const input = inputs.find((control) => typeOf(control) !== "hidden") ?? inputs[0];
    if (input === undefined) return done();
    // A button that comes first is sent as if it had been used.
    const button = input.name === "button" ? input : undefined;
    const attribute = form.get("phx-auto-recover") ?? form.get("phx-change") ?? "";
    for (const { event, value, target } of pushesOf(attribute)) {
      for (const cid of componentsFor(form, target, fragment)) {
        this.push(
          {
            type: "form",
            event,
            value: serializeForm(old, button),
            meta: { _target: input.get("name"), ...phxValues(old), ...value },
            uploads: {},
            cid,
          },
          { onAnswer: done },
        );
      }
    }
  }

  // ── changes ──

  #applyDiff(message: Fields, isPending: boolean): void {
    const { [TITLE]: title, [EVENTS]: events, [REPLY]: _reply, ...diff } = message;
    this.#update(diff, events, this.joinCount, isPending);
    if (typeof title === "string") this.#host.showTitle(title);
  }

  #update(diff: Fields, events: unknown, joinCount: number, isPending: boolean): boolean {
    if (this.#isJoinPending || this.root.#pendingLink !== undefined) {
      if (!isPending) this.#pendingDiffs.push({ diff, events, joinCount });
      return false;
    }
    if (Object.keys(diff).length > 0 && this.#page !== undefined) {
      const { components, isOfComponents } = this.#page.merge(diff);
      if (isOfComponents) this.#patchComponents(components, this.#page);
      else {
        const { html, streams } = this.#page.render(components);
        this.#patchElement(html, streams, false);
      }
    }
    this.#dispatch(events);
    this.#host.changed();
    return true;
  }

  #applyPending(): void {
    const pending = this.#pendingDiffs.splice(0);
    for (const { diff, events, joinCount } of pending) {
      // A change belongs to the render of its own join.
      if (joinCount === this.joinCount && !this.#update(diff, events, joinCount, true)) {
        this.#pendingDiffs.push({ diff, events, joinCount });
      }
    }
    for (const child of this.children.values()) child.#applyPending();
  }

  #patchElement(html: string, streams: readonly StreamNews[], isJoin: boolean): void {
    const [wanted] = parseFragment(`<${this.element.name}>${html}</${this.element.name}>`).children;
    if (wanted?.kind !== "element") throw new Error(`The view's HTML does not fit into its element: ${html}`);
    for (const skipped of wanted.all((each) => each.has(SKIPPED))) skipped.children.length = 0;
    this.#morph(this.element, wanted, { streams, isJoin });
    this.#triggerForm();
  }

  // ── live components ──

  /** Brings those that are on the page up to date, and with them what is in them. */
  #patchComponents(numbers: readonly number[], page: MergedPage): void {
    const changed = new Set(numbers.map(String));
    const isChanged = (element: Element): boolean =>
      this.#isOwnComponent(element) && changed.has(element.get(COMPONENT) ?? "");
    const shown = this.#everywhere(isChanged);
    const outermost = shown.filter((element) => element.parent?.closest(isChanged) === undefined);
    for (const number of new Set(outermost.map((element) => Number(element.get(COMPONENT))))) {
      this.#patchComponent(number, page);
    }
  }

  #patchComponent(number: number, page: MergedPage): void {
    const { html, streams } = page.renderComponent(number);
    const shown = this.#everywhere((element) => this.#isOwnComponent(element, number))[0];
    const wanted = parseFragment(html).children.find((child): child is Element => child.kind === "element");
    if (shown === undefined || wanted === undefined) return;
    const target = this.#unlocked(shown, number);
    if (target === undefined) return;
    this.#morph(target, wanted, { streams, withRoot: true });
    this.#triggerForm();
  }

  /** Inside of an element that waits for an answer, the copy is changed that it will become. */
  #unlocked(shown: Element, number: number): Element | undefined {
    const locked = shown.parent?.closest((element) => element.has(REF_LOCK));
    if (locked === undefined || !this.element.contains(locked)) return shown;
    const copy = locked.notes.lockedAs;
    return copy === undefined ? shown : copy.find((element) => this.#isOwnComponent(element, number));
  }

  #shownComponents(): ReadonlySet<number> {
    const shown = this.#everywhere((element) => this.#isOwnComponent(element));
    return new Set(shown.map((element) => Number(element.get(COMPONENT))));
  }

  #isOwnComponent(element: Element, number?: number): boolean {
    const own = element.get(COMPONENT);
    if (own === undefined || element.get(COMPONENT_VIEW) !== this.element.id) return false;
    return number === undefined || own === String(number);
  }

  /** Tells the server of components that have left the page, and forgets those that it then forgets. */
  #componentsLeft(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    this.#page?.leave(numbers);
    this.push(
      { cids: numbers },
      {
        event: COMPONENTS_WILL_GO_EVENT,
        onAnswer: () => {
          const shown = this.#shownComponents();
          const gone = numbers.filter((number) => !shown.has(number));
          if (gone.length === 0) return;
          const forget = ({ cids }: Fields): void => {
            if (Array.isArray(cids)) this.#page?.forget(cids.map(Number));
          };
          this.push({ cids: gone }, { event: COMPONENTS_GONE_EVENT, onAnswer: forget });
        },
      },
    );
  }

  // ── what comes with a change: portals, phx-mounted, phx-remove ──

  #morph(from: Element, to: Element, { streams: news = [], isJoin = false, ...options }: PatchOptions): void {
    const before = this.#shownComponents();
    const outcome: MorphOutcome = { added: [], leaving: [], portals: [], closed: [], isFocusLost: false };
    const streams = new StreamPatch(news, (row) => {
      for (const view of this.all()) view.isForgotten ||= row !== view.element && row.contains(view.element);
      if (row.has("phx-remove")) outcome.leaving.push(row);
      else detach(row);
    });
    streams.prepare(this.element, isJoin);
    const rootId = this.root.element.id;
    const all = { focused: this.#host.focused, outcome, streams, isJoin, rootId, ...options };
    morph(from, to, all);
    for (let depth = 0; depth < MAX_PORTAL_DEPTH && outcome.portals.length > 0; depth++) {
      for (const template of outcome.portals.splice(0)) {
        const { shown, wanted } = this.#open(template);
        morph(shown, wanted, { ...all, withRoot: true });
      }
    }
    if (outcome.isFocusLost) this.#host.loseFocus();
    this.#closePortals(outcome.closed);
    for (const element of outcome.added) this.#mount(element);
    for (const element of outcome.leaving) this.#host.execute(element, "phx-remove", "remove");
    for (const element of outcome.leaving) detach(element);
    this.#followElements(outcome.added, isJoin);
    if (isJoin || before.size === 0) return;
    const after = this.#shownComponents();
    this.#componentsLeft([...before].filter((number) => !after.has(number)));
  }

  /** Views leave with their elements, and join with new ones. */
  #followElements(added: readonly Element[], isJoin: boolean): void {
    const { document } = this.#host;
    for (const view of this.all()) {
      if (view === this || view.isForgotten || view.#isJoinPending || document.contains(view.element)) continue;
      view.leave();
    }
    this.#host.joinSticky();
    const isNew = (element: Element): boolean => isChild(element) && document.contains(element);
    if (!isJoin && added.some(isNew)) this.#joinNewChildren();
  }

  #open(template: Element): { readonly shown: Element; readonly wanted: Element } {
    const { document } = this.#host;
    const root = portalRoot(template);
    const [container] = select(document, portalTarget(template));
    if (root === undefined || root.id === "") {
      throw new Error(`The portal ${template.id} must hold one element with an id.`);
    }
    if (container === undefined) {
      throw new Error(
        `The portal ${template.id} is for ${portalTarget(template)}, and no such element is on the page.`,
      );
    }
    this.#portalIds.add(root.id);
    return openPortal(document, container, template, root, this.element.id);
  }

  #closePortals(closed: readonly Element[]): void {
    const gone = new Set(closed.map((template) => portalRoot(template)?.id));
    for (const element of this.#portalElements()) {
      const source = element.get(TELEPORTED_FROM);
      const isOpen = this.#host.document.find((each) => each.id === source && isPortal(each)) !== undefined;
      if (isOpen && !gone.has(element.id)) continue;
      detach(element);
      this.#portalIds.delete(element.id);
    }
  }

  #portalElements(): Element[] {
    if (this.#portalIds.size === 0) return [];
    return this.#host.document.all(
      (element) => this.#portalIds.has(element.id) && element.get(TELEPORTED) === this.element.id,
    );
  }

  /** Elements of the view, also those that it shows elsewhere. */
  #everywhere(matches: (element: Element) => boolean): Element[] {
    const isOwn = (element: Element): boolean => element.closest((each) => each.has(SESSION)) === this.element;
    const isElsewhere = (element: Element): boolean => element.closest((each) => each.has(TELEPORTED)) !== undefined;
    return this.#everywhereWithin((element) => matches(element) && (isOwn(element) || isElsewhere(element)));
  }

  /** Likewise, with those of the views in it. */
  #everywhereWithin(matches: (element: Element) => boolean): Element[] {
    return [this.element, ...this.#portalElements()].flatMap((root) => root.all(matches));
  }

  #mountAll(): void {
    for (const element of this.#everywhere((each) => each.has("phx-mounted") || each.has("phx-hook"))) {
      this.#mount(element);
    }
  }

  #mount(element: Element): void {
    const { notes } = element;
    if (notes.isMounted === true) return;
    const hasCommands = (element.get("phx-mounted") ?? "") !== "";
    const wrapsFocus = element.get("phx-hook") === FOCUS_WRAP;
    if (!hasCommands && !wrapsFocus) return;
    notes.isMounted = true;
    // In the copy that a locked element becomes, the client notes it and does nothing.
    if (!this.#host.document.contains(element)) return;
    if (wrapsFocus) this.#host.wrapFocus(element);
    if (hasCommands) this.#host.execute(element, "phx-mounted", null);
  }

  #triggerForm(): void {
    const [form] = this.#everywhere((element) => element.name === "form" && element.has("phx-trigger-action"));
    if (form !== undefined) this.#host.submitExternally(form);
  }

  #dispatch(events: unknown): void {
    if (!Array.isArray(events)) return;
    for (const event of events) if (Array.isArray(event)) this.#host.dispatch(String(event[0]), event[1]);
  }

  // ── to the server ──

  /**
   * Sends an event, if the view is there to take it.
   * @param marked gives the elements that wait for the answer, and marks them, for the number of the event.
   */
  push(
    payload: Fields,
    options: {
      readonly event?: string;
      readonly mark?: ((ref: number, viewId: string) => void) | undefined;
      /** Of elements that were marked before. */
      readonly lock?: number | undefined;
      readonly onAnswer?: (response: Fields) => void;
    } = {},
  ): Push {
    const push: Push = { outcome: "waiting", reply: null };
    if (!this.canPush) {
      push.outcome = "lost";
      return push;
    }
    const elementRef = options.lock ?? (options.mark === undefined ? undefined : this.lock(options.mark));
    const ref = this.#host.newRef();
    this.#waiting.set(ref, { push, elementRef, onAnswer: options.onAnswer ?? ignore });
    this.#sendFrame(ref, options.event ?? "event", payload);
    return push;
  }

  /** Marks elements before there is something to send. @returns for `push`, or `unlock` */
  lock(mark: (ref: number, viewId: string) => void): number {
    const elementRef = this.#elementRef++;
    mark(elementRef, this.element.id);
    return elementRef;
  }

  unlock(lock: number): void {
    this.#release(lock);
    this.#host.changed();
  }

  /** Marks elements as waiting, for `push`. */
  static marking(
    elements: readonly Marked[],
    type: string,
    form?: Element,
    submitter?: Element,
  ): (ref: number, viewId: string) => void {
    return (ref, viewId) => mark(elements, viewId, ref, type, form, submitter);
  }

  /** Asks for another address of the same view. `otherView` is called if it belongs to another one. */
  patchTo(href: string, kind: string, link: Element | undefined, otherView: () => void): Push {
    this.#pendingLink = href;
    return this.push(
      { url: href },
      {
        event: LIVE_PATCH_EVENT,
        mark: link === undefined ? undefined : ClientView.marking([{ element: link, isLocked: true }], "click"),
        onAnswer: (response) => {
          if (response["link_redirect"] === true) return otherView();
          if (this.#pendingLink === href) {
            this.#pendingLink = undefined;
            this.href = href;
            this.#host.patched(href, kind);
          }
          this.#applyPending();
        },
      },
    );
  }

  #release(elementRef: number | undefined): void {
    if (elementRef === undefined) return;
    for (const element of this.#host.document.all((each) => each.get(REF_SOURCE) === this.element.id)) {
      this.#releaseElement(element, elementRef);
    }
  }

  #releaseElement(element: Element, ref: number): void {
    release(element, ref, (became) => {
      this.#morph(element, became, { withRoot: true, undoneRef: ref });
      for (const child of element.all((each) => each.get(REF_SOURCE) === this.element.id))
        this.#releaseElement(child, ref);
    });
  }

  /** The refs of a push are those of its own join. */
  #sendFrame(ref: string, event: string, payload: object): void {
    this.#host.send(JSON.stringify([this.#joinRef, ref, this.topic, event, payload]));
  }
}

/** What portals show is part of the page too. */
function withPortals(fragment: Element): Element {
  for (const template of fragment.all(isPortal)) {
    const root = portalRoot(template);
    if (root !== undefined) fragment.insert(root.clone());
  }
  return fragment;
}

function ignore(): void {
  // The answer was all.
}

/** The `phx-value-…` attributes of an element. */
export function phxValues(element: Element): { [name: string]: string } {
  const values: { [name: string]: string } = {};
  for (const [name, value] of element.attributes) if (name.startsWith("phx-value-")) values[name.slice(10)] = value;
  return values;
}

function cloneWithNotes(element: Element): Element {
  const copy = element.clone();
  const copies = copy.descendants();
  for (const original of element.descendants()) {
    const next = copies.next();
    if (next.done !== true) next.value.notes = original.notes;
  }
  copy.notes = element.notes;
  return copy;
}

export function fieldsOf(value: unknown): Fields {
  // Any object has fields of which nothing is known.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function textOr(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Whether a control has an event of its own, or its form has. */
export function changeAttribute(control: Element): { readonly attribute: string; readonly owner: Element } | undefined {
  const own = control.get("phx-change");
  if (own !== undefined && own !== "") return { attribute: own, owner: control };
  const form = isControl(control) ? formOf(control) : undefined;
  const formEvent = form?.get("phx-change");
  return form === undefined || formEvent === undefined || formEvent === ""
    ? undefined
    : { attribute: formEvent, owner: form };
}

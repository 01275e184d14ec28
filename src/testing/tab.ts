import { LiveError } from "../errors.ts";
import type { LiveApp } from "../live/app-options.ts";
import type { TestAccess } from "../live/activity.ts";
import { ViewProcess } from "../live/view-process.ts";
import { giveSession } from "../live/visitor.ts";
import { CONNECTION_TOPIC, HEARTBEAT_EVENT } from "../protocol/keys.ts";
import { Connection } from "../transport/connection.ts";
import { RENEWAL_ATTRIBUTE, RENEWAL_PATH } from "../session/renewal.ts";
import { takeCookies } from "../session/request-notes.ts";
import type { BrowserCookies } from "./browser-cookies.ts";
import { ClientView, fieldsOf, type Received, type ViewHost } from "./client-view.ts";
import { inNextTurn } from "./clocks.ts";
import { collapse, Element } from "./dom.ts";
import { formEntries } from "./form-data.ts";
import { checkConditions, Line, randomFrom, type LineConditions } from "./line.ts";
import { FileUploads, type UploadingTab, type Uploaders } from "./file-uploads.ts";
import { isSticky, SESSION, viewIdAround } from "./nested.ts";
import { parseDocument } from "./parse.ts";
import { TabHistory } from "./tab-history.ts";

/** Where the server has sent the browser. */
export interface Redirect {
  /**
   * `patch`: another address of the same view. `navigate`: another view, over the same connection. `redirect`: a page
   * load; of another site's address the page stays as it is.
   */
  readonly kind: "patch" | "navigate" | "redirect";
  /** As the server said it: a path, or a whole address. */
  readonly to: string;
}

/** An event that the server has pushed to the page, by `socket.pushEvent`. */
export interface PushedEvent {
  readonly name: string;
  readonly payload: unknown;
}

/** A DOM event that `JS.dispatch` has fired. */
export interface DispatchedEvent {
  readonly name: string;
  readonly detail: object;
  readonly element: Element;
}

export interface TabOptions {
  /** Those of the tab's browser, which may have other tabs. */
  readonly cookies: BrowserCookies;
  readonly session: object | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly uploaders: Uploaders;
}

/** The client writes them before it loads a page; docs/protocol.md, sections 7 and 16. */
const FLASH_COOKIE = "__phoenix_flash__";
const STATUS_COOKIE = "__phoenix_reload_status__";
/** As many redirects of one page load as browsers follow. */
const MAX_REDIRECTS = 20;
const HEARTBEAT_MS = 30_000;
/** After so many connections and joins in a row that came to nothing, a page gives up, where a browser would go on. */
const MAX_ATTEMPTS = 3;
/** Likewise on a line that loses frames. */
const MAX_LOSSY_ATTEMPTS = 100;
const LOG_LINES = 12;
const MAX_MOVES = 100;

/** How an address enters the history: as a new entry, in the place of the last, or it was there already. */
type Arrival = "push" | "replace" | "pop";

/** One tab of a browser: its document, cookies, address and connection, and the view on it. */
export class Tab implements ViewHost, UploadingTab {
  readonly app: LiveApp;
  readonly access: TestAccess;
  readonly origin: string;
  readonly cookies: BrowserCookies;
  readonly #options: TabOptions;
  /** What becomes of chosen files. */
  readonly uploads = new FileUploads(this);
  document = new Element("#document");
  href: string;
  status = 0;
  focused: Element | undefined = undefined;
  view: ClientView | undefined = undefined;
  /** Sticky views, by the ids of their elements. */
  readonly #sticky = new Map<string, ClientView>();
  redirected: Redirect | undefined = undefined;
  /** Where the page went that no test has asked for yet. */
  readonly moves: Redirect[] = [];
  readonly #history = new TabHistory();
  /** How the live navigation that is under way enters the history. */
  #arrival: Arrival = "push";
  /** Pushed events that no test has asked for yet. */
  readonly events: PushedEvent[] = [];
  /** Events that JS commands have dispatched and that no test has asked for yet. */
  readonly dispatched: DispatchedEvent[] = [];
  /** The latest lines of the app's log, while this page was open. */
  readonly log: string[] = [];
  /** What went wrong with nobody waiting for it. */
  readonly failures: LiveError[] = [];
  /** Changes whenever the page may have. */
  version = 0;
  isClosed = false;
  /** A test has cut the connection, and will say when it comes back. */
  isOffline = false;
  /** The elements of sticky views, while a live navigation is under way. */
  #carriedOver: Element[] = [];
  #line: Line | undefined;
  #conditions: LineConditions = {};
  #random = randomFrom(1);
  #connection: Connection | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #renewing: ReturnType<typeof setInterval> | undefined;
  /** Whether its user has done anything of late. */
  isInUse = false;
  #reconnecting: ReturnType<typeof setTimeout> | undefined;
  #lastRef = 0;
  /** Page loads, connections and joins that are under way without anybody's doing. */
  #underWay = 0;
  #attempts = 0;
  /** Whether the next end of the view is what the test asked for. */
  expectsCrash = false;
  /** Does what the page does by itself: given by whoever acts on the page. */
  actor: Pick<ViewHost, "execute" | "wrapFocus"> | undefined;

  constructor(app: LiveApp, access: TestAccess, options: TabOptions) {
    this.app = app;
    this.access = access;
    this.#options = options;
    this.cookies = options.cookies;
    this.origin = access.origins?.[0] ?? "http://localhost";
    this.href = `${this.origin}/`;
    const { cookie } = Object.fromEntries(
      Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    if (cookie !== undefined) this.cookies.takeSent(cookie);
  }

  get isBusy(): boolean {
    return this.#underWay > 0 || this.#line?.isMoving === true;
  }

  /** Whether answers may be a long time coming, or never come: nobody should wait for one. */
  get isLineBad(): boolean {
    return (
      this.#line === undefined ||
      !this.#line.isOpen ||
      this.#line.isCarrying ||
      Object.keys(this.#conditions).length > 0
    );
  }

  /** The view's process, while it is joined. */
  get process(): ViewProcess | undefined {
    return this.processOf(this.view);
  }

  processOf(view: ClientView | undefined): ViewProcess | undefined {
    const member = view === undefined ? undefined : this.#connection?.memberOn(view.topic);
    return member instanceof ViewProcess ? member : undefined;
  }

  /** All views of the page: its own, and those that are nested in others. */
  *views(): Generator<ClientView> {
    if (this.view !== undefined) yield* this.view.all();
    for (const view of this.#sticky.values()) yield* view.all();
  }

  /** The view of the element with this id. */
  viewOn(id: string): ClientView | undefined {
    for (const view of this.views()) if (view.element.id === id) return view;
    return undefined;
  }

  /** The view that an element belongs to; outside of all, the page's own. */
  viewAround(element: Element): ClientView | undefined {
    const id = viewIdAround(element);
    return id === undefined ? this.view : this.viewOn(id);
  }

  /** Takes in what has arrived. */
  refresh(): void {
    this.#line?.drain();
  }

  /** Has a handler decide on cookies, as one does that answers this browser. */
  async takeCookiesOf(handler: (request: Request) => unknown): Promise<void> {
    const request = this.#request(this.href);
    await handler(request);
    this.cookies.takeSet(takeCookies(request));
  }

  // ── pages ──

  /** Loads a page as the address bar does. Resolves when its view has been asked for, or there is none. */
  async load(
    address: string,
    form?: { readonly method: string; readonly body: URLSearchParams | FormData },
  ): Promise<void> {
    this.#underWay++;
    try {
      this.#leave();
      const { response, href } = await this.#follow(new URL(address, this.href).href, form);
      const text = await response.text();
      if (this.isClosed) return;
      this.status = response.status;
      this.href = href;
      this.#history.loaded(href);
      this.document = parseDocument(text);
      this.focused = undefined;
      this.changed();
      this.#renewSession();
      const main = this.document.find((element) => element.has("data-phx-main"));
      if (main === undefined) return;
      this.view = new ClientView(this, main, href);
      if (!this.isOffline) await this.#connect();
    } finally {
      this.#underWay--;
    }
  }

  async #follow(
    address: string,
    form: { readonly method: string; readonly body: URLSearchParams | FormData } | undefined,
  ): Promise<{ readonly response: Response; readonly href: string }> {
    let href = address;
    let body = form;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const request = this.#request(href, body);
      const response = await this.app.fetch(request);
      this.cookies.takeSet(response.headers.getSetCookie());
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) return { response, href };
      this.#sentTo("redirect", location);
      const target = new URL(location, href);
      if (target.origin !== this.origin) return { response: new Response("", { status: response.status }), href };
      if (response.status !== 307 && response.status !== 308) body = undefined;
      href = target.href;
    }
    throw new LiveError(
      "testing.page",
      `${address} redirects more than ${MAX_REDIRECTS} times; the last was to ${href}.`,
    );
  }

  #request(href: string, form?: { readonly method: string; readonly body: URLSearchParams | FormData }): Request {
    const headers = new Headers(this.#options.headers);
    const cookie = this.cookies.header;
    if (cookie === undefined) headers.delete("cookie");
    else headers.set("cookie", cookie);
    if (form !== undefined) headers.set("origin", this.origin);
    const url = new URL(href);
    url.hash = "";
    const request = new Request(
      url,
      form === undefined ? { headers } : { headers, method: form.method, body: form.body },
    );
    if (this.#options.session !== undefined) giveSession(request, this.#options.session);
    return request;
  }

  /** Goes to an address in the background, as a browser does once the code at hand is done. */
  #loadLater(address: string): void {
    this.#underWay++;
    inNextTurn(() => {
      this.load(address)
        .catch((error: unknown) => this.#fail(error))
        .finally(() => this.#underWay--);
    });
  }

  /** As the page's own script does while the page is in use. */
  #renewSession(): void {
    const script = this.document.find((element) => element.has(RENEWAL_ATTRIBUTE));
    if (script === undefined) return;
    this.#renewing = setInterval(
      () => {
        if (!this.isInUse) return;
        this.isInUse = false;
        this.#later(async () => {
          const request = this.#request(`${this.origin}${this.access.socketPath}${RENEWAL_PATH}`, {
            method: "POST",
            body: new URLSearchParams(),
          });
          const response = await this.app.fetch(request);
          this.cookies.takeSet(response.headers.getSetCookie());
        });
      },
      Number(script.get(RENEWAL_ATTRIBUTE)),
    );
    unref(this.#renewing);
  }

  #leave(): void {
    clearInterval(this.#renewing);
    for (const view of this.#roots()) view.leave();
    this.view = undefined;
    this.#sticky.clear();
    this.#hangUp();
  }

  /** Those that join by themselves. */
  #roots(): readonly ClientView[] {
    return [...(this.view === undefined ? [] : [this.view]), ...this.#sticky.values()];
  }

  // ── the connection ──

  get conditions(): LineConditions {
    return this.#conditions;
  }

  set conditions(conditions: LineConditions) {
    checkConditions(conditions);
    const { offlineFor, ...lasting } = conditions;
    this.#conditions = lasting;
    this.#random = randomFrom(conditions.seed ?? 1);
    this.#line?.setConditions(lasting, this.#random);
    if (offlineFor === undefined) return;
    this.cut();
    this.#reconnecting = setTimeout(() => this.reconnect(), offlineFor);
  }

  /** The network is gone until `reconnect`. */
  cut(): void {
    this.isOffline = true;
    this.#hangUp();
    for (const view of this.#roots()) {
      view.lost("client");
      view.showDisconnected();
    }
    this.changed();
  }

  reconnect(): void {
    clearTimeout(this.#reconnecting);
    this.isOffline = false;
    this.#attempts = 0;
    if (this.view !== undefined && this.#line === undefined) this.#later(() => this.#connect());
  }

  #later(work: () => Promise<void> | void): void {
    this.#underWay++;
    inNextTurn(() => {
      Promise.resolve()
        .then(() => (this.isClosed ? undefined : work()))
        .catch((error: unknown) => this.#fail(error))
        .finally(() => this.#underWay--);
    });
  }

  async #connect(): Promise<void> {
    const view = this.view;
    if (view === undefined) return;
    const socket = `${this.origin}${this.access.socketPath}/websocket?vsn=2.0.0`;
    const request = this.#request(socket);
    request.headers.set("origin", this.origin);
    const decision = await this.app.upgrade(request);
    if (this.isClosed || this.isOffline || this.view !== view) return;
    if (decision instanceof Response) {
      this.#fail(
        new LiveError("testing.page", `The app refused the page's socket with ${decision.status}.${this.#logText()}`),
      );
      return;
    }
    const line = new Line({
      take: (text) => this.#take(line, text),
      lost: () => this.#lost(line),
    });
    line.setConditions(this.#conditions, this.#random);
    this.#line = line;
    const server = decision.open(line);
    this.#connection = server instanceof Connection ? server : undefined;
    line.connect(server);
    // As the client does: a server closes a connection that says nothing.
    this.#heartbeat = setInterval(() => {
      line.send(JSON.stringify([null, this.newRef(), CONNECTION_TOPIC, HEARTBEAT_EVENT, {}]));
    }, HEARTBEAT_MS);
    unref(this.#heartbeat);
    for (const root of this.#roots()) root.join();
    this.joinSticky();
    line.drain();
  }

  #hangUp(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#reconnecting);
    const line = this.#line;
    this.#line = undefined;
    this.#connection = undefined;
    this.uploads.connectionLost();
    line?.cut();
  }

  #lost(line: Line): void {
    if (this.#line !== line) return;
    this.#hangUp();
    for (const view of this.#roots()) view.lost("client");
    this.changed();
    if (this.isClosed || this.isOffline) return;
    this.#tryAgain("its connection broke", () => this.#connect());
  }

  #tryAgain(why: string, work: () => Promise<void> | void): void {
    const isLossy = (this.#conditions.drop ?? 0) > 0;
    if (++this.#attempts <= (isLossy ? MAX_LOSSY_ATTEMPTS : MAX_ATTEMPTS)) return this.#later(work);
    this.#fail(
      new LiveError(
        "testing.page",
        `The page gave up after ${this.#attempts - 1} attempts to join: ${why}. A browser would go on trying.${this.#logText()}`,
      ),
    );
  }

  #take(line: Line, text: string): void {
    if (this.#line !== line) return;
    try {
      // Every frame is an array of five: docs/protocol.md, section 4.
      const [joinRef, ref, topic, event, payload] = JSON.parse(text) as unknown[];
      const received: Received = { joinRef, ref, event: String(event), payload: fieldsOf(payload) };
      if (this.uploads.receive(topic, received)) return;
      for (const view of this.views()) {
        if (view.topic !== topic) continue;
        view.receive(received);
        break;
      }
    } catch (error) {
      this.#fail(error);
    }
    if (this.view?.isJoined === true) this.#attempts = 0;
  }

  // ── ViewHost ──

  get isOnline(): boolean {
    return this.#line?.isOpen === true;
  }

  get csrfToken(): string | undefined {
    return this.document
      .find((element) => element.name === "meta" && element.get("name") === "csrf-token")
      ?.get("content");
  }

  newRef(): string {
    return String(++this.#lastRef);
  }

  send(data: string | Uint8Array): void {
    this.#line?.send(data);
  }

  get uploaders(): Uploaders {
    return this.#options.uploaders;
  }

  fail(message: string): void {
    this.#fail(new LiveError("testing.page", message));
  }

  changed(): void {
    this.version++;
    this.uploads.pageChanged();
    if (this.focused !== undefined && !this.document.contains(this.focused)) this.focused = undefined;
  }

  loseFocus(): void {
    this.focused = undefined;
  }

  showTitle(title: string | undefined): void {
    const element = this.document.find(({ name }) => name === "title");
    if (element === undefined) return;
    const fallback = element.get("data-default");
    const isEmpty = title === undefined || title.trim() === "";
    if (isEmpty && fallback === undefined) return;
    element.text = `${element.get("data-prefix") ?? ""}${isEmpty ? fallback : title}${element.get("data-suffix") ?? ""}`;
  }

  dispatch(name: string, payload: unknown): void {
    this.events.push({ name, payload });
  }

  patched(to: string, kind: string): void {
    this.href = to;
    if (kind === "pop") return;
    this.#sentTo("patch", localPart(to, this.origin));
    this.#history.went("patch", kind, to);
  }

  /** Notes where the page goes. */
  #sentTo(kind: Redirect["kind"], to: string): void {
    this.redirected = { kind, to };
    this.#noteMove(this.redirected);
  }

  #noteMove(move: Redirect): void {
    this.moves.push(move);
    if (this.moves.length > MAX_MOVES) this.moves.shift();
  }

  redirect(to: string, flash: string | undefined, reloadToken: string | undefined): void {
    if (flash !== undefined) this.cookies.set(FLASH_COOKIE, flash);
    if (reloadToken !== undefined) this.cookies.set(STATUS_COOKIE, reloadToken);
    this.#sentTo("redirect", localPart(to, this.origin));
    const target = new URL(to, this.href);
    if (target.origin !== this.origin) return this.#leave();
    if (reloadToken === undefined && target.href === this.href)
      return this.#tryAgain("its pages are refused", () => this.load(target.href));
    this.#loadLater(target.href);
  }

  liveRedirect(to: string, kind: string, flash: string | undefined): void {
    this.redirected = { kind: "navigate", to };
    this.navigate(to, flash, kind === "replace" ? "replace" : "push");
  }

  /** Goes to another view over the same connection. */
  navigate(to: string, flash?: string, arrival: Arrival = "push"): void {
    const old = this.view;
    const href = new URL(to, this.href).href;
    if (old === undefined || !this.isOnline) return this.#loadLater(href);
    const element = new Element(old.element.name, old.element.namespace);
    for (const [name, value] of old.element.attributes) element.set(name, value);
    this.#arrival = arrival;
    const referer = this.href;
    old.leave();
    old.runRemovals();
    this.#carriedOver = this.document.all(isSticky);
    this.view = new ClientView(this, element, href, { referer, flash });
    this.view.join();
  }

  execute(element: Element, attribute: string, type: "remove" | null): void {
    this.actor?.execute(element, attribute, type);
  }

  wrapFocus(element: Element): void {
    this.actor?.wrapFocus(element);
  }

  joinSticky(): void {
    for (const [id, view] of this.#sticky) {
      if (view.isForgotten || this.document.contains(view.element)) continue;
      view.leave();
      this.#sticky.delete(id);
    }
    if (!this.isOnline) return;
    for (const element of this.document.all((each) => each.has(SESSION) && isSticky(each))) {
      if (this.#sticky.has(element.id)) continue;
      const view = new ClientView(this, element, this.href, undefined, { parent: undefined });
      this.#sticky.set(element.id, view);
      view.join();
    }
  }

  entered(view: ClientView): void {
    for (const element of this.#carriedOver.splice(0)) view.element.insert(element);
    const main = this.document.find((element) => element.id === view.element.id);
    main?.parent?.replace(main, view.element);
    this.href = view.href;
    if (this.#arrival !== "pop") {
      this.#noteMove({ kind: "navigate", to: localPart(view.href, this.origin) });
      this.#history.went("redirect", this.#arrival, view.href);
    }
    this.changed();
  }

  /** Goes back (-1) or forward (1) in the tab's history. @returns whether there is anything */
  step(by: -1 | 1): boolean {
    const step = this.#history.step(by);
    if (step === undefined) return false;
    const { href, kind } = step;
    if (kind === "load") {
      this.#loadLater(href);
      return true;
    }
    // The browser is there at once, and the client says from then on that it comes from there.
    this.href = href;
    if (kind === "patch" && this.isOnline && this.view?.isJoined === true) {
      this.view.patchTo(href, "pop", undefined, () => this.navigate(href, undefined, "pop"));
    } else this.navigate(href, undefined, "pop");
    return true;
  }

  crashed(view: ClientView): void {
    if (!this.expectsCrash) {
      const where = new URL(this.href).pathname;
      const which = view === this.view ? "The view" : `The nested view ${JSON.stringify(view.element.id)}`;
      this.failures.push(new LiveError("testing.crash", `${which} at ${where} has crashed.${this.#logText()}`));
    }
    if (this.expectsCrash) view.crashes = 0;
    this.expectsCrash = false;
    this.changed();
    // Of a nested view the test was told already, and the page goes on.
    if (view !== this.view && ++view.crashes > MAX_ATTEMPTS) return;
    this.#tryAgain("its view crashes", () => {
      if (!view.isDestroyed && this.isOnline) view.join();
      this.refresh();
    });
  }

  refused(_view: ClientView, response: { readonly [key: string]: unknown }): void {
    this.#fail(
      new LiveError(
        "testing.page",
        `The join of ${new URL(this.href).pathname} was refused: ${JSON.stringify(response)}.${this.#logText()}`,
      ),
    );
  }

  submitExternally(form: Element, submitter?: Element): void {
    const method = (submitter?.get("formmethod") ?? form.get("method") ?? "get").toUpperCase();
    if (method === "DIALOG") return;
    const target = new URL(submitter?.get("formaction") ?? form.get("action") ?? this.href, this.href);
    const fields = new URLSearchParams(formEntries(form, submitter).map(([name, value]) => [name, value]));
    if (target.origin !== this.origin) {
      this.#sentTo("redirect", target.href);
      return this.#leave();
    }
    if (method === "POST") {
      const type = submitter?.get("formenctype") ?? form.get("enctype") ?? "";
      const body = type.toLowerCase() === "multipart/form-data" ? toFormData(fields) : fields;
      return this.#later(() => this.load(target.href, { method, body }));
    }
    target.search = fields.toString();
    this.#loadLater(target.href);
  }

  /** Follows a link that is no live one. */
  follow(href: string): void {
    const target = new URL(href, this.href);
    if (target.origin === this.origin) return this.#loadLater(target.href);
    this.#sentTo("redirect", target.href);
    this.#leave();
  }

  // ── the end, and failures ──

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.#renewing);
    for (const view of this.#roots()) view.leave();
    this.#hangUp();
  }

  noteLog(line: string): void {
    this.log.push(line);
    if (this.log.length > LOG_LINES) this.log.shift();
  }

  #fail(error: unknown): void {
    this.failures.push(
      error instanceof LiveError
        ? error
        : new LiveError("testing.page", `The page failed: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error,
          }),
    );
  }

  #logText(): string {
    return this.log.length === 0
      ? ""
      : `\n\nThe server logged:\n${this.log.map((line) => `  ${line.trimEnd().replaceAll("\n", "\n  ")}`).join("\n")}`;
  }

  get logText(): string {
    return this.#logText();
  }

  get title(): string {
    return collapse(this.document.find(({ name }) => name === "title")?.text ?? "");
  }
}

function toFormData(fields: URLSearchParams): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

function localPart(to: string, origin: string): string {
  return to.startsWith(`${origin}/`) ? to.slice(origin.length) : to;
}

/** A timer that keeps no process alive. Where timers are numbers, none does. */
function unref(timer: { unref?: () => unknown } | number): void {
  if (typeof timer === "object") timer.unref?.();
}

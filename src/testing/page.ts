import type { LiveError } from "../errors.ts";
import type { LiveView } from "../live/live-view.ts";
import type { Message } from "../pubsub/message.ts";
import type { BrowserCookies } from "./browser-cookies.ts";
import { failure } from "./failures.ts";
import type { LineConditions } from "./line.ts";
import { matching, PageElement } from "./page-element.ts";
import type { OpenPage } from "./open-page.ts";
import { PageView, type InfosFor } from "./page-view.ts";
import { nameOf } from "./serialize.ts";
import type { Redirect } from "./tab.ts";
import { fireWaiting } from "./user.ts";

const cookies = new WeakMap<object, BrowserCookies>();

/** Those of the page's browser, for another tab of it. */
export function cookiesOf(page: object): BrowserCookies | undefined {
  return cookies.get(page);
}

/**
 * A page in a tab of a browser that is not there: its document, and what a user, the network and the server do to it.
 *
 * What can be read is up to date when it is read. Promises resolve when everything that follows is done: see `settled`.
 *
 * @typeParam I the infos of its view, if the view was given to `visit`.
 */
export class Page<I extends Message = Message> extends PageView<I> {
  readonly #page: OpenPage;

  /** Made by `visit`. */
  constructor(page: OpenPage) {
    super(page);
    this.#page = page;
    cookies.set(this, page.tab.cookies);
  }

  // ── what it shows ──

  /**
   * The element of a CSS selector anywhere in the document, and of a text: all of its text, or if there is none with that,
   * a part of it. There must be one only when something is done with it.
   */
  element(selector: string, text?: string): PageElement {
    return new PageElement(this.#page, selector, text);
  }

  /** All elements of a selector and a text, as they are now, in the order of the document. */
  elements(selector: string, text?: string): PageElement[] {
    this.#page.refresh();
    const found = matching(this.#page.tab.document, selector, text);
    return found.map((_element, index) => new PageElement(this.#page, selector, text, index));
  }

  /** Whether there is an element of this selector and text. */
  has(selector: string, text?: string): boolean {
    return this.element(selector, text).exists();
  }

  /**
   * The view that is nested under this id (`liveRender`), here or in a view that is nested itself: looked for anew each time
   * that something is done with it. Its elements are the page's: `page.element("#clock button")`.
   * @param _view the view itself, for the types of its infos only
   */
  child<V extends LiveView | undefined = undefined>(id: string | number, _view?: V): PageView<InfosFor<V>> {
    return new PageView(this.#page, String(id));
  }

  /** The document's title. */
  get title(): string {
    this.#page.refresh();
    return this.#page.tab.title;
  }

  get url(): URL {
    this.#page.refresh();
    return new URL(this.#page.tab.href);
  }

  /** The status of the last page load: 200, 404, … */
  get status(): number {
    return this.#page.tab.status;
  }

  /** Where the server has sent the page last, be it that it went there or that another site is not followed. */
  get redirect(): Redirect | undefined {
    this.#page.refresh();
    return this.#page.tab.redirected;
  }

  /**
   * Fails unless the page has gone to another address of its view: by `pushPatch` or by a link that patches. Each call asks for
   * another of its moves, the first that no call has asked for yet.
   * @param to path and query. @default any
   * @throws {LiveError} `testing.action`, with where it went instead
   */
  assertPatched(to?: string): void {
    this.#assertMoved("patch", to, "patched the address");
  }

  /** As `assertPatched`, for another view over the same connection: by `pushNavigate` or by a link. */
  assertNavigated(to?: string): void {
    this.#assertMoved("navigate", to, "navigated to another view");
  }

  /**
   * As `assertPatched`, for a page load that the server has asked for: by `redirect`, by a `pushNavigate` that leads to other routes
   * than the page's, or by an HTTP redirect.
   * @param to as the server said it: a path, or a whole address of another site
   */
  assertRedirected(to?: string): void {
    this.#assertMoved("redirect", to, "been redirected");
  }

  #assertMoved(kind: Redirect["kind"], to: string | undefined, what: string): void {
    this.#page.refresh();
    const { moves } = this.#page.tab;
    const index = moves.findIndex((move) => move.kind === kind && (to === undefined || move.to === to));
    if (index !== -1) return void moves.splice(index, 1);
    const others = moves.map((move) => `${move.kind} ${JSON.stringify(move.to)}`);
    throw this.#failure(
      `The page has not ${what}${to === undefined ? "" : ` at ${JSON.stringify(to)}`}${others.length === 0 ? ", and went nowhere else." : `; where it went, and no test has asked for yet: ${others.join(", ")}.`}`,
    );
  }

  /** The latest lines of the app's log. */
  get log(): readonly string[] {
    return [...this.#page.tab.log];
  }

  // ── waiting ──

  /**
   * Waits until nothing is left to do in the app: no message in a mailbox, no callback awaited, no timer due, no page being
   * loaded or joined. Timers of the future, and frames that a bad line delays, are not waited for. It does not sleep. While
   * the clock is faked, it also returns when what is awaited makes no progress by itself.
   *
   * Every action of a page waits so by itself.
   *
   * @param options.withinMs how long to wait, in milliseconds, before that is a failure. @default that of `visit`
   * @param options.asyncWork whether to wait for the work of `startAsync` and `assignAsync` too. @default that of `visit`
   * @throws {LiveError} `testing.crash` if the view has crashed meanwhile; `testing.unsettled` after `withinMs`, with what is
   * still going on
   */
  settled(
    options: { readonly withinMs?: number | undefined; readonly asyncWork?: boolean | undefined } = {},
  ): Promise<void> {
    return this.#page.settled(options);
  }

  /**
   * The payload of the next event of this name that the view has pushed by `socket.pushEvent`: of the first one that no
   * `pushed` has given yet.
   * @param options.withinMs how long to wait for it when the app has come to rest without it. @default 0
   * @throws {LiveError} `testing.action` if none came, with those that did
   */
  async pushed(name: string, options: { readonly withinMs?: number | undefined } = {}): Promise<unknown> {
    const { events } = this.#page.tab;
    const isThere = (): boolean => events.some((event) => event.name === name);
    this.#page.refresh();
    if (!isThere()) await this.#page.settled();
    if (!isThere()) await this.#page.until(isThere, options.withinMs ?? 0);
    const index = events.findIndex((event) => event.name === name);
    const [event] = index === -1 ? [] : events.splice(index, 1);
    if (event !== undefined) return event.payload;
    const others = events.map((other) => JSON.stringify(other.name));
    throw this.#failure(
      `The view has pushed no event ${JSON.stringify(name)}${others.length === 0 ? "." : `; those that nobody has asked for are ${others.join(", ")}.`}`,
    );
  }

  /**
   * The detail of the next DOM event of this name that `JS.dispatch` has fired, with the element: of the first one that no
   * `dispatched` has given yet. The page's own scripts, which listen to it, do not run here.
   * @throws {LiveError} `testing.action` if none was, with those that were
   */
  dispatched(name: string): { readonly detail: object; readonly element: string } {
    const { dispatched } = this.#page.tab;
    this.#page.refresh();
    const index = dispatched.findIndex((event) => event.name === name);
    const [event] = index === -1 ? [] : dispatched.splice(index, 1);
    if (event !== undefined) return { detail: event.detail, element: nameOf(event.element) };
    const others = dispatched.map((other) => JSON.stringify(other.name));
    throw this.#failure(
      `No event ${JSON.stringify(name)} was dispatched${others.length === 0 ? "." : `; those that nobody has asked for are ${others.join(", ")}.`}`,
    );
  }

  /** Sends what waits for a `phx-debounce` now, as if its time were over. */
  debounced(): Promise<void> {
    return this.#page.act(() => {
      const waiting = this.#page.tab.document.all((element) => element.notes.waiting !== undefined);
      for (const element of waiting) fireWaiting(element);
    });
  }

  // ── the network ──

  /** The network is gone, until `reconnect`. The server notices at once. */
  disconnect(): Promise<void> {
    return this.#page.act(() => this.#page.tab.cut());
  }

  /** The network is back: the page connects, joins anew, and recovers its forms. */
  reconnect(): Promise<void> {
    return this.#page.act(() => this.#page.tab.reconnect());
  }

  /** From now on the line to the server is so bad; what is not named is good again. `line({})` makes it good. */
  line(conditions: LineConditions): Promise<void> {
    return this.#page.act(() => {
      this.#page.tab.conditions = conditions;
    });
  }

  // ── the browser ──

  /** Loads an address in this tab, as the address bar does: its cookies stay. */
  async goto(path: string): Promise<void> {
    this.#page.throwFailure();
    await this.#page.tab.load(path);
    await this.#page.settled();
  }

  /** Goes to another view over the same connection, as `link({ navigate: path })` does; there need be no such link. */
  navigate(path: string): Promise<void> {
    return this.#page.act((user) => user.navigateTo(path, false));
  }

  /** Goes to another address of the view, as `link({ patch: path })` does; there need be no such link. */
  patch(path: string): Promise<void> {
    return this.#page.act((user) => user.patch(path));
  }

  /** Goes back in the tab's history. @throws {LiveError} `testing.action` at its beginning */
  back(): Promise<void> {
    return this.#step(-1, "back: this is the first page of its tab");
  }

  /** Goes forward in the tab's history. @throws {LiveError} `testing.action` at its end */
  forward(): Promise<void> {
    return this.#step(1, "forward: this is the latest page of its tab");
  }

  #step(by: -1 | 1, what: string): Promise<void> {
    return this.#page.act(() => {
      if (!this.#page.tab.step(by)) throw this.#failure(`The page cannot go ${what}.`);
    });
  }

  /** Loads the page again. */
  reload(): Promise<void> {
    return this.goto(this.#page.tab.href);
  }

  /** Closes the tab: its view ends. Later calls do nothing. */
  close(): void {
    this.#page.close();
  }

  /** `await using page = await visit(…)` closes the tab at the end of the block, when its view has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#page.close();
    await this.#page.settled();
  }

  #failure(what: string): LiveError {
    return failure("testing.action", this.#page.tab, what);
  }
}

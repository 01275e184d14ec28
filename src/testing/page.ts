import { LiveError } from "../errors.ts";
import type { BareName } from "../live/messages.ts";
import type { Flash } from "../live/render-meta.ts";
import type { ViewGap } from "../live/view-gap.ts";
import type { Message } from "../pubsub/message.ts";
import type { Element } from "./dom.ts";
import { failure } from "./failures.ts";
import type { LineConditions } from "./line.ts";
import { matching, PageElement } from "./page-element.ts";
import type { OpenPage } from "./open-page.ts";
import { readableText } from "./readable-text.ts";
import { innerHtml, nameOf } from "./serialize.ts";
import type { Redirect } from "./tab.ts";
import { fireWaiting } from "./user.ts";

/** What `page.gap` takes: any part of what `handleGap` gets. */
export type PageGap = { readonly [Field in keyof ViewGap]?: ViewGap[Field] | undefined };

/**
 * A page in a tab of a browser that is not there: its document, and what a user, the network and the server do to it.
 *
 * What can be read is up to date when it is read. Promises resolve when everything that follows is done: see `settled`.
 *
 * @typeParam I the infos of its view, if the view was given to `visit`.
 */
export class Page<I extends Message = Message> {
  readonly #page: OpenPage;

  /** Made by `visit`. */
  constructor(page: OpenPage) {
    this.#page = page;
  }

  // ── what it shows ──

  /** The view's text as people read it: without what is hidden, one space between its parts. Of a page without a view, the body's. */
  text(): string {
    return readableText(this.#content());
  }

  /** What the view shows, as HTML. Of a page without a view, what is in the body. */
  html(): string {
    return innerHtml(this.#content());
  }

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

  /** What the view's `putFlash` has set and not cleared. Empty without a view. */
  get flash(): Flash {
    this.#page.refresh();
    return this.#page.tab.process?.flash ?? {};
  }

  /** Where the server has sent the page last, be it that it went there or that another site is not followed. */
  get redirect(): Redirect | undefined {
    this.#page.refresh();
    return this.#page.tab.redirected;
  }

  /** Whether its view is joined. */
  get isConnected(): boolean {
    this.#page.refresh();
    const { tab } = this.#page;
    return tab.isOnline && tab.view?.isJoined === true;
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
   * @throws {LiveError} `testing.crash` if the view has crashed meanwhile; `testing.unsettled` after `withinMs`, with what is
   * still going on
   */
  settled(options: { readonly withinMs?: number | undefined } = {}): Promise<void> {
    return this.#page.settled(options.withinMs);
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

  // ── the server ──

  /** Sends the view an info, as `socket.sendInfo` does; a bare name stands for an info with no other field. */
  send(info: I | BareName<I>): Promise<void> {
    return this.#page.act(() => {
      const process = this.#process("get an info");
      process.receiveOwnInfo(typeof info === "string" ? { type: info } : info);
    });
  }

  /**
   * Tells the view that messages may have been lost, as a backplane does after an outage: `handleGap` runs, or the view mounts
   * anew (`onGap: "remount"`). At once, without the wait that spreads a real gap over many views.
   *
   * @param gap what it says; `topics` are those of the view, `cause` is `"reconnect"` and the time is now unless it says so
   * @throws {LiveError} `testing.action` if the view has neither, or if it is not subscribed to the topics
   */
  gap(gap: PageGap = {}): Promise<void> {
    return this.#page.act(() => {
      const process = this.#process("be told of a gap");
      if (!process.heedsGaps) {
        throw this.#failure('The view has neither handleGap nor onGap: "remount", so a gap does nothing.');
      }
      const { topics = process.topics } = gap;
      const others = topics.filter((topic) => !process.topics.includes(topic));
      if (others.length > 0 || topics.length === 0) {
        throw this.#failure(
          `A gap reaches only who is subscribed to one of its topics. Those of the gap: ${named(topics)}. Those of the view: ${named(process.topics)}.`,
        );
      }
      const { cause = "reconnect", since = Date.now(), until = Date.now(), missed } = gap;
      process.receiveGap({ cause, topics, since, until, missed });
    });
  }

  /** Has the view crash, as if a callback had thrown; the page joins anew, and recovers its forms. */
  crash(): Promise<void> {
    return this.#page.act(() => {
      const process = this.#process("crash");
      this.#page.tab.expectsCrash = true;
      process.abort(new LiveError("view.callback-failed", "The test has called page.crash()."));
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

  // ── inside ──

  #content(): Element {
    this.#page.refresh();
    const { tab } = this.#page;
    return tab.view?.element ?? tab.document.find(({ name }) => name === "body") ?? tab.document;
  }

  #process(deed: string): NonNullable<OpenPage["tab"]["process"]> {
    const { process } = this.#page.tab;
    if (process !== undefined) return process;
    throw this.#failure(
      `The page has no view now that could ${deed}: it is not connected, or no view is at this address.`,
    );
  }

  #failure(what: string): LiveError {
    return failure("testing.action", this.#page.tab, what);
  }
}

function named(topics: readonly string[]): string {
  return topics.length === 0 ? "none" : topics.map((topic) => JSON.stringify(topic)).join(", ");
}

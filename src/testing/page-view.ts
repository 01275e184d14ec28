import { LiveError } from "../errors.ts";
import type { BareName } from "../live/messages.ts";
import type { Flash } from "../live/render-meta.ts";
import type { ViewGap } from "../live/view-gap.ts";
import type { InfoOf, LiveView } from "../live/live-view.ts";
import type { ViewProcess } from "../live/view-process.ts";
import type { Message } from "../pubsub/message.ts";
import type { ClientView } from "./client-view.ts";
import type { Element } from "./dom.ts";
import { failure } from "./failures.ts";
import type { OpenPage } from "./open-page.ts";
import { readableText } from "./readable-text.ts";
import { innerHtml } from "./serialize.ts";

/** The infos that a test may send a view: those that it handles, if it is known, else any. */
export type InfosFor<V> = V extends LiveView
  ? Extract<InfoOf<V>, Message>
  : Message & { readonly [field: string]: unknown };

/** What `gap` takes: any part of what `handleGap` gets. */
export type PageGap = { readonly [Field in keyof ViewGap]?: ViewGap[Field] | undefined };

/**
 * A view on a page, as a test sees it and as the server has it: the page's own, or one that is nested in it.
 *
 * What can be read is up to date when it is read. Promises resolve when everything that follows is done: see
 * `Page.settled`. What its elements show and do is the page's: `page.element("#clock button").click()`.
 *
 * @typeParam I the infos of the view, if it was given to `visit` or `child`.
 */
export class PageView<I extends Message = Message> {
  readonly #page: OpenPage;
  /** Of its element; `undefined`: the page's own. */
  readonly #id: string | undefined;

  /** Made by `visit` and by `child`. */
  constructor(page: OpenPage, id?: string) {
    this.#page = page;
    this.#id = id;
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

  /** What the view's `putFlash` has set and not cleared. Empty without a view. */
  get flash(): Flash {
    this.#page.refresh();
    return this.#process?.flash ?? {};
  }

  /** Whether the view is joined. */
  get isConnected(): boolean {
    this.#page.refresh();
    return this.#page.tab.isOnline && this.#view?.isJoined === true;
  }

  // ── the server ──

  /** Sends the view an info, as `socket.sendInfo` does; a bare name stands for an info with no other field. */
  send(info: I | BareName<I>): Promise<void> {
    return this.#page.act(() => {
      const process = this.#processThat("get an info");
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
      const process = this.#processThat("be told of a gap");
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

  /** Has the view crash, as if a callback had thrown; the page joins it anew, and recovers the forms of its own view. */
  crash(): Promise<void> {
    return this.#page.act(() => {
      const process = this.#processThat("crash");
      this.#page.tab.expectsCrash = true;
      process.abort(new LiveError("view.callback-failed", "The test has called crash()."));
    });
  }

  // ── inside ──

  get #view(): ClientView | undefined {
    const { tab } = this.#page;
    return this.#id === undefined ? tab.view : tab.viewOn(this.#id);
  }

  get #process(): ViewProcess | undefined {
    return this.#page.tab.processOf(this.#view);
  }

  #content(): Element {
    this.#page.refresh();
    const { tab } = this.#page;
    const view = this.#view;
    if (view !== undefined) return view.element;
    if (this.#id === undefined) return tab.document.find(({ name }) => name === "body") ?? tab.document;
    throw this.#failure(`The page has no nested view with the id ${JSON.stringify(this.#id)}.`);
  }

  #processThat(deed: string): ViewProcess {
    const process = this.#process;
    if (process !== undefined) return process;
    throw this.#failure(
      this.#id === undefined
        ? `The page has no view now that could ${deed}: it is not connected, or no view is at this address.`
        : `The page has no nested view with the id ${JSON.stringify(this.#id)} now that could ${deed}: it is not on the page, or is not connected.`,
    );
  }

  #failure(what: string): LiveError {
    return failure("testing.action", this.#page.tab, what);
  }
}

function named(topics: readonly string[]): string {
  return topics.length === 0 ? "none" : topics.map((topic) => JSON.stringify(topic)).join(", ");
}

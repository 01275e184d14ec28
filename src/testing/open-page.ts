import { isClockFaked, moment, nowMs, turn } from "./clocks.ts";
import { failure } from "./failures.ts";
import { settle, type Patience } from "./settle.ts";
import type { Tab } from "./tab.ts";
import { User } from "./user.ts";
import { findMistakes, type WarningOptions } from "./warnings.ts";

export interface OpenPageOptions extends Patience {
  readonly warnings: WarningOptions | false;
  readonly onWarning: (message: string) => void;
}

/** What is not said is as for every step of the page. */
export type PartialPatience = { readonly [Name in keyof Patience]?: Patience[Name] | undefined };

/** The pages that tests have open, by their app. */
const open = new Map<object, Set<OpenPage>>();

/** All pages of an app. */
function pagesOf(app: object): Set<OpenPage> {
  let pages = open.get(app);
  if (pages === undefined) open.set(app, (pages = new Set()));
  return pages;
}

/** Closes every page that is open, of all apps. */
export function closeAll(): void {
  for (const pages of open.values()) for (const page of pages) page.close();
}

/** What a page and its elements have in common: the tab, how to act on it, and how to wait. */
export class OpenPage {
  readonly tab: Tab;
  readonly #user: User;
  readonly #options: OpenPageOptions;
  readonly #warned = new Set<string>();
  #checkedVersion = -1;

  constructor(tab: Tab, options: OpenPageOptions) {
    this.tab = tab;
    this.#user = new User(tab);
    tab.actor = this.#user;
    this.#options = options;
    const pages = pagesOf(tab.app);
    pages.add(this);
    tab.access.activity.onLog = (line) => {
      for (const page of pages) page.tab.noteLog(line);
    };
  }

  get isBusy(): boolean {
    return this.tab.isBusy;
  }

  refresh(): void {
    this.tab.refresh();
  }

  /**
   * Does what a user does, step by step: the first at once, each further one when what came of the last is done. What a
   * step returns runs at the end.
   */
  async act(...steps: ((user: User) => (() => unknown) | void)[]): Promise<void> {
    for (const step of steps) {
      this.tab.refresh();
      this.throwFailure();
      if (this.tab.isClosed)
        throw failure("testing.action", this.tab, "The page is closed, so nothing can be done on it.");
      const finish = step(this.#user);
      this.tab.refresh();
      await this.settled();
      finish?.();
    }
  }

  /** Waits until nothing is left to do in the whole app, then reports what went wrong, and what looks wrong. */
  async settled({
    withinMs = this.#options.withinMs,
    asyncWork = this.#options.asyncWork,
  }: PartialPatience = {}): Promise<void> {
    await settle(this.tab.access, () => pagesOf(this.tab.app), { withinMs, asyncWork });
    this.throwFailure();
    this.#warn();
  }

  /** Waits until `isTrue`, with the app at rest or not. @returns whether it became true in time */
  async until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    const endMs = nowMs() + withinMs;
    this.tab.refresh();
    while (!isTrue()) {
      if (nowMs() > endMs) return false;
      await (isClockFaked() ? turn() : moment());
      this.tab.refresh();
    }
    return true;
  }

  throwFailure(): void {
    const failure = this.tab.failures.shift();
    if (failure !== undefined) throw failure;
  }

  #warn(): void {
    const { tab } = this;
    if (this.#options.warnings === false || tab.version === this.#checkedVersion) return;
    this.#checkedVersion = tab.version;
    const { process } = tab;
    const mistakes = findMistakes(
      tab.document,
      tab.view?.element,
      process &&
        ((event, component, element) => {
          // One that is about to join says later what it handles.
          const handling = tab.processOf(tab.viewAround(element));
          return handling === undefined || handling.handles(event, component);
        }),
      this.#options.warnings,
    );
    for (const mistake of mistakes) {
      if (this.#warned.has(mistake)) continue;
      this.#warned.add(mistake);
      this.#options.onWarning(`[wingbeat/testing] ${new URL(tab.href).pathname}: ${mistake}`);
    }
  }

  close(): void {
    const { app, access } = this.tab;
    this.tab.close();
    const pages = pagesOf(app);
    pages.delete(this);
    if (pages.size > 0) return;
    open.delete(app);
    access.activity.onLog = undefined;
  }
}

import { LiveError } from "../errors.ts";
import type { LiveApp } from "../live/app-options.ts";
import { testAccessTo } from "../live/activity.ts";
import { definitionOf, type LiveView, type NeedsOf } from "../live/live-view.ts";
import { BrowserCookies } from "./browser-cookies.ts";
import { failure } from "./failures.ts";
import { loadLibraries } from "./libraries.ts";
import { closeAll, OpenPage } from "./open-page.ts";
import { cookiesOf, Page } from "./page.ts";
import type { InfosFor } from "./page-view.ts";
import { Tab } from "./tab.ts";
import type { Uploaders } from "./file-uploads.ts";
import type { WarningOptions } from "./warnings.ts";

/** How a page is visited. */
export interface VisitOptions<V = unknown> {
  /**
   * The view that the path must lead to. It gives `session` and `page.send` their types, and another view at the path is a
   * failure. @default any view, or none
   */
  readonly view?: V | undefined;
  /**
   * What the app's `session` would have made of this visitor's requests. The hooks of a live session get it, and so the view what
   * they add; of the keys that the view declares, those given have the view's types. @default what it makes of them
   */
  readonly session?: SessionFor<V> | undefined;
  /**
   * Decides on cookies before the page is loaded, as a handler of yours would:
   * `login: (request) => session.start(request, { userId: "ada" })` with your `cookieSession`. @default none
   */
  readonly login?: ((request: Request) => unknown) | undefined;
  /** Another page, in whose browser this one is opened: both have the same cookies. @default a browser without cookies */
  readonly browser?: Page<never> | undefined;
  /** Sent with every request of this page, such as `user-agent`, or a `cookie` to begin with. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Uploaders of the page, by the names that the `external` of an upload gives: what the app's `clientModule` exports for browsers.
   * @default none
   */
  readonly uploaders?: Uploaders | undefined;
  /** What to warn of; `false` for nothing. @default everything */
  readonly warnings?: WarningOptions | false | undefined;
  /** Gets the warnings. @default `console.warn` */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** How long to wait for the app to come to rest, in milliseconds, before that is a failure. @default 5_000 */
  readonly withinMs?: number | undefined;
  /**
   * Whether every action, and `page.settled`, also waits for the work that views have begun by `startAsync` and
   * `assignAsync`. `false` to look at what is shown meanwhile, and where such work never ends; `page.settled({ asyncWork:
   * true })` then waits for it. @default true
   */
  readonly asyncWork?: boolean | undefined;
}

/** What there may be before hooks have added to it: of the session that a view reads, all or some of it, and anything else. */
type SessionFor<V> = V extends LiveView
  ? NeedsOf<V> extends { readonly session: infer Session }
    ? Partial<Session> & Readonly<Record<string, unknown>>
    : object
  : object;

/**
 * Opens a page of an app, as a browser with no cookies does: gets it, follows its redirects, opens its socket and joins its
 * view, in this process and without a port, through the same code as in production.
 *
 * ```ts
 * const page = await visit(app, "/counter");
 * await page.element("button", "+").click();
 * expect(page.text()).toContain("Count is: 1");
 * ```
 *
 * @throws {LiveError} `testing.packages` if parse5 or css-select is not installed; `testing.page` if the app answers with
 * a status of 500 or more, if the join is refused, or if the view is not the one given
 */
export async function visit<V extends LiveView | undefined = undefined>(
  app: LiveApp,
  path: string,
  options: VisitOptions<V> = {},
): Promise<Page<InfosFor<V>>> {
  const access = testAccessTo(app);
  if (access === undefined) {
    throw new LiveError(
      "testing.page",
      "visit takes an app that createLiveApp of this very copy of wingbeat has made. Is the package installed twice?",
    );
  }
  await loadLibraries();
  const { headers = {}, session, view, warnings = {}, onWarning = console.warn, withinMs = 5_000 } = options;
  const { asyncWork = true, login, browser, uploaders = {} } = options;
  const cookies = (browser && cookiesOf(browser)) ?? new BrowserCookies();
  const tab = new Tab(app, access, { headers, session, cookies, uploaders });
  const page = new OpenPage(tab, { withinMs, asyncWork, warnings, onWarning });
  try {
    if (login !== undefined) await tab.takeCookiesOf(login);
    await tab.load(path);
    await page.settled();
    if (tab.status >= 500) throw failure("testing.page", tab, `The app answered ${path} with ${tab.status}.`);
    if (view !== undefined && tab.process?.definition !== definitionOf(view)) {
      throw failure(
        "testing.page",
        tab,
        `${path} leads to ${tab.process === undefined ? "no view" : "another view"} than the one given as \`view\`.`,
      );
    }
  } catch (error) {
    page.close();
    throw error;
  }
  return new Page(page);
}

/** Closes all pages that are open: for the `afterEach` of a test file. */
export function closePages(): void {
  closeAll();
}

import { randomId } from "./random-id.ts";
import { FastResponse } from "srvx";
import { NO_COMPONENTS } from "../diff/component-numbers.ts";
import { safe } from "../html/html.ts";
import { toHtml } from "../html/to-html.ts";
import { renewalInterval } from "../session/renewal.ts";
import { noteCookie, sessionsOf, takeCookies } from "../session/request-notes.ts";
import { isThenable } from "./renderer.ts";
import { Rendered } from "../html/rendered.ts";
import type { Layout, PageContext, TitleOptions } from "./app-options.ts";
import { layoutIsNoHtml, type ErrorPages } from "./error-pages.ts";
import { failure, OVERLOADED, refusal, statusOf, type Problem } from "./page-problem.ts";
import { readCookie, serializeCookie } from "./cookies.ts";
import { flashCookie, noFlashCookie, readFlashCookie } from "./flash-cookie.ts";
import { Page } from "./layout.ts";
import { LOADED, type Navigation } from "./navigation.ts";
import { MAIN_VIEW_ID, type PageTokenSigner } from "./page-tokens.ts";
import type { Flash } from "./render-meta.ts";
import type { Located } from "./router.ts";
import { scriptNonce, type TokenSigner } from "./tokens.ts";
import { ViewProcess, type Mounted } from "./view-process.ts";
import type { ViewServices } from "./view-services.ts";
import type { Visitor, Visitors } from "./visitor.ts";

/** The client writes it when a join was answered with a status; docs/protocol.md, section 7. */
const STATUS_COOKIE = "__phoenix_reload_status__";

export interface PageRendererOptions {
  readonly services: ViewServices;
  readonly visitors: Visitors;
  /** Called once it is known who asks, and the sessions have been renewed. */
  readonly identified: (request: Request) => void;
  readonly signer: TokenSigner;
  readonly tokens: PageTokenSigner;
  readonly layout: Layout;
  readonly titleOptions: TitleOptions;
  readonly headers: ((page: PageContext) => Readonly<Record<string, string>>) | undefined;
  readonly socketPath: string;
  readonly scriptPaths: readonly string[];
  readonly bootScript: string;
  readonly moduleLink: string;
  readonly errorPages: ErrorPages;
  /** Looks for mistakes in a whole document; `undefined` in production. */
  readonly checkDocument: ((document: string, view: string) => void) | undefined;
  readonly maxConcurrentRenders: number;
}

/** Answers requests for live pages: mounts the view without a browser, and puts its HTML and its tokens into the layout. */
export class PageRenderer {
  readonly #options: PageRendererOptions;
  #rendering = 0;

  constructor(options: PageRendererOptions) {
    this.#options = options;
  }

  /** Never rejects: failures are reported and become a page. Synchronous as far as the app's callbacks are. */
  render(request: Request, located: Located): Response | Promise<Response> {
    const { maxConcurrentRenders, visitors, services } = this.#options;
    if (this.#rendering >= maxConcurrentRenders) {
      services.warn(
        `answered ${located.view.name} with 503: ${maxConcurrentRenders} pages are in the making (limits.maxConcurrentRenders)`,
      );
      return this.#instead(request, located, OVERLOADED);
    }
    if (located.excess !== undefined) {
      services.warn(`answered ${located.view.name} with 400: its query: ${located.excess}`);
      return this.#instead(request, located, refusal(400));
    }
    const refused = this.#refusedBefore(request, located);
    if (refused !== undefined) return refused;
    this.#rendering++;
    let response: Response | Promise<Response>;
    try {
      const visitor = visitors.identify(request);
      response =
        visitor instanceof Promise
          ? visitor.then((known) => this.#mount(request, located, known))
          : this.#mount(request, located, visitor);
    } catch (error) {
      response = this.#fail(error, request, located);
    }
    if (!(response instanceof Promise)) {
      this.#rendering--;
      return response;
    }
    return response
      .catch((error: unknown) => this.#fail(error, request, located))
      .finally(() => {
        this.#rendering--;
      });
  }

  /** What a join has just been refused with is what its page load is answered with, once. */
  #refusedBefore(request: Request, located: Located): Response | Promise<Response> | undefined {
    const header = request.headers.get("cookie");
    const token = header === null ? undefined : readCookie(header, STATUS_COOKIE);
    const status = token === undefined ? undefined : this.#options.tokens.readStatus(token);
    if (status === undefined) return undefined;
    noteCookie(request, STATUS_COOKIE, serializeCookie(STATUS_COOKIE, "", { maxAgeSeconds: 0, httpOnly: false }));
    return this.#instead(request, located, refusal(status));
  }

  #mount(request: Request, located: Located, visitor: Visitor): Response | Promise<Response> {
    for (const session of sessionsOf(request)) session.renew();
    this.#options.identified(request);
    const { services, tokens } = this.#options;
    const bearer = `a request for ${located.view.name}`;
    const cookieId = visitor.cookieId ?? this.#options.visitors.newCookieId();
    const flashToken = readFlashCookie(request.headers.get("cookie"));
    const visit: Visit = {
      request,
      located,
      visitor,
      cookieId,
      pageNonce: randomId(12),
      isSecure: located.href.startsWith("https:"),
      flash: flashToken === undefined ? undefined : tokens.acceptFlash(flashToken, visitor.cookieId, bearer),
      hadFlashCookie: flashToken !== undefined,
      sessionCookies: takeCookies(request),
      renewEveryMs: renewalInterval(request),
    };
    const view = new ViewProcess(
      services,
      {
        view: located.view,
        url: located.href,
        params: located.params,
        session: visitor.session,
        flash: visit.flash,
        staticChanged: false,
        navigation: LOADED,
        origin: { nonce: visit.pageNonce, cookieId, visitor },
        nesting: undefined,
      },
      undefined,
    );
    let mounted: Mounted | undefined;
    let resume: ((mounted: Mounted) => void) | undefined;
    view.mount((outcome) => {
      mounted = outcome;
      resume?.(outcome);
    });
    if (mounted !== undefined) return this.#respond(view, mounted, visit);
    return new Promise<Mounted>((resolve) => (resume = resolve)).then((outcome) => this.#respond(view, outcome, visit));
  }

  #respond(view: ViewProcess, mounted: Mounted, visit: Visit): Response | Promise<Response> {
    // The dead render has no life after its HTML.
    view.end();
    switch (mounted.outcome) {
      case "rendered":
        return this.#page(mounted.content, view, visit);
      case "left":
        return this.#redirect(mounted.navigation, view.flash, visit);
      case "failed": {
        const status = statusOf(mounted.error);
        const problem = status === undefined ? failure(mounted.error) : refusal(status);
        return this.#instead(visit.request, visit.located, problem);
      }
    }
  }

  #page(html: string, view: ViewProcess, visit: Visit): Response | Promise<Response> {
    const { layout, signer, tokens, titleOptions, socketPath, scriptPaths, bootScript, moduleLink } = this.#options;
    const flash = view.page.hasFlash ? view.page.flash : undefined;
    const { liveSession } = visit.located.view;
    const { sessionHash } = visit.visitor;
    const { session, static: staticToken } = tokens.sign(visit.pageNonce, sessionHash, liveSession?.name ?? "", flash);
    const content = safe(
      `<div id="${MAIN_VIEW_ID}" data-phx-main data-phx-session="${session}" data-phx-static="${staticToken}">${html}</div>`,
    );
    const page = new Page({
      title: view.page.title,
      titleOptions,
      csrfToken: view.csrfToken,
      nonce: scriptNonce(signer, visit.pageNonce),
      href: visit.located.href,
      socketPath,
      scriptPaths,
      bootScript,
      moduleLink,
      renewEveryMs: visit.renewEveryMs,
    });
    const document = (liveSession?.layout ?? layout)(content, page);
    if (isThenable(document)) return Promise.resolve(document).then((settled) => this.#answer(settled, page, visit));
    return this.#answer(document, page, visit);
  }

  #answer(document: unknown, page: Page, visit: Visit): Response {
    if (!(document instanceof Rendered)) throw layoutIsNoHtml(document);
    const headers: [string, string][] = [
      ["content-type", "text/html; charset=utf-8"],
      // A cached page would bring back tokens that no join accepts any more.
      ["cache-control", "private, no-store"],
      ["x-content-type-options", "nosniff"],
      ...this.#cookies(visit),
    ];
    const extra = this.#options.headers?.(page);
    if (extra !== undefined) headers.push(...Object.entries(extra));
    const text = toHtml(document, NO_COMPONENTS, NO_COMPONENTS);
    this.#options.checkDocument?.(text, visit.located.view.name);
    return new FastResponse(text, { headers });
  }

  #cookies(visit: Visit): [string, string][] {
    const cookies = visit.sessionCookies.map((header): [string, string] => ["set-cookie", header]);
    if (visit.visitor.cookieId === undefined) {
      cookies.push(["set-cookie", this.#options.visitors.cookie(visit.cookieId, visit.isSecure)]);
    }
    if (visit.hadFlashCookie) cookies.push(["set-cookie", noFlashCookie()]);
    return cookies;
  }

  #redirect(navigation: Navigation, flash: Flash, visit: Visit): Response {
    const headers: [string, string][] = [
      ["location", navigation.to],
      ["cache-control", "private, no-store"],
      ...this.#cookies({ ...visit, hadFlashCookie: false }),
    ];
    if (Object.keys(flash).length > 0) {
      const token = this.#options.tokens.signFlash(flash, visit.cookieId);
      headers.push(["set-cookie", flashCookie(token, visit.isSecure)]);
    } else if (visit.hadFlashCookie) headers.push(["set-cookie", noFlashCookie()]);
    return new FastResponse(null, { status: 302, headers });
  }

  #fail(error: unknown, request: Request, located: Located): Response | Promise<Response> {
    this.#options.services.report(error, {
      view: located.view.name,
      component: undefined,
      callback: "render",
      message: undefined,
    });
    return this.#instead(request, located, failure(error));
  }

  /** The error page, in the layout that the page would have had. */
  #instead(request: Request, { view }: Located, problem: Problem): Response | Promise<Response> {
    return this.#options.errorPages.respond(request, problem, view.liveSession?.layout);
  }
}

/** What is known of one request for a page. */
interface Visit {
  readonly request: Request;
  readonly located: Located;
  readonly visitor: Visitor;
  readonly cookieId: string;
  /** Names this page load in its tokens. */
  readonly pageNonce: string;
  readonly isSecure: boolean;
  readonly flash: Flash | undefined;
  readonly hadFlashCookie: boolean;
  /** The `set-cookie` headers of cookie sessions that were renewed. */
  readonly sessionCookies: readonly string[];
  /** How often the page has them renewed while it is in use; `undefined`: never. */
  readonly renewEveryMs: number | undefined;
}

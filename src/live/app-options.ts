import type { InferRouteParams } from "rou3";
import type { Rendered, SafeHtml } from "../html/rendered.ts";
import type { PubSubStatus } from "../pubsub/gap.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import type { Admission } from "../transport/admission.ts";
import type { ConnectionNoticeOptions } from "./connection-notice.ts";
import type { LimitOptions, Limits } from "./limits.ts";
import type { LongPollOptions } from "./long-poll-options.ts";
import type { TemporaryFilesOptions } from "./uploads/temporary-files.ts";
import type { WebSocketHooks } from "./websocket-hooks.ts";
import type { LiveSessions } from "./live-session.ts";
import type { LiveView, Params } from "./live-view.ts";
import type { Awaitable } from "./messages.ts";
import type { ReadFormOptions } from "../session/plain-http.ts";
import type { Flash } from "./render-meta.ts";
import type { SessionInfo } from "./visitor.ts";

/** The captures of a route's path, as `rou3` reads it: `"/rooms/:id"` has `{ id: string }`. */
export type PathParams<Path extends string> = InferRouteParams<Path> & Params;

/**
 * Views by path. A path is a pattern of `rou3`: `/rooms/:id`, `/docs/**`, `/page/:slug?`. A view that needs of the
 * session or of the path what is not there does not compile.
 */
export type Routes<Path extends string, Session> = {
  readonly [P in Path]: LiveView<{ session: Session; params: PathParams<P> }>;
};

/**
 * `Session`, which the option `session` alone decides: views and live sessions that need different parts of it are held against
 * what it returns, and not against each other. As `NoInfer` does, but messages show the session itself.
 */
type Given<Session> = [Session][Session extends unknown ? 0 : never];

/** What is served live. Each kind of route is a member here. */
export interface AppRoutes<Session, Path extends string, SessionPath extends string = string> {
  /** @default no live routes */
  readonly routes?: Routes<Path, Given<Session>> | undefined;
  /** Routes behind hooks: `liveSession("members", { onMount: [requireUser] }, { … })`. @default none */
  readonly liveSessions?: LiveSessions<Given<Session>, SessionPath> | undefined;
}

/** What a layout, and `headers`, know of the page at hand. */
export interface PageContext {
  /** The page's title as text, with the prefix and the suffix of the `title` option. */
  readonly title: string;
  /** What the view has set by `socket.pageTitle`, without them; `undefined` if it has set none. For `liveTitle`. */
  readonly viewTitle: string | undefined;
  /**
   * The page's whole `<title>` element, with the attributes by which the browser keeps prefix, suffix and default when
   * `socket.pageTitle` changes the rest. A page without a `<title>` would get the title "undefined".
   */
  readonly titleElement: SafeHtml;
  /**
   * The visitor's token against forged requests. The client reads it from
   * `<meta name="csrf-token" content="${page.csrfToken}">`, which every layout needs.
   */
  readonly csrfToken: string;
  /** The `<script>` elements that start the client. They belong into `<head>`. */
  readonly scripts: SafeHtml;
  /**
   * The `<script>` elements of `scripts` that load the client (`window.Phoenix`, `window.LiveView`), without the one that
   * starts it: for a page that makes its own `LiveSocket`, say with hooks. One that bundles the client needs neither.
   */
  readonly clientScripts: SafeHtml;
  /** Where a `LiveSocket` connects: the app's `socketPath`. */
  readonly socketPath: string;
  /** Made anew for each page; on the inline script in `scripts`. For the header `script-src 'self' 'nonce-${page.nonce}'`. */
  readonly nonce: string;
  /** The page's address. */
  readonly url: URL;
}

/**
 * The document around a view: all of it, from `<!doctype html>` on. Rendered once per page load, never updated.
 * @param content the view's element; it must stand in `<body>`, once.
 */
export type Layout = (content: SafeHtml, page: PageContext) => Awaitable<Rendered>;

/** Why a request gets no page of its own. */
export interface PageProblem {
  /**
   * 404 for an address that leads nowhere, 403 for a form that may be forged, 413 for one that is too large, 503 while
   * `limits.maxConcurrentRenders` pages are in the making, 500 for what has failed; or the `status` of the error that was thrown.
   */
  readonly status: number;
  /** The default heading, in English: `"Page not found"`. */
  readonly title: string;
  /** A sentence or two, in English, which anybody may read. */
  readonly message: string;
  readonly request: Request;
  /** The page's address. */
  readonly url: URL;
}

/**
 * What stands in the app's layout where a page cannot be shown: `html`, or that with a title of its own. Rendered once: it may hold
 * JS commands, but no live components and no events.
 */
export type ErrorPage = (
  problem: PageProblem,
) => Awaitable<Rendered | { readonly title: string; readonly content: Rendered }>;

/** How `socket.pageTitle(text)` becomes the page's title: prefix, then the text or else the default, then suffix. */
export interface TitleOptions {
  /** Stands where a view has set no title, or the empty string. @default "" */
  readonly default?: string | undefined;
  /** @default "" */
  readonly prefix?: string | undefined;
  /** @default "" */
  readonly suffix?: string | undefined;
}

/** Where log lines go. `console` is one. */
export interface Logger {
  info(message: string, details?: object): void;
  warn(message: string, details?: object): void;
  error(message: string, details?: object): void;
}

/** Where an error came from. */
export interface ErrorDetails {
  /** The path pattern of the view's route, such as `"/rooms/:id"`. */
  readonly view?: string | undefined;
  /** The live component whose callback threw; absent for the view's own. */
  readonly component?: string | undefined;
  /** The callback that threw: `"mount"`, `"handleEvent"`, `"render"`, … */
  readonly callback?: string | undefined;
  /** The `type` of the event or info at hand; the name of the work of `startAsync`, the keys of `assignAsync`. */
  readonly message?: string | undefined;
  /** The topic at hand. */
  readonly topic?: string | undefined;
}

/** What `createLiveApp` takes, but for its routes and its session. All of it is optional but what is said of production. */
export interface AppOptions {
  /** Names this app's cookies, so that two apps on one host keep apart. Letters, digits, `-` and `_`. @default "wingbeat" */
  readonly name?: string | undefined;
  /**
   * What tokens and cookies are signed with: at least 32 bytes of UTF-8. Of a list the first signs and all verify,
   * which makes rotation possible. @default in development one is made and kept in `.wingbeat/secret`; required in
   * production
   */
  readonly secret?: string | readonly string[] | undefined;
  /**
   * Names for views that are nested as sticky ones (`liveRender(view, { sticky: true, … })`): by these the browser brings
   * them back after a reconnect, perhaps to another process. Letters, digits, `_`, `-` and `.`. @default none
   */
  readonly views?: { readonly [name: string]: LiveView } | undefined;
  /** Carries messages between views. @default `createPubSub()`, the bus of this program */
  readonly pubSub?: PubSub | undefined;
  /**
   * Which pages may open the socket, as origins: `["https://app.example"]`. Others are refused, and logged with the mend.
   * @default in development `localhost`, `127.0.0.1` and `[::1]` at any port; required in production
   */
  readonly origins?: readonly string[] | undefined;
  /**
   * Whether a client without an `Origin` header may open the socket. Browsers always send one; load generators and
   * other tools do not. @default false
   */
  readonly allowMissingOrigin?: boolean | undefined;
  /**
   * Whether `x-forwarded-proto`, `-host` and `-for` are believed. Only when a proxy sets them, since anybody can send
   * them. @default false
   */
  readonly trustProxy?: boolean | undefined;
  /** The document around each view. @default a plain HTML5 document with title, token and scripts */
  readonly layout?: Layout | undefined;
  /**
   * What visitors see instead of a page that is not there, that they may not see, or that has failed: in the layout of the app, or of the live
   * session that the address belongs to. Asked for requests that accept `text/html` or do not say; for no response of your
   * own `fetch`, but for what it throws, and where it gives none. The status stays, and so does one that the page is given by
   * throwing an error with a `status` from 400 to 499.
   *
   * In development an error is shown below it; in production nobody is told what failed. One that fails itself is reported,
   * and the plain page takes its place. @default a plain page
   */
  readonly errorPage?: ErrorPage | undefined;
  /** Pieces around each page's title. */
  readonly title?: TitleOptions | undefined;
  /** Further headers of each live page, such as a `Content-Security-Policy` with `page.nonce`. @default none */
  readonly headers?: ((page: PageContext) => Readonly<Record<string, string>>) | undefined;
  /**
   * A JavaScript module of your own for the browser, for `page.scripts` to load before the page connects. It may export
   * `hooks`, and `dom`, `metadata` and `uploaders`: options of the client's `LiveSocket`. A file
   * (`new URL("./client.mjs", import.meta.url)`) is served by the app, under a name that changes with its content; an
   * address (`"/client.mjs"`) is for your own `fetch` to answer. @default none
   */
  readonly clientModule?: string | URL | undefined;
  /**
   * The notice of `page.scripts` that the page has lost its connection, which it shows after a second: other texts, classes of yours
   * instead of its style, or `false` for none. @default a dark box at the bottom of the window
   */
  readonly connectionNotice?: ConnectionNoticeOptions | false | undefined;
  /**
   * Answers what is no live route and no file of the client. Where it gives no response, a page says 404. One that calls the
   * app's own methods needs the app's type written out: `const app: LiveApp = createLiveApp({ fetch: … })`.
   */
  readonly fetch?: ((request: Request) => Awaitable<Response | undefined>) | undefined;
  /** Where the browser opens its socket; the client appends `/websocket`. @default "/live" */
  readonly socketPath?: string | undefined;
  /**
   * Whether pages whose WebSockets something on the way refuses poll instead: at `socketPath` with `/longpoll`, answered by
   * `fetch`. `true` for the defaults of `LongPollOptions`. @default false
   */
  readonly longPoll?: boolean | LongPollOptions | undefined;
  /** Where the app serves the client's files. @default "/_wingbeat" */
  readonly assetsPath?: string | undefined;
  /**
   * The paths of your own files with a hash in their names, as they are now (`["/assets/app-3f2a.js"]`): what
   * `socket.staticChanged` compares those of an open page with. The elements that load them need `phx-track-static`; in development a
   * page without any is told of. @default none
   */
  readonly staticPaths?: readonly string[] | undefined;
  /**
   * Shows errors on the page, checks renders for mistakes that production would not notice, and allows local origins
   * and a generated secret. @default `process.env.NODE_ENV !== "production"`
   */
  readonly development?: boolean | undefined;
  /**
   * Gets every failure that no caller could be told of: of a view's callback, of a subscription, of a broadcast that
   * nobody waited for. A Pub/Sub that you make yourself has an `onError` of its own, for those and its backplane's.
   * What it throws is logged. @default logs it by `logger.error`
   */
  readonly onError?: ((error: unknown, details: ErrorDetails) => void) | undefined;
  /** @default `console` */
  readonly logger?: Logger | undefined;
  /** How long a page's tokens are good for, in milliseconds: an older page reloads when it reconnects. @default 1_209_600_000 (14 days) */
  readonly tokenMaxAgeMs?: number | undefined;
  /** Where files are kept that are being uploaded, or wait to be consumed. */
  readonly uploads?: TemporaryFilesOptions | undefined;
  /** How much one client may ask of the server. @default `Limits` names each */
  readonly limits?: LimitOptions | undefined;
}

/** How much an app has going on. */
export interface AppStats {
  /** Open sockets, and long-polling sessions. */
  readonly connections: number;
  /** Mounted views, those of pages in the making included. */
  readonly views: number;
  /** Subscriptions that views hold. */
  readonly subscriptions: number;
  /** Topics that have a subscriber among them. */
  readonly topics: number;
  /** How often a message of a topic has reached a view, since the start: five for one that five views are subscribed to. */
  readonly messages: number;
  /** How often a render was put off because its client lagged, since the start. */
  readonly rendersSkipped: number;
  /** How often messages between processes may have been lost, since the start. Each is in the log. */
  readonly gaps: number;
  /**
   * How messages travel between processes: for a health check. Always `connected` if the Pub/Sub has no backplane. While
   * `degraded` or `down`, views work, and messages of this process reach its own views.
   */
  readonly pubSub: PubSubStatus;
}

/** An app: to be given to `serve`, or to a host of one's own. */
export interface LiveApp<Path extends string = string> {
  /** Answers a request: a page, a file of the client, or what the `fetch` option answers. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Decides about a WebSocket upgrade, at once unless the app's `session` gives a promise; a response refuses it. Never rejects. For
   * hosts that `websocket` does not fit.
   */
  readonly upgrade: (request: Request) => Admission | Response | Promise<Admission | Response>;
  /** The socket as hooks of crossws. */
  readonly websocket: WebSocketHooks;
  /** The paths of its live routes, in the order given. */
  readonly paths: readonly Path[];
  /** Its limits with all defaults: whoever drives the sockets refuses messages beyond `maxMessageBytes` early. */
  readonly limits: Limits;
  /** Whether `x-forwarded-*` headers are believed. */
  readonly trustProxy: boolean;
  stats(): AppStats;
  /**
   * Ends a session on all nodes: the id of a cookie session, or a name that `sessionInfo` gives. Its sockets are closed with
   * 1001 at once, on which their pages come back as whoever they are then. A cookie session with this id is good for nothing
   * for the next five minutes, wherever its cookie is; a name is nothing but a name: refuse it in `session`.
   *
   * Resolves when the other nodes have been told, rejects if the Pub/Sub does. `undefined` does nothing.
   */
  disconnect(sessionId: string | undefined): Promise<void>;
  /**
   * The token against forged forms, for a page without a view: `<input type="hidden" name="_csrf_token" value="${…}">`. A
   * browser without the app's cookie gets it with the response (`withCookies`).
   */
  csrfToken(request: Request): string;
  /**
   * The fields of a form that was posted, urlencoded or multipart, once its token (the field `_csrf_token`, or the header
   * `x-csrf-token`) is that of this browser and its origin may open the socket. The field of the token is taken out.
   *
   * Rejects with a `FormRefused`, logged, if not: of status 403, 413 above `maxBytes`, 415 or 400. In the `fetch` option that is
   * answered with a page.
   */
  readForm(request: Request, options?: ReadFormOptions): Promise<FormData>;
  /**
   * Checks the header `x-csrf-token` and the origin of a request that is no form, such as a `fetch` with JSON.
   * @throws {FormRefused} of status 403, logged
   */
  verifyCsrf(request: Request): void;
  /**
   * Has the next page of this browser show a message, as `socket.putFlash` does: within a minute, once. For a response that
   * redirects there. What is longer than about 2 800 bytes is cut, with a line in the log: it travels in a cookie.
   */
  putFlash(request: Request, kind: string, message: string): void;
  /** The messages that are to be shown, for a page without a view: `{}` without any. A view has them in `meta.flash`. */
  takeFlash(request: Request): Flash;
  /**
   * Ends the app's connections with 1012, on which browsers reconnect: in batches, over `limits.drainWindowMs`. New ones
   * are refused from now on. Resolves when all views have ended.
   */
  close(): Promise<void>;
}

/** The type of `createLiveApp`. Two overloads: with one, an app without `session` would accept views that need one. */
export interface CreateLiveApp {
  <const Path extends string = never, const SessionPath extends string = never>(
    options: AppOptions & AppRoutes<{}, Path, SessionPath> & { readonly session?: undefined },
  ): LiveApp<Path | SessionPath>;
  <Session extends object = never, const Path extends string = never, const SessionPath extends string = never>(
    options: AppOptions &
      AppRoutes<Session, Path, SessionPath> & {
        /**
         * What views may know of who asks: run for the page, and again when its socket opens. It is never put into a
         * token or shown to the browser. May read cookies; must not change anything.
         */
        readonly session: (request: Request) => Awaitable<Session>;
        /**
         * How sessions end: the names by which `disconnect` reaches them, and when they are over by themselves. Needed for what
         * a `cookieSession` does not know. @default nothing
         */
        readonly sessionInfo?: ((session: NoInfer<Session>) => SessionInfo) | undefined;
      },
  ): LiveApp<Path | SessionPath>;
}

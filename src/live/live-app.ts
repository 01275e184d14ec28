import { FastResponse, FastURL } from "srvx";
import type { Channel } from "../channel/channel.ts";
import { LiveError } from "../errors.ts";
import { GOING_AWAY, SERVICE_RESTART } from "../protocol/close-codes.ts";
import type { ParamLimits } from "../protocol/params.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import { createPubSub } from "../pubsub/program-pubsub.ts";
import type { Admission, Connected } from "../transport/admission.ts";
import { workerRole } from "../worker-role.ts";
import { Connection, type ConnectionOwner } from "../transport/connection.ts";
import type { LongPollEndpoint } from "../transport/long-poll/long-poll-endpoint.ts";
import type { Peer } from "../transport/peer.ts";
import type { AppOptions, AppStats, AppRoutes, CreateLiveApp, ErrorDetails, LiveApp, Logger } from "./app-options.ts";
import { Activity, giveTestAccess } from "./activity.ts";
import { bootScript, PAGE_TOPIC } from "./boot-script.ts";
import { ClientAssets, clientVersion } from "./client-assets.ts";
import { Connections } from "./connections.ts";
import { describeError, ErrorPages } from "./error-pages.ts";
import { GapWatch } from "./gap-watch.ts";
import { NestedTokens } from "./nested/nested-tokens.ts";
import { NestedViews } from "./nested/nested-views.ts";
import { addressOf, Joiner, type JoiningClient } from "./joiner.ts";
import { defaultLayout, Page } from "./layout.ts";
import { definitionsOf } from "./live-session.ts";
import { resolveLimits, type Limits } from "./limits.ts";
import { openLongPoll } from "./long-poll.ts";
import { resolveLongPoll, type LongPollSettings } from "./long-poll-options.ts";
import { refuseOrigin, type OriginRules } from "./origin.ts";
import { Disconnects } from "../session/disconnects.ts";
import { FormRefused } from "../session/form-refused.ts";
import { PlainHttp, type ReadFormOptions } from "../session/plain-http.ts";
import { RENEWAL_PATH } from "../session/renewal.ts";
import { keepEndsOnly, sessionsOf, takeRefusals, takeRenewals, withCookies } from "../session/request-notes.ts";
import type { Flash } from "./render-meta.ts";
import { failure, formRefusal, METHOD_NOT_ALLOWED, NOT_FOUND, refusal, statusOf } from "./page-problem.ts";
import { checkOptions, isNoResponse } from "./option-checks.ts";
import { PageRenderer } from "./page-renderer.ts";
import { PageTokenSigner } from "./page-tokens.ts";
import { randomId } from "./random-id.ts";
import { ReadyRing } from "./ready-ring.ts";
import { Refusals } from "./refusals.ts";
import { isSameView, LiveRouter } from "./router.ts";
import { resolveSecrets } from "./secret.ts";
import { documentCheck } from "./document-check.ts";
import { csrfToken, scriptNonce, TokenSigner } from "./tokens.ts";
import { TopicHub } from "./topic-hub.ts";
import type { Callback, ViewServices } from "./view-services.ts";
import { TemporaryFiles } from "./uploads/temporary-files.ts";
import { UploadQuota } from "./uploads/upload-quota.ts";
import { UploadTokens } from "./uploads/upload-tokens.ts";
import { Visitors, type SessionInfo, type Visitor } from "./visitor.ts";
import { WebSocketHooks } from "./websocket-hooks.ts";

type AnyOptions = AppOptions &
  AppRoutes<object, string> & {
    readonly session?: ((request: Request) => object | Promise<object>) | undefined;
    readonly sessionInfo?: ((session: object) => SessionInfo) | undefined;
  };
type ClientConnection = Connection<JoiningClient>;
type Opening = (peer: Peer) => Connected;

const TWO_WEEKS_MS = 14 * 24 * 60 * 60 * 1000;
/** The only version of the client's serialisation that we speak. */
const SERIALIZER_VERSION = "2.0.0";

/** All views of a process take turns on one ring, whichever app they are of. */
const ring = new ReadyRing();

/**
 * Makes an app of live views: give it to `serve`, or call its `fetch` and `websocket` from a host of your own.
 *
 * @throws {LiveError} `app.invalid-option`, `app.invalid-route` or `app.secret`, each with the mend.
 */
export const createLiveApp: CreateLiveApp = (options: AnyOptions) => new App(options);

class App implements LiveApp, ConnectionOwner {
  readonly paths: readonly string[];
  readonly limits: Limits;
  readonly trustProxy: boolean;
  readonly websocket = new WebSocketHooks(this);
  readonly #options: AnyOptions;
  readonly #development: boolean;
  readonly #logger: Logger;
  readonly #warn = (line: string): void => this.#logger.warn(`[wingbeat] ${line}`);
  readonly #socketPath: string;
  readonly #origins: OriginRules;
  readonly #router: LiveRouter;
  readonly #assets: ClientAssets;
  readonly #visitors: Visitors;
  readonly #services: ViewServices;
  readonly #joiner: Joiner;
  readonly #pages: PageRenderer;
  readonly #errorPages: ErrorPages;
  readonly #longPoll: LongPollEndpoint | undefined;
  readonly #connections: Connections<ClientConnection>;
  readonly #disconnects: Disconnects;
  readonly #plain: PlainHttp;
  /** The same for all workers: a page of one of them may have its socket at another. */
  readonly #bootId = workerRole()?.bootId ?? randomId(9);
  readonly #topics: TopicHub;
  readonly #gaps: GapWatch;
  readonly #counters = { views: 0, rendersSkipped: 0 };
  readonly #activity = new Activity();
  readonly #stopAging: () => void;
  #isClosing = false;
  #nowMs = 0;

  constructor(options: AnyOptions) {
    const unknown = checkOptions(options);
    this.#options = options;
    this.#development = options.development ?? process.env["NODE_ENV"] !== "production";
    this.#logger = overheard(options.logger ?? console, this.#activity);
    for (const line of unknown) this.#warn(line);
    this.limits = resolveLimits(options.limits);
    this.trustProxy = options.trustProxy ?? false;
    this.#socketPath = checkPath("socketPath", options.socketPath ?? "/live");
    this.#origins = originRules(options, this.#development);
    const { origins } = this.#origins;
    giveTestAccess(this, { activity: this.#activity, ring, socketPath: this.#socketPath, origins });
    const name = checkName(options.name ?? "wingbeat");
    const paramLimits = { maxDepth: this.limits.maxParamsDepth, maxKeys: this.limits.maxParamsKeys };
    const views = new NestedViews(options.views ?? {}, this.#development);
    const own = { name: "", onMount: [], layout: undefined, routes: options.routes ?? {} };
    const liveSessions = [own, ...definitionsOf(options.liveSessions ?? [])];
    this.#router = new LiveRouter(liveSessions, this.#development, paramLimits);
    this.paths = liveSessions.flatMap(({ routes }) => Object.keys(routes));
    this.#assets = new ClientAssets(checkPath("assetsPath", options.assetsPath ?? "/_wingbeat"), options.clientModule);
    this.#visitors = new Visitors({
      name,
      session: options.session,
      info: options.sessionInfo,
      isEnded: (id) => this.#disconnects.has(id),
    });
    const secrets = resolveSecrets(options.secret, { production: !this.#development, directory: process.cwd() });
    const signer = new TokenSigner(secrets, Date.now);
    const tokenMaxAgeMs = options.tokenMaxAgeMs ?? TWO_WEEKS_MS;
    const tokens = new PageTokenSigner(signer, tokenMaxAgeMs, this.#warn);
    const nested = { views, tokens: new NestedTokens(signer, tokenMaxAgeMs) };
    const pubSub =
      options.pubSub ??
      createPubSub({ onError: (error, { topic }) => this.#report(error, topic === "" ? {} : { topic }) });
    this.#topics = new TopicHub(pubSub, {
      report: (error, topic) => this.#report(error, { topic }),
      gapSpreadMs: this.limits.gapSpreadMs,
      random: Math.random,
    });
    this.#gaps = new GapWatch(pubSub, this.#logger, (gap) => this.#topics.announceGap(gap));
    this.#connections = new Connections(
      () => this.now(),
      (message) => this.#logger.info(`[wingbeat] ${message}`),
    );
    this.#disconnects = new Disconnects({
      pubSub,
      name,
      signer,
      node: randomId(9),
      now: () => this.now(),
      close: (id) => this.#connections.disconnect(id),
      extend: (id, endMs) => this.#connections.extend(id, endMs),
      report: (error, topic) => this.#report(error, { topic }),
      warn: this.#warn,
    });
    this.#plain = new PlainHttp({
      visitors: this.#visitors,
      signer,
      tokens,
      origins: this.#origins,
      maxBytes: this.limits.maxMessageBytes,
      maxFields: this.limits.maxParamsKeys,
      warn: this.#warn,
    });
    const uploads = {
      quota: new UploadQuota(this.limits),
      tokens: new UploadTokens(signer),
      files: new TemporaryFiles(name, options.uploads ?? {}),
    };
    this.#services = this.#createServices(pubSub, paramLimits, signer, tokens, nested, uploads);
    this.#removeLeftovers(uploads.files);
    this.#joiner = new Joiner({
      services: this.#services,
      router: this.#router,
      signer,
      tokens,
      refusals: new Refusals(),
      paramLimits,
      clientVersion: clientVersion(),
      isOutdated: (address) => this.#isOutdated(address),
    });
    const longPoll = resolveLongPoll(options.longPoll);
    this.#longPoll = longPoll && this.#openLongPoll(longPoll, pubSub, signer);
    const layout = options.layout ?? defaultLayout;
    const document = {
      titleOptions: options.title ?? {},
      socketPath: this.#socketPath,
      scriptPaths: this.#assets.scriptPaths,
      bootScript: bootScript({
        socketPath: this.#socketPath,
        bootId: this.#development ? this.#bootId : undefined,
        modulePath: this.#assets.modulePath,
        connectionNotice: options.connectionNotice === false ? undefined : (options.connectionNotice ?? {}),
        longPollFallbackMs: longPoll?.fallbackAfterMs,
      }),
      moduleLink: this.#assets.moduleLink,
    };
    this.#errorPages = new ErrorPages({
      errorPage: options.errorPage,
      layout,
      headers: options.headers,
      development: this.#development,
      maxConcurrent: this.limits.maxConcurrentRenders,
      pageFor: (request, title) =>
        new Page({
          ...document,
          title,
          csrfToken: this.#plain.csrfToken(request),
          nonce: scriptNonce(signer, randomId(12)),
          href: request.url,
          renewEveryMs: undefined,
        }),
      report: (error) => this.#report(error, { callback: "errorPage" }),
    });
    this.#pages = new PageRenderer({
      ...document,
      errorPages: this.#errorPages,
      checkDocument: this.#development ? documentCheck(options.staticPaths ?? [], this.#warn) : undefined,
      services: this.#services,
      visitors: this.#visitors,
      identified: (request) => this.#heedNotes(request),
      signer,
      tokens,
      layout,
      headers: options.headers,
      maxConcurrentRenders: this.limits.maxConcurrentRenders,
    });
    this.#stopAging = ring.onIdle(() => {
      for (const view of this.#router.views) view.renderer.age();
      views.age();
    });
  }

  #createServices(
    pubSub: PubSub,
    paramLimits: ParamLimits,
    signer: TokenSigner,
    tokens: PageTokenSigner,
    nested: ViewServices["nested"],
    uploads: ViewServices["uploads"],
  ): ViewServices {
    const idPrefix = randomId(9);
    let lastId = 0;
    return {
      ring,
      topics: this.#topics,
      pubSub,
      limits: this.limits,
      paramLimits,
      checks: this.#development,
      counters: this.#counters,
      activity: this.#activity,
      uploads,
      nested,
      now: () => this.now(),
      recently: () => this.recently(),
      // Joined, not concatenated: the parts would be kept beside the whole, for as long as the view lives.
      newId: () => [idPrefix, (++lastId).toString(36)].join("-"),
      locate: (url, view) => {
        const located = this.#router.locateAddress(url);
        return located !== undefined && isSameView(located.view, view) && located.excess === undefined
          ? located
          : undefined;
      },
      sharesSession: (url, { liveSession }) => {
        const located = this.#router.locateAddress(url);
        return located !== undefined && located.view.liveSession === liveSession;
      },
      signFlash: (flash, cookieId) => tokens.signFlash(flash, cookieId),
      csrfToken: (cookieId) => csrfToken(signer, cookieId),
      scriptNonce: (pageNonce) => scriptNonce(signer, pageNonce),
      warn: this.#warn,
      report: (error, details) => this.#report(error, details),
      showError: (channel, error, view, callback) => this.#showError(channel, error, view, callback),
    };
  }

  /** Of uploads of a process that was killed. */
  #removeLeftovers(files: TemporaryFiles): void {
    files
      .removeLeftovers(Date.now())
      .then((count) => {
        if (count > 0)
          this.#logger.info(`[wingbeat] removed ${count} files that uploads had left in ${files.directory}`);
      })
      .catch((error: unknown) => this.#report(error, {}));
  }

  // ── HTTP ──

  readonly fetch = (request: Request): Promise<Response> => {
    try {
      return Promise.resolve(this.#respond(request)).catch((error: unknown) => this.#fail(request, error));
    } catch (error) {
      return Promise.resolve(this.#fail(request, error));
    }
  };

  #respond(request: Request): Response | Promise<Response> {
    const url = urlOf(request);
    const asset = this.#assets.respond(request, url.pathname);
    if (asset !== undefined) return asset;
    if (request.method === "POST" && url.pathname === `${this.#socketPath}${RENEWAL_PATH}`) {
      return this.#renewSession(request);
    }
    const polled = this.#longPoll?.respond(request, url);
    if (polled !== undefined) return polled;
    const located = this.#router.locate(url);
    if (located !== undefined) {
      if (request.method === "GET" || request.method === "HEAD") return this.#pages.render(request, located);
      if (this.#options.fetch === undefined) return this.#errorPages.respond(request, METHOD_NOT_ALLOWED);
    }
    const response = this.#options.fetch?.(request);
    const finish = (settled: Response | undefined): Response | Promise<Response> => {
      this.#heedNotes(request);
      this.#plain.renewAtLogin(request);
      // A program that no compiler has read may give anything.
      const given: unknown = settled ?? undefined;
      if (given !== undefined && !isResponse(given)) throw isNoResponse(given);
      if (given !== undefined) return withCookies(request, given);
      if (url.pathname === "/favicon.ico") return withCookies(request, noIcon());
      return this.#errorPages.respond(request, NOT_FOUND);
    };
    return response instanceof Promise ? response.then(finish) : finish(response);
  }

  /** A page that is in use asks for it. */
  async #renewSession(request: Request): Promise<Response> {
    await this.#visitors.identify(request);
    for (const session of sessionsOf(request)) session.renew();
    this.#heedNotes(request);
    return withCookies(request, new Response(null, { status: 204 }));
  }

  /** What its sessions have noted on a request: refusals for the log, and longer lives for open pages. */
  #heedNotes(request: Request): void {
    this.#logRefusals(request);
    for (const [id, endMs] of takeRenewals(request)) this.#disconnects.extend(id, endMs);
  }

  #logRefusals(request: Request): void {
    for (const refusal of takeRefusals(request)) this.#warn(refusal);
  }

  #fail(request: Request, error: unknown): Response | Promise<Response> {
    keepEndsOnly(request);
    // It has been logged.
    if (error instanceof FormRefused) return this.#errorPages.respond(request, formRefusal(error.status));
    const status = statusOf(error);
    if (status !== undefined) {
      const why = error instanceof Error ? error.message : String(error);
      this.#logger.info(
        `[wingbeat] answered ${request.method} ${new URL(request.url).pathname} with ${status}: ${why}`,
      );
      return this.#errorPages.respond(request, refusal(status));
    }
    this.#report(error, {});
    return this.#errorPages.respond(request, failure(error));
  }

  // ── WebSocket ──

  readonly upgrade = (request: Request): Admission | Response | Promise<Admission | Response> => {
    if (this.#isClosing) return new Response("The server is stopping.", { status: 503 });
    const url = urlOf(request);
    if (url.pathname !== `${this.#socketPath}/websocket`) return new Response("Not found", { status: 404 });
    const refusal =
      refuseVersion(url.searchParams.get("vsn")) ?? refuseOrigin(request.headers.get("origin"), this.#origins);
    if (refusal !== undefined) return this.#refuseUpgrade(refusal);
    const open = this.#admit(request);
    return open instanceof Promise ? open.then(toAdmission) : toAdmission(open);
  };

  /**
   * What opens a connection of this visitor; `undefined` if the app's `session` failed, which has been reported. A promise only
   * if that gives one.
   */
  #admit(request: Request): Opening | undefined | Promise<Opening | undefined> {
    const endsBefore = this.#disconnects.count;
    const failed = (error: unknown): undefined => {
      this.#report(error, {});
    };
    let visitor: Visitor | Promise<Visitor>;
    try {
      visitor = this.#visitors.identify(request);
    } catch (error) {
      return failed(error);
    }
    return visitor instanceof Promise
      ? visitor.then((known) => this.#openingFor(known, request, endsBefore), failed)
      : this.#openingFor(visitor, request, endsBefore);
  }

  /** @param endsBefore how many sessions had been ended when it was asked who the visitor is */
  #openingFor(visitor: Visitor, request: Request, endsBefore: number): Opening {
    this.#logRefusals(request);
    const { session, sessionHash, cookieId, ticket } = visitor;
    if (ticket !== undefined) this.#disconnects.listen();
    // Only what is needed later: the request with its headers must not stay in memory for each connection.
    const forwardedFor = this.trustProxy && "ip" in request && typeof request.ip === "string" ? request.ip : undefined;
    const agentHash = hashOf(request.headers.get("user-agent") ?? "");
    const client = { session, sessionHash, cookieId, ticket, forwardedFor, agentHash };
    return (peer) => {
      const connection = this.#open(peer, client);
      // Its session was ended after it had been asked for, and `disconnect` has not seen the connection.
      if (ticket !== undefined && this.#disconnects.hasSince(ticket, endsBefore))
        connection.close(GOING_AWAY, "disconnected");
      return connection;
    };
  }

  #openLongPoll(settings: LongPollSettings, pubSub: PubSub, signer: TokenSigner): LongPollEndpoint {
    return openLongPoll(settings, {
      socketPath: this.#socketPath,
      limits: this.limits,
      origins: this.#origins,
      pubSub,
      signer,
      visitors: this.#visitors,
      refuseVersion,
      admit: async (request) => (this.#isClosing ? undefined : this.#admit(request)),
      warn: this.#warn,
      report: (error, topic) => this.#report(error, { topic }),
    });
  }

  #refuseUpgrade(why: string): Response {
    this.#logger.warn(`[wingbeat] refused a socket: ${why}`);
    return new Response("Forbidden", { status: 403 });
  }

  #open(peer: Peer, client: JoiningClient): ClientConnection {
    const connection: ClientConnection = new Connection(peer, this, client);
    this.#connections.add(connection);
    // Its handshake ended after the app had begun to stop.
    if (this.#isClosing) connection.close(SERVICE_RESTART, "restart");
    if (this.#development) connection.announce(PAGE_TOPIC, "boot", JSON.stringify({ id: this.#bootId }));
    return connection;
  }

  // ── ConnectionOwner ──

  now(): number {
    this.#nowMs = Math.trunc(performance.now());
    return this.#nowMs;
  }

  recently(): number {
    return this.#nowMs;
  }

  random(): number {
    return Math.random();
  }

  join(channel: Channel, payload: unknown, connection: Connection): void {
    // Every connection with this owner was made by `#open`.
    this.#joiner.join(channel, payload, connection as ClientConnection);
  }

  closed(connection: Connection): void {
    // As in `join`.
    this.#connections.delete(connection as ClientConnection);
  }

  misbehaved(connection: Connection, what: string): void {
    // As in `join`.
    this.#warn(`${addressOf(connection as ClientConnection)}: ${what}`);
  }

  // ── handlers without a view ──

  csrfToken(request: Request): string {
    return this.#plain.csrfToken(request);
  }

  readForm(request: Request, options: ReadFormOptions = {}): Promise<FormData> {
    return this.#plain.readForm(request, options);
  }

  verifyCsrf(request: Request): void {
    this.#plain.verifyCsrf(request);
  }

  putFlash(request: Request, kind: string, message: string): void {
    this.#plain.putFlash(request, kind, message);
  }

  takeFlash(request: Request): Flash {
    return this.#plain.takeFlash(request);
  }

  async disconnect(sessionId: string | undefined): Promise<void> {
    if (sessionId !== undefined) await this.#disconnects.end(sessionId);
  }

  // ── the whole ──

  #isOutdated(address: string): boolean {
    const path = URL.canParse(address) ? new URL(address).pathname : address;
    const { staticPaths } = this.#options;
    if (this.#assets.owns(path)) return !this.#assets.isCurrent(path);
    return staticPaths !== undefined && !staticPaths.some((current) => path.endsWith(current));
  }

  stats(): AppStats {
    return {
      connections: this.#connections.count,
      views: this.#counters.views,
      subscriptions: this.#topics.subscriptionCount,
      topics: this.#topics.topicCount,
      messages: this.#topics.deliveryCount,
      rendersSkipped: this.#counters.rendersSkipped,
      gaps: this.#gaps.gaps,
      pubSub: this.#gaps.status,
    };
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#connections.drain(this.limits.drainWindowMs, this.limits.drainBatch);
    this.#longPoll?.stop();
    this.#stopAging();
    this.#disconnects.stop();
    this.#gaps.stop();
    this.#topics.stop();
  }

  #report(error: unknown, details: ErrorDetails): void {
    const { onError } = this.#options;
    try {
      if (onError !== undefined) {
        this.#activity.onLog?.(describeFailure(error, details));
        return onError(error, details);
      }
    } catch (failure) {
      this.#logger.error(`[wingbeat] onError itself failed: ${describeError(failure)}`);
    }
    this.#logger.error(describeFailure(error, details));
  }

  #showError(channel: Channel | undefined, error: unknown, view: string, callback: Callback): void {
    if (!this.#development || channel === undefined) return;
    channel.announce(
      PAGE_TOPIC,
      "error",
      JSON.stringify({ title: `${view}: ${callback} failed`, text: describeError(error) }),
    );
  }
}

function describeFailure(error: unknown, details: ErrorDetails): string {
  const place = [
    details.view,
    details.component,
    details.callback,
    details.message && `"${details.message}"`,
    details.topic,
  ]
    .filter(Boolean)
    .join(" ");
  return `[wingbeat] ${place}${place === "" ? "" : ": "}${describeError(error)}`;
}

/** Writes to `logger`, and tells `activity`. */
function overheard(logger: Logger, activity: Activity): Logger {
  const tell =
    (level: "info" | "warn" | "error") =>
    (message: string, details?: object): void => {
      activity.onLog?.(message);
      if (details === undefined) logger[level](message);
      else logger[level](message, details);
    };
  return { info: tell("info"), warn: tell("warn"), error: tell("error") };
}

/** Of whichever realm or package. */
function isResponse(value: unknown): value is Response {
  return typeof value === "object" && value !== null && "headers" in value && "status" in value;
}

/** Browsers ask each site for an icon, and complain in their console where there is none. */
function noIcon(): Response {
  return new FastResponse(null, { status: 204, headers: { "cache-control": "public, max-age=86400" } });
}

function toAdmission(open: Opening | undefined): Admission | Response {
  return open === undefined ? new Response("Internal Server Error", { status: 500 }) : { open };
}

/** Where a request goes. srvx has parsed it already; but whoever passed the request on may have given it another address. */
function urlOf(request: Request): URL {
  const { url } = request;
  const parsed: unknown = "_url" in request ? request._url : undefined;
  return parsed instanceof URL && parsed.href === url ? parsed : new FastURL(url);
}

function refuseVersion(version: string | null): string | undefined {
  if (version === SERIALIZER_VERSION) return undefined;
  return `it speaks version ${JSON.stringify(version)} of the serializer, not ${SERIALIZER_VERSION}`;
}

function originRules(options: AnyOptions, development: boolean): OriginRules {
  const { origins } = options;
  if (origins === undefined && !development) {
    throw new LiveError(
      "app.invalid-option",
      'In production the app needs the option `origins`: the origins of the pages that may open its socket, such as origins: ["https://app.example"].',
    );
  }
  const wrong = origins?.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong !== undefined) {
    throw new LiveError(
      "app.invalid-option",
      `\`origins\` holds ${JSON.stringify(wrong)}, which is no origin. Write scheme, host and port only: "https://app.example".`,
    );
  }
  return { origins, allowMissing: options.allowMissingOrigin ?? false };
}

function checkPath(option: string, path: string): string {
  if (/^(?:\/[\w.~-]+)+$/.test(path)) return path;
  throw new LiveError(
    "app.invalid-option",
    `\`${option}\` is ${JSON.stringify(path)}; it must be a path such as "/live", without a slash at its end.`,
  );
}

function checkName(name: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return name;
  throw new LiveError(
    "app.invalid-option",
    `\`name\` is ${JSON.stringify(name)}; it names cookies, so it takes letters, digits, "-" and "_" only.`,
  );
}

/** A number that two different texts rarely share (FNV-1a), of 32 bits with a sign: larger ones take memory of their own. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

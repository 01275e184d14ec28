import type { StandardSchemaV1 } from "@standard-schema/spec";
import { strangeOption } from "../argument-kinds.ts";
import { type DecodeResult, refuse } from "../decode-result.ts";
import { readCookie, serializeCookie } from "../live/cookies.ts";
import { randomId } from "../live/random-id.ts";
import { resolveSecrets } from "../live/secret.ts";
import { isList, isRecord } from "../protocol/decode.ts";
import { whereNotJson } from "../protocol/plain-json.ts";
import {
  isNotedAsEnded,
  noteCookie,
  noteEndOfCookie,
  noteNewLogin,
  noteRefusal,
  noteRenewal,
  noteSession,
} from "./request-notes.ts";
import { Sealer } from "./sealer.ts";
import {
  dataDoesNotFit,
  dataIsNoJson,
  invalidOption,
  schemaIsAsync,
  secretIsMissing,
  tooLarge,
} from "./session-errors.ts";

export interface CookieSessionOptions<Data extends object> {
  /**
   * What the cookie is encrypted with: at least 32 bytes of UTF-8, and it may be the app's own. Of a list the first encrypts
   * and all decrypt; a page load brings older cookies up to date. @default in development one is made and kept in
   * `.wingbeat/secret`; required in production
   */
  readonly secret?: string | readonly string[] | undefined;
  /** Names the cookie; over HTTPS `__Host-` stands before it. Letters, digits, `-` and `_`. @default "wingbeat-session" */
  readonly name?: string | undefined;
  /** How long a session lasts after its start, whatever its user does, in milliseconds. @default 1_209_600_000 (14 days) */
  readonly maxAgeMs?: number | undefined;
  /**
   * How long a session lasts after it was last used, in milliseconds: by a page load of the app, by a key or a click on an open
   * page (`page.scripts` asks for it by a POST to the app's `socketPath` with `/session`), or by `renew`. @default no such limit
   */
  readonly idleMs?: number | undefined;
  /**
   * Whether other sites' links bring the cookie along. `"strict"`: no, so who follows one is not logged in before the next
   * click. @default "lax", by which links do, and other sites' forms and scripts do not
   */
  readonly sameSite?: "lax" | "strict" | undefined;
  /**
   * Whether the cookie is sent over HTTPS only, and named `__Host-…`. Set it to `true` behind a proxy that speaks HTTP to the
   * app and sends no `x-forwarded-proto` (the app's `trustProxy`). @default whether the request's address is `https:`
   */
  readonly secure?: boolean | undefined;
  /**
   * Checks what a cookie holds, which an older release may have written; what does not fit is no session. Synchronous. Also
   * infers the data's type. @default none
   */
  readonly schema?: StandardSchemaV1<unknown, Data> | undefined;
}

export interface StartOptions {
  /** Whether the browser keeps the cookie when it is closed ("remember me"). @default true */
  readonly remember?: boolean | undefined;
  /** How long this session lasts, in milliseconds. @default the option `maxAgeMs` of the cookie session */
  readonly maxAgeMs?: number | undefined;
}

/**
 * Keeps what a visitor's session is about in an encrypted cookie. It is a function of the request, for the app's `session`
 * and for your handlers; its methods decide what the response does to the cookie. The app's `fetch` puts that into the
 * response; elsewhere `withCookies` does.
 */
export interface CookieSession<Data extends object> {
  /**
   * What the session holds; nothing (`{}`) without a good cookie: none was sent, it was forged, or it is over. Never throws,
   * and the same object for the same request.
   */
  (request: Request): Readonly<Partial<Data>>;
  /** What names this login, for `app.disconnect`; `undefined` without one. It lets nobody in. */
  id(request: Request): string | undefined;
  /**
   * Begins a session, as at a login: always one with a new id, so that nobody can have planted the cookie before.
   * @param data becomes JSON
   * @returns its id
   * @throws {LiveError} `session.invalid-data` if it is no JSON or does not fit the schema, `session.too-large` above 4096 bytes
   */
  start(request: Request, data: Data, options?: StartOptions): string;
  /**
   * Changes what the session holds, and neither its id nor its end. Without a session it does nothing.
   * Open pages go on with what they have; a page that reconnects is loaded again.
   * @returns whether there was a session
   * @throws {LiveError} as `start`
   */
  update(request: Request, data: Data): boolean;
  /** Makes `idleMs` begin anew, as a page load does. */
  renew(request: Request): void;
  /**
   * Ends the session, as at a logout: the browser forgets the cookie. `app.disconnect` of the id ends its open pages.
   * @returns the id that it had
   */
  end(request: Request): string | undefined;
}

/** What is in the cookie. Times are in milliseconds since 1970. */
interface Stored {
  readonly id: string;
  readonly expiresAtMs: number;
  readonly seenMs: number;
  readonly remember: boolean;
  readonly data: unknown;
}

/** A session as one request has it. */
interface Reading<Data extends object> {
  readonly stored: Stored;
  readonly data: Readonly<Data>;
  readonly isCurrent: boolean;
}

const TWO_WEEKS_MS = 14 * 24 * 60 * 60 * 1000;
/** What browsers keep of one cookie, name and value together (RFC 6265bis, 5.6). */
const MAX_COOKIE_BYTES = 4096;
/** How far the clock of the node that wrote the cookie may run ahead of ours. */
const MAX_SKEW_MS = 60_000;
/** A cookie is written anew after this part of `idleMs`: not at every page load. */
const RENEWALS_PER_IDLE = 10;

const NOTHING: object = Object.freeze({});
const OPTIONS = ["secret", "name", "maxAgeMs", "idleMs", "sameSite", "secure", "schema"];
const START_OPTIONS = ["remember", "maxAgeMs"];

/**
 * A session in an encrypted cookie (AES-256-GCM), `HttpOnly` and `SameSite=Lax`, over HTTPS also `Secure` and `__Host-`:
 *
 * ```ts
 * const login = cookieSession<{ userId: string }>({ secret: process.env.WINGBEAT_SECRET });
 * const app = createLiveApp({ session: login, fetch: handler, routes: { … } }); // views get { userId?: string }
 * ```
 *
 * @throws {LiveError} `session.invalid-option`, or `app.secret` as `createLiveApp`
 */
export function cookieSession<Data extends object>(options: CookieSessionOptions<Data> = {}): CookieSession<Data> {
  const sessions = new CookieSessions<Data>(options);
  return Object.assign((request: Request): Readonly<Partial<Data>> => sessions.read(request)?.data ?? noData<Data>(), {
    id: (request: Request) => sessions.read(request)?.stored.id,
    start: (request: Request, data: Data, startOptions: StartOptions = {}) =>
      sessions.start(request, data, startOptions),
    update: (request: Request, data: Data) => sessions.update(request, data),
    renew: (request: Request) => sessions.renew(request),
    end: (request: Request) => sessions.end(request),
  });
}

/** No key is there, so none has the wrong type. */
function noData<Data extends object>(): Readonly<Partial<Data>> {
  return NOTHING as Readonly<Partial<Data>>;
}

class CookieSessions<Data extends object> {
  readonly #name: string;
  readonly #maxAgeMs: number;
  readonly #idleMs: number;
  readonly #sameSite: "lax" | "strict";
  readonly #secure: boolean | undefined;
  readonly #schema: StandardSchemaV1<unknown, Data> | undefined;
  readonly #sealer: Sealer;
  readonly #readings = new WeakMap<Request, Reading<Data> | "none">();

  constructor(options: CookieSessionOptions<Data>) {
    checkOptions("A cookie session", options, OPTIONS);
    this.#name = checkName(options.name ?? "wingbeat-session");
    this.#maxAgeMs = checkTime("maxAgeMs", options.maxAgeMs ?? TWO_WEEKS_MS);
    this.#idleMs = options.idleMs === undefined ? Infinity : checkTime("idleMs", options.idleMs);
    this.#sameSite = checkSameSite(options.sameSite ?? "lax");
    this.#secure = options.secure;
    this.#schema = options.schema;
    const production = process.env["NODE_ENV"] === "production";
    if (production && options.secret === undefined) throw secretIsMissing();
    this.#sealer = new Sealer(
      resolveSecrets(options.secret, { production, directory: process.cwd() }),
      `session ${this.#name}`,
    );
  }

  read(request: Request): Reading<Data> | undefined {
    let reading = this.#readings.get(request);
    if (reading === undefined) {
      reading = this.#decode(request) ?? "none";
      this.#keep(request, reading);
    }
    if (reading === "none" || isNotedAsEnded(request, reading.stored.id)) return undefined;
    return reading;
  }

  start(request: Request, data: Data, options: StartOptions): string {
    checkOptions("`start` of a cookie session", options, START_OPTIONS);
    const nowMs = Date.now();
    const id = randomId(16);
    const maxAgeMs = options.maxAgeMs === undefined ? this.#maxAgeMs : checkTime("maxAgeMs", options.maxAgeMs);
    const remember = options.remember ?? true;
    this.#write(request, { id, expiresAtMs: nowMs + maxAgeMs, seenMs: nowMs, remember, data }, data);
    noteNewLogin(request);
    return id;
  }

  update(request: Request, data: Data): boolean {
    const reading = this.read(request);
    if (reading !== undefined) this.#write(request, { ...reading.stored, seenMs: Date.now(), data }, data);
    return reading !== undefined;
  }

  renew(request: Request): void {
    const reading = this.read(request);
    if (reading !== undefined) this.#setCookie(request, { ...reading.stored, seenMs: Date.now() });
  }

  end(request: Request): string | undefined {
    const id = this.read(request)?.stored.id;
    this.#keep(request, "none");
    this.#forget(request);
    if (id !== undefined) noteNewLogin(request);
    return id;
  }

  // ── what comes ──

  #decode(request: Request): Reading<Data> | undefined {
    const cookie = this.#cookieOf(request);
    if (cookie === undefined) return undefined;
    const reading = this.#open(cookie);
    if (reading.ok) return reading.value;
    noteRefusal(request, `the session cookie "${this.#name}" was not taken: ${reading.reason}`);
    return undefined;
  }

  #open(cookie: string): DecodeResult<Reading<Data>> {
    if (cookie.length > MAX_COOKIE_BYTES) return refuse(`it has more than ${MAX_COOKIE_BYTES} bytes`);
    const opened = this.#sealer.open(cookie);
    if (!opened.ok) return opened;
    const stored = toStored(opened.value.text);
    if (stored === undefined) return refuse("it holds no session");
    const nowMs = Date.now();
    if (stored.seenMs > nowMs + MAX_SKEW_MS) return refuse("it is from the future");
    if (nowMs >= stored.expiresAtMs) return refuse("it has expired (maxAgeMs)");
    if (nowMs >= stored.seenMs + this.#idleMs) return refuse("it was not used for too long (idleMs)");
    const checked = this.#check(stored.data);
    if (!checked.ok) return refuse(`what it holds does not fit the schema: ${checked.reason}`);
    return { ok: true, value: { stored, data: checked.value, isCurrent: opened.value.isCurrent } };
  }

  /** Over HTTPS only what no other host of the domain can have set. */
  #cookieOf(request: Request): string | undefined {
    const header = request.headers.get("cookie");
    const safe = readCookie(header, `__Host-${this.#name}`);
    return safe ?? (this.#isSecure(request) ? undefined : readCookie(header, this.#name));
  }

  #check(data: unknown): DecodeResult<Readonly<Data>> {
    // Without a schema: only who has the secret can have written it, as `Data`.
    if (this.#schema === undefined) return { ok: true, value: data as Data };
    let result;
    try {
      result = this.#schema["~standard"].validate(data);
    } catch (error) {
      return refuse(`the schema failed: ${error instanceof Error ? error.message : "no reason was given"}`);
    }
    if (result instanceof Promise) {
      result.catch(() => {});
      throw schemaIsAsync();
    }
    if (result.issues === undefined) return { ok: true, value: result.value };
    return refuse(result.issues[0]?.message ?? "no reason was given");
  }

  // ── what goes ──

  #write(request: Request, stored: Stored, given: Data): void {
    if (!isRecord(given)) throw dataIsNoJson("data");
    const path = whereNotJson(withoutUndefined(given), "data");
    if (path !== undefined) throw dataIsNoJson(path);
    const checked = this.#check(given);
    if (!checked.ok) throw dataDoesNotFit(checked.reason);
    this.#setCookie(request, stored);
    this.#keep(request, { stored, data: checked.value, isCurrent: true });
  }

  #setCookie(request: Request, stored: Stored): void {
    const { id, expiresAtMs, seenMs, remember, data } = stored;
    const isSecure = this.#isSecure(request);
    const name = this.#cookieName(isSecure);
    const value = this.#sealer.seal(JSON.stringify([id, expiresAtMs, seenMs, remember ? 1 : 0, data]));
    const bytes = name.length + value.length;
    if (bytes > MAX_COOKIE_BYTES) throw tooLarge(name, bytes, MAX_COOKIE_BYTES);
    const lastsMs = Math.min(expiresAtMs - seenMs, this.#idleMs);
    if (this.#idleMs !== Infinity) noteRenewal(request, id, seenMs + lastsMs);
    const maxAgeSeconds = remember ? Math.ceil(lastsMs / 1000) : undefined;
    noteCookie(
      request,
      name,
      serializeCookie(name, value, { secure: isSecure, sameSite: this.#sameSite, maxAgeSeconds }),
    );
  }

  /** Under both names: the address may have become an HTTPS one since the cookie was set. */
  #forget(request: Request): void {
    for (const isSecure of [false, true]) {
      const name = this.#cookieName(isSecure);
      if (readCookie(request.headers.get("cookie"), name) === undefined && isSecure !== this.#isSecure(request))
        continue;
      noteEndOfCookie(request, name, serializeCookie(name, "", { secure: isSecure, maxAgeSeconds: 0 }));
    }
  }

  #keep(request: Request, reading: Reading<Data> | "none"): void {
    this.#readings.set(request, reading);
    if (reading === "none") return noteSession(request, this, undefined);
    const { id, expiresAtMs, seenMs } = reading.stored;
    noteSession(request, this, {
      id,
      expiresAtMs: Math.min(expiresAtMs, seenMs + this.#idleMs),
      forget: () => this.#forget(request),
      renewEveryMs: this.#idleMs / RENEWALS_PER_IDLE,
      renew: () => {
        if (!reading.isCurrent || Date.now() - seenMs >= this.#idleMs / RENEWALS_PER_IDLE) this.renew(request);
      },
    });
  }

  #isSecure(request: Request): boolean {
    return this.#secure ?? request.url.startsWith("https:");
  }

  #cookieName(isSecure: boolean): string {
    return isSecure ? `__Host-${this.#name}` : this.#name;
  }
}

/** A key that is `undefined` is as good as none. */
function withoutUndefined(data: object): object {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}

/** What we have sealed has the right types. Asked nevertheless: another release may have sealed it. */
function toStored(text: string): Stored | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isList(list)) return undefined;
  const [id, expiresAtMs, seenMs, remember, data] = list;
  if (typeof id !== "string" || typeof expiresAtMs !== "number" || typeof seenMs !== "number") return undefined;
  return isRecord(data) ? { id, expiresAtMs, seenMs, remember: remember === 1, data } : undefined;
}

function checkName(name: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return name;
  throw invalidOption(
    `The \`name\` of a cookie session is ${JSON.stringify(name)}; it names a cookie, so it takes letters, digits, "-" and "_" only.`,
  );
}

/** A session whose end was misspelt would last for two weeks without a word. */
function checkOptions(of: string, options: object, known: readonly string[]): void {
  const strange = strangeOption(of, options, known);
  if (strange !== undefined) throw invalidOption(strange);
}

function checkSameSite(given: "lax" | "strict"): "lax" | "strict" {
  if (given === "lax" || given === "strict") return given;
  // As from JavaScript.
  throw invalidOption(`\`sameSite\` of a cookie session is ${JSON.stringify(given)}; it takes "lax" or "strict".`);
}

function checkTime(option: string, ms: number): number {
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw invalidOption(
    `\`${option}\` of a cookie session is ${ms}; it takes milliseconds, such as 24 * 60 * 60 * 1000 for a day.`,
  );
}

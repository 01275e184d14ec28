import { createHash } from "node:crypto";
import { isNotedAsEnded, noteEnded, noteRefusal, sessionsOf } from "../session/request-notes.ts";
import { isList } from "../protocol/decode.ts";
import { expiryIsNoTime, idsAreNoList, sessionIsNoJson, sessionIsNoObject } from "../session/session-errors.ts";
import { Ticket } from "../session/ticket.ts";
import { readCookie, serializeCookie } from "./cookies.ts";
import { randomId } from "./random-id.ts";

/** Who asks: what the app's `session` made of the request, and the anonymous cookie that forged requests lack. */
export interface Visitor {
  readonly session: object;
  /** Tells sessions apart: a page and its socket must have the same. */
  readonly sessionHash: string;
  /** The random id in the anonymous cookie, which is renewed in part at a login; `undefined` if the browser sent none. */
  readonly cookieId: string | undefined;
  /** How it may be sent away; `undefined`: not at all. */
  readonly ticket: Ticket | undefined;
}

/** What the app's `sessionInfo` says of a session. */
export interface SessionInfo {
  /**
   * Names for `app.disconnect`, beside the id of a cookie session: `["user:42"]` for all sessions of a user. @default none
   */
  readonly ids?: readonly string[] | undefined;
  /** When the session is over, a `Date` or milliseconds since 1970, beside the end of a cookie session. @default never */
  readonly expiresAt?: Date | number | undefined;
}

const givenSessions = new WeakMap<Request, object>();

/** For tests: what `identify` takes for the session of this request, instead of asking the app. */
export function giveSession(request: Request, session: object): void {
  givenSessions.set(request, session);
}

const ANONYMOUS: object = Object.freeze({});
/** The browser's id, and what was added to it at its last login or logout. */
const ID_PATTERN = /^[\w-]{22}(?:\.[\w-]{11})?$/;
const ID_LENGTH = 22;
/** A session that the app gives although it says that it is over ends so much later: else its page would come back for ever. */
const MIN_STAY_MS = 10_000;
/** No session ends so early; as seconds, smaller numbers are of all centuries to come. */
const IN_1973_MS = 1e11;

export interface VisitorsOptions {
  /** Of the app: begins the names of its cookies. */
  readonly name: string;
  readonly session: ((request: Request) => object | Promise<object>) | undefined;
  readonly info: ((session: object) => SessionInfo) | undefined;
  /** Whether the cookie session with this id was ended lately. */
  readonly isEnded: (id: string) => boolean;
}

/** Finds out who asks. A page and its socket are asked the same way. */
export class Visitors {
  readonly #options: VisitorsOptions;

  constructor(options: VisitorsOptions) {
    this.#options = options;
  }

  /** A promise only if the app's `session` gives one. Throws what that throws. */
  identify(request: Request): Visitor | Promise<Visitor> {
    const cookieId = this.cookieIdOf(request);
    const given = givenSessions.get(request);
    if (given !== undefined) return this.#toVisitor(request, given, cookieId);
    if (this.#options.session === undefined) {
      return { session: ANONYMOUS, sessionHash: "", cookieId, ticket: undefined };
    }
    const session = this.#options.session(request);
    return session instanceof Promise
      ? session.then((value) => this.#known(request, value, cookieId))
      : this.#known(request, session, cookieId);
  }

  /** The random id in the request's anonymous cookie; `undefined` if the browser sent none. */
  cookieIdOf(request: Request): string | undefined {
    const header = request.headers.get("cookie");
    if (header === null) return undefined;
    // Over HTTPS only what no other host of the domain can have set: whoever plants a cookie knows its token.
    const isSecure = request.url.startsWith("https:");
    const safe = readCookie(header, this.cookieName(true));
    const id = safe ?? (isSecure ? undefined : readCookie(header, this.cookieName(false)));
    // A copy: a part of the header would keep all cookies of the browser in memory for as long as its connection is open.
    return id !== undefined && ID_PATTERN.test(id) ? Buffer.from(id, "latin1").toString("latin1") : undefined;
  }

  /** The `set-cookie` header that gives a browser its anonymous cookie, until it is closed. */
  cookie(id: string, isSecure: boolean): string {
    return serializeCookie(this.cookieName(isSecure), id, { secure: isSecure });
  }

  newCookieId(): string {
    return randomId(16);
  }

  /** For the same browser, with other tokens for its forms: those that it had are good for nothing any more. */
  renewedCookieId(id: string): string {
    return `${browserIdOf(id)}.${randomId(8)}`;
  }

  /** Over HTTPS the browser itself sees to it that no other host of the domain has set the cookie. */
  cookieName(isSecure: boolean): string {
    return isSecure ? `__Host-${this.#options.name}-visitor` : `${this.#options.name}-visitor`;
  }

  #known(request: Request, session: object, cookieId: string | undefined): Visitor | Promise<Visitor> {
    if (!this.#takesBack(request)) return this.#toVisitor(request, session, cookieId);
    // Asked again, the app gets no such session.
    const again: object | Promise<object> = this.#options.session?.(request) ?? ANONYMOUS;
    return again instanceof Promise
      ? again.then((value: object) => this.#toVisitor(request, value, cookieId))
      : this.#toVisitor(request, again, cookieId);
  }

  /** Whether a cookie session that was read is over. */
  #takesBack(request: Request): boolean {
    let isAny = false;
    for (const note of sessionsOf(request)) {
      const { id } = note;
      if (!this.#options.isEnded(id) || isNotedAsEnded(request, id)) continue;
      noteEnded(request, id);
      // A renewal that was under way during the logout may have brought the cookie back, for longer than the end is remembered.
      note.forget();
      noteRefusal(request, "a session cookie was not taken: app.disconnect has ended its session");
      isAny = true;
    }
    return isAny;
  }

  #toVisitor(request: Request, session: object, cookieId: string | undefined): Visitor {
    const given: unknown = session;
    if (typeof given !== "object" || given === null) throw sessionIsNoObject(given);
    const logins = [...sessionsOf(request)]
      .filter(({ id }) => !isNotedAsEnded(request, id))
      .map(({ id, expiresAtMs }) => [id, expiresAtMs] as const);
    // The ids are in it: what a page has got before a login is good for nothing after it.
    const text = `${logins.map(([id]) => id).join(" ")}${toJson(session)}`;
    const { ids = [], expiresAt } = this.#options.info?.(session) ?? {};
    // Of a text, each letter would be a name, and `disconnect` would find nobody by the whole.
    if (!isList(ids)) throw idsAreNoList(ids);
    const endMs = expiresAt === undefined ? Infinity : Math.max(toTime(expiresAt), Date.now() + MIN_STAY_MS);
    const mayEnd = logins.length > 0 || ids.length > 0 || endMs !== Infinity;
    const ticket = mayEnd ? new Ticket(logins, ids, endMs) : undefined;
    return { session, sessionHash: hashOf(text), cookieId, ticket };
  }
}

/** What stays the same in a cookie's id while the browser has the cookie. */
export function browserIdOf(cookieId: string): string {
  return cookieId.slice(0, ID_LENGTH);
}

function toJson(session: object): string {
  try {
    return JSON.stringify(session) ?? "";
  } catch (error) {
    throw sessionIsNoJson(error);
  }
}

/** Without the check, what is no time would never end, and seconds would end at once, again and again. */
function toTime(expiresAt: Date | number): number {
  const ms = Number(expiresAt);
  if (Number.isNaN(ms) || (ms > 0 && ms < IN_1973_MS)) throw expiryIsNoTime(ms);
  return ms;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

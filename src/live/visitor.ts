import { createHash } from "node:crypto";
import { readCookie, serializeCookie } from "./cookies.ts";
import { randomId } from "./random-id.ts";

/** Who asks: what the app's `session` made of the request, and the anonymous cookie that forged requests lack. */
export interface Visitor {
  readonly session: object;
  /** Tells sessions apart: a page and its socket must have the same. */
  readonly sessionHash: string;
  /** The random id in the anonymous cookie; `undefined` if the browser sent none. */
  readonly cookieId: string | undefined;
}

const givenSessions = new WeakMap<Request, object>();

/** For tests: what `identify` takes for the session of this request, instead of asking the app. */
export function giveSession(request: Request, session: object): void {
  givenSessions.set(request, session);
}

const ANONYMOUS: object = Object.freeze({});
const ID_PATTERN = /^[\w-]{22}$/;

/** Finds out who asks. A page and its socket are asked the same way. */
export class Visitors {
  readonly #session: ((request: Request) => object | Promise<object>) | undefined;
  readonly #name: string;

  constructor(name: string, session: ((request: Request) => object | Promise<object>) | undefined) {
    this.#name = name;
    this.#session = session;
  }

  /** A promise only if the app's `session` gives one. Throws what that throws. */
  identify(request: Request): Visitor | Promise<Visitor> {
    const cookieId = this.cookieIdOf(request);
    const given = givenSessions.get(request);
    if (given !== undefined) return toVisitor(given, cookieId);
    if (this.#session === undefined) return { session: ANONYMOUS, sessionHash: "", cookieId };
    const session = this.#session(request);
    return session instanceof Promise
      ? session.then((value) => toVisitor(value, cookieId))
      : toVisitor(session, cookieId);
  }

  /** The `set-cookie` header that gives a browser its anonymous cookie, until it is closed. */
  cookie(id: string, isSecure: boolean): string {
    return serializeCookie(this.#cookieName(isSecure), id, { secure: isSecure });
  }

  newCookieId(): string {
    return randomId(16);
  }

  /** The random id in the request's anonymous cookie; `undefined` if the browser sent none. */
  cookieIdOf(request: Request): string | undefined {
    const header = request.headers.get("cookie");
    if (header === null) return undefined;
    const id = readCookie(header, this.#cookieName(true)) ?? readCookie(header, this.#cookieName(false));
    // A copy: a part of the header would keep all cookies of the browser in memory for as long as its connection is open.
    return id !== undefined && ID_PATTERN.test(id) ? Buffer.from(id, "latin1").toString("latin1") : undefined;
  }

  /** Over HTTPS the browser itself sees to it that no other host of the domain has set the cookie. */
  #cookieName(isSecure: boolean): string {
    return isSecure ? `__Host-${this.#name}-visitor` : `${this.#name}-visitor`;
  }
}

function toVisitor(session: object, cookieId: string | undefined): Visitor {
  const text = JSON.stringify(session) ?? "";
  return { session, sessionHash: createHash("sha256").update(text).digest("base64url").slice(0, 22), cookieId };
}

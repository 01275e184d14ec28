import { FastResponse } from "srvx";

/** A cookie session that was read of a request, or begun for it. */
export interface SessionNote {
  /** Of this one login. */
  readonly id: string;
  /** When it is over, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** After so long it is time to renew it, in milliseconds; `Infinity`: never, it ends when it ends. */
  readonly renewEveryMs: number;
  /** Has the response set the cookie anew, if it is time to. */
  renew(): void;
  /** Has the browser forget the cookie. */
  forget(): void;
}

/** What is known of a request while it is being answered, beside what it says itself. */
class RequestNotes {
  /** `set-cookie` headers of the response, by the cookie's name: the last one counts. */
  readonly cookies = new Map<string, string>();
  /** The names of those that end a session. */
  readonly ends = new Set<string>();
  readonly sessions = new Map<object, SessionNote>();
  /** Why cookies of it were not taken. */
  readonly refusals: string[] = [];
  /** Sessions whose cookie was written anew, by id, with the end that they have now. */
  readonly renewed = new Map<string, number>();
  /** Ids of sessions that are over although their cookies are good. */
  readonly ended = new Set<string>();
  /** Whether a session was begun or ended for it. */
  hasNewLogin = false;
  /** Called before its cookies are taken. */
  readonly beforeCookies = new Set<() => void>();
}

const notes = new WeakMap<Request, RequestNotes>();

function notesOf(request: Request): RequestNotes {
  let found = notes.get(request);
  if (found === undefined) notes.set(request, (found = new RequestNotes()));
  return found;
}

// ── cookies of the response ──

/** Has the response to this request carry the `set-cookie` header, instead of an earlier one of the same name. */
export function noteCookie(request: Request, name: string, header: string): void {
  const { cookies, ends } = notesOf(request);
  cookies.set(name, header);
  ends.delete(name);
}

/** As `noteCookie`, of one that takes a session's cookie away. */
export function noteEndOfCookie(request: Request, name: string, header: string): void {
  noteCookie(request, name, header);
  notesOf(request).ends.add(name);
}

/**
 * For a handler that has failed: it has changed nothing, begun no session above all, but the sessions that it has ended are
 * over. Whoever logs out while other nodes cannot be told of it must not stay logged in.
 */
export function keepEndsOnly(request: Request): void {
  const noted = notes.get(request);
  if (noted === undefined) return;
  for (const name of noted.cookies.keys()) if (!noted.ends.has(name)) noted.cookies.delete(name);
  noted.hasNewLogin = noted.ends.size > 0;
}

/** For what decides about cookies at the last moment, once. */
export function beforeCookies(request: Request, decide: () => void): void {
  notesOf(request).beforeCookies.add(decide);
}

/** The `set-cookie` headers that the response is to carry. They are given once. */
export function takeCookies(request: Request): readonly string[] {
  const noted = notes.get(request);
  if (noted === undefined) return [];
  for (const decide of noted.beforeCookies) decide();
  noted.beforeCookies.clear();
  const { cookies } = noted;
  if (cookies.size === 0) return [];
  const headers = [...cookies.values()];
  cookies.clear();
  return headers;
}

/**
 * The response with the cookies that were decided on while its request was answered: by `start`, `update`, `renew` and `end`
 * of a cookie session, and by the app's `csrfToken`, `putFlash` and `takeFlash`. What the app's `fetch` option answers gets
 * them by itself; a host that answers a request without the app calls this.
 *
 * @returns `response` itself, or a copy if its headers cannot be changed
 */
export function withCookies(request: Request, response: Response): Response {
  const cookies = takeCookies(request);
  if (cookies.length === 0) return response;
  const open = hasOpenHeaders(response) ? response : new FastResponse(response.body, response);
  for (const header of cookies) open.headers.append("set-cookie", header);
  // A cache that kept it would give one visitor's cookies to another.
  if (!open.headers.has("cache-control")) open.headers.set("cache-control", "private, no-store");
  return open;
}

/** Those of `Response.redirect()`, and of what `fetch` has got, are closed. */
function hasOpenHeaders(response: Response): boolean {
  try {
    response.headers.delete("x-wingbeat-probe");
    return true;
  } catch {
    return false;
  }
}

// ── sessions ──

/** @param kind the cookie session that read it: of one, a request has one. */
export function noteSession(request: Request, kind: object, session: SessionNote | undefined): void {
  const { sessions } = notesOf(request);
  if (session === undefined) sessions.delete(kind);
  else sessions.set(kind, session);
}

/** The cookie sessions that were read of this request. */
export function sessionsOf(request: Request): Iterable<SessionNote> {
  return notes.get(request)?.sessions.values() ?? [];
}

/** Somebody has logged in or out: what the browser has for forms is to be renewed. */
export function noteNewLogin(request: Request): void {
  notesOf(request).hasNewLogin = true;
}

export function hasNewLogin(request: Request): boolean {
  return notes.get(request)?.hasNewLogin ?? false;
}

/** From now on the request's cookie sessions with this id read as if there were none. */
export function noteEnded(request: Request, id: string): void {
  notesOf(request).ended.add(id);
}

export function isNotedAsEnded(request: Request, id: string): boolean {
  return notes.get(request)?.ended.has(id) ?? false;
}

export function noteRenewal(request: Request, id: string, expiresAtMs: number): void {
  notesOf(request).renewed.set(id, expiresAtMs);
}

/** The sessions that were renewed, with their ends. They are given once. */
export function takeRenewals(request: Request): readonly (readonly [id: string, expiresAtMs: number])[] {
  const renewed = notes.get(request)?.renewed;
  if (renewed === undefined || renewed.size === 0) return [];
  const entries = [...renewed];
  renewed.clear();
  return entries;
}

// ── for the log ──

export function noteRefusal(request: Request, why: string): void {
  notesOf(request).refusals.push(why);
}

/** Why cookies of this request were not taken. They are given once. */
export function takeRefusals(request: Request): readonly string[] {
  return notes.get(request)?.refusals.splice(0) ?? [];
}

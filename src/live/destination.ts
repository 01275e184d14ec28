import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { withQuery, type Query } from "./query.ts";

/**
 * Where a patch or a live navigation goes, as path and query.
 *
 * @param current the page's path, for a `path` that is only a query.
 * @throws {LiveError} `view.invalid-destination` for what a browser would not take for a path of this site.
 */
export function localDestination(path: string, query: Query | undefined, current: string): string {
  checkText(path, 'socket.pushNavigate("/rooms")');
  const target = path.startsWith("?") || path === "" ? current + path : path;
  if (!isLocalPath(target)) {
    throw new LiveError(
      "view.invalid-destination",
      `"${path}" is not a path within this app. Give one that begins with a single "/", such as "/rooms/42?tab=people"; to leave the app, use socket.redirect with a full https: URL.`,
    );
  }
  return query === undefined ? target : withQuery(target, query);
}

/**
 * Where a full page load goes: a path of this site or a web address.
 * @throws {LiveError} `view.invalid-destination` for anything else.
 */
export function externalDestination(to: string): string {
  checkText(to, 'socket.redirect("/login")');
  if (isLocalPath(to)) return to;
  const url = URL.canParse(to) ? new URL(to) : undefined;
  if (url !== undefined && (url.protocol === "https:" || url.protocol === "http:")) return url.href;
  throw new LiveError(
    "view.invalid-destination",
    `"${to.slice(0, 200)}" is neither a path within this app ("/login") nor an http: or https: URL, so the browser is not sent there.`,
  );
}

/** From a program that no compiler has read. */
function checkText(destination: unknown, example: string): void {
  if (typeof destination === "string") return;
  throw new LiveError(
    "view.invalid-destination",
    `A navigation got ${describeValue(destination)} for where to go. It takes a text: ${example}.`,
  );
}

/** Whether a link to `to` stays in this site, also one that begins at the page's own address: `?page=2`, `#top`, `next`. */
export function staysInSite(to: string): boolean {
  if (/^[/\\\t\r\n]/.test(to)) return isLocalPath(to);
  // oxlint-disable-next-line no-control-regex -- browsers strip them
  return !/^[\u0000-\u0020]*[a-z][a-z\d+.\-\u0000-\u0020]*:/i.test(to);
}

/**
 * Browsers read `//host`, `/\host` and `/<tab>/host` as another site, and strip tabs and line breaks anywhere.
 * Their percent-encoded forms right after the slash are refused too, because proxies decode them.
 */
function isLocalPath(path: string): boolean {
  // eslint-disable-next-line no-control-regex
  return path.startsWith("/") && !/^\/(?:[/\\\t]|%09|%5c)/i.test(path) && !/[\u0000-\u001f\u007f\\]/.test(path);
}

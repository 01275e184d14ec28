import type { JoinPayload } from "../protocol/payloads.ts";
import type { NavigateOptions } from "./live-socket.ts";

/**
 * How a page came to its present address, as far as a browser tells its server.
 *
 * - `load`: the page was loaded, in its HTTP render and at the first join after it. Whether by a link, the address bar, a reload
 *   or back from another site is not told.
 * - `navigate`: from another view of this app, over the same connection: by a link, `pushNavigate`, or back and forward. `from` is
 *   the path and query that the browser says it comes from, so to be taken as anything that a browser sends; `undefined`
 *   if it does not say so, as at back and forward.
 * - `patch`: within the view. `by` is `page` for links that patch and for back and forward, `view` for `pushPatch`.
 * - `reconnect`: not at all; the page was there, and joins anew after a lost connection, a restart of the server, or a crash.
 */
export type ViewNavigation =
  | { readonly type: "load" }
  | { readonly type: "navigate"; readonly from: string | undefined }
  | { readonly type: "patch"; readonly by: "page" | "view" }
  | { readonly type: "reconnect" };

// Shared, because every view keeps one.
export const LOADED: ViewNavigation = Object.freeze({ type: "load" });
export const PATCHED_BY_PAGE: ViewNavigation = Object.freeze({ type: "patch", by: "page" });
export const PATCHED_BY_VIEW: ViewNavigation = Object.freeze({ type: "patch", by: "view" });
const RECONNECTED: ViewNavigation = Object.freeze({ type: "reconnect" });

/** How the page of a join came to its address. @param href that address */
export function navigationOf({ redirect, mounts, referer }: JoinPayload, href: string): ViewNavigation {
  if (mounts > 0) return RECONNECTED;
  if (redirect === undefined) return LOADED;
  const from = referer !== undefined && URL.canParse(referer) ? localPart(new URL(referer)) : undefined;
  const here = localPart(new URL(href));
  // At back and forward the client gives the address that it goes to.
  const isElsewhere = from?.origin === here.origin && from.path !== here.path;
  return Object.freeze({ type: "navigate", from: isElsewhere ? from.path : undefined });
}

/** Where a callback wants the page to go. Of several wishes the last one counts. */
export type Navigation = Patch | Leaving;

/** To another address of the same view. */
export interface Patch {
  readonly kind: "patch";
  /** Path and query. */
  readonly to: string;
  readonly replace: boolean;
}

/** To another live view, or to a page that the browser loads. Either ends the view. */
export type Leaving =
  | { readonly kind: "navigate"; readonly to: string; readonly replace: boolean }
  | { readonly kind: "redirect"; readonly to: string };

/** What the client is told of a patch. */
export function patchPayload(patch: Patch): { readonly to: string; readonly kind: "push" | "replace" } {
  return { to: patch.to, kind: patch.replace ? "replace" : "push" };
}

/** What the client is told of a leave: the name under which it stands in replies, which is also that of the push, and its payload. */
export function leavingPayload(
  leaving: Leaving,
  flashToken: string | undefined,
): readonly [name: string, payload: object] {
  const flash = flashToken === undefined ? {} : { flash: flashToken };
  if (leaving.kind === "redirect") return ["redirect", { to: leaving.to, ...flash }];
  return ["live_redirect", { to: leaving.to, kind: leaving.replace ? "replace" : "push", ...flash }];
}

export function isReplace(options: NavigateOptions | boolean | undefined): boolean {
  return typeof options === "object" ? options.replace === true : options === true;
}

function localPart({ origin, pathname, search }: URL): { readonly origin: string; readonly path: string } {
  return { origin, path: pathname + search };
}

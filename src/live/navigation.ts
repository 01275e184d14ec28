import type { NavigateOptions } from "./live-socket.ts";

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

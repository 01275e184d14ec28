import type { Channel } from "../channel/channel.ts";
import { DIFF_EVENT } from "../protocol/keys.ts";
import { externalDestination } from "./destination.ts";
import type { NavigateOptions } from "./live-socket.ts";
import type { Query } from "./query.ts";
import { isReplace, leavingPayload, type Leaving, type Navigation } from "./navigation.ts";
import type { PageOrigin } from "./nested/nesting.ts";
import type { PageState } from "./page-state.ts";
import { patchLeadsAway, patchOfSticky } from "./view-errors.ts";
import type { MountableView, ViewServices } from "./view-services.ts";

// Where a view's callbacks send its page, and what the page is then told. The view itself goes there once the callback
// is done.

/** What that needs of a view. */
export interface NavigatingView {
  readonly name: string;
  readonly isSticky: boolean;
  readonly view: MountableView;
  readonly services: ViewServices;
  readonly page: PageState;
  readonly origin: PageOrigin;
  readonly channel: Channel | undefined;
}

/** @throws {LiveError} `view.invalid-destination` */
export function patchTo(
  { name, view, services, page, isSticky }: NavigatingView,
  path: string,
  query: Query | undefined,
  options: NavigateOptions | boolean | undefined,
): Navigation {
  if (isSticky) throw patchOfSticky(name, path);
  const to = page.localPath(path, query);
  if (services.locate(page.resolve(to), view) === undefined) throw patchLeadsAway(name, path);
  return { kind: "patch", to, replace: isReplace(options) };
}

/** @throws {LiveError} `view.invalid-destination` */
export function navigateTo(
  { page }: NavigatingView,
  path: string,
  query: Query | undefined,
  options: NavigateOptions | boolean | undefined,
): Navigation {
  return { kind: "navigate", to: page.localPath(path, query), replace: isReplace(options) };
}

/** @throws {LiveError} `view.invalid-destination` */
export function redirectTo(to: string): Navigation {
  return { kind: "redirect", to: externalDestination(to) };
}

/**
 * Tells a page that shows the view to go elsewhere, with the events that wait for it, and ends the channel.
 * @param ref of the push that this answers, if it answers one.
 * @param stays whether the view goes along: then its channel does not end.
 */
export function sendAway(
  { services, page, channel, origin }: NavigatingView,
  leaving: Leaving,
  ref: string | undefined,
  stays: boolean,
): void {
  const flashToken = page.hasFlash ? services.signFlash(page.flash, origin.cookieId) : undefined;
  const [name, payload] = leavingPayload(leaving, flashToken);
  if (page.hasNews) channel?.push(DIFF_EVENT, page.outbox.takeInto(""));
  if (ref === undefined) channel?.push(name, JSON.stringify(payload));
  else channel?.reply(ref, "ok", JSON.stringify({ [name]: payload }));
  if (!stays) channel?.close();
}

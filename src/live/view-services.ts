import type { Channel } from "../channel/channel.ts";
import type { ParamLimits } from "../protocol/params.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import type { Activity } from "./activity.ts";
import type { Limits } from "./limits.ts";
import type { RouteSession } from "./live-session.ts";
import type { HookableSocket } from "./hooks/stages.ts";
import type { ErasedContext, ErasedDefinition, Params } from "./live-view.ts";
import type { NestedTokens } from "./nested/nested-tokens.ts";
import type { NestedViews } from "./nested/nested-views.ts";
import type { Nesting, PageOrigin } from "./nested/nesting.ts";
import type { ViewNavigation } from "./navigation.ts";
import type { ReadyRing } from "./ready-ring.ts";
import type { Flash } from "./render-meta.ts";
import type { Renderer } from "./renderer.ts";
import type { UploadServices } from "./uploads/upload-services.ts";
import type { TopicHub } from "./topic-hub.ts";

export type Callback =
  | "onMount"
  | "mount"
  | "handleParams"
  | "handleEvent"
  | "handleInfo"
  | "handleGap"
  | "update"
  | "updateMany"
  | "external"
  | "progress"
  | "startAsync"
  | "assignAsync"
  | "render"
  | "afterRender"
  | "shutdown";

/** Any view's socket. Which context and infos it has, its own callbacks know. */
export type AnySocket = HookableSocket<ErasedContext>;

/** A view as one app mounts it. */
export interface MountableView {
  /** For logs: the path of its route. */
  readonly name: string;
  readonly definition: ErasedDefinition;
  readonly renderer: Renderer;
  /** `undefined`: it is nested in another. */
  readonly liveSession: RouteSession | undefined;
}

/** One visit of a view. */
export interface MountRequest {
  readonly view: MountableView;
  /** The page's address. */
  readonly url: string;
  readonly params: Params;
  readonly session: object;
  readonly flash: Flash | undefined;
  /** Whether the page has older files than the server. */
  readonly staticChanged: boolean;
  /** How the page came to its address. */
  readonly navigation: ViewNavigation;
  readonly origin: PageOrigin;
  /** Where it is nested; `undefined`: it is its page's own view. */
  readonly nesting: Nesting | undefined;
}

/** What views share: one per app. */
export interface ViewServices {
  readonly ring: ReadyRing;
  readonly topics: TopicHub;
  readonly pubSub: PubSub;
  readonly limits: Limits;
  readonly paramLimits: ParamLimits;
  /** Whether what is skipped is rendered once more and compared (development). */
  readonly checks: boolean;
  readonly counters: { views: number; rendersSkipped: number };
  readonly activity: Activity;
  readonly uploads: UploadServices;
  readonly nested: { readonly views: NestedViews; readonly tokens: NestedTokens };
  /** A clock in milliseconds that never goes back. */
  now(): number;
  /** What `now` said last: at most as late as it is, and costs nothing. */
  recently(): number;
  /** Unique in this process, and hard to guess. */
  newId(): string;
  /** The address if it leads to `view` (a patch stays in its view), with what the router found in it. */
  locate(url: string, view: MountableView): { readonly href: string; readonly params: Params } | undefined;
  /** Whether an address leads to a route of the view's live session: then live navigation goes there. */
  sharesSession(url: string, view: MountableView): boolean;
  /** For the browser with this anonymous cookie. */
  signFlash(flash: Flash, cookieId: string): string;
  /** The token that goes with an anonymous cookie. */
  csrfToken(cookieId: string): string;
  /** What lets scripts run on the page with this nonce. */
  scriptNonce(pageNonce: string): string;
  warn(message: string): void;
  report(
    error: unknown,
    details: {
      readonly view: string;
      readonly component: string | undefined;
      readonly callback: Callback;
      readonly message: string | undefined;
    },
  ): void;
  /** In development: shows the error on the page. */
  showError(channel: Channel | undefined, error: unknown, view: string, callback: Callback): void;
}

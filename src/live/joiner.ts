import type { Channel } from "../channel/channel.ts";
import { VIEW_TOPIC_PREFIX } from "../protocol/keys.ts";
import type { ParamLimits } from "../protocol/params.ts";
import { decodeJoin, type JoinPayload } from "../protocol/payloads.ts";
import { statusOf } from "./error-pages.ts";
import { leavingPayload, patchPayload } from "./navigation.ts";
import { MAIN_VIEW_ID, type PageTokenSigner } from "./page-tokens.ts";
import type { Refusals } from "./refusals.ts";
import type { Flash } from "./render-meta.ts";
import type { Located, LiveRouter } from "./router.ts";
import { verifyCsrf, type TokenSigner } from "./tokens.ts";
import { ViewProcess, type Mounted } from "./view-process.ts";
import type { ViewServices } from "./view-services.ts";
import type { Visitor } from "./visitor.ts";

/** A visitor who joins, with what tells browsers apart for the log and against loops. */
export interface JoiningClient extends Visitor {
  /** Where a trusted proxy says that the client is; `undefined` without one. */
  readonly forwardedFor: string | undefined;
  /** Of its user agent. */
  readonly agentHash: number;
}

/** What it joins on. */
export interface JoiningConnection {
  readonly visitor: JoiningClient;
  readonly remoteAddress: string | undefined;
}

/** For logs and limits. Asked for when needed: a socket that was asked once keeps its address for life. */
export function addressOf(connection: JoiningConnection): string {
  return connection.visitor.forwardedFor ?? connection.remoteAddress ?? "a client";
}

export interface JoinerOptions {
  readonly services: ViewServices;
  readonly router: LiveRouter;
  readonly signer: TokenSigner;
  readonly tokens: PageTokenSigner;
  readonly refusals: Refusals;
  readonly paramLimits: ParamLimits;
  readonly clientVersion: string;
  /** Whether an address in a page's `phx-track-static` is that of an older file. */
  readonly isOutdated: (address: string) => boolean;
}

/** Accepts and refuses joins of views (docs/protocol.md, sections 6 and 7). */
export class Joiner {
  readonly #options: JoinerOptions;
  constructor(options: JoinerOptions) {
    this.#options = options;
  }

  /** Answers the join, now or when the view has mounted. Never throws. */
  join(channel: Channel, payload: unknown, connection: JoiningConnection): void {
    const client = connection.visitor;
    const decoded = decodeJoin(payload, this.#options.paramLimits);
    if (!decoded.ok) return this.#refuse(channel, connection, "", decoded.reason, "join crashed");
    const join = decoded.value;
    const address = join.redirect ?? join.url ?? "";
    if (channel.topic !== `${VIEW_TOPIC_PREFIX}${MAIN_VIEW_ID}`) {
      return this.#refuse(channel, connection, address, "the page has no such view", "stale");
    }
    const forged = this.#whyForged(join, client);
    if (forged !== undefined) return this.#refuse(channel, connection, address, forged, "stale");
    const page = this.#options.tokens.verify(join.session, join.static, client.sessionHash);
    if (!page.ok) return this.#refuse(channel, connection, address, page.reason, "stale");
    const located = this.#options.router.locateAddress(address);
    if (located === undefined)
      return this.#refuse(channel, connection, address, "its address is no live route", "unauthorized");
    const flash = join.flash === undefined ? undefined : this.#options.tokens.readFlash(join.flash);
    // The flash of the first page belongs to the first join of that page, and to no other.
    const isFirst = join.redirect === undefined && join.mounts === 0;
    this.#mount(channel, located, client, flash ?? (isFirst ? page.value.flash : undefined), join.trackStatic);
  }

  #whyForged(join: JoinPayload, visitor: Visitor): string | undefined {
    if (visitor.cookieId === undefined) {
      return "its socket came without the app's cookie: the browser blocks cookies, or the page was served from another host than its socket";
    }
    if (join.csrfToken === undefined)
      return 'it has no _csrf_token; the layout needs <meta name="csrf-token" content="${page.csrfToken}">';
    if (verifyCsrf(this.#options.signer, visitor.cookieId, join.csrfToken)) return undefined;
    return "its _csrf_token is not the one of this browser";
  }

  #mount(
    channel: Channel,
    located: Located,
    visitor: Visitor,
    flash: Flash | undefined,
    trackStatic: readonly string[],
  ): void {
    const { services } = this.#options;
    const view = new ViewProcess(
      services,
      {
        view: located.view,
        url: located.href,
        params: located.params,
        session: visitor.session,
        cookieId: visitor.cookieId ?? "",
        flash,
        staticChanged: trackStatic.some(this.#options.isOutdated),
      },
      channel,
    );
    channel.member = view;
    view.mount((mounted) => this.#answer(channel, view, mounted));
  }

  #answer(channel: Channel, view: ViewProcess, mounted: Mounted): void {
    const { services, clientVersion } = this.#options;
    switch (mounted.outcome) {
      case "rendered": {
        const rendered = view.page.hasNews ? view.page.outbox.takeInto(mounted.content) : mounted.content;
        const { patchedTo } = mounted;
        const patch = patchedTo === undefined ? "" : `,"live_patch":${JSON.stringify(patchPayload(patchedTo))}`;
        return channel.reply(
          channel.joinRef,
          "ok",
          `{"rendered":${rendered},"liveview_version":${JSON.stringify(clientVersion)}${patch}}`,
        );
      }
      case "left": {
        if (mounted.navigation.kind === "patch") return;
        const flashToken = view.page.hasFlash ? services.signFlash(view.page.flash) : undefined;
        const [name, target] = leavingPayload(mounted.navigation, flashToken);
        const events = view.page.hasNews ? view.page.outbox.eventsJson : "[]";
        return channel.refuse(`{${JSON.stringify(name)}:${JSON.stringify(target)},"events":${events}}`);
      }
      case "failed": {
        const status = statusOf(mounted.error);
        if (status !== undefined) {
          const token = this.#options.tokens.signStatus(status);
          return channel.refuse(JSON.stringify({ reason: "reload", status, token }));
        }
        services.showError(channel, mounted.error, view.name, "mount");
        return channel.refuse('{"reason":"join crashed"}');
      }
    }
  }

  /**
   * `stale` and `unauthorized` make the client load the page at once, which mends what a new page mends. A third time
   * within ten seconds it evidently does not: any other reason makes the client wait 5 to 10 s before it tries again.
   */
  #refuse(
    channel: Channel,
    connection: JoiningConnection,
    address: string,
    why: string,
    reason: "stale" | "unauthorized" | "join crashed",
  ): void {
    const { services, refusals } = this.#options;
    const path = URL.canParse(address) ? new URL(address).pathname : "";
    const from = addressOf(connection);
    const answer = refusals.refused(`${from} ${connection.visitor.agentHash} ${path}`, services.now());
    const persists =
      answer === "back-off"
        ? "; that is the third time within 10 s, so a reload does not mend it and the client is made to wait"
        : "";
    services.warn(`refused the join of ${path || "a page"} from ${from}: ${why}${persists}`);
    channel.refuse(JSON.stringify({ reason: answer === "back-off" && reason !== "join crashed" ? "refused" : reason }));
  }
}

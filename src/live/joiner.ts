import type { Channel, Member } from "../channel/channel.ts";
import { UPLOAD_TOPIC_PREFIX, VIEW_TOPIC_PREFIX } from "../protocol/keys.ts";
import type { ParamLimits } from "../protocol/params.ts";
import { decodeJoin, type JoinPayload } from "../protocol/payloads.ts";
import { statusOf } from "./page-problem.ts";
import { leavingPayload, navigationOf, patchPayload, type Leaving } from "./navigation.ts";
import { MAIN_VIEW_ID, type PageTokenSigner } from "./page-tokens.ts";
import { nestedSession, type Nesting, type PageOrigin } from "./nested/nesting.ts";
import { Stumbles } from "./nested/stumbles.ts";
import type { Refusals } from "./refusals.ts";
import type { Flash } from "./render-meta.ts";
import type { Located, LiveRouter } from "./router.ts";
import { noteLostUploads } from "./uploads/lost-uploads.ts";
import { joinUpload } from "./uploads/upload-joiner.ts";
import { verifyCsrf, type TokenSigner } from "./tokens.ts";
import { ViewProcess, type Mounted } from "./view-process.ts";
import type { MountableView, ViewServices } from "./view-services.ts";
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
  /** What sits on a topic of it. */
  memberOn(topic: string): Member | undefined;
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

/** What a join has shown of itself: its tokens belong to each other, and to who sends them. */
interface Admitted {
  readonly join: JoinPayload;
  readonly origin: PageOrigin;
  /** Of the HTML that the page was loaded as. */
  readonly flash: Flash | undefined;
}

/** Accepts and refuses joins of views (docs/protocol.md, sections 6, 7 and 17). */
export class Joiner {
  readonly #options: JoinerOptions;
  readonly #stumbles = new Stumbles();
  constructor(options: JoinerOptions) {
    this.#options = options;
  }

  /** Answers the join, now or when the view has mounted. Never throws. */
  join(channel: Channel, payload: unknown, connection: JoiningConnection): void {
    if (channel.topic.startsWith(UPLOAD_TOPIC_PREFIX)) return this.#joinUpload(channel, payload, connection);
    const client = connection.visitor;
    const decoded = decodeJoin(payload, this.#options.paramLimits);
    if (!decoded.ok) return this.#refuse(channel, connection, "", decoded.reason, "join crashed");
    const join = decoded.value;
    const address = join.redirect ?? join.url ?? "";
    const id = channel.topic.slice(VIEW_TOPIC_PREFIX.length);
    const forged = this.#whyForged(join, client, id === MAIN_VIEW_ID);
    if (forged !== undefined) return this.#refuse(channel, connection, address, forged, "stale");
    if (id !== MAIN_VIEW_ID) return this.#joinNested(channel, id, join, connection);
    const page = this.#options.tokens.verify(join.session, join.static, client.sessionHash);
    if (!page.ok) return this.#refuse(channel, connection, address, page.reason, "stale");
    const located = this.#options.router.locateAddress(address);
    if (located === undefined)
      return this.#refuse(channel, connection, address, "its address is no live route", "unauthorized");
    // The page is then loaded, and answered with the status 400.
    if (located.excess !== undefined)
      return this.#refuse(channel, connection, address, `its query: ${located.excess}`, "unauthorized");
    const { nonce, liveSession, flash } = page.value;
    const { name = "" } = located.view.liveSession ?? {};
    if (name !== liveSession) {
      const why = `its page is of ${describeSession(liveSession)}, its address of ${describeSession(name)}, so that the browser has to load it`;
      // After a live navigation that mends it for certain, and people may do it often.
      return this.#refuse(channel, connection, address, why, "unauthorized", join.redirect === undefined);
    }
    this.#mount(channel, connection, located, { join, origin: originOf(nonce, client), flash });
  }

  #joinUpload(channel: Channel, payload: unknown, connection: JoiningConnection): void {
    const { services } = this.#options;
    joinUpload(channel, payload, {
      tokens: services.uploads.tokens,
      viewOn: (topic) => {
        const member = connection.memberOn(topic);
        return member instanceof ViewProcess ? { id: member.id, uploads: member.ownUploads } : undefined;
      },
      warn: (message) => services.warn(message),
      from: addressOf(connection),
    });
  }

  #joinNested(channel: Channel, id: string, join: JoinPayload, connection: JoiningConnection): void {
    const { services } = this.#options;
    const client = connection.visitor;
    const refuse = (why: string): void =>
      this.#refuse(channel, connection, "", `its nested view ${JSON.stringify(id)}: ${why}`, "stale");
    const token = services.nested.tokens.verify(id, join.session, join.static, client.sessionHash);
    if (!token.ok) return refuse(`the page has no such view; ${token.reason}`);
    const { nonce, identity, flash } = token.value;
    if (identity.kind === "sticky") {
      const view = services.nested.views.named(identity.name);
      if (view === undefined) return refuse(`the app's \`views\` have none that is named ${identity.name}`);
      const admitted = { join, origin: originOf(nonce, client), flash };
      return this.#mountNested(channel, connection, (joined) =>
        this.#processFor(joined, view, identity.href, identity.session, admitted, stickyNesting(id)),
      );
    }
    const parent = connection.memberOn(`${VIEW_TOPIC_PREFIX}${identity.parent}`);
    const child =
      parent instanceof ViewProcess && parent.id === identity.process ? parent.display.child(identity.key) : undefined;
    if (child === undefined) return refuse("the view around it is gone, or has not placed it");
    const admitted = { join, origin: child.parent.origin, flash };
    this.#mountNested(channel, connection, (joined) => {
      const { view, place } = child;
      const process = this.#processFor(joined, view, child.parent.root.url.href, place.session, admitted, child);
      child.process = process;
      return process;
    });
  }

  #processFor(
    channel: Channel,
    view: MountableView,
    url: string,
    given: object | undefined,
    { join, origin, flash }: Admitted,
    nesting: Nesting,
  ): ViewProcess {
    const process = new ViewProcess(
      this.#options.services,
      {
        view,
        url,
        params: {},
        session: nestedSession(nesting.parent?.session ?? origin.visitor.session, given),
        flash: join.mounts === 0 ? flash : undefined,
        staticChanged: join.trackStatic.some(this.#options.isOutdated),
        navigation: nesting.parent?.root.page.arrivedBy ?? navigationOf(join, url),
        origin,
        nesting,
      },
      channel,
    );
    noteLostUploads(process, join.params["_lost_uploads"]);
    return process;
  }

  /**
   * Never refuses for good: the page around a view that cannot be mounted would wait for it, with all that it shows, and give
   * up in the end. Such a view joins empty and crashes, so that the browser tries again; each time later than the last.
   */
  #mountNested(channel: Channel, connection: JoiningConnection, create: (channel: Channel) => ViewProcess): void {
    const stumbles = this.#stumbles.of(connection);
    stumbles.wait(channel, () => {
      const view = create(channel);
      channel.member = view;
      view.mount((mounted) => {
        if (mounted.outcome !== "failed" || statusOf(mounted.error) !== undefined) {
          stumbles.forget(channel.topic);
          return this.#answer(channel, connection, view, mounted);
        }
        stumbles.note(channel.topic);
        this.#options.services.showError(channel, mounted.error, view.name, "mount");
        channel.reply(channel.joinRef, "ok", this.#joined('{"s":[""]}'));
        channel.crash();
      });
    });
  }

  #whyForged(join: JoinPayload, visitor: Visitor, isPage: boolean): string | undefined {
    if (visitor.cookieId === undefined) {
      return "its socket came without the app's cookie: the browser blocks cookies, or the page was served from another host than its socket";
    }
    if (join.csrfToken === undefined)
      return 'it has no _csrf_token; the layout needs <meta name="csrf-token" content="${page.csrfToken}">';
    if (verifyCsrf(this.#options.signer, visitor.cookieId, join.csrfToken)) return undefined;
    // After a login it is another one. Of that, the page's own tokens tell more.
    const page = isPage ? this.#options.tokens.verify(join.session, join.static, visitor.sessionHash) : undefined;
    return page?.ok === false ? page.reason : "its _csrf_token is not the one of this browser";
  }

  #mount(
    channel: Channel,
    connection: JoiningConnection,
    located: Located,
    { join, origin, flash: first }: Admitted,
  ): void {
    const { tokens } = this.#options;
    const bearer = `a join of ${located.view.name}`;
    const flash = join.flash === undefined ? undefined : tokens.acceptFlash(join.flash, origin.cookieId, bearer);
    // The flash of the first page belongs to the first join of that page, and to no other.
    const isFirst = join.redirect === undefined && join.mounts === 0;
    const view = new ViewProcess(
      this.#options.services,
      {
        view: located.view,
        url: located.href,
        params: located.params,
        session: origin.visitor.session,
        flash: flash ?? (isFirst ? first : undefined),
        staticChanged: join.trackStatic.some(this.#options.isOutdated),
        navigation: navigationOf(join, located.href),
        origin,
        nesting: undefined,
      },
      channel,
    );
    noteLostUploads(view, join.params["_lost_uploads"]);
    channel.member = view;
    view.mount((mounted) => this.#answer(channel, connection, view, mounted));
  }

  #answer(channel: Channel, connection: JoiningConnection, view: ViewProcess, mounted: Mounted): void {
    const { services } = this.#options;
    switch (mounted.outcome) {
      case "rendered": {
        const rendered = view.page.hasNews ? view.page.outbox.takeInto(mounted.content) : mounted.content;
        const { patchedTo } = mounted;
        const patch = patchedTo === undefined ? "" : `,"live_patch":${JSON.stringify(patchPayload(patchedTo))}`;
        return channel.reply(channel.joinRef, "ok", this.#joined(rendered, patch));
      }
      case "left": {
        if (mounted.navigation.kind === "patch") return;
        const flashToken = view.page.hasFlash ? services.signFlash(view.page.flash, view.origin.cookieId) : undefined;
        const leaving = this.#withoutLoop(mounted.navigation, connection, view);
        const [name, target] = leavingPayload(leaving, flashToken);
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
   * Views that send the browser to each other as they are mounted would have it go in circles as fast as it can. By page loads
   * it does so twenty times, and then says so.
   */
  #withoutLoop(leaving: Leaving, connection: JoiningConnection, { url, nesting }: ViewProcess): Leaving {
    if (leaving.kind === "redirect" || nesting !== undefined) return leaving;
    const { refusals, services } = this.#options;
    // By the browser's cookie: many people may be behind one address.
    if (refusals.refused(`${connection.visitor.cookieId} left ${url.pathname}`, services.now()) === "reload")
      return leaving;
    return { kind: "redirect", to: leaving.to };
  }

  /** @param more further members, each after a comma */
  #joined(rendered: string, more = ""): string {
    return `{"rendered":${rendered},"liveview_version":${JSON.stringify(this.#options.clientVersion)}${more}}`;
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
    mayPersist = true,
  ): void {
    const { services, refusals } = this.#options;
    const path = URL.canParse(address) ? new URL(address).pathname : "";
    const from = addressOf(connection);
    const client = `${from} ${connection.visitor.agentHash}`;
    const answer = mayPersist ? refusals.refused(`${client} ${path}`, services.now()) : "reload";
    const persists =
      answer === "back-off"
        ? "; that is the third time within 10 s, so a reload does not mend it and the client is made to wait"
        : "";
    services.warn(`refused the join of ${path || "a page"} from ${from}: ${why}${persists}`);
    channel.refuse(JSON.stringify({ reason: answer === "back-off" && reason !== "join crashed" ? "refused" : reason }));
  }
}

function describeSession(name: string): string {
  return name === "" ? "the app's own routes" : `the live session ${JSON.stringify(name)}`;
}

/** The visitor had a cookie, or the join had been refused. */
function originOf(nonce: string, visitor: Visitor): PageOrigin {
  return { nonce, cookieId: visitor.cookieId ?? "", visitor };
}

function stickyNesting(id: string): Nesting {
  return { id, parent: undefined, depth: 1, ended: () => {} };
}

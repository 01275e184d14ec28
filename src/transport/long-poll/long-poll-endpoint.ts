import type { DecodeResult } from "../../decode-result.ts";
import type { Connected } from "../admission.ts";
import type { Peer } from "../peer.ts";
import { respond, type Answer } from "./answer.ts";
import { BodyLines } from "./body-lines.ts";
import { LongPollNodes, type NodeLine } from "./long-poll-nodes.ts";
import { LongPollSessions } from "./long-poll-sessions.ts";

/** What a token says; it is signed, and new in every answer. */
export interface LongPollClaims {
  readonly node: string;
  readonly session: string;
  /** The number of the answer that it came with. */
  readonly sequence: number;
  /** Who began the session. */
  readonly visitor: string;
}

export interface LongPollEndpointOptions {
  /** The app's socket path with `/longpoll`. */
  readonly path: string;
  /** How long a poll waits, in milliseconds. */
  readonly windowMs: number;
  /** In bytes, of one frame. */
  readonly maxMessageBytes: number;
  readonly maxSessions: number;
  readonly maxSessionsPerAddress: number;
  readonly pubSub: NodeLine;
  /** Of this node, among all that share the Pub/Sub; random. */
  readonly node: string;
  readonly newId: () => string;
  readonly sign: (claims: LongPollClaims) => string;
  readonly verify: (token: string) => DecodeResult<LongPollClaims>;
  /** Why the client's version of the serialisation does not do; `undefined` if it does. */
  readonly refuseVersion: (version: string | null) => string | undefined;
  /** Why a page of this origin may not open the socket, with the mend; `undefined` if it may. */
  readonly refuseOrigin: (origin: string | null) => string | undefined;
  /** Tells browsers apart. */
  readonly visitorOf: (request: Request) => string;
  /** Lets a visitor in: gives what opens the connection. `undefined`: not now; why, has been logged. */
  readonly admit: (request: Request) => Promise<((peer: Peer) => Connected) | undefined>;
  readonly warn: (text: string) => void;
  readonly report: (error: unknown, topic: string) => void;
}

const PREFLIGHT: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "accept, content-type, x-phoenix-authtoken, x-phoenix-longpoll-token",
  "access-control-max-age": "3600",
};
/** The rest of a body that we do not read: the connection cannot be used again. */
const UNREAD: Readonly<Record<string, string>> = { connection: "close" };

/** Long-polling over HTTP, for clients whose WebSockets something on the way refuses (docs/protocol.md, section 22). */
export class LongPollEndpoint {
  readonly #options: LongPollEndpointOptions;
  readonly #sessions: LongPollSessions;
  readonly #nodes: LongPollNodes;

  constructor(options: LongPollEndpointOptions) {
    this.#options = options;
    const { node, windowMs, maxSessions, maxSessionsPerAddress, newId, sign, pubSub, warn, report } = options;
    this.#sessions = new LongPollSessions({
      windowMs,
      maxSessions,
      maxSessionsPerAddress,
      newId,
      sign: (session, sequence, visitor) => sign({ node, session, sequence, visitor }),
    });
    this.#nodes = new LongPollNodes({
      node,
      pubSub,
      sessions: this.#sessions,
      windowMs,
      maxForwarded: maxSessions,
      warn,
      report,
    });
  }

  /** Answers a request for its path; `undefined` for any other. Rejects only if what it was given fails. */
  respond(request: Request, url: URL): Promise<Response> | undefined {
    return url.pathname === this.#options.path ? this.#respond(request, url) : undefined;
  }

  /** Ends this node's sessions, and gives up what waits for those of others. */
  stop(): void {
    this.#sessions.stop();
    this.#nodes.stop();
  }

  async #respond(request: Request, url: URL): Promise<Response> {
    const refusal = this.#options.refuseVersion(url.searchParams.get("vsn")) ?? this.#whyForeign(request);
    if (refusal !== undefined) return respond(this.#forbid(request, refusal), UNREAD);
    const origin = request.headers.get("origin");
    const allowed: Record<string, string> =
      origin === null ? {} : { "access-control-allow-origin": origin, vary: "origin" };
    switch (request.method) {
      case "OPTIONS":
        return new Response(null, { status: 204, headers: { ...PREFLIGHT, ...allowed } });
      case "GET":
        return respond(await this.#get(request, url), allowed);
      case "POST": {
        const answer = await this.#post(request, url);
        return respond(answer, answer.status === 200 ? allowed : { ...allowed, ...UNREAD });
      }
      default:
        return respond({ status: 405 }, { ...allowed, ...UNREAD });
    }
  }

  /** Browsers name the origin of every request but of a GET of the same origin. */
  #whyForeign(request: Request): string | undefined {
    const origin = request.headers.get("origin");
    if (origin !== null || request.method !== "GET") return this.#options.refuseOrigin(origin);
    const site = request.headers.get("sec-fetch-site");
    if (site === null || site === "same-origin") return undefined;
    return `it is no request of a page's script, but (by its Sec-Fetch-Site) ${JSON.stringify(site.slice(0, 20))}`;
  }

  async #get(request: Request, url: URL): Promise<Answer> {
    const token = tokenOf(request, url);
    if (token === undefined) return this.#begin(request);
    const verified = this.#verify(request, token);
    if (!verified.ok) return this.#forbid(request, verified.reason);
    const { node, session, sequence } = verified.value;
    const answer =
      node === this.#options.node
        ? await this.#sessions.poll(session, sequence, request.signal)
        : await this.#nodes.poll(node, session, sequence, request.signal);
    return answer.status === 403 ? this.#forbid(request, "its token is an earlier one of its session") : answer;
  }

  async #begin(request: Request): Promise<Answer> {
    const address = addressOf(request);
    if (this.#isFull(request, address)) return { status: 500 };
    const open = await this.#options.admit(request);
    if (open === undefined) return { status: 500 };
    await this.#nodes.listen();
    // Others have begun meanwhile.
    if (this.#isFull(request, address)) return { status: 500 };
    const { session, answer } = this.#sessions.open(this.#options.visitorOf(request), address);
    session.connect(open(session));
    return answer;
  }

  #isFull(request: Request, address: string | undefined): boolean {
    const whyFull = this.#sessions.whyFull(address);
    if (whyFull !== undefined) this.#warn(request, `refused a long-polling session: ${whyFull}`);
    return whyFull !== undefined;
  }

  async #post(request: Request, url: URL): Promise<Answer> {
    const token = tokenOf(request, url);
    if (token === undefined) return { status: 410 };
    const verified = this.#verify(request, token);
    if (!verified.ok) return this.#forbid(request, verified.reason);
    // A page of another site may send any other type without asking first.
    if (request.headers.get("content-type")?.startsWith("application/x-ndjson") !== true) return { status: 415 };
    const { node, session } = verified.value;
    const isOurs = node === this.#options.node;
    const answer = await this.#deliver(request, (lines) =>
      isOurs ? this.#sessions.post(session, lines) : this.#nodes.post(node, session, lines),
    );
    if (answer.status === 413) {
      if (isOurs) this.#sessions.drop(session);
      else this.#nodes.drop(node, session);
    }
    return answer;
  }

  /** Hands the body over as it arrives. */
  async #deliver(request: Request, post: (lines: readonly string[]) => Answer | Promise<Answer>): Promise<Answer> {
    const body = new BodyLines(this.#options.maxMessageBytes);
    const reader = request.body?.getReader();
    for (;;) {
      const chunk = await reader?.read().catch(() => undefined);
      // The client has gone, in the middle of it or not: it knows that nothing was answered.
      if (chunk === undefined && reader !== undefined) return { status: 500 };
      const isLast = chunk === undefined || chunk.done;
      const lines = isLast ? body.end() : body.push(chunk.value);
      if (!lines.ok) {
        this.#warn(request, `closed a long-polling session: ${lines.reason}`);
        return { status: 413 };
      }
      const answer = lines.value.length > 0 ? await post(lines.value) : undefined;
      if (answer !== undefined && answer.status !== 200) return answer;
      if (isLast) return { status: 200 };
    }
  }

  /** Whose token it is, if it is genuine and of this very browser. */
  #verify(request: Request, token: string): DecodeResult<LongPollClaims> {
    const verified = this.#options.verify(token);
    if (!verified.ok || verified.value.visitor === this.#options.visitorOf(request)) return verified;
    return { ok: false, reason: "its token belongs to another browser, or its cookie has changed" };
  }

  #forbid(request: Request, why: string): Answer {
    this.#warn(request, `refused a long poll: ${why}`);
    return { status: 403 };
  }

  #warn(request: Request, what: string): void {
    this.#options.warn(`${addressOf(request) ?? "a client"}: ${what}`);
  }
}

/** Newer clients say it in a header. The first request has none, or an empty one. */
function tokenOf(request: Request, url: URL): string | undefined {
  return request.headers.get("x-phoenix-longpoll-token") || url.searchParams.get("token") || undefined;
}

/** Where the host's server tells it (srvx), by `x-forwarded-for` where that is trusted. */
function addressOf(request: Request): string | undefined {
  return "ip" in request && typeof request.ip === "string" ? request.ip : undefined;
}

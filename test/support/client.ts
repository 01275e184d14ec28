import { testAccessTo } from "../../src/live/activity.ts";
import { createLiveApp } from "../../src/live/live-app.ts";
import type { AppOptions, ErrorDetails, LiveApp, Routes } from "../../src/live/app-options.ts";
import type { ReadyRing } from "../../src/live/ready-ring.ts";
import type { Connected } from "../../src/transport/admission.ts";
import { SingleProcessPubSub } from "../../src/pubsub/single-process-pubsub.ts";
import type { Peer } from "../../src/transport/peer.ts";
import type { PreparedFrame } from "../../src/transport/prepared-frame.ts";
import { ClientPage } from "./client-page.ts";

export const ORIGIN = "http://localhost:4000";
export const SECRET = "a secret of the tests, long enough to sign";
const TOPIC = "lv:phx-main";

/** What an app under test has told its operator. */
export interface TestApp<Path extends string = string> {
  readonly app: LiveApp<Path>;
  readonly log: string[];
  /** What it has said of callbacks that kept everybody waiting. Not in `log`: it says as much of the machine. */
  readonly slow: string[];
  readonly errors: { readonly error: unknown; readonly details: ErrorDetails }[];
  readonly pubSub: SingleProcessPubSub;
}

/** An app with a Pub/Sub of its own whose log and errors are collected. */
export function testApp<const Path extends string>(routes: Routes<Path, {}>, options: AppOptions = {}): TestApp<Path> {
  const told = collect();
  const pubSub = new SingleProcessPubSub({ isolated: true });
  const app = createLiveApp<Path>({ secret: SECRET, pubSub, ...told.options, ...options, routes });
  return { app, pubSub, log: told.log, slow: told.slow, errors: told.errors };
}

/** Options that collect what an app logs and reports. */
export function collect(): Pick<TestApp, "log" | "slow" | "errors"> & {
  readonly options: Pick<AppOptions, "logger" | "onError">;
} {
  const log: string[] = [];
  const errors: { error: unknown; details: ErrorDetails }[] = [];
  const slow: string[] = [];
  const write = (message: string): void =>
    void (message.includes(" kept everybody waiting for ") ? slow : log).push(message);
  return {
    log,
    slow,
    errors,
    options: {
      logger: { info: write, warn: write, error: write },
      onError: (error, details) => void errors.push({ error, details }),
    },
  };
}

/** A page as a browser got it over HTTP. */
export interface LoadedPage {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** The `cookie` header that the browser sends from now on. */
  readonly cookie: string;
  readonly csrfToken: string;
  readonly session: string;
  readonly static: string;
}

export async function load(app: LiveApp, path: string, cookie = ""): Promise<LoadedPage> {
  ring = testAccessTo(app)?.ring;
  const url = `${ORIGIN}${path}`;
  const response = await app.fetch(new Request(url, cookie === "" ? {} : { headers: { cookie } }));
  const html = await response.text();
  const find = (pattern: RegExp): string => pattern.exec(html)?.[1] ?? "";
  return {
    url,
    status: response.status,
    headers: response.headers,
    html,
    cookie: mergeCookies(cookie, response.headers.getSetCookie()),
    csrfToken: find(/<meta name="csrf-token" content="([^"]*)"/),
    session: find(/data-phx-session="([^"]*)"/),
    static: find(/data-phx-static="([^"]*)"/),
  };
}

function mergeCookies(sent: string, set: readonly string[]): string {
  const cookies = new Map(sent === "" ? [] : sent.split("; ").map((pair) => nameAndValue(pair)));
  for (const header of set) {
    const [name, value] = nameAndValue(header.slice(0, header.indexOf(";")));
    if (header.includes("max-age=0")) cookies.delete(name);
    else cookies.set(name, value);
  }
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

function nameAndValue(pair: string): [string, string] {
  const equals = pair.indexOf("=");
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

/** Loads a page, opens its socket and joins its view. */
export async function visit(app: LiveApp, path: string, cookie?: string): Promise<TestClient> {
  const client = await connect(app, await load(app, path, cookie));
  const joined = await client.join();
  if (joined.status !== "ok") throw new Error(`The join of ${path} was refused: ${JSON.stringify(joined.response)}`);
  return client;
}

/** Opens a page's socket. */
export async function connect(app: LiveApp, page: LoadedPage): Promise<TestClient> {
  const headers = page.cookie === "" ? { origin: ORIGIN } : { origin: ORIGIN, cookie: page.cookie };
  const decision = await app.upgrade(new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers }));
  if (decision instanceof Response) throw new Error(`The socket was refused with ${decision.status}.`);
  const peer = new TestPeer();
  peer.connected = decision.open(peer);
  return new TestClient(page, peer, peer.connected);
}

/** One message of the server. */
export interface Received {
  readonly joinRef: string | null;
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: Record<string, unknown>;
  readonly text: string;
}

/** A socket without a network: keeps what is sent, and answers pings as long as it is told to. */
export class TestPeer implements Peer {
  readonly received: Received[] = [];
  readonly pings: string[] = [];
  readonly remoteAddress = "192.0.2.7";
  bufferedAmount = 0;
  answersPings = true;
  closedWith: { readonly code: number; readonly reason: string } | undefined;
  isTerminated = false;
  connected: Connected | undefined;
  onFrame: (frame: Received) => void = () => {};

  sendText(text: string): void {
    // The browser client parses each frame so; what it gets is always an array of five.
    const [joinRef, ref, topic, event, payload] = JSON.parse(text) as [
      string | null,
      string | null,
      string,
      string,
      Record<string, unknown>,
    ];
    const frame = { joinRef, ref, topic, event, payload, text };
    this.received.push(frame);
    this.onFrame(frame);
  }

  sendPrepared(frame: PreparedFrame): void {
    this.sendText(frame.text);
  }

  ping(payload: string): void {
    this.pings.push(payload);
    // Never on the sender's stack: a network takes its time.
    if (this.answersPings) queueMicrotask(() => this.connected?.ponged(payload));
  }

  close(code: number, reason: string): void {
    this.closedWith ??= { code, reason };
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** Answers the latest ping, late. */
  answerPing(): void {
    const latest = this.pings.at(-1);
    if (latest !== undefined) this.connected?.ponged(latest);
  }
}

export interface Reply {
  readonly status: string;
  readonly response: Record<string, unknown>;
}

export interface JoinOptions {
  readonly url?: string | undefined;
  /** Instead of `url`: the view was reached by a live navigation. */
  readonly redirect?: string | undefined;
  readonly flash?: string | undefined;
  readonly session?: string | undefined;
  readonly static?: string | null | undefined;
  readonly params?: Record<string, unknown> | undefined;
  readonly topic?: string | undefined;
}

/** A browser tab, as far as the server can tell: merges what it gets with the code of the npm client. */
export class TestClient {
  readonly page: LoadedPage;
  readonly peer: TestPeer;
  readonly #connected: Connected;
  #lastRef = 0;
  #merged: ClientPage | undefined;
  #mounts = 0;
  joinRef = "";
  title: string | undefined;
  /** Events pushed to the page, with the one that came first first. */
  readonly events: [name: string, payload: unknown][] = [];

  constructor(page: LoadedPage, peer: TestPeer, connected: Connected) {
    this.page = page;
    this.peer = peer;
    this.#connected = connected;
    for (const frame of peer.received) this.#take(frame);
    peer.onFrame = (frame) => this.#take(frame);
  }

  /** Joins, or joins anew. */
  join(options: JoinOptions = {}): Promise<Reply> {
    return this.reply(this.sendJoin(options));
  }

  /** As `join`, without waiting. @returns the join's ref */
  sendJoin(options: JoinOptions = {}): string {
    const ref = this.#nextRef();
    this.joinRef = ref;
    const { redirect, flash, topic = TOPIC } = options;
    this.receive([
      ref,
      ref,
      topic,
      "phx_join",
      {
        ...(redirect === undefined ? { url: options.url ?? this.page.url } : { redirect }),
        ...(flash === undefined ? {} : { flash }),
        session: options.session ?? this.page.session,
        static: options.static === undefined ? this.page.static : options.static,
        params: options.params ?? { _csrf_token: this.page.csrfToken, _mounts: this.#mounts, _mount_attempts: 0 },
        sticky: false,
      },
    ]);
    return ref;
  }

  /** Sends a push on the view's channel. @returns its ref */
  push(event: string, payload: unknown): string {
    const ref = this.#nextRef();
    this.receive([this.joinRef, ref, TOPIC, event, payload]);
    return ref;
  }

  /** Sends an event as a click does. @returns its ref */
  click(event: string, value: unknown = {}): string {
    return this.push("event", { type: "click", event, value });
  }

  /** Sends an event, and gives its reply's response. */
  async event(event: string, value: unknown = {}): Promise<Record<string, unknown>> {
    return (await this.reply(this.click(event, value))).response;
  }

  /** Gives the server a message, as it stands on the wire or as the array to be. */
  receive(message: unknown): void {
    this.#connected.receive(
      typeof message === "string" || message instanceof Uint8Array ? message : JSON.stringify(message),
    );
  }

  /** The reply to a push, if it has come. */
  replyTo(ref: string): Reply | undefined {
    const frame = this.peer.received.find((frame) => frame.event === "phx_reply" && frame.ref === ref);
    // Every reply has this payload (docs/protocol.md, section 4).
    return frame === undefined ? undefined : (frame.payload as unknown as Reply);
  }

  async reply(ref: string): Promise<Reply> {
    await until(
      () => this.replyTo(ref) !== undefined,
      () => `a reply to ${ref}; there are ${this.#show()}`,
    );
    return this.replyTo(ref)!;
  }

  /** The payloads of what the server pushed on the view's topic: `diff`, `phx_error`, … */
  pushes(event: string): Record<string, unknown>[] {
    return this.peer.received
      .filter((frame) => frame.topic === TOPIC && frame.event === event)
      .map((frame) => frame.payload);
  }

  /** The view's frames, each as event and payload, in order. */
  frames(): [event: string, payload: Record<string, unknown>][] {
    return this.peer.received.filter((frame) => frame.topic === TOPIC).map((frame) => [frame.event, frame.payload]);
  }

  /** What the page shows. */
  html(): string {
    return this.#merged?.html ?? "";
  }

  async shows(text: string): Promise<void> {
    await until(
      () => this.html().includes(text),
      () => `"${text}" on the page; it shows ${this.html()}`,
    );
  }

  /** The tab is closed, or the network is gone. */
  close(): void {
    this.#connected.closed();
  }

  #nextRef(): string {
    return String(++this.#lastRef);
  }

  #take({ topic, event, payload, joinRef }: Received): void {
    if (topic !== TOPIC || (joinRef !== null && joinRef !== this.joinRef)) return;
    if (event === "diff") return this.#apply(payload);
    if (event !== "phx_reply") return;
    const { response } = payload as unknown as Reply;
    const { rendered, diff } = response as { rendered?: Record<string, unknown>; diff?: Record<string, unknown> };
    if (diff !== undefined) this.#apply(diff);
    if (rendered === undefined) return;
    this.#mounts++;
    this.#merged = new ClientPage(JSON.stringify(this.#extract(rendered)));
  }

  #apply(diff: Record<string, unknown>): void {
    this.#merged?.apply(JSON.stringify(this.#extract(diff)));
  }

  /** Takes title, events and reply out, as the client does before it merges. */
  #extract({ t, e, r, ...rest }: Record<string, unknown>): Record<string, unknown> {
    if (typeof t === "string") this.title = t;
    if (Array.isArray(e)) this.events.push(...(e as [string, unknown][]));
    return typeof r === "number" ? { ...rest, r } : rest;
  }

  #show(): string {
    return this.peer.received.map((frame) => frame.text).join("\n");
  }
}

/** Nobody waits so long but who waits in vain, and whose test may well have its machine to share. */
const PATIENCE_MS = 20_000;

/** Lets everything that waits run, again and again, until the condition holds. */
export async function until(condition: () => boolean, what: () => string): Promise<void> {
  const end = process.hrtime.bigint() + BigInt(PATIENCE_MS) * 1_000_000n;
  while (!condition()) {
    if (process.hrtime.bigint() > end) throw new Error(`Waited ${PATIENCE_MS} ms in vain for ${what()}`);
    await turn();
  }
}

/** On which all views of this process take turns; known once an app was asked for a page. */
let ring: ReadyRing | undefined;

/** One turn of the event loop: views that were ready have had theirs, however slow the machine is. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  // A slice of the ring ends when its time is over, and a busy machine may have given that time to somebody else. That
  // there are only so many rounds is for views that never come to an end.
  const views = ring;
  if (views === undefined) return;
  for (let round = 0; round < 5 && !views.isIdle; round++) await roundOf(views);
}

/** Everybody who waits on the ring now has had a turn. */
function roundOf(ring: ReadyRing): Promise<void> {
  return new Promise((resolve) => ring.add({ turn: resolve }));
}

/** Long enough for every view with work to have done it, if none makes new work for ever. */
export async function quiet(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}

import { request as httpRequest } from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createLiveApp, createLiveView, html, SingleProcessPubSub } from "wingbeat";
import { RedisPubSub } from "wingbeat/pubsub/redis";
import { LongPollLine, type Send } from "../support/long-poll-line.ts";
import { leftovers } from "../support/memory.ts";
import { loadForJoin } from "../support/mounting.ts";
import { loadPage, type NetworkPage } from "../support/network-client.ts";
import { startRedisServer } from "../support/redis.ts";
import { PATIENT, Program } from "./workers-program.ts";

const ORIGIN = "http://localhost:4000";
/** Begun and abandoned in each round of the test of what they leave. */
const SESSIONS = 250;

/** Sends each request over a connection of its own, so that any of the workers may take it. */
const overTheNetwork =
  (origin: string): Send =>
  async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    const headers = { ...Object.fromEntries(request.headers), ...(request.headers.has("origin") && { origin }) };
    return new Promise((resolve, reject) => {
      const sent = httpRequest(origin + pathname + search, { method: request.method, headers, agent: false });
      sent.on("error", reject).on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        response.on("end", () => resolve(new Response(text, { headers: { "cache-control": "no-store" } })));
      });
      sent.end(body);
    });
  };

/** The worker that has the session. */
function nodeOf({ token }: LongPollLine): unknown {
  const claims: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString("utf8"));
  return claims instanceof Object && "node" in claims ? claims.node : undefined;
}

/** A page of the network that polls all the time. */
class PollingView {
  readonly #line: LongPollLine;
  /** Every frame of the server, as text. */
  readonly frames: string[] = [];
  /** Resolves with the status that ended the session; rejects when nobody answers any more. */
  readonly ended: Promise<number>;
  #lastRef: number;
  #status: number | undefined;

  /** @param lastRef of what was sent before */
  constructor(line: LongPollLine, lastRef = 0) {
    this.#line = line;
    this.#lastRef = lastRef;
    this.ended = this.#run();
    this.ended.catch(() => {});
  }

  /** Resolves when it was answered. */
  async push(event: string, payload: object): Promise<void> {
    const ref = String(++this.#lastRef);
    await this.#line.post(JSON.stringify(["1", ref, "lv:phx-main", event, payload]));
    await this.shows(`["1","${ref}","lv:phx-main","phx_reply",{"status":"ok"`);
  }

  async shows(text: string): Promise<void> {
    const has = (): boolean => this.frames.some((frame) => frame.includes(text));
    await vi.waitUntil(() => has() || this.#status !== undefined, PATIENT);
    if (!has()) throw new Error(`The session ended with ${this.#status}, and never showed ${text}.`);
  }

  async #run(): Promise<number> {
    for (;;) {
      const { status, messages } = await this.#line.poll();
      if (status !== 200 && status !== 204) return (this.#status = status);
      this.frames.push(...messages);
    }
  }
}

const joinPayload = ({ url, session, static: staticToken, csrfToken }: NetworkPage): object => {
  const params = { _csrf_token: csrfToken, _mounts: 0, _mount_attempts: 0 };
  return { url, session, static: staticToken, params, sticky: false };
};

describe("long-polling", () => {
  it("works with workers, whichever of them takes a request", async () => {
    const program = await Program.start();
    const send = overTheNetwork(new URL(program.url).origin);
    const byNode = new Map<unknown, PollingView>();
    await vi.waitUntil(async () => {
      const page = await loadPage(program.url);
      const line = await LongPollLine.open(send, page.cookie);
      if (byNode.has(nodeOf(line))) return false;
      const view = new PollingView(line);
      byNode.set(nodeOf(line), view);
      await view.push("phx_join", joinPayload(page));
      return byNode.size === 2;
    }, PATIENT);
    const [ada, grace] = byNode.values();
    // Both workers take requests for both sessions: of each some are for the other one.
    for (let count = 1; count <= 20; count++) {
      await ada?.push("event", { type: "click", event: "all", value: {} });
      for (const view of byNode.values()) await view.shows(`"diff",{"0":"${count}"}`);
    }
    expect(ada?.frames.filter((frame) => frame.includes('"diff"'))).toHaveLength(20);
    expect(grace?.frames.filter((frame) => frame.includes('"diff"'))).toHaveLength(20);
    program.child.kill("SIGTERM");
    await Promise.allSettled([ada?.ended, grace?.ended]);
    expect(await program.exit).toEqual([0, null]);
  });

  it("works with Redis between the nodes", async () => {
    const redis = await startRedisServer();
    onTestFinished(() => redis.stop());
    const buses = [new RedisPubSub({ url: redis.url }), new RedisPubSub({ url: redis.url })] as const;
    onTestFinished(async () => void (await Promise.all(buses.map((bus) => bus.close()))));
    await vi.waitUntil(() => buses.every(({ status }) => status === "connected"), PATIENT);
    const view = createLiveView<{ n: number }, { type: "inc" }>({
      initial: { n: 0 },
      handleEvent: (_inc, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const secret = "a secret of the tests, long enough to sign";
    const apps = buses.map((pubSub) => createLiveApp({ secret, pubSub, longPoll: true, routes: { "/": view } }));
    onTestFinished(async () => void (await Promise.all(apps.map((app) => app.close()))));
    const [here, there] = apps;
    if (here === undefined || there === undefined) throw new Error("There are two.");
    const page = await loadForJoin(here, "/");
    let turns = 0;
    const line = await LongPollLine.open((request) => (turns++ % 2 === 0 ? here : there).fetch(request), page.cookie);
    await line.post(page.join);
    const polling = new PollingView(line, 1);
    for (let count = 1; count <= 10; count++) {
      await polling.push("event", { type: "click", event: "inc", value: {} });
      await polling.shows(`{"diff":{"0":"${count}"}}`);
    }
    expect(here.stats().views + there.stats().views).toBe(1);
  });

  it("keeps nothing of 1 000 sessions and more whose clients have gone", async () => {
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      mount: (socket) => socket.subscribe("everybody"),
      render: ({ n }) => html`<p>${n}</p>`,
    });
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const app = createLiveApp({
      secret: "a secret of the tests, long enough to sign",
      development: false,
      origins: [ORIGIN],
      longPoll: { windowMs: 300 },
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      pubSub,
      routes: { "/": view },
    });
    onTestFinished(() => app.close());
    const page = await loadForJoin(app, "/");
    const round = async (): Promise<void> => {
      let most = 0;
      for (let count = 0; count < SESSIONS; count++) {
        await begin(app.fetch, page);
        most = Math.max(most, app.stats().views);
      }
      expect(most).toBeGreaterThan(0);
      await vi.waitUntil(() => app.stats().connections === 0, PATIENT);
      expect(app.stats()).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
    };
    await round();
    const timers = timerCount();
    // A session with its view takes many times the limit while it lives.
    const { bytesPerCall, heaps } = await leftovers(round, { callsPerRound: SESSIONS, limit: 500 });
    // Who runs this test has a few that come and go.
    expect(timerCount()).toBeLessThan(timers + 10);
    // What is left is the node's own subscription, by which the others reach it.
    expect(pubSub.counts).toEqual({ topics: 1, subscribers: 1 });
    expect(bytesPerCall, `bytes in use after each round: ${heaps.join(", ")}`).toBeLessThan(500);
  });
});

/** Begins a session, joins, polls once, and is not heard of again. */
async function begin(send: Send, page: { readonly cookie: string; readonly join: string }): Promise<void> {
  const line = await LongPollLine.open(send, page.cookie);
  await line.post(page.join);
  let { status, messages } = await line.poll();
  // On a busy machine the time of a poll may be over before there was an answer.
  while (status === 204) ({ status, messages } = await line.poll());
  expect(messages[0]).toContain('"status":"ok"');
}

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

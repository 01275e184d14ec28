import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { load, ORIGIN, testApp, until, type TestApp } from "../../test/support/client.ts";
import { closePages, visit as openPage } from "../testing/visit.ts";
import { LongPollLine, type Send } from "../../test/support/long-poll-line.ts";
import { MemoryBackplane, MemoryWire } from "../../test/support/memory-backplane.ts";
import { PollingPage } from "../../test/support/polling-page.ts";
import { html } from "../html/html.ts";
import { BackplanePubSub } from "../pubsub/backplane-pubsub.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import type { MessageOf } from "../pubsub/topic.ts";
import type { AppOptions, LiveApp } from "./app-options.ts";
import { createLiveApp } from "./live-app.ts";
import { createLiveView } from "./live-view.ts";

afterEach(() => void vi.useRealTimers());

const counter = createLiveView<{ n: number }, { type: "inc" } | { type: "large" }, { type: "set"; n: number }>({
  initial: { n: 0 },
  mount: (socket) => socket.subscribe("counter"),
  handleEvent: async (event, socket) => {
    if (event.type === "large") return socket.pushEvent("large", { text: '"é😀'.repeat(100_000) });
    await socket.broadcast("counter", { type: "set", n: socket.context.n + 1 });
  },
  handleInfo: ({ n }, socket) => socket.assign({ n }),
  render: ({ n }) => html`<p>${n}</p>
    <button phx-click="inc">Count</button>`,
});

/** An app that polls are answered by, stopped when the test is over. */
function polled(options: AppOptions = {}): TestApp {
  const tested = testApp({ "/": counter }, { longPoll: true, limits: { drainWindowMs: 1 }, ...options });
  onTestFinished(() => tested.app.close());
  return tested;
}

/** Opens a page that polls, and joins it. */
async function visit(send: Send, app: LiveApp, cookie?: string): Promise<PollingPage> {
  const page = await load(app, "/", cookie);
  const polling = new PollingPage(page, await LongPollLine.open(send, page.cookie));
  expect((await polling.client.join()).status).toBe("ok");
  return polling;
}

/** The bytes of a body that comes in pieces and never ends by itself. */
function endless(piece: string): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new TextEncoder().encode(piece)) });
}

describe("a page that polls", () => {
  it("joins, handles events in order and sees those of others, as over a WebSocket", async () => {
    const { app } = polled();
    const [ada, grace] = [await visit(app.fetch, app), await visit(app.fetch, app)];
    expect(app.stats()).toMatchObject({ connections: 2, views: 2 });
    for (let count = 0; count < 20; count++) ada.client.click("inc");
    await ada.client.shows("<p>20</p>");
    await grace.client.shows("<p>20</p>");
    const refs = ada.client.frames().filter(([event]) => event === "phx_reply");
    expect(refs).toHaveLength(21);
  });

  it("is told to reconnect when the app stops; what the server had of it is gone", async () => {
    const { app } = polled();
    const { client, ended, line } = await visit(app.fetch, app);
    await client.event("inc");
    await app.close();
    expect(await ended).toBe(410);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
    expect((await line.poll()).status).toBe(410);
    expect((await line.post("[]")).status).toBe(410);
    // A new session would have to end at once: the client tries again, later.
    expect(await LongPollLine.open(app.fetch, line.cookie).catch(String)).toContain("refused with 500");
  });

  it("is sent away by app.disconnect, as a WebSocket is", async () => {
    const app = createLiveApp({
      longPoll: true,
      secret: "a secret of the tests, long enough to sign",
      session: () => ({ user: "ada" }),
      sessionInfo: ({ user }) => ({ ids: [user] }),
      pubSub: new SingleProcessPubSub({ isolated: true }),
      logger: { info: () => {}, warn: () => {}, error: () => {} },
      limits: { drainWindowMs: 1 },
      routes: { "/": counter },
    });
    onTestFinished(() => app.close());
    const { ended } = await visit(app.fetch, app);
    await app.disconnect("ada");
    expect(await ended).toBe(410);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
  });

  it("ends with its view one and a half windows after its last poll", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { app } = polled({ longPoll: { windowMs: 1_000 } });
    const page = await load(app, "/");
    const line = await LongPollLine.open(app.fetch, page.cookie);
    expect(app.stats().connections).toBe(1);
    vi.advanceTimersByTime(1_499);
    expect(app.stats().connections).toBe(1);
    vi.advanceTimersByTime(1);
    expect(app.stats().connections).toBe(0);
    expect((await line.poll()).status).toBe(410);
  });

  it("holds no more than maxUnsentBytes while it does not poll, and is then told to begin anew", async () => {
    const { app, log } = polled({ limits: { drainWindowMs: 1, maxUnsentBytes: 10_000 } });
    const page = await load(app, "/");
    const line = await LongPollLine.open(app.fetch, page.cookie);
    const join = ["1", "1", "lv:phx-main", "phx_join", joinPayload(page)];
    expect((await line.post(JSON.stringify(join))).status).toBe(200);
    // Each heartbeat is answered; nobody asks for the answers.
    for (let ref = 2; ref < 200 && app.stats().connections > 0; ref++) {
      await line.post(...Array.from({ length: 4 }, (_, of) => `[null,"${ref}.${of}","phoenix","heartbeat",{}]`));
    }
    expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
    expect(log.join("\n")).toMatch(/closed a client that does not read: 1\d{4} bytes are unsent/);
    expect((await line.poll()).status).toBe(410);
  });

  it("that does not poll for a while has its changes merged, and then shows the latest", async () => {
    const { app, pubSub } = polled({ limits: { drainWindowMs: 1, lagSoftBytes: 500 } });
    const page = await load(app, "/");
    const line = await LongPollLine.open(app.fetch, page.cookie);
    await line.post(JSON.stringify(["1", "1", "lv:phx-main", "phx_join", joinPayload(page)]));
    expect((await line.poll()).messages.join("")).toContain('"rendered"');
    for (let n = 1; n <= 100; n++) {
      await pubSub.broadcast("counter", { type: "set", n });
      await nextTurn();
    }
    const [late, latest] = [await line.poll(), await line.poll()];
    expect(late.messages.length).toBeLessThan(20);
    expect(latest.messages).toEqual(['["1",null,"lv:phx-main","diff",{"0":"100"}]']);
    expect(app.stats().rendersSkipped).toBeGreaterThan(80);
  });

  it("that is given the same frames twice by something on the way handles them once", async () => {
    const { app } = polled();
    const { client, line } = await visit(app.fetch, app);
    const click = ["1", "7", "lv:phx-main", "event", { type: "click", event: "inc", value: {} }];
    for (let times = 0; times < 3; times++) expect((await line.post(JSON.stringify(click))).status).toBe(200);
    await client.event("inc");
    await client.shows("<p>2</p>");
  });

  it("is no other page to the kit: what is beneath it makes no difference to a view", async () => {
    const { app } = polled();
    const [ada, grace] = [await openPage(app, "/"), await openPage(app, "/")];
    await ada.element("button").click();
    expect(grace.element("p").text()).toBe("1");
    closePages();
  });

  it("may speak as fast as the limits allow, no faster", async () => {
    const { app, log } = polled({ limits: { drainWindowMs: 1, eventsBurst: 50 } });
    const { line, ended } = await visit(app.fetch, app);
    const events = Array.from({ length: 60 }, (_, ref) => `["1","${ref}","lv:phx-main","event",{}]`);
    await line.post(...events);
    expect(await ended).toBe(410);
    expect(log.join("\n")).toContain("limits.eventsPerSecond");
  });

  it("has binary frames, too", async () => {
    const { app, log } = polled();
    const { line, ended } = await visit(app.fetch, app);
    await line.post(new Uint8Array([1, 2, 3]));
    expect(await ended).toBe(410);
    expect(log.join("\n")).toMatch(/binary/);
  });

  it("gets every answer as JSON that no cache keeps", async () => {
    const { app } = polled();
    const line = new LongPollLine(app.fetch, "");
    const { headers, body } = await line.respond({ method: "GET" });
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(JSON.parse(body)).toEqual({ status: 410, token: expect.any(String), messages: [] });
  });

  it("may name its token in a header", async () => {
    const { app } = polled();
    const line = await LongPollLine.open(app.fetch, "");
    const headers = { "x-phoenix-longpoll-token": line.token };
    expect(await line.ask({ method: "GET", headers }, "")).toMatchObject({ status: 200 });
  });

  it("has no such address at an app that has not switched it on, and no fallback", async () => {
    const { app } = testApp({ "/": counter });
    expect((await app.fetch(new Request(`${ORIGIN}/live/longpoll?vsn=2.0.0`))).status).toBe(404);
    expect((await load(app, "/")).html).not.toContain("longPollFallbackMs");
    expect((await load(polled().app, "/")).html).toContain("longPollFallbackMs: 2500 }");
    const later = polled({ longPoll: { fallbackAfterMs: 5_000 } });
    expect((await load(later.app, "/")).html).toContain("longPollFallbackMs: 5000 }");
  });

  it.each([
    [
      { windowMs: 20_000 },
      "longPoll.windowMs is 20000; it must be a positive whole number of milliseconds of at most 15000",
    ],
    [{ windowMs: 0 }, "longPoll.windowMs is 0"],
    [{ fallbackAfterMs: -1 }, "longPoll.fallbackAfterMs is -1"],
  ])("is not to be had with %j", (longPoll, text) => {
    expect(() => createLiveApp({ longPoll, routes: { "/": counter } })).toThrow(text);
  });
});

describe("what is refused, with a line in the log, by a server that lives on", () => {
  async function refused(tested: TestApp, text: string | RegExp): Promise<void> {
    expect(tested.log.join("\n")).toMatch(text);
    const { client } = await visit(tested.app.fetch, tested.app);
    await client.event("inc");
  }

  it("a token of another visitor", async () => {
    const tested = polled();
    const { line, client } = await visit(tested.app.fetch, tested.app);
    const mallory = new LongPollLine(tested.app.fetch, (await load(tested.app, "/")).cookie);
    mallory.token = line.token;
    expect((await mallory.poll()).status).toBe(403);
    expect(
      (await mallory.post('["1","9","lv:phx-main","event",{"type":"click","event":"inc","value":{}}]')).status,
    ).toBe(403);
    const anonymous = new LongPollLine(tested.app.fetch, "");
    anonymous.token = line.token;
    expect((await anonymous.poll()).status).toBe(403);
    expect(client.html()).toContain("<p>0</p>");
    await refused(tested, "refused a long poll: its token belongs to another browser");
  });

  it("a forged token, and one that is something else", async () => {
    const tested = polled();
    const page = await load(tested.app, "/");
    const line = await LongPollLine.open(tested.app.fetch, page.cookie);
    const [data = "", ...rest] = line.token.split(".");
    const claims = JSON.parse(Buffer.from(data, "base64url").toString()) as Record<string, unknown>;
    const forged = Buffer.from(JSON.stringify({ ...claims, sequence: 1 })).toString("base64url");
    for (const token of [[forged, ...rest].join("."), page.session, "undefined", "x".repeat(100_000)]) {
      expect(await line.ask({ method: "GET" }, token)).toEqual({ status: 403, messages: [] });
      expect(await line.ask({ method: "POST", body: "[]" }, token)).toEqual({ status: 403, messages: [] });
    }
    await refused(tested, "not signed with our secret");
  });

  it("an earlier token of the same session", async () => {
    const tested = polled();
    const { line, client } = await visit(tested.app.fetch, tested.app);
    const before = line.token;
    for (let count = 1; count <= 3; count++) await client.event("inc");
    expect((await line.ask({ method: "GET" }, before)).status).toBe(403);
    await refused(tested, "its token is an earlier one of its session");
  });

  it("a token that is used after its session was closed", async () => {
    const tested = polled();
    const { line, client, ended } = await visit(tested.app.fetch, tested.app);
    client.receive("[no frame");
    expect(await ended).toBe(410);
    expect(await line.poll()).toEqual({ status: 410, messages: [] });
    expect(await line.post('["1","2","lv:phx-main","event",{}]')).toEqual({ status: 410, messages: [] });
    await refused(tested, "not JSON");
  });

  it("a token that is too old", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const tested = polled();
    const page = await load(tested.app, "/");
    const line = await LongPollLine.open(tested.app.fetch, page.cookie);
    vi.setSystemTime(Date.now() + 10 * 60_000 + 1);
    expect((await line.poll()).status).toBe(403);
    await refused(tested, "too old");
  });

  it("a page of another origin: no session, no frames, no permission by a preflight", async () => {
    const tested = polled();
    const evil = { origin: "https://evil.example" };
    const line = new LongPollLine(tested.app.fetch, (await load(tested.app, "/")).cookie);
    expect((await line.poll({ headers: evil })).status).toBe(403);
    expect((await line.poll({ headers: { "sec-fetch-site": "cross-site" } })).status).toBe(403);
    const { headers } = await line.respond({ method: "OPTIONS", headers: evil });
    expect(headers.get("access-control-allow-origin")).toBe(null);
    const { token } = await LongPollLine.open(tested.app.fetch, line.cookie);
    for (const origin of ["https://evil.example", "null"]) {
      const body = { method: "POST", body: "[]", headers: { origin, "content-type": "application/x-ndjson" } };
      expect((await line.ask(body, token)).status).toBe(403);
    }
    // What a form of another site could send, if it were let in.
    const form = { method: "POST", body: "[]", headers: { "content-type": "text/plain" } };
    expect((await line.ask(form, token)).status).toBe(415);
    await refused(tested, "evil.example");
  });

  it("but not a page of an origin that the app allows", async () => {
    const { app } = polled({ origins: [ORIGIN, "https://shop.example"] });
    const line = new LongPollLine(app.fetch, "");
    const preflight = await line.respond({ method: "OPTIONS", headers: { origin: "https://shop.example" } });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": "https://shop.example",
      "access-control-allow-methods": "GET, POST, OPTIONS",
      "access-control-allow-headers": expect.stringContaining("content-type"),
      vary: "origin",
    });
    const { headers, body } = await line.respond({ method: "GET", headers: { origin: "https://shop.example" } });
    expect(headers.get("access-control-allow-origin")).toBe("https://shop.example");
    expect(body).toContain('"status":410,"token"');
  });

  it("a body that is too large, before it has ended", async () => {
    const tested = polled();
    const { line, ended } = await visit(tested.app.fetch, tested.app);
    expect((await line.postBody(endless('["1",'.repeat(1_000)))).status).toBe(413);
    expect(await ended).toBe(410);
    await refused(tested, "closed a long-polling session: a frame of more than 65536 bytes");
  });

  it("10 000 lines", async () => {
    const tested = polled();
    const { line, ended } = await visit(tested.app.fetch, tested.app);
    const heartbeats = Array.from({ length: 10_000 }, (_, ref) => `[null,"${ref}","phoenix","heartbeat",{}]`);
    expect((await line.post(...heartbeats)).status).toBe(413);
    expect(await ended).toBe(410);
    await refused(tested, "more than 100 frames in one request");
  });

  it("another version of the frames, and another method", async () => {
    const tested = polled();
    const get = new Request(`${ORIGIN}/live/longpoll?vsn=1.0.0`);
    expect(await (await tested.app.fetch(get)).json()).toEqual({ status: 403, messages: [] });
    const line = new LongPollLine(tested.app.fetch, "");
    expect((await line.ask({ method: "DELETE" })).status).toBe(405);
    await refused(tested, 'it speaks version "1.0.0" of the serializer, not 2.0.0');
  });

  it("a flood of sessions of one address, and in all", async () => {
    const tested = polled({ limits: { drainWindowMs: 1, longPollSessions: 5, longPollSessionsPerAddress: 3 } });
    const from =
      (ip: string): Send =>
      (request) =>
        tested.app.fetch(Object.assign(request, { ip }));
    const begin = (ip: string): Promise<LongPollLine> => LongPollLine.open(from(ip), "");
    for (let count = 0; count < 3; count++) await begin("192.0.2.1");
    await expect(begin("192.0.2.1")).rejects.toThrow("refused with 500");
    expect(tested.log.join("\n")).toContain("192.0.2.1: refused a long-polling session: its address has 3 already");
    await begin("192.0.2.2");
    await begin("192.0.2.3");
    await expect(begin("192.0.2.4")).rejects.toThrow("refused with 500");
    expect(tested.log.join("\n")).toContain("there are 5 already (limits.longPollSessions)");
    expect(tested.app.stats().connections).toBe(5);
  });

  it("a flood of sessions at once, all of which were few when they came", async () => {
    const tested = polled({ limits: { drainWindowMs: 1, longPollSessionsPerAddress: 3 } });
    const from: Send = (request) => tested.app.fetch(Object.assign(request, { ip: "192.0.2.1" }));
    const begun = await Promise.allSettled(Array.from({ length: 20 }, () => LongPollLine.open(from, "")));
    expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(tested.app.stats().connections).toBe(3);
    expect(tested.log.join("\n")).toContain("192.0.2.1: refused a long-polling session: its address has 3 already");
  });

  it("a visitor whom the app's session fails for", async () => {
    const { app, errors } = testApp({ "/": counter }, { longPoll: true });
    const failing = createLiveApp({
      longPoll: true,
      secret: "a secret of the tests, long enough to sign",
      session: () => Promise.reject(new Error("the database is away")),
      onError: (error) => void errors.push({ error, details: {} }),
      routes: {},
    });
    await expect(LongPollLine.open(failing.fetch, "")).rejects.toThrow("refused with 500");
    expect(errors.map(({ error }) => String(error))).toEqual(["Error: the database is away"]);
    await Promise.all([app.close(), failing.close()]);
  });
});

/** A node's end of the bus, which loses the messages of these types that it is to send to the other one. */
class LossyPubSub extends BackplanePubSub {
  readonly loses = new Set<string>();

  override broadcast<T extends string>(topic: T, message: MessageOf<T>): Promise<void> {
    const { type } = { type: "", ...(message as object) };
    return this.loses.has(type) ? Promise.resolve() : super.broadcast(topic, message);
  }
}

/** Two apps over one backplane, and a proxy that gives each request to the other one. */
function twoNodes(options: AppOptions = {}) {
  const wire = new MemoryWire();
  const open = (): LossyPubSub => new LossyPubSub(new MemoryBackplane(wire), { onError: () => {} });
  const buses = [open(), open()] as const;
  // What is registered last runs first: the apps stop before their Pub/Sub is closed.
  onTestFinished(async () => void (await Promise.all(buses.map((bus) => bus.close()))));
  const [first, second] = [polled({ pubSub: buses[0] }), polled({ ...options, pubSub: buses[1] })];
  let turns = 0;
  const proxy: Send = (request) => (turns++ % 2 === 0 ? first : second).app.fetch(request);
  return { wire, buses, first, second, proxy };
}

describe("several nodes", () => {
  it("answer for each other, wherever a request lands: all frames, in order, once", async () => {
    const { first, second, proxy } = twoNodes();
    const pages = [];
    for (let count = 0; count < 4; count++) pages.push(await visit(proxy, first.app));
    for (let count = 1; count <= 10; count++) {
      await pages[count % 4]?.client.event("inc");
      for (const { client } of pages) await client.shows(`<p>${count}</p>`);
    }
    for (const { client } of pages) expect(client.pushes("diff").length).toBe(10);
    expect(first.app.stats().connections + second.app.stats().connections).toBe(4);
    expect([...first.log, ...second.log, ...first.errors, ...second.errors]).toEqual([]);
  });

  it("carry answers larger than a message of their Pub/Sub, and requests", async () => {
    const { first, second } = twoNodes();
    const page = await load(first.app, "/");
    const line = await LongPollLine.open(first.app.fetch, page.cookie);
    const away = new LongPollLine(second.app.fetch, page.cookie);
    away.token = line.token;
    const polling = new PollingPage(page, away);
    expect((await polling.client.join()).status).toBe("ok");
    await polling.client.event("large");
    expect(polling.client.events).toEqual([["large", { text: '"é😀'.repeat(100_000) }]]);
    const texts = Array.from({ length: 30 }, (_, ref) =>
      JSON.stringify([null, `h${ref}`, "phoenix", "heartbeat", { text: '"'.repeat(10_000) }]),
    );
    expect((await away.post(...texts)).status).toBe(200);
    const answers = (): unknown[] =>
      polling.client.peer.received.filter(({ topic }) => topic === "phoenix").map(({ ref }) => ref);
    await until(
      () => answers().length === 30,
      () => "30 answers",
    );
    expect(answers()).toEqual(Array.from({ length: 30 }, (_, ref) => `h${ref}`));
  });

  it("refuse for each other", async () => {
    const { first, second } = twoNodes();
    const { line, ended } = await visit(first.app.fetch, first.app);
    const away = new LongPollLine(second.app.fetch, line.cookie);
    const old = (away.token = line.token);
    const mallory = new LongPollLine(second.app.fetch, "");
    mallory.token = line.token;
    expect((await mallory.poll()).status).toBe(403);
    expect(
      (
        await away.ask({
          method: "POST",
          body: endless("[".repeat(10_000)),
          headers: { "content-type": "application/x-ndjson" },
        })
      ).status,
    ).toBe(413);
    expect(await ended).toBe(410);
    expect(await away.ask({ method: "GET" }, old)).toEqual({ status: 410, messages: [] });
    expect((await away.postBody("[]")).status).toBe(410);
  });

  it("give up on one that does not answer, within seconds, and forget what waited", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { first, second, buses } = twoNodes();
    const page = await load(first.app, "/");
    const { token } = await LongPollLine.open(first.app.fetch, page.cookie);
    const away = new LongPollLine(second.app.fetch, page.cookie);
    away.token = token;
    buses[1].loses.add("poll").add("post");
    const polled = away.poll();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await polled).toEqual({ status: 410, messages: [] });
    const posted = away.postBody("[]");
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await posted).status).toBe(410);
  });

  it("wait for one that has heard as long as a poll may wait, and no longer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { first, second, buses } = twoNodes();
    const page = await load(first.app, "/");
    const { token } = await LongPollLine.open(first.app.fetch, page.cookie);
    const away = new LongPollLine(second.app.fetch, page.cookie);
    away.token = token;
    expect((await away.poll()).status).toBe(200);
    const polled = away.poll();
    await nextTurn();
    buses[0].loses.add("answer");
    await vi.advanceTimersByTimeAsync(12_999);
    let answer: unknown = "waits";
    void polled.then((settled) => (answer = settled));
    await nextTurn();
    expect(answer).toBe("waits");
    await vi.advanceTimersByTimeAsync(1);
    expect(await polled).toEqual({ status: 410, messages: [] });
  });

  it("deliver nothing twice when an answer is lost: the client begins anew", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { first, second, buses } = twoNodes();
    const page = await load(first.app, "/");
    const { token } = await LongPollLine.open(first.app.fetch, page.cookie);
    const away = new LongPollLine(second.app.fetch, page.cookie);
    away.token = token;
    buses[0].loses.add("answer");
    const heartbeat = '[null,"1","phoenix","heartbeat",{}]';
    const posted = away.post(heartbeat);
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await posted).status).toBe(410);
    buses[0].loses.clear();
    // Something on the way sends it again all the same.
    expect((await away.post(heartbeat)).status).toBe(200);
    const { messages } = await away.poll();
    expect(messages.filter((message) => message.includes('"phoenix"'))).toHaveLength(1);
  });

  it("say in the log that their Pub/Sub does not carry a request, and answer that", async () => {
    const { first, second, buses } = twoNodes();
    const page = await load(first.app, "/");
    const { token } = await LongPollLine.open(first.app.fetch, page.cookie);
    await buses[1].close();
    const away = new LongPollLine(second.app.fetch, page.cookie);
    away.token = token;
    expect((await away.poll()).status).toBe(500);
    expect(second.errors.map(({ error }) => String(error)).join("\n")).toContain("closed");
  });

  it("tell each other of a tab that was closed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { first, second } = twoNodes();
    const page = await load(first.app, "/");
    const { token } = await LongPollLine.open(first.app.fetch, page.cookie);
    const away = new LongPollLine(second.app.fetch, page.cookie);
    away.token = token;
    expect((await away.poll()).status).toBe(200);
    const tab = new AbortController();
    const polled = away.poll({ signal: tab.signal });
    await nextTurn();
    tab.abort();
    await polled;
    await vi.advanceTimersByTimeAsync(2_999);
    expect(first.app.stats().connections).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(first.app.stats().connections).toBe(0);
  });

  it("let only so many requests wait for each other", async () => {
    const { first, second } = twoNodes({ limits: { drainWindowMs: 1, longPollSessions: 1 } });
    const page = await load(first.app, "/");
    const lines: LongPollLine[] = [];
    for (let count = 0; count < 2; count++) {
      const line = new LongPollLine(second.app.fetch, page.cookie);
      line.token = (await LongPollLine.open(first.app.fetch, page.cookie)).token;
      expect((await line.poll()).status).toBe(200);
      lines.push(line);
    }
    const waiting = lines[0]?.poll();
    await nextTurn();
    expect(await lines[1]?.poll()).toEqual({ status: 500, messages: [] });
    expect(second.log.join("\n")).toContain("refused a long poll for another process: 1 wait already");
    await first.app.close();
    expect(await waiting).toEqual({ status: 410, messages: [] });
  });

  it("serve alone while their Pub/Sub does not answer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { first, buses } = twoNodes();
    const page = await load(first.app, "/");
    const subscribe = vi.spyOn(buses[0], "subscribe").mockReturnValue(new Promise(() => {}));
    const opening = LongPollLine.open(first.app.fetch, page.cookie);
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await (await opening).poll()).status).toBe(200);
    subscribe.mockRejectedValue(new Error("the backplane refuses"));
    const other = polled({ pubSub: buses[0] });
    expect((await (await LongPollLine.open(other.app.fetch, page.cookie)).poll()).status).toBe(200);
    expect(other.errors.map(({ error }) => String(error))).toEqual(["Error: the backplane refuses"]);
  });

  it("leave alone what others say on their topic", async () => {
    const { wire, first } = twoNodes();
    const { client } = await visit(first.app.fetch, first.app);
    const topic = `wingbeat:long-poll:${nodeOf(await LongPollLine.open(first.app.fetch, ""))}`;
    const forged = [
      "",
      "{}",
      '{"type":"poll"}',
      '{"type":"answer","id":"1","status":200,"length":-1}',
      '{"type":"drop","session":"x"}',
    ];
    for (const text of forged) wire.publish(topic, text);
    await client.event("inc");
    await client.shows("<p>1</p>");
    expect(first.app.stats().connections).toBe(2);
  });
});

function nodeOf({ token }: LongPollLine): string {
  const claims = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()) as { node: string };
  return claims.node;
}

function joinPayload(page: { url: string; session: string; static: string; csrfToken: string }): object {
  const params = { _csrf_token: page.csrfToken, _mounts: 0, _mount_attempts: 0 };
  return { url: page.url, session: page.session, static: page.static, params, sticky: false };
}

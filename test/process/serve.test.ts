import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { serve as serveThroughCrossws } from "crossws/server";
import { WebSocket } from "ws";
import { createLiveApp, createLiveView, html, SingleProcessPubSub, type AppOptions } from "wingbeat";
import { serve, type LiveServer } from "wingbeat/serve";
import { AwakeTime } from "../support/awake-time.ts";
import { NetworkClient, loadPage } from "../support/network-client.ts";

const SECRET = "a secret of the tests, long enough to sign";
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let ended = 0;
const counter = createLiveView<
  { n: number },
  { type: "inc" } | { type: "fail" } | { type: "all" },
  { type: "n"; n: number }
>({
  mount: async (socket) => {
    socket.assign({ n: 0 });
    await socket.subscribe("counter");
  },
  handleEvent: (event, socket) => {
    if (event.type === "fail") throw new Error("a detail");
    if (event.type === "all") return socket.broadcast("counter", { type: "n", n: socket.context.n + 1 });
    socket.assign({ n: socket.context.n + 1 });
    return undefined;
  },
  handleInfo: (info, socket) => socket.assign({ n: info.n }),
  shutdown: () => void ended++,
  render: ({ n }) => html`<p>${n}</p>`,
});
const broken = createLiveView({
  mount: () => {
    throw new Error("a detail");
  },
  render: () => html`<p></p>`,
});

function makeApp(options: AppOptions = {}) {
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const app = createLiveApp({
    secret: SECRET,
    pubSub: new SingleProcessPubSub({ isolated: true }),
    logger: { info: write, warn: write, error: write },
    ...options,
    routes: { "/counter": counter, "/broken": broken },
  });
  return { app, log };
}

async function start(options: AppOptions = {}) {
  const { app, log } = makeApp(options);
  const server = await serve(app, { port: 0, signals: false });
  cleanups.push(() => server.close());
  return { app, log, server, url: server.url.replace(/\/$/, "") };
}

/** Everything that a raw connection gets, once the server has closed it. */
async function rawUntilClosed(server: LiveServer, request: string): Promise<string> {
  const { port } = new URL(server.url);
  // Keeps its own half open, as a careless client may.
  const socket: Socket = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
  cleanups.push(() => socket.destroy());
  let received = "";
  socket.on("data", (data: Buffer) => (received += data.toString("latin1")));
  socket.on("error", () => {});
  socket.write(request);
  await once(socket, "end");
  // Once the server has let go of the connection, what is still written to it is answered with a reset.
  await expect.poll(() => socket.destroyed || !socket.write("x"), { interval: 10 }).toBe(true);
  return received;
}

describe("serve", () => {
  it("serves pages and sockets, and views of two browsers hear of each other", async () => {
    const { url, app } = await start();
    const [ada, grace] = [await NetworkClient.visit(`${url}/counter`), await NetworkClient.visit(`${url}/counter`)];
    expect(await ada.event("inc")).toEqual({ diff: { "0": "1" } });
    await ada.event("all");
    await grace.until(() => grace.frames.some(([, , , event]) => event === "diff"));
    expect(grace.frames.at(-1)).toEqual(["1", null, "lv:phx-main", "diff", { "0": "2" }]);
    expect(app.stats()).toMatchObject({ connections: 2, views: 2 });
    ada.webSocket.terminate();
    grace.webSocket.terminate();
    await expect.poll(() => app.stats(), { interval: 5 }).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
  });

  it("closes with 1009 who sends an oversized message, and the others go on", async () => {
    const { url, app, log } = await start({ limits: { maxMessageBytes: 1_000 } });
    const [big, other] = [await NetworkClient.visit(`${url}/counter`), await NetworkClient.visit(`${url}/counter`)];
    big.webSocket.send("x".repeat(1_001));
    expect(await big.closed).toBe(1009);
    expect(log.join("\n")).toContain("a message of more than 1000 bytes (limits.maxMessageBytes)");
    expect(await other.event("inc")).toEqual({ diff: { "0": "1" } });
    expect(app.stats()).toMatchObject({ connections: 1, views: 1 });
  });

  it("closes who breaks the rules of WebSocket itself, and the others go on", async () => {
    const { url, app } = await start();
    const [bad, other] = [await NetworkClient.visit(`${url}/counter`), await NetworkClient.visit(`${url}/counter`)];
    // A frame without a mask, which a client must not send (RFC 6455, section 5.1).
    (bad.webSocket as unknown as { _socket: Socket })._socket.write(Buffer.from([0x81, 0x01, 0x78]));
    expect(await bad.closed).toBe(1002);
    expect(await other.event("inc")).toEqual({ diff: { "0": "1" } });
    expect(app.stats()).toMatchObject({ connections: 1, views: 1 });
  });

  it("refuses an upgrade with 403 and closes the connection, also if the client keeps its half open", async () => {
    const { server, app } = await start();
    const answer = await rawUntilClosed(
      server,
      "GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\norigin: https://evil.example\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(app.stats().connections).toBe(0);
  });

  it("refuses an upgrade that is no WebSocket handshake with 400 and closes the connection", async () => {
    const { server } = await start();
    const answer = await rawUntilClosed(
      server,
      `GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\norigin: http://localhost\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each([
    ["example.test:4000", "http://example.test:4000/live/websocket?vsn=2.0.0&a=b?c"],
    ["[::1]:4000", "http://[::1]:4000/live/websocket?vsn=2.0.0&a=b?c"],
    // It must not be taken for the host behind the @.
    ["you@example.test", "http://_invalid_/live/websocket?vsn=2.0.0&a=b?c"],
    ["example.test/elsewhere?", "http://_invalid_/live/websocket?vsn=2.0.0&a=b?c"],
  ])("tells the app's session the address of a socket's request: host %s", async (host, address) => {
    const asked: string[] = [];
    const app = createLiveApp({
      secret: SECRET,
      session: ({ url }) => {
        asked.push(url);
        return {};
      },
      routes: { "/": createLiveView({ render: () => html`<p></p>` }) },
    });
    const server = await serve(app, { port: 0, signals: false });
    cleanups.push(() => server.close());
    const answer = await rawUntilClosed(
      server,
      `GET /live/websocket?vsn=2.0.0&a=b?c HTTP/1.1\r\nhost: ${host}\r\nupgrade: websocket\r\nconnection: upgrade\r\norigin: http://localhost\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /); // The handshake has no key.
    expect(asked).toEqual([address]);
  });

  it("ends a connection, and nothing else, when the app's logger throws about it", async () => {
    const logger = {
      info: () => {},
      warn: () => {
        throw new Error("the disk is full");
      },
      error: () => {},
    };
    const { server } = await start({ logger });
    const answer = await rawUntilClosed(
      server,
      "GET /live/websocket?vsn=1.0.0 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    );
    expect(answer).toBe("");
    expect((await fetch(`${server.url}counter`)).status).toBe(200);
  });

  it("survives clients that are gone before they were let in", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const app = createLiveApp({
      secret: SECRET,
      session: async () => {
        await gate;
        return {};
      },
      routes: { "/": createLiveView({ render: () => html`<p></p>` }) },
    });
    const server = await serve(app, { port: 0, signals: false });
    cleanups.push(() => server.close());
    const sockets = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const socket = connect({ port: Number(new URL(server.url).port), host: "127.0.0.1" });
        socket.on("error", () => {});
        await once(socket, "connect");
        socket.write(
          "GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\norigin: http://localhost\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n",
        );
        return socket;
      }),
    );
    const gone = sockets.map((socket) => once(socket, "close"));
    for (const socket of sockets) socket.resetAndDestroy();
    await Promise.all(gone);
    release();
    expect((await fetch(server.url)).status).toBe(200);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0 });
  });

  it("shows the stack of an error on the page in development, and nothing of it in production", async () => {
    const development = await start({ onError: () => {} });
    const shown = await fetch(`${development.url}/broken`);
    expect([shown.status, await shown.text()]).toEqual([
      500,
      expect.stringMatching(/Error: a detail[^]*serve\.test\.ts/),
    ]);
    const production = await start({ development: false, origins: ["https://app.example"], onError: () => {} });
    const hidden = await fetch(`${production.url}/broken`);
    const text = await hidden.text();
    expect(hidden.status).toBe(500);
    expect(text).not.toContain("a detail");
    expect(text).not.toContain("serve.test");
  });

  it("rejects when its port is taken, and says which", async () => {
    const { server } = await start();
    const { port } = new URL(server.url);
    await expect(serve(makeApp().app, { port: Number(port), signals: false })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}. Another program has port ${port} of 127.0.0.1, perhaps this one, started before: stop it, or take another port: PORT=${Number(port) + 1}, or serve(app, { port: ${Number(port) + 1} }).`,
    });
  });

  it("rejects when the machine has not the address, and says what it has", async () => {
    await expect(serve(makeApp().app, { port: 0, hostname: "192.0.2.1", signals: false })).rejects.toMatchObject({
      code: "EADDRNOTAVAIL",
      message: expect.stringContaining("This machine has no address 192.0.2.1."),
    });
  });

  it("serves two apps in one process, each with its own views", async () => {
    const [one, two] = [await start({ name: "one" }), await start({ name: "two" })];
    const [a, b] = [await NetworkClient.visit(`${one.url}/counter`), await NetworkClient.visit(`${two.url}/counter`)];
    expect(await a.event("inc")).toEqual({ diff: { "0": "1" } });
    expect(await b.event("inc")).toEqual({ diff: { "0": "1" } });
    await one.server.close();
    expect(await a.closed).toBe(1012);
    expect(await b.event("inc")).toEqual({ diff: { "0": "2" } });
  });
});

describe("a graceful stop", () => {
  it("sends the clients away with 1012 in batches within the window, ends the views, and resolves", async () => {
    const { url, app, server } = await start({ limits: { drainBatch: 2, drainWindowMs: 300 } });
    const clients = [];
    for (let count = 0; count < 6; count++) clients.push(await NetworkClient.visit(`${url}/counter`));
    ended = 0;
    const began = performance.now();
    const draining = new AwakeTime();
    const closing = server.close();
    expect(server.close()).toBe(closing);
    const codes = clients.map(async ({ closed }) => [await closed, performance.now() - began] as const);
    await closing;
    const all = await Promise.all(codes);
    expect(all.map(([code]) => code)).toEqual([1012, 1012, 1012, 1012, 1012, 1012]);
    // Three batches, a third of the window apart.
    expect(all.filter(([, ms]) => ms >= 190).length).toBeGreaterThanOrEqual(2);
    expect(draining.stop()).toBeLessThan(5_000);
    expect(ended).toBe(6);
    expect(app.stats()).toMatchObject({ connections: 0, views: 0, subscriptions: 0 });
    await expect(fetch(`${url}/counter`)).rejects.toThrow();
  });

  it("does not wait for ever for a client that does not answer", async () => {
    const { url, server } = await start();
    const page = await loadPage(`${url}/counter`);
    const deaf = connect({ port: Number(new URL(url).port), host: "127.0.0.1" });
    cleanups.push(() => deaf.destroy());
    deaf.write(
      `GET /live/websocket?vsn=2.0.0 HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\norigin: ${new URL(page.url).origin}\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n`,
    );
    await once(deaf, "data");
    const closing = new AwakeTime();
    await server.close();
    expect(closing.stop()).toBeLessThan(10_000);
  });

  it("lets a page in the making finish", async () => {
    let release = (): void => {};
    let isMaking = false;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const app = createLiveApp({
      secret: SECRET,
      routes: {
        "/": createLiveView({
          mount: () => {
            isMaking = true;
            return gate;
          },
          render: () => html`<p>made</p>`,
        }),
      },
    });
    const server = await serve(app, { port: 0, signals: false });
    cleanups.push(() => server.close());
    const page = fetch(server.url).then((response) => response.text());
    await expect.poll(() => isMaking, { interval: 5 }).toBe(true);
    const closing = server.close();
    release();
    expect(await page).toContain("<p>made</p>");
    await closing;
  });

  it("does not wait for ever for a response that never ends", async () => {
    const { app } = makeApp({
      limits: { drainWindowMs: 200 },
      fetch: () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([120])) })),
    });
    const server = await serve(app, { port: 0, signals: false });
    const response = await fetch(`${server.url}stream`);
    const reading = response.text().then(
      () => "ended",
      () => "cut",
    );
    await server.close();
    expect(await reading).toBe("cut");
  });

  it.each(["SIGTERM", "SIGINT"] as const)("follows %s, and the process then ends by itself with 0", async (signal) => {
    const child = startChild();
    const url = await firstLine(child);
    const client = await NetworkClient.visit(`${url}counter`);
    expect(await client.event("inc")).toEqual({ diff: { "0": "1" } });
    child.kill(signal);
    expect(await client.closed).toBe(1012);
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});

describe("an app on crossws, with app.fetch and app.websocket", () => {
  it("serves pages, joins, events, broadcasts and pings, and ends its views with their sockets", async () => {
    const { app } = makeApp({ limits: { lagPingBytes: 100 } });
    const server = serveThroughCrossws({
      fetch: app.fetch,
      websocket: app.websocket,
      port: 0,
      hostname: "127.0.0.1",
      silent: true,
      gracefulShutdown: false,
    });
    await server.ready();
    cleanups.push(() => server.close(true));
    const url = `${(server.url ?? "").replace(/\/$/, "")}/counter`;
    const [ada, grace] = [await NetworkClient.visit(url), await NetworkClient.visit(url)];
    let pings = 0;
    ada.webSocket.on("ping", () => pings++);
    for (let n = 1; n <= 20; n++) expect(await ada.event("inc")).toEqual({ diff: { "0": String(n) } });
    // A ping follows only once the one before it was answered, so several of them prove that answers arrive.
    expect(pings).toBeGreaterThan(2);
    await ada.event("all");
    await grace.until(() => grace.frames.some(([, , , event]) => event === "diff"));
    expect(grace.frames.at(-1)?.[4]).toEqual({ "0": "21" });
    ada.webSocket.terminate();
    await expect.poll(() => app.stats(), { interval: 5 }).toMatchObject({ connections: 1, views: 1 });
    await app.close();
    expect(await grace.closed).toBe(1012);
  });

  it("refuses what the app refuses", async () => {
    const { app } = makeApp();
    const server = serveThroughCrossws({
      fetch: app.fetch,
      websocket: app.websocket,
      port: 0,
      hostname: "127.0.0.1",
      silent: true,
      gracefulShutdown: false,
    });
    await server.ready();
    cleanups.push(() => server.close(true));
    const foreign = new WebSocket(`${(server.url ?? "").replace("http", "ws")}live/websocket?vsn=2.0.0`, {
      origin: "https://evil.example",
    });
    const [, response] = (await once(foreign, "unexpected-response")) as [unknown, { readonly statusCode: number }];
    expect(response.statusCode).toBe(403);
    foreign.on("error", () => {});
    foreign.terminate();
  });
});

function startChild(): ChildProcess {
  const child = spawn(
    process.execPath,
    ["--conditions=wingbeat-source", "--import=tsx", fileURLToPath(new URL("counter-server.ts", import.meta.url))],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NODE_ENV: "development" } },
  );
  cleanups.push(() => child.kill("SIGKILL"));
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.slice(0, text.indexOf("\n"));
}

import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  createLiveApp,
  createLiveView,
  html,
  liveFileInput,
  liveSession,
  SingleProcessPubSub,
  type LiveUpload,
} from "wingbeat";
import { serve } from "wingbeat/serve";
import { PageTokenSigner } from "../../src/live/page-tokens.ts";
import { TokenSigner } from "../../src/live/tokens.ts";
import { loadPage, NetworkClient } from "../support/network-client.ts";
import { binaryPush } from "../support/upload-client.ts";

// Hostile clients, over real sockets. Each ends in a clear refusal, a line in the log, and a server that goes on.

const SECRET = "a secret of the tests, long enough to sign";
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Event = { type: "go"; to: string } | { type: "leave"; to: string } | { type: "note"; [field: string]: unknown };

const view = createLiveView<{ got: string }, Event>({
  mount: (socket, _session, params) => socket.assign({ got: JSON.stringify(params) }),
  handleEvent: (event, socket) => {
    if (event.type === "go") return socket.redirect(event.to);
    if (event.type === "leave") return socket.pushNavigate(event.to);
    const { type: _type, ...fields } = event;
    socket.assign({ got: JSON.stringify(fields) });
  },
  render: ({ got }, { flash }) => html`<output>${got}</output><p>flash: ${flash["info"]}</p>`,
});

/** Its page has a flash, and so a static token. */
const greeting = createLiveView({
  mount: (socket) => socket.putFlash("info", "hello"),
  render: (_context, { flash }) => html`<p>${flash["info"]}</p>`,
});

const uploading = createLiveView<{ files: LiveUpload }>({
  mount: (socket) => socket.allowUpload("files", { accept: "any", maxEntries: 3, chunkSize: 2 }),
  render: ({ files }) =>
    html`<form phx-change="check">${liveFileInput({ upload: files })}</form>
      ${files.entries.map(({ clientName, errors }) => html`<p>${clientName}: ${errors.map(({ code }) => code)}</p>`)}`,
});

async function start() {
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const app = createLiveApp({
    secret: SECRET,
    pubSub: new SingleProcessPubSub({ isolated: true }),
    logger: { info: write, warn: write, error: write },
    routes: { "/": view, "/other": view, "/greeting": greeting, "/uploads": uploading },
    liveSessions: [liveSession("members", {}, { "/members": view })],
  });
  const server = await serve(app, { port: 0, hostname: "127.0.0.1", signals: false });
  cleanups.push(() => server.close());
  const { url } = server;
  /** A new visitor is served as ever. */
  const lives = async (): Promise<void> => {
    const client = await NetworkClient.visit(url);
    expect(await client.event("note", { well: "yes" })).toEqual({
      diff: { "0": "{&quot;well&quot;:&quot;yes&quot;}" },
    });
    client.webSocket.terminate();
  };
  return { url, log, lives };
}

/** What `got` shows in a page or in a join. */
const shown = (value: unknown): string => JSON.stringify(value).replaceAll("&quot;", "'");

describe("a hostile client", () => {
  it.each([
    ["//evil.example", "go"],
    ["/\\evil.example", "go"],
    ["javascript:alert(1)", "go"],
    ["//evil.example", "leave"],
    ["/%09/evil.example", "leave"],
    ["/x\r\nset-cookie: a=b", "leave"],
  ])("cannot have a view redirect to %j (%s)", async (to, event) => {
    const { url, log, lives } = await start();
    const client = await NetworkClient.visit(url);
    void client.event(event, { to }).catch(() => {});
    await client.until(() => client.frames.some(([, , , name]) => name === "phx_error"));
    expect(JSON.stringify(client.frames)).not.toMatch(/"redirect"|live_redirect|evil\.example"/);
    expect(log.join("\n")).toContain(`handleEvent "${event}"`);
    expect(log.join("\n")).toMatch(/not a path within this app|neither a path within this app/);
    await lives();
  });

  it.each([
    ["of another browser", 0, "the token is of another browser"],
    ["that has expired", 61_000, "the token is too old"],
  ])("cannot show a flash message %s", async (_what, ageMs, reason) => {
    const { url, log, lives } = await start();
    const client = await NetworkClient.visit(url);
    const signer = new TokenSigner([SECRET], () => Date.now() - ageMs);
    const flash = new PageTokenSigner(signer, 60_000).signFlash({ info: "call 555" }, "AAAAAAAAAAAAAAAAAAAAAA");
    const redirect = `${url}other`;
    const { status, response } = await client.join({ url: undefined, redirect, flash });
    expect([status, shown(response).includes("call 555")]).toEqual(["ok", false]);
    const page = await fetch(`${url}other`, {
      headers: { cookie: `${client.page.cookie}; __phoenix_flash__=${flash}` },
    });
    expect(await page.text()).not.toContain("call 555");
    expect(page.headers.getSetCookie().join()).toContain("__phoenix_flash__=; path=/; max-age=0");
    expect(log.filter((line) => line.includes("refused"))).toEqual([
      `[wingbeat] refused the flash message of a join of /other: ${reason}`,
      `[wingbeat] refused the flash message of a request for /other: ${reason}`,
    ]);
    await lives();
  });

  it("cannot reach a prototype by the names of parameters, fields and values", async () => {
    const { url, lives } = await start();
    const keys = "__proto__[polluted]=1&constructor[prototype][polluted]=1&a[__proto__][polluted]=1&b=2";
    const page = await (await fetch(`${url}?${keys}`)).text();
    expect(page).toContain("&quot;b&quot;:&quot;2&quot;");
    expect(page).not.toContain("polluted");
    const client = await NetworkClient.visit(url);
    const params = `{"_csrf_token":${JSON.stringify(client.page.csrfToken)},"__proto__":{"polluted":1},"_mounts":0}`;
    const joined = await client.join({ params: JSON.parse(params) as object });
    expect(joined.status).toBe("ok");
    const value = JSON.parse('{"b":2,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object;
    client.webSocket.send(JSON.stringify(["2", "9", "lv:phx-main", "event", { type: "click", event: "note", value }]));
    client.webSocket.send(
      JSON.stringify(["2", "10", "lv:phx-main", "event", { type: "form", event: "note", value: keys }]),
    );
    await client.until(() => client.frames.some(([, ref]) => ref === "10"));
    expect(shown(client.frames.slice(2))).not.toContain("polluted");
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("polluted" in {}).toBe(false);
    await lives();
  });

  it("cannot bury the server in 10 000 nested parameters", async () => {
    const { url, log, lives } = await start();
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
    // As long as a request line may be.
    expect((await fetch(`${url}?a${"[x]".repeat(4_000)}=1`)).status).toBe(400);
    const client = await NetworkClient.open(await loadPage(url));
    const payload = (params: string): string =>
      `{"url":${JSON.stringify(url)},"session":"${client.page.session}","static":"${client.page.static}","sticky":false,"params":{"_csrf_token":"${client.page.csrfToken}","_mounts":0,"deep":${params}}}`;
    const many = JSON.stringify(Array.from({ length: 10_000 }, () => ({})));
    client.webSocket.send(`["7","7","lv:phx-main","phx_join",${payload(deep)}]`);
    client.webSocket.send(`["8","8","lv:phx-main","phx_join",${payload(many)}]`);
    expect((await client.join()).status).toBe("ok");
    client.webSocket.send(`["1","9","lv:phx-main","event",{"type":"click","event":"note","value":${deep}}]`);
    const form = { type: "form", event: "note", value: `a${"[x]".repeat(10_000)}=1` };
    client.webSocket.send(JSON.stringify(["1", "10", "lv:phx-main", "event", form]));
    await client.until(() => client.frames.some(([, ref]) => ref === "10"));
    const replies = client.frames.filter(([, ref, , event]) => event === "phx_reply" && ref !== "1");
    expect(replies.map(([, ref, , , payload]) => [ref, payload])).toEqual([
      ["7", { status: "error", response: { reason: "join crashed" } }],
      ["8", { status: "error", response: { reason: "join crashed" } }],
      ["9", { status: "ok", response: {} }],
      ["10", { status: "ok", response: {} }],
    ]);
    expect(log.filter((line) => /with 400|refused the join|refused "event"/.test(line))).toHaveLength(5);
    await lives();
  });

  it("is cut off when it floods the server with joins", async () => {
    const { url, log, lives } = await start();
    const client = await NetworkClient.visit(url);
    const { session, static: staticToken, csrfToken } = client.page;
    const payload = { url, session, static: staticToken, params: { _csrf_token: csrfToken }, sticky: false };
    for (let ref = 100; ref < 1_100; ref++) {
      client.webSocket.send(JSON.stringify([`${ref}`, `${ref}`, `lv:flood-${ref}`, "phx_join", payload]));
    }
    expect(await client.closed).toBe(1008);
    expect(log.join("\n")).toContain("more joins per second than limits.joinsPerSecond allows");
    await lives();
  });

  it("cannot open a socket from another site", async () => {
    const { url, log, lives } = await start();
    const { cookie } = await loadPage(url);
    const webSocket = new WebSocket(`${url.replace("http", "ws")}live/websocket?vsn=2.0.0`, {
      origin: "https://evil.example",
      headers: { cookie },
    });
    const [error] = (await once(webSocket, "error")) as [Error];
    expect(error.message).toContain("403");
    expect(log.filter((line) => line.includes("refused"))).toEqual([
      expect.stringContaining('refused a socket: its origin is "https://evil.example"'),
    ]);
    await lives();
  });

  it("cannot upload more than was allowed, nor what another one was", async () => {
    const { url, log, lives } = await start();
    const [ada, mallory] = [await NetworkClient.visit(`${url}uploads`), await NetworkClient.visit(`${url}uploads`)];
    const upload = /phx-[\w-]{20}/.exec(JSON.stringify(ada.frames))?.[0] ?? "";
    const joinRefs = new Map<string, string>();
    let lastRef = 100;
    const ask = async (client: NetworkClient, send: (ref: string) => string | Uint8Array): Promise<unknown> => {
      const ref = String(++lastRef);
      client.webSocket.send(send(ref));
      await client.until(() => client.frames.some(([, own, , name]) => own === ref && name === "phx_reply"));
      return client.frames.find(([, own, , name]) => own === ref && name === "phx_reply")?.[4]["response"];
    };
    const allow = (client: NetworkClient, of: string, refs: readonly string[]): Promise<unknown> => {
      const entries = refs.map((ref) => ({ ref, name: "../../etc/passwd", size: 3, type: "", relative_path: "../.." }));
      return ask(client, (ref) => JSON.stringify(["1", ref, "lv:phx-main", "allow_upload", { ref: of, entries }]));
    };
    const join = (client: NetworkClient, file: string, token: unknown): Promise<unknown> =>
      ask(client, (ref) => {
        if (client === ada) joinRefs.set(file, ref);
        return JSON.stringify([ref, ref, `lvu:${file}`, "phx_join", { token }]);
      });
    const chunk = (file: string, bytes: string): Promise<unknown> =>
      ask(ada, (ref) =>
        binaryPush(joinRefs.get(file) ?? "", ref, `lvu:${file}`, "chunk", new TextEncoder().encode(bytes)),
      );
    expect(await allow(mallory, upload, ["0"])).toEqual({ ref: upload, error: [[upload, "disallowed"]] });
    const allowed = await allow(ada, upload, ["0", "1"]);
    // What the server answers to a page that it allows its files (docs/protocol.md, section 18).
    const { entries: tokens } = allowed as { entries: Record<string, string> };
    expect(await join(mallory, "0", tokens["0"])).toEqual({ reason: "disallowed" });
    expect(await join(ada, "1", tokens["0"])).toEqual({ reason: "invalid_token" });
    expect(await join(ada, "0", tokens["0"])).toEqual({});
    expect([await chunk("0", "ab"), await chunk("0", "c")]).toEqual([{}, {}]);
    expect(await chunk("0", "d")).toEqual({ reason: "already_complete" });
    expect(await join(ada, "1", tokens["1"])).toEqual({});
    expect(await chunk("1", "ab")).toEqual({});
    expect(await chunk("1", "cd")).toEqual({ reason: "file_size_limit_exceeded", limit: 3 });
    expect(JSON.stringify(ada.frames)).toContain("passwd");
    expect(JSON.stringify(ada.frames)).not.toContain("../");
    expect(log.filter((line) => line.includes("refused")).map((line) => line.replace(/^.*: /, ""))).toEqual([
      "this view has no such upload",
      "its token is of a view that this connection does not have",
      "its token is of another file",
      "it came after the end of the file",
      "it has more bytes than the 3 that it declared",
    ]);
    await lives();
  });

  it("cannot use a token where it does not belong", async () => {
    const { url, log, lives } = await start();
    const client = await NetworkClient.open(await loadPage(`${url}greeting`));
    const members = await loadPage(`${url}members`, client.page.cookie);
    const other = await loadPage(`${url}greeting`, client.page.cookie);
    expect([client.page.static, other.static]).not.toContain("");
    const refusal = async (changes: object): Promise<unknown> => (await client.join(changes)).response["reason"];
    // Of another live session's route; of two pages; one kind for another; none.
    expect(await refusal({ url: `${url}members` })).toBe("unauthorized");
    expect(await refusal({ session: members.session, static: members.static })).toBe("unauthorized");
    expect(await refusal({ static: other.static })).toBe("stale");
    expect(await refusal({ session: client.page.static })).toBe("refused");
    expect(await refusal({ session: "" })).toBe("refused");
    expect(log.filter((line) => line.includes("refused the join"))).toHaveLength(5);
    await lives();
  });
});

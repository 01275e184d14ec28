import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLiveApp,
  createLiveComponent,
  createLiveView,
  hookScript,
  html,
  liveComponent,
  liveRender,
  type PageContext,
} from "wingbeat";
import { expectText, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wingbeat-hooks-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** As docs/guides/security.md has it. */
const STRICT = {
  headers: (page: PageContext) => ({
    "content-security-policy": [
      "default-src 'self'",
      `script-src 'self' 'nonce-${page.nonce}'`,
      "style-src 'self'",
      "img-src 'self'",
      "frame-ancestors 'none'",
    ].join("; "),
  }),
};

/** A hook that says on its element what it was told, and tells the view what it is asked for. */
const ECHO = `{
  mounted() {
    this.el.textContent = "mounted";
    this.handleEvent("ping", ({ n }) => this.pushEvent("pong", { n }));
    this.el.addEventListener("click", async () => {
      const { doubled } = await this.pushEvent("double", { n: 21 });
      this.el.textContent = "doubled " + doubled;
    });
  },
}`;

type EchoEvent = { type: "ping" } | { type: "pong"; n: number } | { type: "double"; n: number };

const handleEcho = (
  event: EchoEvent,
  socket: { pushEvent(name: string, payload: object): void; assign(values: { heard: number }): void },
): void | { reply: unknown } => {
  if (event.type === "ping") socket.pushEvent("ping", { n: 5 });
  else if (event.type === "pong") socket.assign({ heard: event.n });
  else return { reply: { doubled: event.n * 2 } };
};

describe("a hook beside its view", () => {
  const view = createLiveView<{ heard: number; isLate: boolean }, EchoEvent | { type: "late" }>({
    initial: { heard: 0, isLate: false },
    handleEvent: (event, socket) => {
      if (event.type !== "late") return handleEcho(event, socket);
      socket.assign({ isLate: true });
    },
    render: ({ heard, isLate }, meta) =>
      html`<p id="heard">${heard}</p>
        <button id="ask" phx-click="ping">Ask</button> <button id="more" phx-click="late">More</button>
        <a id="next" href="/next" data-phx-link="redirect" data-phx-link-state="push">Next</a>
        <div id="echo" phx-hook="Echo" phx-update="ignore"></div>
        ${hookScript("Echo", ECHO, { nonce: meta.nonce })}
        ${
          isLate &&
          html`<div id="late" phx-hook="Late.One" phx-update="ignore"></div>
          ${hookScript("Late.One", '{ mounted() { this.el.textContent = "late </script>"; } }', { nonce: meta.nonce })}`
        }`,
  });
  const next = createLiveView<{}>({
    initial: {},
    render: (_context, meta) =>
      html`<h1>Next</h1><div id="new" phx-hook="New" phx-update="ignore"></div>
        ${hookScript("New", '{ mounted() { this.el.textContent = "new"; } }', { nonce: meta.nonce })}`,
  });

  it("runs under a strict Content-Security-Policy: at first, when it comes later, and after a live navigation", async () => {
    const { url } = await start(createLiveApp({ ...STRICT, routes: { "/": view, "/next": next } }));
    const { page, problems, loads } = await visit(url);
    await expectText(page, "#echo", "mounted");
    await page.click("#ask");
    await expectText(page, "#heard", "5");
    await page.click("#echo");
    await expectText(page, "#echo", "doubled 42");
    await page.click("#more");
    await expectText(page, "#late", "late </script>");
    await page.click("#next");
    await expectText(page, "#new", "new");
    expect([problems, loads()]).toEqual([[], 1]);
  });

  it("does not run under that policy without the nonce", async () => {
    const without = createLiveView<{}>({
      initial: {},
      render: () => html`<div id="echo" phx-hook="Echo">silent</div>${hookScript("Echo", ECHO)}`,
    });
    const { url } = await start(createLiveApp({ ...STRICT, routes: { "/": without } }));
    const { page, problems } = await visit(url);
    await expect.poll(() => problems.join("\n")).toContain("Content Security Policy");
    await expectText(page, "#echo", "silent");
  });

  it("works in a nested view and in a live component, whose events are its own", async () => {
    const button = createLiveComponent<{}, { heard: number }, EchoEvent>({
      initial: { heard: 0 },
      handleEvent: (event, socket) =>
        handleEcho(event, { assign: (values) => socket.assign(values), pushEvent: () => {} }),
      render: ({ heard }, meta) =>
        html`<section id="component"><p id="in-component">${heard}</p>
          <div id="to" phx-hook="To" phx-update="ignore">To</div>
          ${hookScript(
            "To",
            `{ mounted() { this.el.onclick = async () => {
              const [{ value }] = await this.pushEventTo("#component", "double", { n: 4 });
              this.el.textContent = "doubled " + value.reply.doubled;
              await this.pushEventTo("#nested p", "pong", { n: 9 });
            }; } }`,
            { nonce: meta.nonce },
          )}
        </section>`,
    });
    const nested = createLiveView<{ heard: number }, EchoEvent>({
      initial: { heard: 0 },
      handleEvent: handleEcho,
      render: ({ heard }, meta) =>
        html`<p>${heard}</p><button id="ask" phx-click="ping">Ask</button>
          <div id="echo" phx-hook="Echo" phx-update="ignore"></div>${hookScript("Echo", ECHO, { nonce: meta.nonce })}`,
    });
    const around = createLiveView<{}>({
      initial: {},
      render: () => html`${liveComponent(button, { id: 1 })}${liveRender(nested, { id: "nested" })}`,
    });
    const { url } = await start(createLiveApp({ ...STRICT, routes: { "/": around } }));
    const { page, problems } = await visit(url);
    await expectText(page, "#echo", "mounted");
    await page.click("#ask");
    await expectText(page, "#nested p", "5");
    await page.click("#to");
    await expectText(page, "#to", "doubled 8");
    await expectText(page, "#nested p", "9");
    await page.click("#echo");
    await expectText(page, "#echo", "doubled 42");
    expect(problems).toEqual([]);
  });

  it("stays while others change the page, and is told when the page is cut off and back", async () => {
    const source = `{
      mounted() { this.say("mounted"); }, updated() { this.say("updated"); }, destroyed() { window.destroyed = true; },
      disconnected() { this.say("disconnected"); }, reconnected() { this.say("reconnected"); },
      say(word) { (window.said ??= []).push(word + " " + this.el.dataset.n); },
    }`;
    const changing = createLiveView<{ n: number }, { type: "up" }>({
      initial: { n: 0 },
      mount: (socket) => socket.subscribe("hooks-up"),
      handleEvent: (_event, socket) => void socket.broadcast("hooks-up", {}),
      handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: ({ n }, meta) =>
        html`<h1>${n}</h1><button phx-click="up">Up</button>
          ${n < 3 && html`<i id="told" phx-hook="Told" data-n="${n}"></i>`}
          ${hookScript("Told", source, { nonce: meta.nonce })}`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": changing } }));
    const [ada, grace] = await Promise.all([visit(url), visit(url)]);
    await ada.page.click("button");
    await expectText(grace.page, "h1", "1");
    await grace.page.click("button");
    for (const { page } of [ada, grace]) {
      await expectText(page, "h1", "2");
      expect(await page.evaluate("window.said")).toEqual(["mounted 0", "updated 1", "updated 2"]);
    }
    await ada.page.evaluate("liveSocket.disconnect(() => liveSocket.connect())");
    await expect.poll(() => ada.page.evaluate("window.said")).toContain("reconnected 0");
    expect(await ada.page.evaluate("window.said")).toContain("disconnected 2");
    await ada.page.click("button");
    await expectText(grace.page, "h1", "3");
    await expect.poll(() => grace.page.evaluate("window.destroyed")).toBe(true);
  });
});

describe("a client module of the app's own", () => {
  const view = createLiveView<{ heard: number }, EchoEvent>({
    initial: { heard: 0 },
    handleEvent: handleEcho,
    render: ({ heard }) =>
      html`<p id="heard">${heard}</p><button id="ask" phx-click="ping">Ask</button>
        <div id="echo" phx-hook="Echo" phx-update="ignore"></div>`,
  });
  const MODULE = `
    export const hooks = { Echo: ${ECHO} };
    export const dom = { onPatchEnd: () => { window.patched = true; } };
    export const metadata = { click: (event) => ({ alt: event.altKey }) };
  `;

  /** @returns what went wrong on the page */
  async function work(url: string): Promise<readonly string[]> {
    const { page, problems, sent } = await visit(url);
    await expectText(page, "#echo", "mounted");
    await page.click("#ask");
    await expectText(page, "#heard", "5");
    await page.click("#echo");
    await expectText(page, "#echo", "doubled 42");
    expect(await page.evaluate("window.patched")).toBe(true);
    expect(sent.find((frame) => frame.includes('"ping"'))).toContain('"alt":false');
    return problems;
  }

  it("is served from its file, under a name that changes with it, and runs under a strict policy", async () => {
    const file = join(directory, "client.mjs");
    await writeFile(file, MODULE);
    const { url } = await start(createLiveApp({ ...STRICT, clientModule: pathToFileURL(file), routes: { "/": view } }));
    const address = /<link rel="modulepreload" phx-track-static href="([^"]+)">/.exec(
      await (await fetch(url)).text(),
    )?.[1];
    expect(address).toMatch(/^\/_wingbeat\/client-[\da-f]{16}\.js$/);
    expect((await fetch(new URL(address ?? "", url))).headers.get("cache-control")).toContain("immutable");
    expect(await work(url)).toEqual([]);
  });

  it("is asked for at an address that the app's own fetch answers", async () => {
    const app = createLiveApp({
      ...STRICT,
      clientModule: "/own/client.mjs?a=</script>",
      routes: { "/": view },
      fetch: (request) =>
        new URL(request.url).pathname === "/own/client.mjs"
          ? new Response(MODULE, { headers: { "content-type": "text/javascript" } })
          : undefined,
    });
    const { url } = await start(app);
    expect(await work(url)).toEqual([]);
  });

  it("that is not there leaves the page alive, and says so in the console", async () => {
    const app = createLiveApp({ logger: rememberingLogger(), clientModule: "/nowhere.mjs", routes: { "/": view } });
    const { url } = await start(app);
    const { page, problems } = await visit(url);
    await page.click("#ask");
    await expect.poll(() => problems.join("\n")).toContain("The page's own client module failed");
  });
});

describe("a client of the page's own", () => {
  it("is bundled from npm with its hooks, and runs under a strict policy, on two pages and after a reconnect", async () => {
    // The program of docs/guides/hooks.md, as it is printed there.
    const guide = await readFile(new URL("../../docs/guides/hooks.md", import.meta.url), "utf8");
    const program = /```js\n(import \{ Socket \} from "phoenix";\n.*?)```/s.exec(guide)?.[1];
    await writeFile(join(directory, "hooks.js"), `export const hooks = { Echo: ${ECHO} };`);
    const { outputFiles } = await build({
      stdin: { contents: `${program}window.ownLiveSocket = liveSocket;`, resolveDir: directory },
      nodePaths: [fileURLToPath(new URL("../../node_modules", import.meta.url))],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    });
    const bundle = outputFiles[0]?.text ?? "";
    const view = createLiveView<{ heard: number }, EchoEvent, { type: "heard"; n: number }>({
      initial: { heard: 0 },
      mount: (socket) => socket.subscribe("hooks-bundled"),
      handleEvent: (event, socket) =>
        handleEcho(event, {
          pushEvent: (name, payload) => socket.pushEvent(name, payload),
          assign: ({ heard }) => void socket.broadcast("hooks-bundled", { type: "heard", n: heard }),
        }),
      handleInfo: ({ n }, socket) => socket.assign({ heard: socket.context.heard + n }),
      render: ({ heard }) =>
        html`<p id="heard">${heard}</p><button id="ask" phx-click="ping">Ask</button>
          <div id="echo" phx-hook="Echo" phx-update="ignore"></div>`,
    });
    const app = createLiveApp({
      ...STRICT,
      routes: { "/": view },
      layout: (content, page) => html`<!doctype html><html lang="en"><head>
        <meta name="csrf-token" content="${page.csrfToken}">${page.titleElement}
        <script type="module" src="/bundle.js"></script></head><body>${content}</body></html>`,
      fetch: (request) =>
        new URL(request.url).pathname === "/bundle.js"
          ? new Response(bundle, { headers: { "content-type": "text/javascript" } })
          : undefined,
    });
    const { url } = await start(app);
    const [ada, grace] = await Promise.all([visit(url), visit(url)]);
    await expectText(ada.page, "#echo", "mounted");
    await ada.page.click("#ask");
    await expectText(grace.page, "#heard", "5");
    await grace.page.click("#echo");
    await expectText(grace.page, "#echo", "doubled 42");
    await ada.page.evaluate(
      "new Promise((done) => ownLiveSocket.disconnect(done)).then(() => ownLiveSocket.connect())",
    );
    await expectText(ada.page, "#heard", "0");
    await grace.page.click("#ask");
    await expectText(ada.page, "#heard", "5");
    expect([...ada.problems, ...grace.problems]).toEqual([]);
    // The page has no other client than this one.
    expect(await ada.page.evaluate("[typeof window.Phoenix, typeof window.LiveView]")).toEqual([
      "undefined",
      "undefined",
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, type LiveApp, type LiveView, type Params } from "wingbeat";
import { freePort } from "../support/free-port.ts";
import { joinsAgain } from "./moments.ts";
import { connected, expectText, production, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

/** Two buttons: one counts, the other fails. Shows which mount of the view this is. */
function fragile(mounts = { count: 0 }): { "/": LiveView<{ session: {}; params: Params }> } {
  const view = createLiveView<{ mount: number; count: number }>({
    mount: (socket) => {
      if (socket.connected) mounts.count++;
      socket.assign({ mount: mounts.count, count: 0 });
    },
    handleEvent: (event, socket) => {
      if (event.type === "fail") throw new Error("the vault code is 1234");
      socket.assign({ count: socket.context.count + 1 });
    },
    render: ({ mount, count }) => html`
      <h1>Mount ${mount}, count ${count}</h1>
      <button phx-click="count">Count</button> <button phx-click="fail">Fail</button>`,
  });
  return { "/": view };
}

describe("a callback that throws", () => {
  it("ends its own view, which the browser joins anew, and leaves the neighbour's alone", async () => {
    const logger = rememberingLogger();
    const { url } = await start(createLiveApp({ logger, routes: fragile() }));
    const ada = await visit(url);
    const grace = await visit(url);
    await grace.page.getByRole("button", { name: "Count" }).click();
    await expectText(grace.page, "h1", "Mount 2, count 1");
    await ada.page.getByRole("button", { name: "Fail" }).click();
    await expectText(ada.page, "h1", "Mount 3, count 0");
    await ada.page.getByRole("button", { name: "Count" }).click();
    await expectText(ada.page, "h1", "Mount 3, count 1");
    await grace.page.getByRole("button", { name: "Count" }).click();
    await expectText(grace.page, "h1", "Mount 2, count 2");
    expect(ada.loads()).toBe(1);
    expect(grace.problems).toEqual([]);
    expect(logger.lines.join("\n")).toContain('handleEvent "fail"');
  });

  it("shows the error on the page in development, until it is closed", async () => {
    const { url } = await start(createLiveApp({ logger: rememberingLogger(), routes: fragile() }));
    const { page } = await visit(url);
    await page.getByRole("button", { name: "Fail" }).click();
    const panel = page.getByRole("alert");
    await panel.waitFor();
    expect(await panel.textContent()).toContain("handleEvent failed");
    expect(await panel.textContent()).toContain("the vault code is 1234");
    await panel.getByRole("button", { name: "Close" }).click();
    await panel.waitFor({ state: "detached" });
  });

  it("tells the browser nothing in production", async () => {
    const logger = rememberingLogger();
    const app = productionApp((url) => createLiveApp({ ...production(url), logger, routes: fragile() }));
    const { url } = await start(app);
    const { page, received } = await visit(url);
    await page.getByRole("button", { name: "Fail" }).click();
    await expectText(page, "h1", "Mount 2, count 0");
    expect(await page.locator("#wingbeat-error").count()).toBe(0);
    expect(received.filter((frame) => frame.includes("1234") || frame.includes("Error"))).toEqual([]);
    expect(logger.lines.join("\n")).toContain("the vault code is 1234");
  });

  it("in the mount is a page that shows the error in development, and does not in production", async () => {
    const broken = createLiveView({
      mount: () => {
        throw new Error("the vault code is 1234");
      },
      render: () => html``,
    });
    const logger = rememberingLogger();
    const routes = { "/": broken };
    const development = await start(createLiveApp({ logger, routes }));
    const { page } = await visit(development.url, { untilConnected: false });
    expect(await page.textContent("body")).toContain("the vault code is 1234");
    const live = await start(createLiveApp({ ...production(), logger, routes }));
    const response = await page.goto(live.url);
    expect(response?.status()).toBe(500);
    expect(await page.content()).not.toMatch(/1234|Error|node_modules|\.ts/);
  });
});

describe("a server that restarts", () => {
  it("finds the open page again, and its form as it was filled in", async () => {
    const form = createLiveView<{ name: string; restored: string }, { type: "change"; name: string }>({
      initial: { name: "", restored: "" },
      handleEvent: (event, socket) => socket.assign({ name: event.name, restored: `Hello ${event.name}` }),
      render: ({ name, restored }) => html`
        <form id="who" phx-change="change"><input name="name" value="${name}" aria-label="Name"></form>
        <output>${restored}</output>`,
    });
    const limits = { drainWindowMs: 1 };
    const make = (url: string): LiveApp =>
      createLiveApp({ ...production(url), limits, logger: rememberingLogger(), routes: { "/": form } });
    const first = await start(productionApp(make), await freePort());
    const { page, loads } = await visit(first.url);
    await page.fill("input", "Ada");
    await expectText(page, "output", "Hello Ada");
    // The new server knows nothing of Ada: the page told it.
    await joinsAgain(page, async () => {
      await first.close();
      await start(make(first.url), Number(new URL(first.url).port));
    });
    await expectText(page, "output", "Hello Ada");
    expect(await page.inputValue("input")).toBe("Ada");
    expect(loads()).toBe(1);
  });

  it("in development has the open page load itself again", async () => {
    const say = (text: string): LiveApp =>
      createLiveApp({
        limits: { drainWindowMs: 1 },
        logger: rememberingLogger(),
        routes: { "/": createLiveView({ render: () => html`<h1>${text}</h1>` }) },
      });
    const first = await start(say("before"), await freePort());
    const { page, loads } = await visit(first.url);
    await expectText(page, "h1", "before");
    await first.close();
    await start(say("after"), Number(new URL(first.url).port));
    await expectText(page, "h1", "after");
    await connected(page);
    expect(loads()).toBe(2);
  });
});

describe("a refusal that a page load does not mend", () => {
  it("does not make the browser load the page for ever", async () => {
    const logger = rememberingLogger();
    const app = createLiveApp({ logger, routes: fragile() });
    // As a browser that blocks cookies sees it: the app's cookie never arrives.
    const withoutCookies = wrapped(app, async (request) => {
      const response = await app.fetch(request);
      const headers = new Headers(response.headers);
      headers.delete("set-cookie");
      return new Response(response.body, { status: response.status, headers });
    });
    const { url } = await start(withoutCookies);
    const { page, loads } = await visit(url, { untilConnected: false, before: ({ clock }) => clock.install() });
    const refusals = async (): Promise<number> => {
      await page.clock.fastForward(500);
      return logger.lines.filter((line) => line.includes("refused the join")).length;
    };
    // The third makes the client wait for 5 to 10 s, of its own time, before it tries again.
    await expect.poll(refusals, { timeout: 60_000 }).toBeGreaterThanOrEqual(4);
    expect(loads()).toBeLessThanOrEqual(4);
    expect(logger.lines.join("\n")).toContain("blocks cookies");
    expect(await page.textContent("h1")).toContain("Mount");
  });
});

/** An app that has to know its own address: made when it is first asked for something. */
function productionApp(make: (url: string) => LiveApp): LiveApp {
  let app: LiveApp | undefined;
  const first = make("http://127.0.0.1");
  const known = (url: string): LiveApp => (app ??= make(new URL(url).origin));
  return {
    fetch: (request) => known(request.url).fetch(request),
    upgrade: (request) => known(request.url).upgrade(request),
    websocket: first.websocket,
    paths: first.paths,
    limits: first.limits,
    trustProxy: first.trustProxy,
    ...methodsOf(() => app ?? first),
  };
}

function wrapped(app: LiveApp, fetch: LiveApp["fetch"]): LiveApp {
  return {
    fetch,
    upgrade: app.upgrade,
    websocket: app.websocket,
    paths: app.paths,
    limits: app.limits,
    trustProxy: app.trustProxy,
    ...methodsOf(() => app),
  };
}

type Methods = "stats" | "close" | "disconnect" | "csrfToken" | "readForm" | "verifyCsrf" | "putFlash" | "takeFlash";

function methodsOf(app: () => LiveApp): Pick<LiveApp, Methods> {
  return {
    stats: () => app().stats(),
    close: () => app().close(),
    disconnect: (id) => app().disconnect(id),
    csrfToken: (request) => app().csrfToken(request),
    readForm: (request, options) => app().readForm(request, options),
    verifyCsrf: (request) => app().verifyCsrf(request),
    putFlash: (request, kind, message) => app().putFlash(request, kind, message),
    takeFlash: (request) => app().takeFlash(request),
  };
}

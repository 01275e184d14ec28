import { afterEach, describe, expect, it, vi } from "vitest";
import type { Page } from "playwright-core";
import {
  cookieSession,
  createLiveApp,
  createLiveView,
  html,
  SingleProcessPubSub,
  type LiveApp,
  type PubSub,
} from "wingbeat";
import { connected, expectText, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

type Member = { userId: string };
type Tried = { userId: string; password: string };

const members = createLiveView<{ userId: string; clicks: number }, { type: "click" }, never, Partial<Member>>({
  mount: (socket, { userId }) => {
    if (userId === undefined) socket.redirect("/login");
    else socket.assign({ userId, clicks: 0 });
  },
  handleEvent: (_click, socket) => socket.assign({ clicks: socket.context.clicks + 1 }),
  render: ({ userId, clicks }, meta) => html`
    <h1>Hello, ${userId}</h1><p role="status">${meta.flash["info"]}</p>
    <button id="clicks" phx-click="click">${clicks}</button>
    <form method="post" action="/logout">
      <input type="hidden" name="_csrf_token" value="${meta.csrfToken}"><button id="logout">Log out</button>
    </form>`,
});

/** The password is tried in the view; when it is right, the browser posts the form, so that the cookie can be set. */
const loginView = createLiveView<Tried & { isRight: boolean }, { type: "try" } & Tried>({
  initial: { userId: "", password: "", isRight: false },
  handleEvent: ({ userId, password }, socket) => {
    const isRight = password === "secret";
    if (!isRight) socket.putFlash("error", "Wrong password");
    socket.assign({ userId, password, isRight });
  },
  render: ({ userId, password, isRight }, meta) => html`
    <form method="post" action="/login" phx-submit="try" phx-trigger-action=${isRight}>
      <input type="hidden" name="_csrf_token" value="${meta.csrfToken}">
      <input name="userId" aria-label="Name" value="${userId}">
      <input name="password" aria-label="Password" type="password" value="${password}">
      <button>Log in</button><p role="alert">${meta.flash["error"]}</p>
    </form>`,
});

interface Options {
  readonly pubSub?: PubSub | undefined;
  /** How long a session lasts that is not used. */
  readonly idleMs?: number | undefined;
}

async function serveMembers({ pubSub = new SingleProcessPubSub({ isolated: true }), idleMs }: Options = {}) {
  const secret = "only-for-tests-0123456789-0123456789";
  const login = cookieSession<Member>({ secret, idleMs });
  const logger = rememberingLogger();
  const app: LiveApp = createLiveApp({
    secret,
    pubSub,
    logger,
    session: login,
    sessionInfo: ({ userId }) => ({ ids: userId === undefined ? [] : [`user:${userId}`] }),
    routes: { "/": members, "/login": loginView },
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method !== "POST") return undefined;
      const form = await app.readForm(request);
      if (pathname === "/login") {
        if (form.get("password") !== "secret") return new Response("Wrong password", { status: 401 });
        login.start(request, { userId: form.get("userId") === "ada" ? "ada" : "grace" });
        app.putFlash(request, "info", "Welcome");
      } else await app.disconnect(login.end(request));
      return new Response(null, { status: 303, headers: { location: pathname === "/login" ? "/" : "/login" } });
    },
  });
  return { app, logger, ...(await start(app)) };
}

async function logIn(page: Page, name: string, password = "secret"): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

async function secondTab(page: Page, url: string): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(url);
  await connected(tab);
  return tab;
}

const HOUR_MS = 3_600_000;
afterEach(() => void vi.useRealTimers());

const path = (page: Page): string => new URL(page.url()).pathname;

describe("a login", () => {
  it("is tried in the view, sets the cookie by HTTP, shows in both renders, and ends in all tabs at once", async () => {
    const { url, logger } = await serveMembers();
    const ada = await visit(url);
    expect(path(ada.page)).toBe("/login");
    await logIn(ada.page, "ada", "guess");
    await expectText(ada.page, "[role=alert]", "Wrong password");
    await logIn(ada.page, "ada");
    await ada.page.waitForURL(url);
    await connected(ada.page);
    await expectText(ada.page, "h1", "Hello, ada");
    await expectText(ada.page, "#phx-main [role=status]", "Welcome");
    // The page as it is before its script has run.
    const first = await ada.page.evaluate(async () => (await fetch("/")).text());
    expect(first).toContain("<h1>Hello, ada</h1>");
    const [cookie] = (await ada.page.context().cookies()).filter(({ name }) => name === "wingbeat-session");
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", secure: false, path: "/" });
    expect(await ada.page.evaluate(() => document.cookie)).not.toContain("wingbeat-session");

    const other = await secondTab(ada.page, url);
    const grace = await visit(url);
    await logIn(grace.page, "grace");
    await grace.page.waitForURL(url);
    await connected(grace.page);
    await ada.page.click("#logout");
    await ada.page.waitForURL(/\/login$/);
    // Nobody has touched it.
    await other.waitForURL(/\/login$/);
    await connected(other);
    await grace.page.click("#clicks");
    await expectText(grace.page, "#clicks", "1");
    expect(logger.lines.join("\n")).toMatch(/closed [12] sockets? of the session "[\w-]{22}"/);
    // And in again, as somebody else.
    await logIn(other, "grace");
    await expectText(other, "h1", "Hello, grace");
    // Hers may have been about to connect again when the login took its place.
    const problems = ada.problems.filter((problem) => !problem.startsWith("WebSocket connection to"));
    expect([...problems, ...grace.problems]).toEqual([]);
  });

  it("ends by disconnect on another node, for all sessions of a user", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const [here, there] = [await serveMembers({ pubSub }), await serveMembers({ pubSub })];
    const { page } = await visit(here.url);
    await logIn(page, "ada");
    await page.waitForURL(here.url);
    await connected(page);
    // Cookies know no ports: the same browser at another node.
    const other = await secondTab(page, there.url);
    for (const tab of [page, other]) {
      await tab.click("#clicks");
      await expectText(tab, "#clicks", "1");
    }
    await here.app.disconnect("user:ada");
    // Both come back at once, mounted anew: a name ends no session, that is for the app to do.
    for (const tab of [page, other]) await expectText(tab, "#clicks", "0");
    expect(there.logger.lines).toContainEqual('[wingbeat] closed 1 socket of the session "user:ada"');
    expect(path(other)).toBe("/");
  });

  it("lasts while its page is used, and is over on the open page when it is not: loaded once, not again and again", async () => {
    // Both clocks are the test's: that of the page, which has its session renewed, and that of the sessions.
    vi.useFakeTimers({ toFake: ["Date"] });
    const { url, logger } = await serveMembers({ idleMs: HOUR_MS });
    const { page, loads } = await visit(url, { before: ({ clock }) => clock.install() });
    await logIn(page, "ada");
    await page.waitForURL(url);
    await connected(page);
    const before = loads();
    for (const clicks of ["1", "2", "3"]) {
      await page.click("#clicks");
      await expectText(page, "#clicks", clicks);
      vi.setSystemTime(Date.now() + 0.7 * HOUR_MS);
      const renewed = page.waitForResponse(/\/session$/);
      await page.clock.fastForward(0.7 * HOUR_MS);
      expect((await renewed).ok()).toBe(true);
    }
    expect([loads() - before, logger.lines.filter((line) => line.includes("expired"))]).toEqual([0, []]);
    vi.setSystemTime(Date.now() + HOUR_MS);
    await page.waitForURL(/\/login$/);
    await connected(page);
    // The page that was refused, and the one that it leads to.
    expect(loads() - before).toBe(2);
    expect(logger.lines).toContainEqual("[wingbeat] closed 1 socket whose session has expired");
    await logIn(page, "grace");
    await expectText(page, "h1", "Hello, grace");
  });

  it("cannot be abused by another site, neither by its forms nor by its scripts", async () => {
    const { url, logger } = await serveMembers();
    const { page } = await visit(url);
    await logIn(page, "ada");
    await page.waitForURL(url);
    await connected(page);
    const token = await page.inputValue("[name=_csrf_token]");
    // Cookies of 127.0.0.1 are foreign to localhost.
    const evil = await start(
      createLiveApp({
        routes: {},
        fetch: () =>
          new Response(
            `<!doctype html><link rel="icon" href="data:,"><form method="post" action="${url}logout"><input name="_csrf_token" value="${token}"><button>Win</button></form>`,
            { headers: { "content-type": "text/html" } },
          ),
      }),
    );
    const trap = await page.context().newPage();
    await trap.goto(evil.url.replace("127.0.0.1", "localhost"));
    const socket = `${url.replace("http", "ws")}live/websocket?vsn=2.0.0`;
    const outcome = await trap.evaluate(
      (address) =>
        new Promise((resolve) => {
          const webSocket = new WebSocket(address);
          webSocket.addEventListener("open", () => resolve("open"));
          webSocket.addEventListener("error", () => resolve("refused"));
        }),
      socket,
    );
    // In development other local origins may open it; they come without the cookies, so as nobody.
    expect(outcome).toBe("open");
    await trap.click("button");
    await expectText(trap, "h1", "The form was not taken");
    expect(logger.lines).toContainEqual(expect.stringContaining("another site has sent it (sec-fetch-site)"));
    await page.reload();
    await expectText(page, "h1", "Hello, ada");
  });
});

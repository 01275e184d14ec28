import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, link, liveSession, type Layout, type Mounting } from "wingbeat";
import { loadsAgain } from "./moments.ts";
import { connected, expectText, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

type User = { readonly name: string };
type PageEvent = { type: "add" } | { type: "dismiss" };

/** An app whose visitors say by a cookie who they are. */
function makeApp() {
  const logger = rememberingLogger();
  const errors: unknown[] = [];
  const banned = new Set<string>();
  const requireUser = async ({ session, url, redirect, putFlash, attachHook }: Mounting<{ name?: string }>) => {
    await Promise.resolve();
    if (session.name === undefined || banned.has(session.name)) {
      putFlash("error", `Log in for ${url.pathname}.`);
      return redirect("/login");
    }
    attachHook("handleEvent", "dismiss", (event, socket) => {
      if (event.type !== "dismiss") return;
      socket.pageTitle("Dismissed");
      return { halt: true };
    });
    return { user: { name: session.name } };
  };
  const requireAda = ({ session, redirect }: Mounting<{ user: User }>) =>
    session.user.name === "ada" ? undefined : redirect("/rooms");
  const page = (title: string) =>
    createLiveView<{ n: number; name: string }, PageEvent, never, { user?: User; name?: string }>({
      mount: (socket, { user }) => socket.assign({ n: 0, name: user?.name ?? "you" }),
      handleEvent: (event, socket) => {
        if (event.type === "dismiss") throw new Error("the hook should have halted");
        socket.assign({ n: socket.context.n + 1 });
      },
      render: ({ n, name }, meta) =>
        html`<h1>${title} of ${name}</h1>
          <p id="flash" role="alert">${meta.flash["error"]}</p>
          <button id="add" phx-click="${meta.event("add")}">${n}</button>
          <button id="dismiss" phx-click="${meta.event("dismiss")}">Dismiss</button>
          ${["login", "rooms", "settings", "admin"].map((to) => link({ navigate: `/${to}`, id: to }, to))}`,
    });
  const framed: Layout = (content, { csrfToken, titleElement, scripts }) =>
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta name="csrf-token" content="${csrfToken}">
          <link rel="icon" href="data:,">
          ${titleElement} ${scripts}
        </head>
        <body class="admin">${content}</body>
      </html>`;
  const app = createLiveApp({
    logger,
    onError: (error) => void errors.push(error),
    session: (request): { name?: string } => {
      const name = /as=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1];
      return name === undefined ? {} : { name };
    },
    routes: { "/login": page("Login") },
    liveSessions: [
      liveSession("members", { onMount: [requireUser] }, { "/rooms": page("Rooms"), "/settings": page("Settings") }),
      liveSession("admins", { onMount: [requireUser, requireAda], layout: framed }, { "/admin": page("Admin") }),
    ],
  });
  return { app, logger, errors, banned };
}

/** Has the browser's requests say who it is. */
function as(name: string, url: string) {
  return { before: (page: Page) => page.context().addCookies([{ name: "as", value: name, url }]) };
}

const title = "h1";
const navigate = (page: Page, to: string): Promise<void> =>
  page.evaluate((path) => (window as unknown as Client).liveSocket.js().navigate(path), to);

/** What the page keeps as `window.liveSocket`. */
interface Client {
  readonly liveSocket: { js(): { navigate(path: string): void }; connect(): void; disconnect(done: () => void): void };
}

describe("live sessions in a browser", () => {
  it("send who is not logged in to the login, and let in who is: by live navigation within one, by page loads between two", async () => {
    const { app, logger, errors } = makeApp();
    const { url } = await start(app);
    const stranger = await visit(`${url}rooms`);
    await expectText(stranger.page, title, "Login of you");
    await expectText(stranger.page, "#flash", "Log in for /rooms.");
    const { page, loads, sockets, problems } = await visit(`${url}rooms`, as("ada", url));
    await expectText(page, title, "Rooms of ada");
    await page.click("#add");
    await page.click("#settings");
    await expectText(page, title, "Settings of ada");
    expect([loads(), sockets.length]).toEqual([1, 1]);
    // What a mount hook attached is attached to the next view too, and halts before its own handler.
    await page.click("#dismiss");
    await expect.poll(() => page.title()).toBe("Dismissed");
    await page.click("#admin");
    await expectText(page, title, "Admin of ada");
    await connected(page);
    expect([loads(), sockets.length, await page.getAttribute("body", "class")]).toEqual([2, 2, "admin"]);
    await page.click("#login");
    await expectText(page, title, "Login of you");
    await connected(page);
    expect(loads()).toBe(3);
    await page.goBack();
    await expectText(page, title, "Admin of ada");
    await connected(page);
    expect(await page.getAttribute("body", "class")).toBe("admin");
    expect(logger.lines.filter((line) => line.includes("refused the join"))).toEqual([
      expect.stringContaining('its page is of the live session "members", its address of the live session "admins"'),
      expect.stringContaining('its page is of the live session "admins", its address of the app\'s own routes'),
    ]);
    expect([errors, problems]).toEqual([[], []]);
  });

  it("do not let a visitor in who was let into another one, whatever the page asks for", async () => {
    const { app, logger } = makeApp();
    const { url } = await start(app);
    const { page } = await visit(`${url}rooms`, as("bob", url));
    // Refused, so that the page is loaded, which the hooks of /admin answer.
    await loadsAgain(page, () => navigate(page, "/admin"));
    expect(logger.lines.join()).toContain("refused the join of /admin");
    await expectText(page, title, "Rooms of bob");
    // The token of the page itself, and then that of another live session, as a forger would put it there.
    const stolen = await (await fetch(`${url}admin`, { headers: { cookie: "as=ada" } })).text();
    const token = /data-phx-session="([^"]*)"/.exec(stolen)?.[1] ?? "";
    await loadsAgain(page, () =>
      page.evaluate((value) => {
        document.querySelector("[data-phx-main]")?.setAttribute("data-phx-session", value);
        (window as unknown as Client).liveSocket.js().navigate("/admin");
      }, token),
    );
    const refused = logger.lines.filter((line) => line.includes("refused the join"));
    expect([refused.length, refused[1]]).toEqual([
      2,
      expect.stringContaining("the session has changed since the page was loaded"),
    ]);
    await expectText(page, title, "Rooms of bob");
    await page.click("#add");
    await expectText(page, "#add", "1");
  });

  it("turn away who comes back after what let him in is over", async () => {
    const { app, banned } = makeApp();
    const { url } = await start(app);
    const { page, loads } = await visit(`${url}rooms`, as("eve", url));
    banned.add("eve");
    // On an open page nothing happens by itself: hooks run at a mount.
    await page.click("#add");
    await expectText(page, "#add", "1");
    await page.evaluate(() => {
      const { liveSocket } = window as unknown as Client;
      liveSocket.disconnect(() => liveSocket.connect());
    });
    await expectText(page, title, "Login of you");
    await expectText(page, "#flash", "Log in for /rooms.");
    expect([loads(), new URL(page.url()).pathname]).toEqual([2, "/login"]);
  });
});

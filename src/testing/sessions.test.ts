import { afterEach, describe, expect, it, vi } from "vitest";
import { html } from "../html/html.ts";
import type { LiveApp } from "../live/app-options.ts";
import { createLiveApp } from "../live/live-app.ts";
import { createLiveView } from "../live/live-view.ts";
import { cookieSession } from "../session/cookie-session.ts";
import { collect, SECRET } from "../../test/support/client.ts";
import { closePages, visit } from "./visit.ts";

const MINUTE = 60_000;

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

type Member = { userId: string };

const members = createLiveView<{ userId: string }, never, { type: "hello" }, Partial<Member>>({
  mount: (socket, { userId }) => {
    if (userId === undefined) socket.redirect("/login");
    else socket.assign({ userId });
  },
  render: ({ userId }, meta) => html`
    <h1>Hello, ${userId}</h1><p>${meta.flash["info"]}</p>
    <form method="post" action="/logout" enctype="multipart/form-data">
      <input type="hidden" name="_csrf_token" value="${meta.csrfToken}"><button>Log out</button>
    </form>`,
});

type Tried = { user: string; password: string };

/** A log in in a view, which tries the password and then has the browser post the form. */
const loginView = createLiveView<Tried & { isRight: boolean; error: string }, { type: "try" } & Tried>({
  initial: { user: "", password: "", isRight: false, error: "" },
  handleEvent: ({ user, password }, socket) => {
    const isRight = password === "secret";
    socket.assign({ user, password, isRight, error: isRight ? "" : "No such password" });
  },
  render: ({ user, password, isRight, error }, meta) => html`
    <form method="post" action="/login" phx-submit="try" phx-trigger-action=${isRight}>
      <input type="hidden" name="_csrf_token" value="${meta.csrfToken}">
      <input name="user" aria-label="User" value="${user}">
      <input name="password" aria-label="Password" type="password" value="${password}"><p>${error}</p><button>Log in</button>
    </form>`,
});

function makeApp(origins?: readonly string[]) {
  const login = cookieSession<Member>({ secret: SECRET });
  const app: LiveApp = createLiveApp({
    secret: SECRET,
    ...collect().options,
    origins,
    session: login,
    routes: { "/": members, "/login": loginView },
    fetch: async (request) => {
      const form = await app.readForm(request);
      const isLogin = new URL(request.url).pathname === "/login";
      if (isLogin) {
        login.start(request, { userId: form.get("user") === "ada" ? "ada" : "somebody" });
        app.putFlash(request, "info", "Welcome");
      } else await app.disconnect(login.end(request));
      return new Response(null, { status: 303, headers: { location: isLogin ? "/" : "/login" } });
    },
  });
  return { app, login };
}

describe("visit, with sessions", () => {
  it("logs in by the page's own form, and out again", async () => {
    const { app } = makeApp();
    const page = await visit(app, "/");
    expect(page.url.pathname).toBe("/login");
    await page.element("form").submit({ user: "ada", password: "wrong" });
    expect(page.text()).toContain("No such password");
    await page.element("form").submit({ user: "ada", password: "secret" });
    expect(page.text()).toBe("Hello, ada Welcome Log out");
    await page.element("button").click();
    expect(page.url.pathname).toBe("/login");
    await page.goto("/");
    expect(page.url.pathname).toBe("/login");
  });

  it("begins logged in", async () => {
    const { app, login } = makeApp();
    const page = await visit(app, "/", { login: (request) => login.start(request, { userId: "ada" }), view: members });
    expect(page.text()).toBe("Hello, ada Log out");
    expect(page.isConnected).toBe(true);
  });

  it("begins logged in over HTTPS too, where cookies have other names", async () => {
    const { app, login } = makeApp(["https://app.example"]);
    const page = await visit(app, "/", { login: (request) => login.start(request, { userId: "ada" }) });
    expect(page.url.href).toBe("https://app.example/");
    expect(page.text()).toBe("Hello, ada Log out");
  });

  it("opens another tab of the same browser, which follows a log out in the first one", async () => {
    const { app, login } = makeApp();
    const first = await visit(app, "/", { login: (request) => login.start(request, { userId: "ada" }), view: members });
    const second = await visit(app, "/", { browser: first });
    const stranger = await visit(app, "/", { login: (request) => login.start(request, { userId: "grace" }) });
    expect(second.text()).toBe("Hello, ada Log out");
    await first.element("button").click();
    await second.settled();
    expect([first, second, stranger].map((page) => page.url.pathname)).toEqual(["/login", "/login", "/"]);
    expect(stranger.isConnected).toBe(true);
  });

  it("stays logged in while the page is used, and not for longer", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval", "performance"] });
    const counter = createLiveView<{ who: string; n: number }, { type: "inc" }, never, Partial<Member>>({
      mount: (socket, { userId }) => socket.assign({ who: userId ?? "nobody", n: 0 }),
      handleEvent: (_inc, socket) => socket.assign({ n: socket.context.n + 1 }),
      render: ({ who, n }) => html`<button phx-click="inc">${who} ${n}</button>`,
    });
    const login = cookieSession<Member>({ secret: SECRET, idleMs: 30 * MINUTE });
    const app = createLiveApp({ secret: SECRET, ...collect().options, session: login, routes: { "/": counter } });
    const page = await visit(app, "/", { login: (request) => login.start(request, { userId: "ada" }) });
    for (let times = 1; times <= 3; times++) {
      await vi.advanceTimersByTimeAsync(20 * MINUTE);
      await page.element("button").click();
      await vi.advanceTimersByTimeAsync(4 * MINUTE);
      await page.settled();
    }
    expect(page.text()).toBe("ada 3");
    await vi.advanceTimersByTimeAsync(31 * MINUTE);
    await page.settled();
    expect(page.text()).toBe("nobody 0");
  });

  it("takes a session that no cookie has made", async () => {
    const page = await visit(makeApp().app, "/", { view: members, session: { userId: "eve" } });
    expect(page.text()).toBe("Hello, eve Log out");
  });
});

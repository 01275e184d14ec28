import { BrowserCookies } from "../../src/testing/browser-cookies.ts";
import { html } from "../../src/html/html.ts";
import type { AppOptions, LiveApp } from "../../src/live/app-options.ts";
import { createLiveApp } from "../../src/live/live-app.ts";
import { createLiveView } from "../../src/live/live-view.ts";
import type { PubSub } from "../../src/pubsub/pubsub.ts";
import { SingleProcessPubSub } from "../../src/pubsub/single-process-pubsub.ts";
import { cookieSession, type CookieSession, type CookieSessionOptions } from "../../src/session/cookie-session.ts";
import { collect, connect, load, ORIGIN, SECRET, type LoadedPage, type TestApp, type TestClient } from "./client.ts";

export type Member = { userId: string };

export interface MembersApp extends Pick<TestApp, "app" | "log" | "errors"> {
  readonly login: CookieSession<Member>;
}

export interface MembersOptions {
  readonly pubSub?: PubSub | undefined;
  readonly session?: CookieSessionOptions<Member> | undefined;
  readonly app?: AppOptions | undefined;
}

/** An app with a page for members, which says who is here, and plain handlers that log people in and out. */
export function membersApp(options: MembersOptions = {}): MembersApp {
  const login = cookieSession<Member>({ secret: SECRET, ...options.session });
  const told = collect();
  const handle = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const seeOther = (location: string): Response => new Response(null, { status: 303, headers: { location } });
    if (pathname === "/login" && request.method === "POST") {
      const form = await app.readForm(request);
      login.start(
        request,
        { userId: JSON.stringify(form.get("user")).slice(1, -1) },
        { remember: form.has("remember") },
      );
      app.putFlash(request, "info", "Welcome");
      return seeOther("/");
    }
    if (pathname === "/logout" && request.method === "POST") {
      await app.readForm(request);
      await app.disconnect(login.end(request));
      return seeOther("/login");
    }
    if (pathname === "/login") {
      return new Response(`<form>${app.csrfToken(request)}</form>${JSON.stringify(app.takeFlash(request))}`);
    }
    return new Response(`plain ${login(request).userId ?? "nobody"}`);
  };
  const members = createLiveView<{ userId: string }, { type: "who" }, never, Partial<Member>>({
    mount: (socket, { userId }) => {
      if (userId === undefined) socket.redirect("/login");
      else socket.assign({ userId });
    },
    handleEvent: (_event, socket) => ({ reply: { who: socket.context.userId } }),
    render: ({ userId }, meta) => html`<h1>${userId}</h1><p>${meta.flash["info"]}</p><i>${meta.csrfToken}</i>`,
  });
  const app: LiveApp = createLiveApp({
    secret: SECRET,
    pubSub: options.pubSub ?? new SingleProcessPubSub({ isolated: true }),
    ...told.options,
    ...options.app,
    session: login,
    fetch: handle,
    routes: { "/": members, "/open": createLiveView({ render: () => html`<p>open to all</p>` }) },
  });
  return { app, login, log: told.log, errors: told.errors };
}

/** A browser's cookies, and what it does with them. */
export class TestBrowser {
  readonly cookies = new BrowserCookies();
  readonly #app: LiveApp;
  constructor(app: LiveApp) {
    this.#app = app;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookies.header !== undefined) headers.set("cookie", this.cookies.header);
    const response = await this.#app.fetch(new Request(`${ORIGIN}${path}`, { ...init, headers }));
    this.cookies.takeSet(response.headers.getSetCookie());
    return response;
  }

  post(path: string, fields: Readonly<Record<string, string>>, headers: HeadersInit = {}): Promise<Response> {
    return this.fetch(path, { method: "POST", body: new URLSearchParams(fields), headers });
  }

  /** The token of the page at `/login`. */
  async token(): Promise<string> {
    return /<form>(.*)<\/form>/.exec(await (await this.fetch("/login")).text())?.[1] ?? "";
  }

  async logIn(user: string, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.post("/login", { user, ...more, _csrf_token: await this.token() });
  }

  async logOut(): Promise<Response> {
    return this.post("/logout", { _csrf_token: await this.token() });
  }

  /** The page at `path`, without its socket. */
  async load(path = "/"): Promise<LoadedPage> {
    const page = await load(this.#app, path, this.cookies.header ?? "");
    this.cookies.takeSet(page.headers.getSetCookie());
    return page;
  }

  /** Loads a page and opens its socket. */
  async open(path = "/"): Promise<TestClient> {
    return connect(this.#app, await this.load(path));
  }

  /** As `open`, and its view has joined. */
  async visit(path = "/"): Promise<TestClient> {
    const client = await this.open(path);
    const joined = await client.join();
    if (joined.status !== "ok") throw new Error(`The join of ${path} was refused: ${JSON.stringify(joined.response)}`);
    return client;
  }

  /** Opens a socket again for a page that has lost it, as a browser does at once. */
  reconnect(page: LoadedPage): Promise<TestClient> {
    return connect(this.#app, { ...page, cookie: this.cookies.header ?? "" });
  }
}

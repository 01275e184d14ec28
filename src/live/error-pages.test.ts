import { describe, expect, it } from "vitest";
import { ORIGIN, SECRET, collect, load, testApp, turn, visit } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import type { AppOptions, ErrorPage } from "./app-options.ts";
import { createLiveApp } from "./live-app.ts";
import { liveSession } from "./live-session.ts";
import { createLiveView } from "./live-view.ts";

const production = { development: false, origins: [ORIGIN] };
const get = (path: string, init?: RequestInit) => new Request(`${ORIGIN}${path}`, init);
const wants = (accept: string) => ({ headers: { accept } });

const still = createLiveView({ render: () => html`<p>still</p>` });
const throwing = (error: unknown) =>
  createLiveView({
    mount: () => {
      throw error;
    },
    render: () => html`<p></p>`,
  });
const withStatus = (status: number) => Object.assign(new Error("a detail"), { status });
const unrendered = createLiveView({
  render: () => {
    throw new Error("a detail");
  },
});
const routes = {
  "/": still,
  "/foreign": throwing(withStatus(403)),
  "/broken": throwing(new Error("a detail")),
  "/unrendered": unrendered,
};
const layout: AppOptions["layout"] = (content, page) =>
  html`<html><head><meta name="csrf-token" content="${page.csrfToken}">${page.titleElement}</head><body class="mine">${content}</body></html>`;
const shown: ErrorPage = ({ status, title, message, url }) =>
  html`<h1>${status}: ${title}</h1><p>${message} (${url.pathname})</p>`;

describe("the `errorPage` option", () => {
  it("answers an address that leads nowhere, in the app's layout, with the status and a title", async () => {
    const { app } = testApp(routes, { layout, errorPage: shown, title: { suffix: " · Shop" } });
    const page = await load(app, "/nowhere");
    expect(page.status).toBe(404);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("cache-control")).toBe("private, no-store");
    expect(page.html).toContain(">Page not found · Shop</title>");
    expect(page.html).toContain(
      '<body class="mine"><h1>404: Page not found</h1><p>There is no page at this address. (/nowhere)</p>',
    );
  });

  it("may give a title of its own", async () => {
    const errorPage: ErrorPage = () => ({ title: "Nichts da", content: html`<h1>Nichts</h1>` });
    const { app } = testApp(routes, { errorPage });
    expect((await load(app, "/nowhere")).html).toMatch(/>Nichts da<\/title>[^]*<body>\s*<h1>Nichts<\/h1>/);
  });

  it("gives the page a token that is good for this browser's next form", async () => {
    const { app } = testApp(routes, { layout, errorPage: shown });
    const page = await load(app, "/nowhere");
    const form = new URLSearchParams({ _csrf_token: page.csrfToken, a: "1" });
    const request = get("/send", { method: "POST", body: form, headers: { cookie: page.cookie, origin: ORIGIN } });
    expect([...(await app.readForm(request))]).toEqual([["a", "1"]]);
  });

  it.each([
    ["a view whose mount says 403", "/foreign", 403, "Not allowed"],
    ["a view whose mount throws", "/broken", 500, "Something went wrong"],
    ["a view whose render throws", "/unrendered", 500, "Something went wrong"],
    ["a query with too much to it", `/?${"a[]=1&".repeat(2_000)}`, 400, "The page cannot be shown"],
  ])("answers for %s", async (_what, path, status, title) => {
    const { app } = testApp(routes, { layout, errorPage: shown, ...production });
    const page = await load(app, path);
    expect(page.status).toBe(status);
    expect(page.html).toContain(`<body class="mine"><h1>${status}: ${title}</h1>`);
    expect(page.html).not.toContain("a detail");
  });

  it("answers for a mount hook that says 401, in the layout of its live session", async () => {
    const app = createLiveApp({
      secret: SECRET,
      ...collect().options,
      layout,
      errorPage: shown,
      liveSessions: [
        liveSession(
          "members",
          {
            onMount: [
              () => {
                throw withStatus(401);
              },
            ],
            layout: (content) => html`<body class="members">${content}</body>`,
          },
          { "/members": still },
        ),
      ],
    });
    const page = await load(app, "/members");
    expect(page.status).toBe(401);
    expect(page.html).toContain(
      '<body class="members"><h1>401: Not logged in</h1><p>Log in to see this page. (/members)</p>',
    );
  });

  it("answers the page load that follows a join that was refused with a status", async () => {
    let isGone = false;
    const room = createLiveView({
      mount: () => {
        if (isGone) throw withStatus(404);
      },
      render: () => html`<p></p>`,
    });
    const { app } = testApp({ "/room": room }, { layout, errorPage: shown });
    const client = await visit(app, "/room");
    isGone = true;
    const { response } = await client.join();
    const reloaded = await load(
      app,
      "/room",
      `${client.page.cookie}; __phoenix_reload_status__=${String(response["token"])}`,
    );
    expect(reloaded.status).toBe(404);
    expect(reloaded.html).toContain("<h1>404: Page not found</h1>");
    expect(reloaded.headers.getSetCookie().join()).toContain("__phoenix_reload_status__=; path=/; max-age=0");
  });

  it("answers a POST to a live page with 405 and what is allowed", async () => {
    const { app } = testApp(routes, { layout, errorPage: shown });
    const response = await app.fetch(get("/", { method: "POST" }));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await response.text()).toContain("<h1>405: Method not allowed</h1>");
  });

  it("answers for a form that a handler refuses, and for one that is too large, and keeps no session that it began", async () => {
    const app = createLiveApp({
      secret: SECRET,
      ...collect().options,
      layout,
      errorPage: shown,
      fetch: async (request): Promise<Response> => {
        app.putFlash(request, "info", "welcome");
        await app.readForm(request, { maxBytes: 20 });
        return new Response("taken");
      },
    });
    const post = (body: URLSearchParams) =>
      app.fetch(get("/send", { method: "POST", body, headers: { origin: ORIGIN } }));
    const forged = await post(new URLSearchParams({ a: "1" }));
    expect(forged.status).toBe(403);
    expect(await forged.text()).toContain("<h1>403: The form was not taken</h1>");
    expect(forged.headers.getSetCookie().join()).not.toContain("flash");
    expect((await post(new URLSearchParams({ a: "x".repeat(30) }))).status).toBe(413);
  });

  it("answers for a handler that throws an error with a status, such as 429, which is no failure", async () => {
    const { app, errors, log } = testApp(routes, {
      layout,
      errorPage: shown,
      fetch: () => {
        throw withStatus(429);
      },
    });
    const page = await load(app, "/send");
    expect(page.status).toBe(429);
    expect(page.html).toContain("<h1>429: Too many requests</h1>");
    expect(page.html).not.toContain("a detail");
    expect(errors).toEqual([]);
    expect(log).toEqual(["[wingbeat] answered GET /send with 429: a detail"]);
  });

  it("leaves the responses of handlers as they are", async () => {
    const { app } = testApp(routes, {
      errorPage: shown,
      fetch: () => Response.json({ error: "gone" }, { status: 404 }),
    });
    expect(await (await app.fetch(get("/api", wants("text/html")))).json()).toEqual({ error: "gone" });
  });

  it("shows in development, below the page, what has failed, escaped", async () => {
    const { app } = testApp({ "/": throwing(new Error("<b>a detail</b>")) }, { layout, errorPage: shown });
    const page = await load(app, "/");
    expect(page.status).toBe(500);
    expect(page.html).toMatch(
      /<h1>500: Something went wrong<\/h1>[^]*<pre>\nError: &lt;b&gt;a detail[^]*error-pages\.test\.ts/,
    );
  });

  it("is asked only for pages: an image or a script that is missing gets the short one", async () => {
    let asked = 0;
    const errorPage: ErrorPage = () => (asked++, html`<h1>mine</h1>`);
    const { app } = testApp(routes, { errorPage });
    const image = await app.fetch(get("/nothing.png", wants("image/avif,image/webp,*/*;q=0.8")));
    expect([image.status, asked]).toEqual([404, 0]);
    expect(await image.text()).toContain("<h1>Page not found</h1>");
    expect(await (await app.fetch(get("/nothing", wants("text/html,*/*;q=0.8")))).text()).toContain("<h1>mine</h1>");
  });

  it("may be asynchronous, and sees the request", async () => {
    const errorPage: ErrorPage = async ({ request }) => html`<h1>${request.headers.get("accept-language")}</h1>`;
    const { app } = testApp(routes, { errorPage });
    const response = await app.fetch(get("/nowhere", { headers: { "accept-language": "de" } }));
    expect(await response.text()).toContain("<h1>de</h1>");
  });

  it("carries the app's headers, with the nonce of its scripts", async () => {
    const headers: AppOptions["headers"] = ({ nonce }) => ({
      "content-security-policy": `script-src 'nonce-${nonce}'`,
    });
    const { app } = testApp(routes, { errorPage: shown, headers });
    const page = await load(app, "/nowhere");
    const nonce = /<script type="module" nonce="([^"]+)">/.exec(page.html)?.[1];
    expect(page.headers.get("content-security-policy")).toBe(`script-src 'nonce-${nonce}'`);
  });

  it("loads the page when Back or Forward lead to what was a live page, whose history it has", async () => {
    const { app } = testApp(routes, { errorPage: shown });
    const way = 'addEventListener("popstate", (event) => event.state?.type &&';
    const { html } = await load(app, "/nowhere");
    const nonce = /<script type="module" nonce="([^"]+)">/.exec(html)?.[1];
    expect(html).toContain(`<script nonce="${nonce}">${way}`);
  });

  const failing: [how: string, options: AppOptions][] = [
    [
      "that throws",
      {
        errorPage: () => {
          throw new Error("of the error page");
        },
      },
    ],
    ["that rejects", { errorPage: () => Promise.reject(new Error("of the error page")) }],
    [
      "whose layout throws",
      {
        errorPage: shown,
        layout: () => {
          throw new Error("of the error page");
        },
      },
    ],
  ];

  it.each(failing)("%s is reported, and gives way to the plain page with the same status", async (_how, options) => {
    const { app, errors } = testApp(routes, { ...options, ...production });
    const page = await load(app, "/nowhere");
    expect(page.status).toBe(404);
    expect(page.html).toContain("<h1>Page not found</h1>");
    expect(page.html).not.toContain("of the error page");
    expect(errors).toEqual([{ error: new Error("of the error page"), details: { callback: "errorPage" } }]);
  });

  it("that gives no html is reported with what it should give", async () => {
    const wrong: unknown = () => "<h1>text</h1>";
    const { app, errors } = testApp(routes, { errorPage: wrong as ErrorPage, ...production });
    expect((await load(app, "/nowhere")).html).toContain("<h1>Page not found</h1>");
    expect(String(errors[0]?.error)).toContain(
      "`errorPage` must return html`…`, or { title, content: html`…` }; it returned the string <h1>text</h1>",
    );
  });

  it("is not asked while limits.maxConcurrentRenders of its pages are in the making: the plain one has to do", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const errorPage: ErrorPage = async () => (await gate, html`<h1>mine</h1>`);
    const { app } = testApp(routes, { errorPage, limits: { maxConcurrentRenders: 2 } });
    const two = [load(app, "/a"), load(app, "/b")];
    await turn();
    expect((await load(app, "/c")).html).toContain("<h1>Page not found</h1>");
    release();
    expect((await Promise.all(two)).map((page) => page.html.includes("<h1>mine</h1>"))).toEqual([true, true]);
    expect((await load(app, "/d")).html).toContain("<h1>mine</h1>");
  });
});

import { describe, expect, it } from "vitest";
import { html } from "../html/html.ts";
import type { LiveApp } from "../live/app-options.ts";
import { createLiveApp } from "../live/live-app.ts";
import { createLiveView } from "../live/live-view.ts";
import { collect, ORIGIN, SECRET } from "../../test/support/client.ts";
import { membersApp, TestBrowser } from "../../test/support/members.ts";

/** An app whose handler shows what it reads of a form. */
function formApp(options: { readonly maxBytes?: number; readonly development?: boolean } = {}) {
  const { maxBytes, development = true } = options;
  const told = collect();
  const app: LiveApp = createLiveApp({
    secret: SECRET,
    ...told.options,
    development,
    origins: [ORIGIN],
    routes: { "/live": createLiveView({ render: (_context, meta) => html`<form>${meta.csrfToken}</form>` }) },
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/login") return new Response(`<form>${app.csrfToken(request)}</form>`);
      if (pathname === "/json") {
        app.verifyCsrf(request);
        return Response.json(await request.json());
      }
      if (pathname === "/twice") await request.text();
      const form = await app.readForm(request, { maxBytes });
      const entries = [...form].map(([name, value]) => [name, typeof value === "string" ? value : value.name]);
      return Response.json(entries);
    },
  });
  return { app, ...told };
}

describe("app.csrfToken", () => {
  it("gives a browser without the app's cookie one with the response, and the same token on all of its pages", async () => {
    const { app } = formApp();
    const browser = new TestBrowser(app);
    const response = await browser.fetch("/login");
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^wingbeat-visitor=[\w-]{22}; path=\/; samesite=lax; httponly$/),
    ]);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    const token = await browser.token();
    const again = await browser.fetch("/login");
    expect([await again.text(), again.headers.getSetCookie()]).toEqual([`<form>${token}</form>`, []]);
    expect((await browser.load("/live")).html).toContain(`<form>${token}</form>`);
    expect(token).not.toBe(await new TestBrowser(app).token());
  });
});

describe("app.readForm", () => {
  it("gives the fields of an urlencoded form, without the token", async () => {
    const browser = new TestBrowser(formApp().app);
    const response = await browser.post("/form", { name: "Ada & co", empty: "", _csrf_token: await browser.token() });
    expect(await response.json()).toEqual([
      ["name", "Ada & co"],
      ["empty", ""],
    ]);
  });

  it("gives the fields and files of a multipart form", async () => {
    const browser = new TestBrowser(formApp().app);
    const body = new FormData();
    body.set("_csrf_token", await browser.token());
    body.set("name", "Ada");
    body.set("file", new File(["hello"], "../hello.txt"));
    const response = await browser.fetch("/form", { method: "POST", body });
    expect(await response.json()).toEqual([
      ["name", "Ada"],
      ["file", "../hello.txt"],
    ]);
  });

  it("takes the token of the header too", async () => {
    const browser = new TestBrowser(formApp().app);
    const response = await browser.post("/form", { name: "Ada" }, { "x-csrf-token": await browser.token() });
    expect(await response.json()).toEqual([["name", "Ada"]]);
  });

  it("takes a form of the page of another origin that may open the socket", async () => {
    const browser = new TestBrowser(formApp().app);
    const fields = { _csrf_token: await browser.token() };
    expect((await browser.post("/form", fields, { origin: ORIGIN, "sec-fetch-site": "same-origin" })).status).toBe(200);
    // A page with a strict referrer policy.
    expect((await browser.post("/form", fields, { origin: "null" })).status).toBe(200);
  });

  it("answers what it refuses with a page that does not say why, and a log line that does", async () => {
    const { app, log, errors } = formApp({ development: false });
    const browser = new TestBrowser(app);
    await browser.token();
    const response = await browser.post("/form", { name: "Ada" });
    expect(response.status).toBe(403);
    const page = await response.text();
    expect(page).toContain("<h1>The form was not taken</h1>");
    expect(page).not.toContain("token");
    expect(log).toEqual([
      '[wingbeat] refused a form for /form with 403: it has no token. Put <input type="hidden" name="_csrf_token" value="${app.csrfToken(request)}"> into the form (in a view: meta.csrfToken), or send it as the header x-csrf-token',
    ]);
    expect(errors).toEqual([]);
    expect((await browser.logIn("ada")).status).not.toBe(500);
  });

  it("reads no more of a body than it may, whatever its length says", async () => {
    const { app, log } = formApp({ maxBytes: 1_000 });
    const browser = new TestBrowser(app);
    const token = await browser.token();
    expect((await browser.post("/form", { name: "x".repeat(2_000), _csrf_token: token })).status).toBe(413);
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(100).fill(120));
      },
    });
    const endless: RequestInit & { readonly duplex: "half" } = {
      method: "POST",
      body,
      duplex: "half",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    };
    expect((await browser.fetch("/form", endless)).status).toBe(413);
    expect(pulled).toBeLessThan(20);
    const liar = { "content-length": "1000000", "x-csrf-token": token };
    expect((await browser.post("/form", {}, liar)).status).toBe(413);
    expect(log.filter((line) => line.includes("with 413: it has more than 1000 bytes (maxBytes)"))).toHaveLength(3);
  });

  it.each([
    [
      "what is no form",
      415,
      { body: "{}", headers: { "content-type": "application/json" } },
      'its content-type is "application/json"',
    ],
    ["nothing", 415, {}, 'its content-type is ""'],
    [
      "a torn multipart body",
      400,
      { body: "--x\r\nnothing", headers: { "content-type": "multipart/form-data; boundary=x" } },
      "its body is no form",
    ],
    [
      "too many fields",
      413,
      { body: "a=1&".repeat(1_001), headers: { "content-type": "application/x-www-form-urlencoded" } },
      "it has 1001 fields; at most 1000",
    ],
  ] as const)("refuses %s", async (_what, status, init, text) => {
    const { app, log } = formApp();
    const browser = new TestBrowser(app);
    const headers = { "x-csrf-token": await browser.token(), ...("headers" in init ? init.headers : {}) };
    const response = await browser.fetch("/form", { method: "POST", ...init, headers });
    expect(response.status).toBe(status);
    expect(log).toEqual([expect.stringContaining(text)]);
  });

  it("refuses a body that breaks off", async () => {
    const { app, log, errors } = formApp();
    const browser = new TestBrowser(app);
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("gone")) });
    const broken: RequestInit & { readonly duplex: "half" } = {
      method: "POST",
      body,
      duplex: "half",
      headers: { "content-type": "application/x-www-form-urlencoded", "x-csrf-token": await browser.token() },
    };
    expect((await browser.fetch("/form", broken)).status).toBe(400);
    expect(log).toEqual([expect.stringContaining("its body broke off")]);
    expect(errors).toEqual([]);
  });

  it("says so when the body was read before", async () => {
    const { app, log } = formApp();
    const browser = new TestBrowser(app);
    const response = await browser.post("/twice", {}, { "x-csrf-token": await browser.token() });
    expect(response.status).toBe(400);
    expect(log).toEqual([expect.stringContaining("its body was read before")]);
  });
});

describe("app.verifyCsrf", () => {
  it("leaves the body to the handler", async () => {
    const browser = new TestBrowser(formApp().app);
    const token = await browser.token();
    const send = (headers: HeadersInit) => browser.fetch("/json", { method: "POST", body: '{"a":1}', headers });
    expect(await (await send({ "x-csrf-token": token })).json()).toEqual({ a: 1 });
    expect((await send({})).status).toBe(403);
    expect((await send({ "x-csrf-token": token, origin: "https://evil.example" })).status).toBe(403);
  });
});

describe("flash over HTTP", () => {
  it("is shown by the next live page, in both renders, once", async () => {
    const browser = new TestBrowser(membersApp().app);
    await browser.logIn("ada");
    const client = await browser.visit();
    expect(client.page.html).toContain("<p>Welcome</p>");
    expect(client.html()).toContain("<p>Welcome</p>");
    expect((await browser.load()).html).toContain("<p></p>");
  });

  it("is given to a page without a view, once", async () => {
    const { app } = membersApp();
    const browser = new TestBrowser(app);
    await browser.logIn("ada");
    const text = async (): Promise<string> => (await (await browser.fetch("/login")).text()).split("</form>")[1] ?? "";
    expect(await text()).toBe('{"info":"Welcome"}');
    expect(await text()).toBe("{}");
  });

  it("keeps several kinds of one response", async () => {
    const told = collect();
    const app: LiveApp = createLiveApp({
      secret: SECRET,
      ...told.options,
      fetch: (request) => {
        if (new URL(request.url).pathname === "/read") return Response.json(app.takeFlash(request));
        app.putFlash(request, "info", "saved");
        app.putFlash(request, "error", "but not sent");
        app.putFlash(request, "info", "saved twice");
        return new Response("put");
      },
    });
    const browser = new TestBrowser(app);
    await browser.fetch("/put");
    expect(await (await browser.fetch("/read")).json()).toEqual({ info: "saved twice", error: "but not sent" });
  });

  it("travels over HTTPS alone where the page does", async () => {
    const app: LiveApp = createLiveApp({
      secret: SECRET,
      ...collect().options,
      routes: {
        "/view": createLiveView({
          mount: (socket) => {
            socket.putFlash("info", "Over there");
            socket.redirect("/");
          },
          render: () => html``,
        }),
      },
      fetch: (request) => {
        app.putFlash(request, "info", "Over there");
        return new Response(null, { status: 303, headers: { location: "/" } });
      },
    });
    for (const path of ["/view", "/handler"]) {
      for (const [scheme, end] of [
        ["http", "samesite=lax"],
        ["https", "samesite=lax; secure"],
      ]) {
        const response = await app.fetch(new Request(`${scheme}://localhost${path}`));
        const cookie = response.headers.getSetCookie().find((header) => header.startsWith("__phoenix_flash__="));
        expect(cookie?.split("max-age=60; ")[1]).toBe(end);
      }
    }
  });

  it("is nobody else's, and a forged one is nobody's", async () => {
    const { app, log } = membersApp();
    const [ada, eve] = [new TestBrowser(app), new TestBrowser(app)];
    await ada.logIn("ada");
    await eve.token();
    eve.cookies.set("__phoenix_flash__", ada.cookies.get("__phoenix_flash__") ?? "");
    expect(await (await eve.fetch("/login")).text()).toContain("</form>{}");
    eve.cookies.set("__phoenix_flash__", "forged.0.token");
    expect(await (await eve.fetch("/login")).text()).toContain("</form>{}");
    expect(log).toEqual([
      "[wingbeat] refused the flash message of a request for /login: the token is of another browser",
      "[wingbeat] refused the flash message of a request for /login: the token was not signed with our secret",
    ]);
  });
});

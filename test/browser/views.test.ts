import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, each, html, SingleProcessPubSub, topic } from "wingbeat";
import { loadsAgain } from "./moments.ts";
import { clickRapidly, connected, expectText, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

describe("two windows and asynchronous callbacks", () => {
  it("end at 40 after twenty rapid clicks in each, when every callback of the counter is asynchronous", async () => {
    let count = 0;
    const pubSub = new SingleProcessPubSub();
    const counter = createLiveView<{ count: number }, { type: "increment" }, { type: "counter"; count: number }>({
      mount: async (socket) => {
        await socket.subscribe("counter");
        socket.assign({ count });
      },
      handleEvent: async (_event, socket) => {
        const { count } = socket.context;
        await pubSub.broadcast("counter", { count: count + 1 });
        await Promise.resolve();
      },
      handleInfo: async (info, socket) => {
        await Promise.resolve();
        count = info.count;
        socket.assign({ count });
      },
      render: async (context) => {
        await Promise.resolve();
        return html`<h1>${context.count}</h1><button phx-click="increment">+</button>`;
      },
    });
    const { url } = await start(createLiveApp({ pubSub, routes: { "/": counter } }));
    const visits = await Promise.all([visit(url), visit(url)]);
    await Promise.all(visits.map(({ page }) => clickRapidly(page, "button", 20)));
    for (const { page } of visits) await expectText(page, "h1", "40");
  });

  it("show every step in order when callbacks wait for something slow", async () => {
    let total = 0;
    const counted = topic<{ type: "counted"; total: number }>("slow-counter");
    const slow = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3));
    const counter = createLiveView<
      { totals: readonly number[] },
      { type: "increment" },
      { type: "counted"; total: number }
    >({
      mount: async (socket) => {
        await socket.subscribe(counted);
        socket.assign({ totals: [] });
      },
      handleEvent: async (_event, socket) => {
        await slow();
        total++;
        await socket.broadcast(counted, { type: "counted", total });
      },
      handleInfo: async (info, socket) => {
        await slow();
        socket.assign({ totals: [...socket.context.totals, info.total] });
      },
      render: ({ totals }) => html`<h1>${totals.join(" ")}</h1><button phx-click="increment">+</button>`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": counter } }));
    const visits = await Promise.all([visit(url), visit(url)]);
    await Promise.all(visits.map(({ page }) => clickRapidly(page, "button", 20)));
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1).join(" ");
    for (const { page } of visits) await expectText(page, "h1", numbers);
  });
});

describe("the page", () => {
  it("gets the title that the view sets, first and later, with the app's prefix and suffix", async () => {
    const view = createLiveView<{ unread: number }>({
      mount: (socket) => {
        socket.assign({ unread: 0 });
        socket.pageTitle("Inbox");
      },
      handleEvent: (_event, socket) => {
        const unread = socket.context.unread + 1;
        socket.assign({ unread });
        socket.pageTitle(unread > 1 ? "" : `Inbox <${unread}>`);
      },
      render: ({ unread }) => html`<button phx-click="arrive">${unread} unread</button>`,
    });
    const title = { default: "Nothing", prefix: "» ", suffix: " · Mail" };
    const { url } = await start(createLiveApp({ routes: { "/": view }, title }));
    const { page } = await visit(url);
    expect(await page.title()).toBe("» Inbox · Mail");
    await page.click("button");
    await expect.poll(() => page.title()).toBe("» Inbox <1> · Mail");
    await page.click("button");
    await expect.poll(() => page.title()).toBe("» Nothing · Mail");
  });

  it("hears events that the view pushes, after the change that came with them", async () => {
    const view = createLiveView<{ saved: number }>({
      initial: { saved: 0 },
      handleEvent: (_event, socket) => {
        const saved = socket.context.saved + 1;
        socket.assign({ saved });
        socket.pushEvent("saved", { saved, at: "<now>" });
      },
      render: ({ saved }) => html`<button phx-click="save">Saved ${saved} times</button>`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page } = await visit(url);
    const heard = page.evaluate(
      () =>
        new Promise((resolve) =>
          window.addEventListener("phx:saved", (event) => {
            const detail: unknown = event instanceof CustomEvent ? event.detail : undefined;
            resolve([detail, document.querySelector("button")?.textContent]);
          }),
        ),
    );
    await page.click("button");
    expect(await heard).toEqual([{ saved: 1, at: "<now>" }, "Saved 1 times"]);
  });

  it("keeps the text, the focus and the identity of rows that move", async () => {
    const view = createLiveView<{ names: readonly string[] }>({
      initial: { names: ["Ada", "Grace", "Edsger"] },
      handleEvent: (event, socket) => {
        const { names } = socket.context;
        if (event.type === "rotate") socket.assign({ names: [...names.slice(1), ...names.slice(0, 1)] });
        else socket.assign({ names: names.filter((name) => name !== "Grace") });
      },
      render: ({ names }) => html`
        <ul>${each(
          names,
          (name) => name,
          (name) => html`<li id="row-${name}"><input id="note-${name}" name="note" aria-label="${name}"></li>`,
        )}</ul>
        <div phx-window-keydown="rotate" phx-key="F8"></div>
        <div phx-window-keydown="remove" phx-key="F9"></div>`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page } = await visit(url);
    const order = (): Promise<string[]> => page.locator("li").evaluateAll((rows) => rows.map((row) => row.id));
    await page.fill("#note-Edsger", "half a sent");
    const row = await page.$("#row-Edsger");
    await page.keyboard.press("F8");
    await expect.poll(order).toEqual(["row-Grace", "row-Edsger", "row-Ada"]);
    await page.keyboard.type("ence");
    await page.keyboard.press("F9");
    await expect.poll(order).toEqual(["row-Edsger", "row-Ada"]);
    await page.keyboard.type(".");
    expect(await page.inputValue("#note-Edsger")).toBe("half a sentence.");
    expect(await row?.evaluate((element) => element === document.querySelector("#row-Edsger"))).toBe(true);
  });
});

describe("hooks of the application's own client", () => {
  it("get the reply to what they push, and the events of their view", async () => {
    const view = createLiveView<{ asked: number }, { type: "ask"; question: string }>({
      initial: { asked: 0 },
      handleEvent: (event, socket) => {
        socket.assign({ asked: socket.context.asked + 1 });
        socket.pushEvent("asked", { question: event.question });
        return { reply: { answer: `${event.question.toUpperCase()} <42>` } };
      },
      render: ({ asked }) =>
        html`<p id="asked">${asked}</p><div id="oracle" phx-hook="Oracle" phx-update="ignore"></div>`,
    });
    const client = `
      const Oracle = {
        mounted() {
          this.handleEvent("asked", ({ question }) => this.el.append("asked " + question + "; "));
          this.pushEvent("ask", { question: "why" }, (reply) => this.el.append("answer " + reply.answer + "; "));
        },
      };
      const token = document.querySelector("meta[name=csrf-token]").content;
      new LiveView.LiveSocket("/live", Phoenix.Socket, { hooks: { Oracle }, params: { _csrf_token: token } }).connect();`;
    const app = createLiveApp({
      routes: { "/": view },
      layout: (content, page) => html`<!doctype html>
        <html lang="en">
          <head>
            <meta name="csrf-token" content="${page.csrfToken}">
            <link rel="icon" href="data:,">
            ${page.titleElement}
            ${page.clientScripts}
            <script type="module" src="/_own/client.js"></script>
          </head>
          <body>${content}</body>
        </html>`,
      fetch: (request) => {
        if (new URL(request.url).pathname !== "/_own/client.js") return undefined;
        return new Response(client, { headers: { "content-type": "text/javascript" } });
      },
    });
    const { url } = await start(app);
    const { page, problems } = await visit(url);
    await expectText(page, "#asked", "1");
    await expect.poll(() => page.textContent("#oracle")).toContain("answer WHY <42>; ");
    await expect.poll(() => page.textContent("#oracle")).toContain("asked why; ");
    expect(problems).toEqual([]);
  });
});

describe("forms", () => {
  type Fields = { user?: { name?: string; tags?: string[] }; _target?: string[]; via?: string };

  it("send their fields when they change, with the changed one as _target, and when they are submitted", async () => {
    const seen: unknown[] = [];
    const view = createLiveView<{ shown: string }, ({ type: "change" } & Fields) | ({ type: "save" } & Fields)>({
      initial: { shown: "" },
      handleEvent: (event, socket) => {
        seen.push(event);
        socket.assign({ shown: `${event.type} ${event.user?.name ?? ""}` });
      },
      render: ({ shown }) => html`
        <output>${shown}</output>
        <form id="profile" phx-change="change" phx-submit="save">
          <input name="user[name]" aria-label="Name">
          <label><input type="checkbox" name="user[tags][]" value="a&amp;b"> A</label>
          <button name="via" value="button">Save</button>
        </form>`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page } = await visit(url);
    await page.fill("[name='user[name]']", "Ada & Grace + 1");
    await expectText(page, "output", "change Ada & Grace + 1");
    await page.check("[type=checkbox]");
    await expect.poll(() => seen.length).toBe(2);
    await page.click("button");
    await expectText(page, "output", "save Ada & Grace + 1");
    expect(seen).toEqual([
      { type: "change", user: { name: "Ada & Grace + 1" }, _target: ["user", "name"] },
      { type: "change", user: { name: "Ada & Grace + 1", tags: ["a&b"] }, _target: ["user", "tags"] },
      { type: "save", user: { name: "Ada & Grace + 1", tags: ["a&b"] }, via: "button" },
    ]);
  });
});

describe("navigation", () => {
  const list = createLiveView<{ page: number; id: string }>({
    mount: (socket) => socket.assign({ id: socket.id, page: 0 }),
    handleParams: (url, socket) => socket.assign({ page: Number(url.searchParams.get("page") ?? 1) }),
    handleEvent: (_next, socket) => socket.pushPatch("/list", { page: socket.context.page + 1 }),
    render: ({ page, id }) => html`
      <h1>Page ${page}</h1><p id="id">${id}</p><button phx-click="next">Next</button>
      <a href="/list?page=7" data-phx-link="patch" data-phx-link-state="push">Seven</a>`,
  });

  it("patches the address within the view, and follows the back button", async () => {
    const { url } = await start(createLiveApp({ routes: { "/list": list } }));
    const { page, loads, problems } = await visit(`${url}list`);
    const id = await page.textContent("#id");
    await page.click("button");
    await expectText(page, "h1", "Page 2");
    await expect.poll(() => page.url()).toBe(`${url}list?page=2`);
    await page.click("a");
    await expectText(page, "h1", "Page 7");
    await page.goBack();
    await expectText(page, "h1", "Page 2");
    await page.goBack();
    await expectText(page, "h1", "Page 1");
    await page.goForward();
    await expectText(page, "h1", "Page 2");
    await expect.poll(() => page.url()).toBe(`${url}list?page=2`);
    // All of that in one view and one document.
    expect(await page.textContent("#id")).toBe(id);
    expect(loads()).toBe(1);
    expect(problems).toEqual([]);
  });

  it("takes the flash along, over the same connection and over a page load, and shows it once", async () => {
    const from = createLiveView<{}>({
      handleEvent: (event, socket) => {
        socket.putFlash("info", `by ${event.type} <b>`);
        if (event.type === "navigate") socket.pushNavigate("/to");
        else socket.redirect("/to");
      },
      render: () => html`<button phx-click="navigate">Navigate</button><button phx-click="redirect">Redirect</button>`,
    });
    const to = createLiveView<{}>({
      render: (_, meta) => html`<h1>${meta.flash["info"] ?? "nothing"}</h1>`,
    });
    const { url } = await start(createLiveApp({ routes: { "/from": from, "/to": to } }));
    const { page, loads, problems } = await visit(`${url}from`);
    await page.click("text=Navigate");
    await expectText(page, "h1", "by navigate <b>");
    await expect.poll(() => page.url()).toBe(`${url}to`);
    expect(loads()).toBe(1);
    await page.goto(`${url}from`);
    await connected(page);
    await loadsAgain(page, () => page.click("text=Redirect"));
    await expectText(page, "h1", "by redirect <b>");
    await page.reload();
    await connected(page);
    await expectText(page, "h1", "nothing");
    expect(problems).toEqual([]);
  });
});

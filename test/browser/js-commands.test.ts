import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import {
  asyncResult,
  AsyncResult,
  attrs,
  createLiveApp,
  createLiveView,
  focusWrap,
  html,
  JS,
  link,
  liveFlash,
  liveTitle,
  portal,
  type AppOptions,
  type Attributes,
  type JSCommands,
  type Rendered,
  type Routes,
} from "wingbeat";
import { arrival, expectText, FRAMES_BEFORE_ENDS, twoFrames, typeAtOnce, useBrowser, type Visit } from "./support.ts";

const { start, visit } = useBrowser();

async function open(routes: Routes<string, {}>, options: AppOptions = {}): Promise<Visit> {
  const app = createLiveApp({
    secret: "only-for-tests-0123456789-0123456789",
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    ...options,
    routes,
  });
  const server = await start(app);
  return visit(server.url);
}

type Event = { readonly type: string; readonly [field: string]: unknown };

/** A view that shows how many events it got and what the last one was. #patch has the server change the page. */
function counting(render: (count: number) => Rendered): Routes<string, {}>[string] {
  return createLiveView<{ count: number; last: Event | undefined }, Event>({
    initial: { count: 0, last: undefined },
    handleEvent: (event, socket) => socket.assign({ count: socket.context.count + 1, last: event }),
    render: ({ count, last }) =>
      html`<button id="patch" phx-click="patch">${count}</button>${render(count)}<output>${last === undefined ? "" : JSON.stringify(last)}</output>`,
  });
}

const element = (page: Page, selector: string, attribute: string): (() => Promise<string | null>) => {
  return () => page.getAttribute(selector, attribute);
};

describe("a command in Chromium", () => {
  const box = (count: number): Rendered => html`<div id="box" class="one" title="t" data-n="${count}"><p>a</p></div>`;
  const shown = "display: block;";
  it.each<[name: string, command: JSCommands, attribute: string, after: string | null]>([
    ["addClass", JS.addClass("two", { to: "#box" }), "class", "one two"],
    [
      "addClass with a transition",
      JS.addClass("two", { to: "#box", transition: ["t", "a", "b"], time: 30 }),
      "class",
      "one b two",
    ],
    ["removeClass", JS.removeClass("one", { to: "#box" }), "class", ""],
    ["toggleClass", JS.toggleClass("one two", { to: "#box" }), "class", "two"],
    ["transition", JS.transition("shake", { to: "#box", time: 30 }), "class", "one"],
    ["setAttribute", JS.setAttribute("title", "new", { to: "#box" }), "title", "new"],
    ["removeAttribute", JS.removeAttribute("title", { to: "#box" }), "title", null],
    ["toggleAttribute with one value", JS.toggleAttribute("hidden", "", { to: "#box" }), "hidden", ""],
    ["toggleAttribute with two", JS.toggleAttribute("title", ["t", "u"], { to: "#box" }), "title", "u"],
    ["hide", JS.hide({ to: "#box" }), "style", "display: none;"],
    ["hide with a transition", JS.hide({ to: "#box", transition: "fade", time: 30 }), "style", "display: none;"],
    ["hide and show", JS.hide({ to: "#box", transition: "fade", time: 30 }).exec("data-show"), "style", shown],
    ["toggle", JS.toggle({ to: "#box" }), "style", "display: none;"],
    ["a chain", JS.addClass("x", { to: "#box" }).concat(JS.setAttribute("title", "y", { to: "#box" })), "title", "y"],
    [
      "the nearest around",
      JS.addClass("x", { to: { closest: "section" } }).exec("data-mark", { to: "#box p" }),
      "title",
      "t",
    ],
  ])("%s changes the page, and stays when the server does", async (_name, command, attribute, after) => {
    const show = JS.dispatch("test:later");
    const view = counting(
      (count) =>
        html`<section>${box(count)}<p data-mark="${JS.show()}"></p><button id="go" data-show="${show}" phx-click="${command}">go</button></section>`,
    );
    const { page, problems } = await open({ "/": view });
    await page.evaluate(FRAMES_BEFORE_ENDS);
    await page.evaluate(() => {
      document.querySelector("#box p")?.setAttribute("data-mark", '[["add_class",{"names":["marked"]}]]');
      // "hide and show": shown again by the client's own API, when it is hidden.
      window.addEventListener("test:later", () => {
        const target = document.querySelector("#box");
        const client = (window as unknown as Client).liveSocket.js();
        target?.addEventListener("phx:hide-end", () => client.show(target), { once: true });
      });
    });
    await page.click("#go");
    await expect.poll(element(page, "#box", attribute)).toBe(after);
    await page.click("#patch");
    await expectText(page, "#patch", "1");
    expect(await page.getAttribute("#box", "data-n")).toBe("1");
    await expect.poll(element(page, "#box", attribute)).toBe(after);
    expect(problems).toEqual([]);
  });

  it("push sends its value, and shows what is loading", async () => {
    const command = JS.push("save", { value: { id: 7, on: true }, loading: "#area" });
    const view = counting(
      () => html`<p id="area">area</p><button id="go" phx-click="${command}" phx-value-id="1">go</button>`,
    );
    const { page } = await open({ "/": view });
    await page.evaluate(() => {
      window.addEventListener("phx:push", ({ target }) => {
        document.title += ` ${(target as Element).id} ${(target as Element).className}`;
      });
    });
    await page.click("#go");
    await expectText(page, "output", '{"id":7,"value":"","on":true,"type":"save"}');
    expect(await page.title()).toBe("go phx-click-loading area phx-click-loading");
  });

  it("dispatch reaches the page's own scripts, with a detail, and clicks what it is told to", async () => {
    const command = JS.dispatch("app:copy", { to: "#text", detail: { as: "plain" } }).dispatch("click", {
      to: "#other",
    });
    const view = counting(
      () =>
        html`<p id="text">copy me</p><button id="other" phx-click="other">other</button><button id="go" phx-click="${command}">go</button>`,
    );
    const { page } = await open({ "/": view });
    await page.evaluate(() => {
      window.addEventListener("app:copy", (event) => {
        const { target, detail } = event as CustomEvent<{ as: string; dispatcher: Element }>;
        document.title = `${(target as Element).textContent} ${detail.as} ${detail.dispatcher.id}`;
      });
    });
    await page.click("#go");
    await expectText(page, "output", '{"value":"","type":"other"}');
    expect(await page.title()).toBe("copy me plain go");
  });

  it("holds changes back until a blocking dispatch is done", async () => {
    const command = JS.dispatch("app:animate", { blocking: true }).push("go");
    const view = counting((count) => html`<p id="n">${count}</p><button id="go" phx-click="${command}">go</button>`);
    const { page } = await open({ "/": view });
    await page.evaluate(() => {
      window.addEventListener("app:animate", (event) => {
        window.addEventListener("test:done", (event as CustomEvent<{ done: () => void }>).detail.done);
      });
    });
    // The client calls this one when all others have had the answer.
    const answered = page.evaluate(
      () => new Promise<void>((resolve) => (window as unknown as Client).liveSocket.socket.onMessage(() => resolve())),
    );
    await page.click("#go");
    await answered;
    expect(await page.textContent("#n")).toBe("0");
    await page.evaluate(() => window.dispatchEvent(new Event("test:done")));
    await expectText(page, "#n", "1");
  });

  it("navigate and patch go to other addresses, as links do", async () => {
    const view = createLiveView<{ path: string }>({
      initial: { path: "" },
      handleParams: (url, socket) => socket.assign({ path: url.pathname + url.search }),
      render: ({ path }, { js }) => html`<p>${path}</p>
        <button id="patch" phx-click="${js.patch("/?tab=1")}">patch</button><button id="navigate" phx-click="${js.navigate("/other", { replace: true })}">navigate</button>
        ${link({ patch: "/?tab=2", id: "link-patch" }, "patch")}${link({ navigate: "/other?x=1", id: "link-navigate" }, html`<b>navigate</b>`)}${link({ href: "/", id: "link-load" }, "load")}`,
    });
    const { page, loads, problems } = await open({ "/": view, "/other": view });
    await page.click("#patch");
    await expectText(page, "p", "/?tab=1");
    await page.click("#link-patch");
    await expectText(page, "p", "/?tab=2");
    await page.click("#navigate");
    await expectText(page, "p", "/other");
    await page.click("#link-navigate b");
    await expectText(page, "p", "/other?x=1");
    expect(loads()).toBe(1);
    await page.click("#link-load");
    await expectText(page, "p", "/");
    expect(loads()).toBe(2);
    expect(problems).toEqual([]);
  });

  it("sent in a pushed event runs by execJS", async () => {
    const view = createLiveView({
      handleEvent: (_event, socket) => socket.pushEvent("run", { to: "#box", js: JS.addClass("marked").push("back") }),
      render: () => html`<p id="box">box</p><button id="go" phx-click="go">go</button>`,
    });
    const { page, sent } = await open({ "/": view });
    await page.evaluate(() => {
      window.addEventListener("phx:run", (event) => {
        const { to, js } = (event as CustomEvent<{ to: string; js: string }>).detail;
        const target = document.querySelector(to);
        if (target !== null) (window as unknown as Client).liveSocket.execJS(target, js);
      });
    });
    await page.click("#go");
    await expect.poll(element(page, "#box", "class")).toContain("marked");
    await expect.poll(() => sent.some((frame) => frame.includes('"event":"back"'))).toBe(true);
  });
});

interface Client {
  readonly liveSocket: {
    execJS(element: Element, commands: string): void;
    readonly socket: { onMessage(callback: () => void): void };
    js(): { show(element: Element): void };
  };
}

describe("an element's life in Chromium", () => {
  it("phx-mounted runs once, and phx-remove before it goes, with its transition", async () => {
    const view = counting((count) =>
      count < 3
        ? html`<p id="p" phx-mounted="${JS.push("mounted")}" phx-remove="${JS.hide({ transition: "fade-out", time: 300 })}">here</p>`
        : html`<p id="q">gone</p>`,
    );
    const { page } = await open({ "/": view });
    await expectText(page, "#patch", "1");
    await page.click("#patch");
    await expectText(page, "#patch", "2");
    // Still there while its transition runs, beside what has taken its place.
    const beside = arrival(page, "body:has(#p.fade-out) #q", "gone");
    await page.click("#patch");
    await beside;
    await page.waitForSelector("#p", { state: "detached" });
  });

  it("phx-disconnected shows that the page is offline, and phx-connected that it is back", async () => {
    const view = createLiveView({
      render: () =>
        html`<p id="offline" hidden phx-disconnected="${JS.show().removeAttribute("hidden")}" phx-connected="${JS.hide().setAttribute("hidden", "")}">offline</p><p>text</p>`,
    });
    const { page } = await open({ "/": view });
    await page.evaluate(() => window.liveSocket.disconnect(() => {}));
    await expect.poll(() => page.isVisible("#offline")).toBe(true);
    await page.evaluate(() => window.liveSocket.connect());
    await expect.poll(() => page.isVisible("#offline")).toBe(false);
  });

  it("phx-update=ignore keeps what a script has made, and ignoreAttributes what the browser has set", async () => {
    const view = counting(
      (count) => html`<div id="map" phx-update="ignore" data-n="${count}"></div>
        <details id="more" phx-mounted="${JS.ignoreAttributes("open")}"><summary>more</summary>${count}</details>`,
    );
    const { page } = await open({ "/": view });
    await page.evaluate(() => document.querySelector("#map")?.append("drawn"));
    await page.click("summary");
    await page.click("#patch");
    await expect.poll(element(page, "#map", "data-n")).toBe("1");
    expect(await page.textContent("#map")).toBe("drawn");
    expect(await page.getAttribute("#more", "open")).toBe("");
  });

  it("phx-debounce waits for a pause, and phx-throttle sends at most one event in its time", async () => {
    const view = counting(
      () =>
        html`<form id="f" phx-change="typed"><input id="i" name="text" phx-debounce="200"></form><button id="often" phx-click="often" phx-throttle="60000">often</button>`,
    );
    const { page, sent } = await open({ "/": view });
    const events = (name: string): number => sent.filter((frame) => frame.includes(`"event":"${name}"`)).length;
    await typeAtOnce(page.locator("#i"), "hello");
    await expect.poll(() => page.textContent("output")).toContain('"text":"hello"');
    expect(events("typed")).toBe(1);
    for (let click = 0; click < 3; click++) await page.click("#often");
    await page.click("#patch");
    await expect.poll(() => events("patch")).toBe(1);
    expect(events("often")).toBe(1);
  });
});

describe("the ready components in Chromium", () => {
  it("a dialog in a portal keeps the focus, sends events to its view, and gives the focus back", async () => {
    const view = counting(
      (count) => html`<button id="open" phx-click="${JS.pushFocus().push("open")}">open</button>
        ${count === 0 || count > 2 ? null : portal({ id: "layer", target: "body", class: "layer" }, focusWrap({ id: "dialog", role: "dialog", "aria-modal": "true" }, html`<button id="yes" phx-click="yes">yes ${count}</button><button id="no" phx-click="${JS.popFocus().push("no")}">no</button>`))}`,
    );
    const { page, problems } = await open({ "/": view });
    const focused = (): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id);
    await page.click("#open");
    await page.waitForSelector("body > .layer #dialog");
    await expect.poll(focused).toBe("yes");
    // The client puts the focus there once more, two frames later.
    await twoFrames(page);
    const keys: [key: string, id: string][] = [
      ["Tab", "no"],
      ["Tab", "yes"],
      ["Shift+Tab", "no"],
      ["Shift+Tab", "yes"],
    ];
    for (const [key, id] of keys) {
      await page.keyboard.press(key);
      await expect.poll(focused).toBe(id);
    }
    await page.keyboard.press("Enter");
    await expectText(page, "#yes", "yes 2");
    expect(await page.textContent("output")).toContain('"type":"yes"');
    await page.click("#no");
    await page.waitForSelector(".layer", { state: "detached" });
    await expect.poll(focused).toBe("open");
    expect(problems).toEqual([]);
  });

  it("liveFlash shows and dismisses messages, for screen readers too", async () => {
    const view = createLiveView({
      handleEvent: (_event, socket) => {
        socket.putFlash("info", "Saved <it>");
        socket.putFlash("error", "But not all");
      },
      render: (_, meta) =>
        html`${liveFlash({ flash: meta.flash, kind: "info" })}${liveFlash({ flash: meta.flash, kind: "error" })}<button id="go" phx-click="go">go</button>`,
    });
    const { page } = await open({ "/": view });
    await page.click("#go");
    await expectText(page, "[data-phx-main] [role=status] p", "Saved <it>");
    await expectText(page, "[role=alert] p", "But not all");
    await page.getByRole("status").getByRole("button", { name: "Close" }).click();
    await expectText(page, "[data-phx-main] [role=status]", "");
    expect(await page.textContent("[role=alert] p")).toBe("But not all");
  });

  it("liveTitle and page.titleElement keep prefix, suffix and default", async () => {
    const view = createLiveView({
      mount: (socket) => socket.pageTitle("One"),
      handleEvent: (event, socket) => socket.pageTitle(String(event["title"])),
      render: () =>
        html`<button id="two" phx-click="t" phx-value-title="Two">two</button><button id="none" phx-click="t" phx-value-title="">none</button>`,
    });
    const title = { prefix: "» ", default: "Home", suffix: " · App" };
    const own: AppOptions["layout"] = (content, page) => html`<!doctype html>
      <html lang="en"><head><meta name="csrf-token" content="${page.csrfToken}">
      ${liveTitle({ title: page.viewTitle, default: "Start", suffix: " · Own" })}${page.scripts}</head><body>${content}</body></html>`;
    for (const [options, first, second, third] of [
      [{ title }, "» One · App", "» Two · App", "» Home · App"],
      [{ title, layout: own }, "One · Own", "Two · Own", "Start · Own"],
    ] as const) {
      const { page } = await open({ "/": view }, options);
      expect(await page.title()).toBe(first);
      await page.click("#two");
      await expect.poll(() => page.title()).toBe(second);
      await page.click("#none");
      await expect.poll(() => page.title()).toBe(third);
    }
  });

  it("attrs and asyncResult follow their values", async () => {
    const view = counting((count) => {
      const rest: Attributes =
        count === 0 ? { disabled: true, class: ["a"] } : { "data-n": count, class: ["a", "b"], "phx-click": "again" };
      const result = count === 0 ? AsyncResult.loading<string>() : AsyncResult.ok(`<${count}>`);
      return html`<button id="go" ${attrs(rest)}>go</button><p id="r">${asyncResult(result, { ok: (value) => value, loading: "…" })}</p>`;
    });
    const { page } = await open({ "/": view });
    expect(await page.locator("#go").evaluate((button) => button.outerHTML)).toBe(
      '<button id="go" disabled="" class="a">go</button>',
    );
    expect(await page.textContent("#r")).toBe("…");
    await page.click("#patch");
    await expectText(page, "#r", "<1>");
    await page.click("#go");
    await expectText(page, "#r", "<2>");
    expect(await page.getAttribute("#go", "class")).toBe("a b");
  });
});

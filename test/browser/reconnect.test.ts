import type { Page } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, html, liveFlash, type AppOptions, type LiveStream } from "wingbeat";
import { freePort } from "../support/free-port.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { production, record, rememberingLogger, useBrowser, type Visit } from "./support.ts";

// The table of docs/guides/reconnect.md, row by row. The page's clock is the test's, so that a minute takes no time.

const { start, visit } = useBrowser();
const proxies: TcpProxy[] = [];
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

type Row = { readonly id: number; readonly text: string };
type Event = { type: "change"; name: string } | { type: "count" } | { type: "crash" };
type Context = {
  readonly rows: LiveStream<Row>;
  readonly name: string;
  readonly count: number;
  readonly by: string;
  readonly mounts: number;
};

/** A page with all that an outage could cost. */
function createPage() {
  const mounts = { connected: 0 };
  return createLiveView<Context, Event>({
    initial: { name: "", count: 0, by: "", mounts: 0 },
    mount: (socket) => {
      if (socket.connected) mounts.connected++;
      socket.stream(
        "rows",
        [1, 2, 3].map((id) => ({ id, text: `row ${id}` })),
      );
      socket.assign({ by: socket.navigation.type, mounts: mounts.connected });
    },
    handleEvent: (event, socket) => {
      if (event.type === "crash") throw new Error("asked for");
      if (event.type === "change") return socket.assign({ name: event.name });
      socket.putFlash("info", "Counted");
      socket.assign({ count: socket.context.count + 1 });
    },
    render: ({ rows, name, count, by, mounts }, { flash }) => html`
      <h1>${by}, mount ${mounts}, count ${count}, hello ${name}</h1>
      ${liveFlash({ flash, kind: "info", rest: { style: "height:4rem" } })}
      <button phx-click="count">Add</button> <button phx-click="crash">Crash</button>
      <form id="who" phx-change="change" phx-submit="change"><input id="name" name="name" value="${name}" aria-label="Name"></form>
      <form id="plain"><input id="note" name="note" aria-label="Note"></form>
      <form id="draft" phx-update="ignore"><input id="kept" name="kept" aria-label="Draft"></form>
      <ul id="rows" phx-update="stream">${rows.map((id, { text }) => html`<li id="${id}">${text}</li>`)}</ul>
      <div style="height:3000px">tall</div>`,
  });
}

const LOST = "Connection lost. Trying to reconnect…";

interface Scene extends Visit {
  readonly proxy: TcpProxy;
  /** What the notice has said so far, change by change. */
  readonly notices: () => Promise<string[]>;
  /** Stops the server, and starts another one after `meanwhile`. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
}

/** A page behind a proxy, on which something was typed, counted, focused and scrolled. */
async function open(options: AppOptions = {}): Promise<Scene> {
  const port = await freePort();
  const proxy = await startTcpProxy(port);
  proxies.push(proxy);
  const url = `http://127.0.0.1:${proxy.port}`;
  const serveAnew = async () =>
    start(
      createLiveApp({
        ...production(url),
        limits: { drainWindowMs: 1 },
        logger: rememberingLogger(),
        ...options,
        routes: { "/": createPage() },
      }),
      port,
    );
  let server = await serveAnew();
  const opened = await visit(url, { before: (page) => page.clock.install() });
  const { page } = opened;
  await page.fill("#name", "Ada");
  await page.fill("#kept", "a draft");
  await page.getByRole("button", { name: "Add" }).click();
  await heading(page, "load, mount 1, count 1, hello Ada");
  await page.fill("#note", "not sent");
  await page.locator("#name").evaluate((input: HTMLInputElement) => {
    input.focus({ preventScroll: true });
    input.setSelectionRange(1, 2);
    scrollTo(0, 60);
  });
  // From here on its time passes when the test says so, however slow the machine is.
  await pause(page);
  return {
    ...opened,
    proxy,
    notices: options.connectionNotice === undefined ? await record(page, "#wingbeat-connection") : async () => [],
    restart: async (meanwhile) => {
      await server.close();
      await meanwhile();
      server = await serveAnew();
    },
  };
}

/** Stops the page's time at about now. The moment may have passed when the page hears of it: then it stands still already. */
async function pause(page: Page): Promise<void> {
  const isPaused = async (): Promise<boolean> => {
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
    return true;
  };
  await expect.poll(isPaused).toBe(true);
}

async function heading(page: Page, text: string): Promise<void> {
  await expect.poll(() => page.textContent("h1")).toBe(text);
}

/** Lets the page's time pass, in steps, until its heading is this. */
async function comesBack(page: Page, text: string, stepMs = 1_000): Promise<void> {
  const later = async (): Promise<string | null> => {
    await page.clock.fastForward(stepMs);
    return page.textContent("h1");
  };
  await expect.poll(later, { interval: 50, timeout: 20_000 }).toBe(text);
}

/** As `comesBack`, and less than a second of the page's time passes meanwhile. */
const comesBackAtOnce = (page: Page, text: string): Promise<void> => comesBack(page, text, 2);

const notice = (page: Page): Promise<string> =>
  page.locator("#wingbeat-connection").evaluate((element: HTMLElement) => (element.hidden ? "" : element.innerText));

async function hasState(page: Page, state: "error" | "connected"): Promise<void> {
  await expect.poll(() => page.locator("[data-phx-main]").getAttribute("class")).toContain(`phx-${state}`);
}

/** What a user has of the page. */
const state = (page: Page) =>
  page.evaluate(() => {
    const value = (id: string): string => (document.getElementById(id) as HTMLInputElement).value;
    const name = document.getElementById("name") as HTMLInputElement;
    return {
      name: value("name"),
      draft: value("kept"),
      note: value("note"),
      focus: document.activeElement?.id,
      caret: [name.selectionStart, name.selectionEnd],
      scroll: scrollY,
      rows: [...document.querySelectorAll("#rows li")].map(({ id }) => id),
      flash: document.querySelector("#flash-info p")?.textContent ?? "",
    };
  });

const KEPT = {
  name: "Ada",
  draft: "a draft",
  note: "",
  focus: "name",
  caret: [1, 2],
  scroll: 60,
  rows: ["rows-1", "rows-2", "rows-3"],
  flash: "",
};

/** Chromium itself says these of every attempt. */
const isExpected = (problem: string): boolean => /^WebSocket connection to|push timeout/.test(problem);

describe("an open page", () => {
  it("hides a cut of a moment: nothing is said of it", async () => {
    const { page, proxy, notices, loads, problems } = await open();
    proxy.cut();
    await comesBackAtOnce(page, "reconnect, mount 2, count 0, hello Ada");
    await page.clock.fastForward(3_000);
    expect(await state(page)).toEqual(KEPT);
    expect(await notices()).toEqual([]);
    expect([loads(), problems.filter((problem) => !isExpected(problem))]).toEqual([1, []]);
  });

  it("says so after a second while its server restarts, and is there again", async () => {
    const { page, restart, notices, loads, problems } = await open();
    await restart(async () => {
      await hasState(page, "error");
      expect(await page.getByRole("status").filter({ hasText: LOST }).count()).toBe(0);
      await page.clock.fastForward(1_000);
      await expect.poll(() => notice(page)).toBe(LOST);
      expect(await page.getByRole("status").filter({ hasText: LOST }).isVisible()).toBe(true);
    });
    await comesBack(page, "reconnect, mount 1, count 0, hello Ada");
    expect(await state(page)).toEqual(KEPT);
    expect([await notices(), loads()]).toEqual([[LOST, ""], 1]);
    expect(problems.filter((problem) => !isExpected(problem))).toEqual([]);
  });

  it("keeps what is typed while the network is gone for 2 s", async () => {
    const { page, proxy, notices, loads } = await open();
    proxy.refuse();
    await hasState(page, "error");
    await page.clock.fastForward(2_000);
    await expect.poll(() => notice(page)).toBe(LOST);
    await page.locator("#name").pressSequentially("!");
    // Nothing comes of a submit without a connection, and nothing is lost by it.
    await page.locator("#name").press("Enter");
    proxy.accept();
    await comesBack(page, "reconnect, mount 2, count 0, hello A!a");
    expect(await state(page)).toEqual({ ...KEPT, name: "A!a", caret: [2, 2] });
    await page.locator("#name").press("Enter");
    await expect.poll(() => page.locator("#name").isEditable()).toBe(true);
    expect([await notices(), loads()]).toEqual([[LOST, ""], 1]);
  });

  it("keeps what is typed while the network swallows everything for 60 s, and an event with it", async () => {
    const { page, proxy, notices, loads, problems } = await open();
    proxy.blackHole();
    await page.locator("#name").pressSequentially("?");
    // 4 s without an answer, 8 s more without a sign of life.
    await page.clock.fastForward(4_000);
    await hasState(page, "connected");
    await page.clock.fastForward(8_000);
    await hasState(page, "error");
    await page.clock.fastForward(1_000);
    await expect.poll(() => notice(page)).toBe(LOST);
    // After 30 s without an answer to its event, the client would load the page from a network that is not there.
    for (let seconds = 13; seconds < 60; seconds += 6) await page.clock.fastForward(6_000);
    await page.locator("#name").pressSequentially("!");
    expect(await notice(page)).toBe(LOST);
    proxy.heal();
    await comesBack(page, "reconnect, mount 2, count 0, hello A?!a");
    expect(await state(page)).toEqual({ ...KEPT, name: "A?!a", caret: [3, 3] });
    expect([await notices(), loads()]).toEqual([[LOST, ""], 1]);
    expect(problems.filter((problem) => !isExpected(problem))).toEqual([]);
  });

  it("does not try while its tab sleeps, and is there when it wakes", async () => {
    const { page, proxy, sockets, loads } = await open();
    await show(page, "hidden");
    proxy.cut();
    await hasState(page, "error");
    await page.clock.fastForward(600_000);
    expect(sockets).toHaveLength(1);
    await show(page, "visible");
    await comesBack(page, "reconnect, mount 2, count 0, hello Ada");
    expect(await state(page)).toEqual(KEPT);
    expect(loads()).toBe(1);
  });

  it("finds out when it wakes that its line has died in its sleep", async () => {
    const { page, proxy, loads } = await open();
    await show(page, "hidden");
    proxy.blackHole();
    await show(page, "visible");
    await page.clock.fastForward(4_000);
    await page.clock.fastForward(8_000);
    await hasState(page, "error");
    proxy.heal();
    await comesBack(page, "reconnect, mount 2, count 0, hello Ada");
    expect([await state(page), loads()]).toEqual([KEPT, 1]);
  });

  it("is there a second after its view has crashed, and nothing is said of it", async () => {
    const { page, notices, loads } = await open();
    await page.getByRole("button", { name: "Crash" }).evaluate((button: HTMLElement) => button.click());
    await hasState(page, "error");
    await page.clock.fastForward(1_000);
    await comesBackAtOnce(page, "reconnect, mount 2, count 0, hello Ada");
    expect(await state(page)).toEqual(KEPT);
    expect([await notices(), loads()]).toEqual([[], 1]);
  });
});

describe("the notice", () => {
  it("has the app's own text and classes", async () => {
    const { page, proxy } = await open({ connectionNotice: { lost: "</script>Weg", class: "banner warn" } });
    const element = page.locator("#wingbeat-connection");
    expect(await element.evaluate(({ className, style }: HTMLElement) => [className, style.cssText])).toEqual([
      "banner warn",
      "",
    ]);
    proxy.refuse();
    await hasState(page, "error");
    await page.clock.fastForward(1_000);
    await expect.poll(() => notice(page)).toBe("</script>Weg");
  });

  it("is not there if the app wants none", async () => {
    const { page } = await open({ connectionNotice: false });
    expect(await page.locator("#wingbeat-connection").count()).toBe(0);
  });
});

/** As a browser does when the tab goes to the back or comes to the front, of which a headless one has none. */
function show(page: Page, visibility: "visible" | "hidden"): Promise<void> {
  return page.evaluate((now) => {
    Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
    Object.defineProperty(document, "hidden", { value: now === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, visibility);
}

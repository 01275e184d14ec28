import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createLiveApp,
  createLiveView,
  html,
  link,
  liveFileInput,
  SingleProcessPubSub,
  type AppOptions,
  type LiveApp,
  type LiveUpload,
} from "wingbeat";
import { startHttpProxy, type HttpProxy } from "../support/http-proxy.ts";
import { joinsAgain } from "./moments.ts";
import {
  clickRapidly,
  connected,
  expectText,
  production,
  rememberingLogger,
  useBrowser,
  type Visit,
} from "./support.ts";

const { start, visit } = useBrowser();

let proxy: HttpProxy;
beforeAll(async () => void (proxy = await startHttpProxy()));
afterAll(() => proxy.close());
beforeEach(() => {
  proxy.webSockets = "refuse";
});

const counter = createLiveView<{ n: number }, { type: "inc" }, { type: "set"; n: number }>({
  initial: { n: 0 },
  mount: (socket) => socket.subscribe("counter"),
  handleEvent: async (_inc, socket) => {
    await socket.broadcast("counter", { type: "set", n: socket.context.n + 1 });
  },
  handleInfo: ({ n }, socket) => socket.assign({ n }),
  render: ({ n }) => html`
    <h1>Count is: ${n}</h1>
    <button phx-click="inc">Count</button>
    ${link({ navigate: "/form" }, "To the form")}`,
});

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

const form = createLiveView<{ name: string; file: LiveUpload; digest: string }, { type: "change"; name: string }>({
  initial: { name: "", digest: "" },
  mount: (socket) =>
    socket.allowUpload("file", {
      accept: "any",
      autoUpload: true,
      progress: async (entry) => {
        if (!entry.isDone) return;
        const digest = await socket.consumeUploadedEntry("file", entry, ({ path }) => sha256(readFileSync(path)));
        socket.assign({ digest: digest ?? "" });
      },
    }),
  handleEvent: ({ name }, socket) => socket.assign({ name }),
  render: ({ name, file, digest }) => html`
    <form id="who" phx-change="change">
      <input name="name" value="${name}" aria-label="Name"> ${liveFileInput({ upload: file })}
    </form>
    <output>Hello ${name}</output>
    <p>${digest}</p>`,
});

const makeApp = (options: AppOptions = {}): LiveApp =>
  createLiveApp({
    ...production(proxy.url),
    longPoll: true,
    limits: { drainWindowMs: 1 },
    logger: rememberingLogger(),
    ...options,
    routes: { "/": counter, "/form": form },
  });

const portOf = (url: string): number => Number(new URL(url).port);
const polls = (): number => proxy.requests.filter((line) => line.endsWith("/live/longpoll")).length;
/** What went wrong on a page, but for the refusals that Chromium tells of by itself. */
const problems = ({ problems: all }: Visit): readonly string[] =>
  all.filter((text) => !/WebSocket connection|status of 502|parse JSON/.test(text));

describe("a page whose WebSockets are refused", () => {
  it("polls: views, other players, forms and live navigation work, and a reload polls at once", async () => {
    proxy.targets = [portOf((await start(makeApp())).url)];
    const [ada, grace] = [await visit(proxy.url), await visit(proxy.url)];
    await clickRapidly(ada.page, "button", 10);
    for (const { page } of [ada, grace]) await expectText(page, "h1", "Count is: 10");
    await grace.page.click("text=To the form");
    await grace.page.fill("[name=name]", "Grace");
    await expectText(grace.page, "output", "Hello Grace");
    await grace.page.goBack();
    // She is there before it is counted on.
    await expectText(grace.page, "h1", "Count is: 0");
    await ada.page.click("button");
    await expectText(grace.page, "h1", "Count is: 11");
    expect(polls()).toBeGreaterThan(10);
    const tries = ada.sockets.length;
    await ada.page.reload();
    await connected(ada.page);
    expect([ada.sockets.length, problems(ada), problems(grace)]).toEqual([tries, [], []]);
  });

  it("or never answered polls after fallbackAfterMs", async () => {
    proxy.webSockets = "swallow";
    proxy.targets = [portOf((await start(makeApp({ longPoll: { fallbackAfterMs: 300 } }))).url)];
    const { page } = await visit(proxy.url);
    await page.click("button");
    await expectText(page, "h1", "Count is: 1");
  });

  it("finds the server that takes another one's place, with its form as it was filled in", async () => {
    const first = await start(makeApp());
    proxy.targets = [portOf(first.url)];
    const ada = await visit(`${proxy.url}form`);
    await ada.page.fill("[name=name]", "Ada");
    await expectText(ada.page, "output", "Hello Ada");
    await joinsAgain(ada.page, async () => {
      await first.close();
      proxy.targets = [portOf((await start(makeApp())).url)];
    });
    await expectText(ada.page, "output", "Hello Ada");
    expect([ada.loads(), problems(ada)]).toEqual([1, []]);
  });

  it("has its events handled once and shows the latest, also when answers are lost on the way", async () => {
    let total = 0;
    const totals = createLiveView<{ n: number }, { type: "inc" }>({
      mount: (socket) => socket.assign({ n: total }),
      handleEvent: (_inc, socket) => socket.assign({ n: ++total }),
      render: ({ n }) => html`<h1>Count is: ${n}</h1> <button phx-click="inc">Count</button>`,
    });
    const limits = { drainWindowMs: 1 };
    const app = createLiveApp({ ...production(proxy.url), longPoll: true, limits, routes: { "/": totals } });
    proxy.targets = [portOf((await start(app)).url)];
    const ada = await visit(proxy.url);
    // Chromium sends both kinds of request again, on another connection, without a word to the page.
    for (const method of ["POST", "GET", "POST", "GET"] as const) {
      const [before, lost] = [total, proxy.lost];
      proxy.loseNextAnswer(method);
      await ada.page.click("button");
      await expect.poll(() => proxy.lost).toBe(lost + 1);
      await expectText(ada.page, "h1", `Count is: ${before + 1}`);
      await ada.page.click("button:not(.phx-click-loading)");
      await expectText(ada.page, "h1", `Count is: ${before + 2}`);
      expect(total).toBe(before + 2);
    }
    expect(ada.loads()).toBe(1);
  });

  it("does not notice that its requests land on two nodes in turn, nor does the file that it uploads", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const [here, there] = [await start(makeApp({ pubSub })), await start(makeApp({ pubSub }))];
    proxy.targets = [portOf(here.url), portOf(there.url)];
    const [ada, grace] = [await visit(proxy.url), await visit(proxy.url)];
    await clickRapidly(ada.page, "button", 10);
    for (const { page } of [ada, grace]) await expectText(page, "h1", "Count is: 10");
    await ada.page.click("text=To the form");
    const buffer = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 251));
    await ada.page.locator("input[type=file]").setInputFiles({ name: "a.bin", mimeType: "", buffer });
    await expectText(ada.page, "p", sha256(buffer));
    expect([...problems(ada), ...problems(grace)]).toEqual([]);
  });
});

describe("a page whose WebSocket works", () => {
  it("never polls, not even while its server restarts", async () => {
    proxy.webSockets = "pass";
    const first = await start(makeApp());
    proxy.targets = [portOf(first.url)];
    const { page } = await visit(proxy.url);
    const before = polls();
    await page.click("button");
    await expectText(page, "h1", "Count is: 1");
    const upgrades = (): number => proxy.requests.filter((line) => line.startsWith("UPGRADE")).length;
    await joinsAgain(page, async () => {
      // Several are refused before another server takes its place.
      const refused = upgrades() + 2;
      await first.close();
      await expect.poll(upgrades).toBeGreaterThanOrEqual(refused);
      proxy.targets = [portOf((await start(makeApp())).url)];
    });
    await expectText(page, "h1", "Count is: 0");
    await page.click("button");
    await expectText(page, "h1", "Count is: 1");
    expect(polls()).toBe(before);
  });
});

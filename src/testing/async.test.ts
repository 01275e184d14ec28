import { afterEach, describe, expect, it, vi } from "vitest";
import { AsyncResult, asyncResult, createLiveApp, createLiveView, html, SingleProcessPubSub } from "wingbeat";
import { closePages, visit } from "wingbeat/testing";
import { Gate } from "../../test/support/gate.ts";

afterEach(() => {
  closePages();
  vi.useRealTimers();
});

/** A page that loads a quotation when it opens, and works when it is told to. */
function appOf(load: (signal: AbortSignal) => Promise<string>) {
  const quotes = createLiveView<{ quote: AsyncResult<string>; told: string }, { type: "work" } | { type: "fail" }>({
    initial: { quote: AsyncResult.loading(), told: "" },
    mount: (socket) => socket.assignAsync("quote", load),
    handleEvent: (event, socket) =>
      socket.startAsync(
        event.type,
        () => Promise.resolve("done"),
        (outcome) => {
          if (event.type === "fail") throw new Error("on purpose");
          socket.assign({ told: outcome.ok ? outcome.value : "" });
        },
      ),
    render: ({ quote, told }) => html`
      <p>${asyncResult(quote, { loading: "Loading…", ok: (text) => text, failed: (error) => `Failed: ${String(error)}` })}</p>
      <button phx-click="work">Work</button> <button phx-click="fail">Fail</button> <output>${told}</output>`,
  });
  return createLiveApp({
    secret: "only-for-tests-0123456789-0123456789",
    pubSub: new SingleProcessPubSub({ isolated: true }),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    routes: { "/": quotes },
  });
}

/** As a data base: answers after a while, by the clock. */
const slowly = () => new Promise<string>((resolve) => setTimeout(resolve, 250, "Be brief."));
const never = () => new Promise<string>(() => {});

describe("async work in a test", () => {
  it("is done when a visit or an action resolves", async () => {
    const gate = new Gate<string>();
    setImmediate(() => setImmediate(() => gate.open("Be brief.")));
    const page = await visit(
      appOf(() => gate.promise),
      "/",
    );
    expect(page.element("p").text()).toBe("Be brief.");
    await page.element("button", "Work").click();
    expect(page.element("output").text()).toBe("done");
  });

  it("can be looked at before it is done, by not awaiting the action", async () => {
    const page = await visit(
      appOf(() => Promise.resolve("Be brief.")),
      "/",
    );
    const working = page.element("button", "Work").click();
    expect(page.element("output").text()).toBe("");
    await working;
    expect(page.element("output").text()).toBe("done");
  });

  it("is left alone with asyncWork: false, until the test lets it go on", async () => {
    const gate = new Gate<string>();
    const page = await visit(
      appOf(() => gate.promise),
      "/",
      { asyncWork: false },
    );
    expect(page.element("p").text()).toBe("Loading…");
    await page.element("button", "Work").click();
    expect(page.element("p").text()).toBe("Loading…");
    gate.open("Be brief.");
    await page.settled();
    expect(page.element("p").text()).toBe("Be brief.");
  });

  it("is waited for once by settled({ asyncWork: true }), and left alone once by settled({ asyncWork: false })", async () => {
    const gate = new Gate<string>();
    const app = appOf(() => gate.promise);
    const page = await visit(app, "/", { asyncWork: false });
    const settled = page.settled({ asyncWork: true });
    setImmediate(() => setImmediate(() => gate.open("Be brief.")));
    await settled;
    expect(page.element("p").text()).toBe("Be brief.");

    const other = await visit(appOf(never), "/", { asyncWork: false });
    await other.settled({ asyncWork: false });
    expect(other.element("p").text()).toBe("Loading…");
  });

  it("that never ends is named by the failure, with what to do", async () => {
    const visiting = visit(appOf(never), "/", { withinMs: 200 });
    await expect(visiting).rejects.toMatchObject({ code: "testing.unsettled" });
    await expect(visiting).rejects.toThrow('Still going on: assignAsync of "quote" in /.');
    await expect(visiting).rejects.toThrow("asyncWork: false");
  });

  it("of a page that is closed keeps no other page waiting", async () => {
    const app = appOf((signal) => new Promise<string>((_, reject) => signal.addEventListener("abort", reject)));
    const first = await visit(app, "/", { asyncWork: false });
    const second = await visit(app, "/", { asyncWork: false });
    first.close();
    second.close();
    await expect(second.settled({ asyncWork: true, withinMs: 1_000 })).resolves.toBeUndefined();
  });

  it("that needs the clock goes on when the test moves it", async () => {
    vi.useFakeTimers();
    const page = await visit(appOf(slowly), "/");
    expect(page.element("p").text()).toBe("Loading…");
    await vi.advanceTimersByTimeAsync(250);
    await page.settled();
    expect(page.element("p").text()).toBe("Be brief.");
  });

  it("whose done throws fails the action on which the view has crashed", async () => {
    const page = await visit(
      appOf(() => Promise.resolve("Be brief.")),
      "/",
    );
    await expect(page.element("button", "Fail").click()).rejects.toMatchObject({ code: "testing.crash" });
    await page.settled();
    expect(page.isConnected).toBe(true);
  });

  it("that fails is shown, and is in the log", async () => {
    const page = await visit(
      appOf(() => Promise.reject(new Error("out of paper"))),
      "/",
    );
    expect(page.element("p").text()).toBe("Failed: Error: out of paper");
    expect(page.log.join("\n")).toContain("out of paper");
  });
});

import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { z } from "zod";
import { html } from "../html/html.ts";
import type { AppOptions, LiveApp, Routes } from "../live/app-options.ts";
import { createLiveApp } from "../live/live-app.ts";
import { createLiveView } from "../live/live-view.ts";
import type { LiveSocket } from "../live/live-socket.ts";
import type { ViewGap } from "../live/view-gap.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import type { Page } from "./page.ts";
import { closePages, visit } from "./visit.ts";

const SECRET = "only-for-tests-0123456789-0123456789";
const quiet: Pick<AppOptions, "logger"> = { logger: { info: () => {}, warn: () => {}, error: () => {} } };

function appOf<const Path extends string>(routes: Routes<Path, {}>, options: AppOptions = {}): LiveApp {
  return createLiveApp({
    secret: SECRET,
    pubSub: new SingleProcessPubSub({ isolated: true }),
    ...quiet,
    ...options,
    routes,
  });
}

/** A view of one page: its HTML, and what it does with events. */
function viewOf(
  render: (context: { readonly shown: string }) => ReturnType<typeof html>,
  handleEvent?: (
    event: { readonly type: string; readonly [field: string]: unknown },
    socket: LiveSocket<{ shown: string }>,
  ) => void | Promise<void>,
) {
  return createLiveView<{ shown: string }>({ initial: { shown: "" }, handleEvent, render });
}

const open = (view: ReturnType<typeof viewOf>, options: AppOptions = {}): Promise<Page> =>
  visit(appOf({ "/": view }, options), "/");
const echo = (event: { readonly type: string }, socket: LiveSocket<{ shown: string }>): void =>
  socket.assign({ shown: JSON.stringify(event) });

afterEach(() => {
  vi.useRealTimers();
  closePages();
});

describe("visit", () => {
  it("renders, connects and joins, and shows what the view shows", async () => {
    const view = createLiveView<{ from: string }>({
      mount: (socket) => {
        socket.assign({ from: socket.connected ? "the socket" : "HTTP" });
        socket.pageTitle("Hello");
      },
      render: ({ from }) => html`<h1>From <b>${from}</b>!</h1><p hidden>secret</p><p>and   more</p>`,
    });
    const page = await visit(appOf({ "/rooms/:id": view }), "/rooms/42?a=1");
    expect(page.text()).toBe("From the socket! and more");
    expect(page.html()).toBe('<h1>From <b>the socket</b>!</h1><p hidden="">secret</p><p>and   more</p>');
    expect([page.title, page.url.href, page.status, page.isConnected]).toEqual([
      "Hello",
      "http://localhost/rooms/42?a=1",
      200,
      true,
    ]);
  });

  it("gives views the session of the test, instead of what the app would make of the request", async () => {
    const view = createLiveView<{ name: string }, never, never, { userId: string }>({
      mount: (socket, session) => socket.assign({ name: `${session.userId} ${String(socket.connected)}` }),
      render: ({ name }) => html`<p>${name}</p>`,
    });
    const app = createLiveApp({ secret: SECRET, session: () => ({ userId: "nobody" }), routes: { "/": view } });
    expect((await visit(app, "/", { session: { userId: "ada" } })).text()).toBe("ada true");
    expect((await visit(app, "/")).text()).toBe("nobody true");
  });

  it("sends headers with the page and with the socket, and keeps cookies", async () => {
    const view = createLiveView<{ seen: string }, never, never, { seen: string }>({
      mount: (socket, session) => socket.assign({ seen: session.seen }),
      render: ({ seen }) => html`<p>${seen}</p>`,
    });
    const seen = (request: Request): string =>
      `${request.headers.get("user-agent") ?? ""} ${/theme=\w+/.exec(request.headers.get("cookie") ?? "")?.[0] ?? ""}`;
    const app = createLiveApp({
      secret: SECRET,
      session: (request) => ({ seen: seen(request) }),
      routes: { "/": view },
      fetch: () => new Response(null, { status: 302, headers: { location: "/", "set-cookie": "theme=dark; path=/" } }),
    });
    const page = await visit(app, "/theme", { headers: { "user-agent": "Test", cookie: "theme=light" } });
    expect(page.text()).toBe("Test theme=dark");
    expect(page.redirect).toEqual({ kind: "redirect", to: "/" });
  });

  it("comes from an origin that the app allows, over HTTPS too", async () => {
    const options = { origins: ["https://app.example"], development: false };
    const page = await visit(appOf({ "/": viewOf(() => html`<p>hi</p>`) }, options), "/");
    expect([page.url.origin, page.isConnected]).toEqual(["https://app.example", true]);
  });

  it("shows pages that are no view, with their status", async () => {
    const page = await visit(appOf({}, { fetch: () => new Response("<h1>About</h1>", { status: 404 }) }), "/about");
    expect([page.text(), page.status, page.isConnected]).toEqual(["About", 404, false]);
  });

  it("fails with what the server logged when the app cannot render the page", async () => {
    const view = createLiveView<{ n: number }>({
      mount: () => {
        throw new Error("no database");
      },
      render: () => html`never`,
    });
    await expect(visit(appOf({ "/": view }), "/")).rejects.toThrow(
      /The app answered \/ with 500[^]*The server logged:[^]*\/ mount: [^]*no database/,
    );
  });

  it("fails when the join is refused for good", async () => {
    const view = createLiveView<{ n: number }>({
      mount: (socket) => {
        if (socket.connected) throw new Error("only by HTTP");
      },
      render: () => html`<p>rendered</p>`,
    });
    await expect(visit(appOf({ "/": view }), "/")).rejects.toThrow(/The join of \/ was refused[^]*only by HTTP/);
  });

  it("fails when the path leads to another view than the one that the test is about", async () => {
    const [one, other] = [viewOf(() => html`one`), viewOf(() => html`other`)];
    const app = appOf({ "/one": one, "/other": other });
    expect((await visit(app, "/one", { view: one })).text()).toBe("one");
    await expect(visit(app, "/other", { view: one })).rejects.toThrow(
      "/other leads to another view than the one given as `view`",
    );
  });

  it("refuses what is no app of this package", async () => {
    await expect(visit({} as LiveApp, "/")).rejects.toMatchObject({ code: "testing.page" });
  });
});

describe("what a user cannot do", () => {
  const cannot = async (
    markup: () => ReturnType<typeof html>,
    deed: (page: Page) => Promise<void>,
  ): Promise<string> => {
    const page = await open(viewOf(markup, echo));
    let reason = "nothing was refused";
    await deed(page).catch(
      (error: unknown) => (reason = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : ""),
    );
    return reason;
  };

  it("is to click a disabled or hidden button, or what does nothing on a click", async () => {
    const click = (page: Page): Promise<void> => page.element("#x").click();
    expect(await cannot(() => html`<button id="x" phx-click="x" disabled>x</button>`, click)).toBe(
      '<button id="x" phx-click="x" disabled>: it is disabled, so no user can click it.',
    );
    expect(
      await cannot(() => html`<fieldset disabled><button id="x" phx-click="x">x</button></fieldset>`, click),
    ).toContain("it is disabled");
    expect(await cannot(() => html`<div hidden><button id="x" phx-click="x">x</button></div>`, click)).toContain(
      "it is hidden",
    );
    expect(await cannot(() => html`<b id="x" style="display: none">x</b>`, click)).toContain("it is hidden");
    expect(await cannot(() => html`<p id="x">x</p>`, click)).toContain("nothing happens on a click");
  });

  it("is to send a form that the browser stops, and says at which field and why", async () => {
    const form = (field: ReturnType<typeof html>) => () =>
      html`<form id="f" phx-submit="save">${field}<button>Save</button></form>`;
    const submit = (page: Page): Promise<void> => page.element("form").submit();
    expect(await cannot(form(html`<input name="a" required>`), submit)).toBe(
      '<input name="a" required>: the browser does not send its form: it is required and empty.',
    );
    expect(await cannot(form(html`<input name="a" type="email" value="ada">`), submit)).toContain(
      '"ada" is no e-mail address',
    );
    expect(await cannot(form(html`<input name="a" type="number" value="7" max="5">`), submit)).toContain(
      "7 is more than 5",
    );
    expect(await cannot(form(html`<input name="a" type="number" value="1.5">`), submit)).toContain(
      "1.5 is not in steps of 1",
    );
    expect(await cannot(form(html`<input name="a" pattern="[a-z]+" value="A1">`), submit)).toContain(
      '"A1" does not fit the pattern [a-z]+',
    );
    expect(await cannot(form(html`<input name="a" type="checkbox" required>`), submit)).toContain("it must be checked");
    expect(
      await cannot(form(html`<input name="a" minlength="3">`), (page) => page.element("form").submit({ a: "x" })),
    ).toContain("it needs at least 3 characters and has 1");
    expect(
      await cannot(() => html`<form id="f" phx-submit="save" novalidate><input name="a" required></form>`, submit),
    ).toBe("nothing was refused");
  });

  it("is to enter what a field does not take", async () => {
    const form = (field: ReturnType<typeof html>) => () => html`<form id="f" phx-change="c">${field}</form>`;
    const enter = (value: string) => (page: Page) => page.element("form").change({ a: value });
    expect(await cannot(form(html`<input name="a" readonly>`), enter("x"))).toContain("it is read-only");
    expect(await cannot(form(html`<input name="a" type="hidden">`), enter("x"))).toContain(
      "a user cannot change a hidden field",
    );
    expect(await cannot(form(html`<input name="a" type="number">`), enter("x"))).toContain(
      'nobody can type "x" into a number field',
    );
    expect(await cannot(form(html`<input name="a" maxlength="2">`), enter("xyz"))).toContain(
      "at most 2 characters, and not 3",
    );
    expect(await cannot(form(html`<select name="a"><option>1</option></select>`), enter("2"))).toContain(
      'it has no option "2". It has "1".',
    );
    expect(await cannot(form(html`<input name="b"><label>Name <input name="c"></label>`), enter("2"))).toBe(
      'The form has no field "a". It has "b", "c" or "Name".',
    );
  });

  it("is to take the focus from what has not got it, or to give it to what cannot have it", async () => {
    expect(
      await cannot(
        () => html`<p id="x">x</p>`,
        (page) => page.element("#x").focus(),
      ),
    ).toContain("it cannot have the focus");
    expect(
      await cannot(
        () => html`<input id="x">`,
        (page) => page.element("#x").blur(),
      ),
    ).toContain("it has not the focus");
  });

  it("is to click again while the browser waits for the last answer", async () => {
    let finish = (): void => {};
    const view = viewOf(
      () => html`<button phx-click="slow">x</button>`,
      () => new Promise((resolve) => (finish = resolve)),
    );
    const page = await open(view);
    const first = page.element("button").click();
    await expect(page.element("button").click()).rejects.toThrow("it waits for the answer to its last event");
    finish();
    await first;
  });
});

describe("forms", () => {
  const form = () =>
    html`<form id="f" phx-change="change" phx-submit="save"><label>Your name <input name="user[name]"></label>
      <label for="e">E-mail</label><input id="e" name="email"><input aria-label="Age" name="age" type="number">
      <label>News <input type="checkbox" name="news"></label>
      <label><input type="radio" name="size" value="s"> Small</label><label><input type="radio" name="size" value="l"> Large</label>
      <select name="city"><option value="b">Berlin</option><option value="p">Paris</option></select><button name="go" value="1">Save</button></form>`;

  it("are filled by label or name, each field with an event of its own, and submitted", async () => {
    const events: unknown[] = [];
    const page = await open(viewOf(form, (event) => void events.push(event)));
    await page
      .element("form")
      .submit({ "Your name": "Ada", "E-mail": "a@b.c", Age: 36, News: true, size: "Large", city: "Paris" });
    expect(events).toHaveLength(7);
    expect(events[0]).toMatchObject({ type: "change", user: { name: "Ada" }, _target: ["user", "name"] });
    expect(events.at(-1)).toMatchObject({ type: "save", user: { name: "Ada" }, go: "1" });
  });

  it("keep what the server shows of what was entered", async () => {
    const view = createLiveView<{ name: string }>({
      initial: { name: "" },
      handleEvent: (event, socket) => socket.assign({ name: String(event["name"]) }),
      render: ({ name }) => html`<form id="f" phx-change="c"><input name="name" value="${name}"></form>`,
    });
    const page = await open(view as never);
    await page.element("form").change({ name: "Ada" });
    expect(page.element("input").value).toBe("Ada");
    await page.crash();
    expect(page.element("input").value).toBe("Ada");
  });

  it("send what is debounced when the test says so, or when the clock does", async () => {
    const view = viewOf(
      ({ shown }) => html`<form id="f" phx-change="c"><input name="q" phx-debounce="300"></form><p>${shown}</p>`,
      (event, socket) => socket.assign({ shown: String(event["q"]) }),
    );
    const page = await open(view);
    await page.element("input").change("a");
    expect(page.element("p").text()).toBe("");
    await page.debounced();
    expect(page.element("p").text()).toBe("a");
    vi.useFakeTimers();
    await page.element("input").change("ab");
    await vi.advanceTimersByTimeAsync(299);
    expect(page.element("p").text()).toBe("a");
    await vi.advanceTimersByTimeAsync(1);
    expect(page.element("p").text()).toBe("ab");
  });
});

describe("phx-throttle", () => {
  it("lets the first event through, and the next after its time, or when the focus goes", async () => {
    vi.useFakeTimers();
    const events: string[] = [];
    const view = viewOf(
      () => html`<button phx-click="up" phx-throttle="1000">up</button><input>`,
      (event) => void events.push(event.type),
    );
    const page = await open(view);
    const clicks = async (): Promise<number> => {
      for (let click = 0; click < 3; click++) await page.element("button").click();
      return events.length;
    };
    expect(await clicks()).toBe(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(await clicks()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await clicks()).toBe(2);
    await page.element("input").focus();
    expect(await clicks()).toBe(3);
  });
});

describe("a failure", () => {
  it("shows the page, the nearest elements, and what the server logged", async () => {
    const page = await open(
      viewOf(() => html`<nav><a href="/x">Home</a></nav><button id="save" phx-click="save">Save all</button>`, echo),
    );
    await expect(page.element("buton", "Save").click()).rejects.toThrow(
      `No element is "buton" with the text "Save".
The nearest:
  <button id="save" phx-click="save"> "Save all"

The page at /:

  <div id="phx-main" class="phx-connected">
    <nav>
      <a href="/x">Home</a>
    </nav>
    <button id="save" phx-click="save">Save all</button>
  </div>`,
    );
  });

  it("says which elements were meant when there are several", async () => {
    const page = await open(
      viewOf(() => html`<button phx-click="a">One</button><button phx-click="b">Two</button>`, echo),
    );
    await expect(page.element("button").click()).rejects.toThrow(
      '2 elements are "button":\n  <button phx-click="a"> "One"\n  <button phx-click="b"> "Two"',
    );
    expect(page.elements("button").map((button) => button.text())).toEqual(["One", "Two"]);
    await page.elements("button")[1]?.click();
  });

  it("of a view rejects the action on which it crashed, with the error, and the page joins anew", async () => {
    const view = viewOf(
      ({ shown }) => html`<button phx-click="go">${shown}</button>`,
      (_event, socket) => {
        socket.assign({ shown: "changed" });
        throw new Error("the cause");
      },
    );
    const page = await open(view);
    await expect(page.element("button").click()).rejects.toThrow(
      /The view at \/ has crashed\.[^]*handleEvent "go": [^]*the cause/,
    );
    expect([page.element("button").text(), page.isConnected]).toEqual(["", true]);
  });

  it("of a view is told by the next action, if nobody was waiting", async () => {
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      handleInfo: () => {
        throw new Error("in the background");
      },
      render: () => html`<button phx-click="x">x</button>`,
    });
    const page = await visit(appOf({ "/": view }), "/", { warnings: false });
    await expect(page.send("tick")).rejects.toThrow("in the background");
    await page.settled();
  });
});

describe("settled", () => {
  it("waits for infos, awaited callbacks and timers that are due, without sleeping", async () => {
    const view = createLiveView<{ shown: string }>({
      initial: { shown: "" },
      handleEvent: (_event, socket) => socket.sendInfoAfter(0, "one"),
      handleInfo: async (info, socket) => {
        await new Promise((resolve) => setTimeout(resolve, 3));
        socket.assign({ shown: `${socket.context.shown}${info.type} ` });
        if (info.type === "one") socket.sendInfo("two");
      },
      render: ({ shown }) => html`<button phx-click="go">${shown}</button>`,
    });
    const page = await visit(appOf({ "/": view }), "/");
    await page.element("button").click();
    expect(page.text()).toBe("one two");
  });

  it("says what is still going on when that takes too long", async () => {
    let finish = (): void => {};
    const view = viewOf(
      () => html`<button phx-click="slow">x</button>`,
      () => new Promise((resolve) => (finish = resolve)),
    );
    const page = await visit(appOf({ "/": view }), "/", { withinMs: 200 });
    await expect(page.element("button").click()).rejects.toThrow(
      'After 200 ms the app has not come to rest. Still going on: handleEvent of "slow" in /.',
    );
    finish();
    await page.settled();
  });

  it("returns with a faked clock when what is awaited needs the clock", async () => {
    vi.useFakeTimers();
    const view = viewOf(
      ({ shown }) => html`<button phx-click="slow">${shown}</button>`,
      async (_event, socket) => {
        await new Promise((resolve) => setTimeout(resolve, 60_000));
        socket.assign({ shown: "done" });
      },
    );
    const page = await open(view);
    await page.element("button").click();
    expect(page.text()).toBe("");
    await vi.advanceTimersByTimeAsync(60_000);
    await page.settled();
    expect(page.text()).toBe("done");
  });
});

describe("a page", () => {
  const counter = createLiveView<{ n: number }, { type: "up" }, { type: "set"; n: number } | { type: "reset" }>({
    initial: { n: 0 },
    mount: (socket) => socket.subscribe("n"),
    handleEvent: (_event, socket) => socket.broadcast("n", { type: "set", n: socket.context.n + 1 }),
    handleInfo: (info, socket) => socket.assign({ n: info.type === "set" ? info.n : 0 }),
    render: ({ n }) => html`<button phx-click="up">${n}</button>`,
  });

  it("sees the broadcasts of twenty others", async () => {
    const app = appOf({ "/": counter });
    const pages = await Promise.all(Array.from({ length: 20 }, () => visit(app, "/")));
    await pages[7]?.element("button").click();
    expect(pages.map((page) => page.text())).toEqual(Array.from({ length: 20 }, () => "1"));
  });

  it("takes infos, typed by its view", async () => {
    const page = await visit(appOf({ "/": counter }), "/", { view: counter });
    await page.send({ type: "set", n: 5 });
    expect(page.text()).toBe("5");
    await page.send("reset");
    expect(page.text()).toBe("0");
    expectTypeOf(page.send).parameter(0).toEqualTypeOf<{ type: "set"; n: number } | { type: "reset" } | "reset">();
  });

  it("tells a view of a gap at once, and waits until it has loaded again", async () => {
    const gaps: ViewGap[] = [];
    const view = createLiveView<{ said: string }>({
      initial: { said: "old" },
      mount: async (socket) => {
        await socket.subscribe("a");
        await socket.subscribe("b");
      },
      handleGap: async (gap, socket) => {
        gaps.push(gap);
        await new Promise((resolve) => setTimeout(resolve, 5));
        socket.assign({ said: "new" });
      },
      render: ({ said }) => html`<p>${said}</p>`,
    });
    const page = await visit(appOf({ "/": view }), "/");
    await page.gap();
    expect(page.text()).toBe("new");
    await page.gap({ cause: "overflow", topics: ["b"], missed: 3, since: 1, until: 2 });
    expect(gaps).toEqual([
      { cause: "reconnect", topics: ["a", "b"], since: expect.any(Number), until: expect.any(Number) },
      { cause: "overflow", topics: ["b"], missed: 3, since: 1, until: 2 },
    ]);
  });

  it("mounts a view anew at a gap, also while the clock is faked", async () => {
    let mounts = 0;
    const view = createLiveView<{ n: number }>({
      onGap: "remount",
      mount: (socket) => {
        socket.assign({ n: ++mounts });
        return socket.subscribe("t");
      },
      render: ({ n }) => html`<p>${n}</p>`,
    });
    vi.useFakeTimers();
    const page = await visit(appOf({ "/": view }), "/");
    expect(page.text()).toBe("2");
    await page.gap();
    expect(page.text()).toBe("3");
  });

  it("refuses a gap that would do nothing, and says why", async () => {
    const deaf = await open(viewOf(() => html`<p></p>`));
    await expect(deaf.gap()).rejects.toThrow('The view has neither handleGap nor onGap: "remount"');
    const view = createLiveView({
      mount: (socket, _session: object, { topic }) => (topic === "none" ? undefined : socket.subscribe(String(topic))),
      handleGap: () => {},
      render: () => html`<p></p>`,
    });
    const app = appOf({ "/:topic": view });
    await expect((await visit(app, "/none")).gap()).rejects.toThrow("Those of the gap: none. Those of the view: none.");
    await expect((await visit(app, "/a")).gap({ topics: ["a", "b"] })).rejects.toThrow(
      'Those of the gap: "a", "b". Those of the view: "a".',
    );
  });

  it("refuses a session and infos that are not its view's", () => {
    const view = createLiveView<{ n: number }, never, { type: "tick" }, { userId: string }>({ render: () => html`` });
    const mistakes = async (app: LiveApp): Promise<void> => {
      // @ts-expect-error -- the view reads a text
      await visit(app, "/", { view, session: { userId: 7 } });
      const page = await visit(app, "/", { view, session: { userId: "ada" } });
      // What hooks of a live session make into the view's session.
      await visit(app, "/", { view, session: { token: "ada's" } });
      // @ts-expect-error -- the view handles no "tock"
      await page.send("tock");
      await (await visit(app, "/")).send({ type: "anything", at: 1 });
    };
    expect(mistakes).toBeTypeOf("function");
  });

  it("does nothing any more once it is closed", async () => {
    const page = await visit(appOf({ "/": counter }), "/");
    page.close();
    page.close();
    await expect(page.element("button").click()).rejects.toThrow("The page is closed");
  });

  it("ends with close, and with the block that uses it", async () => {
    const app = appOf({ "/": counter });
    {
      await using page = await visit(app, "/");
      expect([page.text(), app.stats().views]).toEqual(["0", 1]);
    }
    expect(app.stats()).toMatchObject({ views: 0, connections: 0, subscriptions: 0 });
  });

  it("stays with the server for minutes, as a browser does", async () => {
    vi.useFakeTimers();
    const page = await visit(appOf({ "/": counter }), "/");
    await vi.advanceTimersByTimeAsync(300_000);
    await page.settled();
    expect([page.isConnected, page.log]).toEqual([true, []]);
  });

  it("tells which pushed events there were, when the one that is waited for is none of them", async () => {
    const view = viewOf(
      () => html`<button phx-click="x">x</button>`,
      (_event, socket) => socket.pushEvent("saved", { id: 1 }),
    );
    const page = await open(view);
    await page.element("button").click();
    await expect(page.pushed("deleted")).rejects.toThrow(
      'The view has pushed no event "deleted"; those that nobody has asked for are "saved".',
    );
    expect(await page.pushed("saved")).toEqual({ id: 1 });
  });

  it("does not follow redirects to other sites", async () => {
    const view = viewOf(
      () => html`<button phx-click="x">x</button>`,
      (_event, socket) => socket.redirect("https://pay.example/1"),
    );
    const page = await open(view);
    await page.element("button").click();
    expect([page.redirect, page.isConnected]).toEqual([{ kind: "redirect", to: "https://pay.example/1" }, false]);
  });

  it("gets hooks their replies, and refuses hooks that are not there", async () => {
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      handleEvent: (event) => ({ reply: { got: event["level"] } }),
      render: () => html`<div id="chart" phx-hook="Chart"></div>`,
    });
    const page = await visit(appOf({ "/": view }), "/");
    expect(await page.element("#chart").hook("Chart").push("zoom", { level: 2 })).toEqual({ got: 2 });
    await expect(page.element("#chart").hook("Map").push("zoom")).rejects.toThrow('its hook is "Chart", and not "Map"');
  });
});

describe("a bad line", () => {
  const tally = createLiveView<{ n: number }>({
    initial: { n: 0 },
    mount: (socket) => socket.subscribe("n"),
    handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
    handleInfo: (info, socket) => socket.assign({ n: (info as unknown as { n: number }).n }),
    render: ({ n }) =>
      html`<form id="f" phx-change="up"><input name="text"></form><button phx-click="up">${n}</button>`,
  });

  it("that loses frames breaks, and the page comes back by itself, each time alike", async () => {
    const run = async (seed: number): Promise<string> => {
      const page = await visit(appOf({ "/": tally }, { limits: { joinsPerSecond: 1_000 } }), "/");
      await page.line({ drop: 0.2, seed });
      const shown: string[] = [];
      for (let click = 0; click < 12; click++) {
        await page.element("button").click();
        shown.push(page.text());
      }
      return shown.join(" ");
    };
    const first = await run(3);
    expect(first).not.toBe("1 2 3 4 5 6 7 8 9 10 11 12");
    expect(await run(3)).toBe(first);
    expect(await run(4)).not.toBe(first);
  });

  it("that is offline for a while leaves the page as it is, and recovers its forms after that", async () => {
    vi.useFakeTimers();
    const page = await visit(appOf({ "/": tally }), "/");
    await page.element("input").change("typed");
    await page.line({ offlineFor: 5_000 });
    await page.element("button").click();
    expect([page.element("button").text(), page.isConnected]).toEqual(["1", false]);
    await vi.advanceTimersByTimeAsync(5_000);
    await page.settled();
    // Its form was sent again, to the new view.
    expect([page.element("button").text(), page.isConnected]).toEqual(["1", true]);
  });

  it("that stalls makes the server hold back, and shows the latest state when it moves again", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const app = appOf({ "/": tally }, { pubSub, limits: { lagSoftBytes: 300, lagPingBytes: 150 } });
    const [slow, other] = [await visit(app, "/"), await visit(app, "/")];
    await slow.line({ stalled: true });
    for (let n = 1; n <= 50; n++) {
      await pubSub.broadcast("n", { n });
      await other.settled();
    }
    expect([slow.text(), other.text()]).toEqual(["0", "50"]);
    expect(app.stats().rendersSkipped).toBeGreaterThan(10);
    await slow.line({});
    expect(slow.text()).toBe("50");
  });

  it("that lets the two directions cross loses nothing and mixes nothing up", async () => {
    const page = await visit(appOf({ "/": tally }), "/");
    await page.line({ reorder: true, seed: 7 });
    for (let click = 1; click <= 20; click++) {
      await page.element("button").click();
      expect(page.text()).toBe(String(click));
    }
  });

  it("with delays keeps the order of each direction", async () => {
    vi.useFakeTimers();
    const got: unknown[] = [];
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      handleEvent: (event, socket) => {
        got.push(event["n"]);
        socket.pushEvent("seen", { n: event["n"] });
      },
      render: () => html`<div id="h" phx-hook="H"></div>`,
    });
    const page = await visit(appOf({ "/": view }), "/");
    await page.line({ delay: [10, 1_000], seed: 5 });
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    await Promise.all(numbers.map((n) => page.element("#h").hook("H").push("n", { n })));
    expect(got).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(got).toEqual(numbers);
    for (const n of numbers) expect(await page.pushed("seen")).toEqual({ n });
  });

  it("is refused if it makes no sense", async () => {
    const page = await visit(appOf({ "/": tally }), "/");
    await expect(page.line({ drop: 2 })).rejects.toMatchObject({ code: "testing.action" });
  });

  it("ends with the server's: the page says so, and connects when it is told to", async () => {
    const app = appOf({ "/": tally }, { limits: { drainWindowMs: 1 } });
    const page = await visit(app, "/");
    await app.close();
    await expect(page.settled()).rejects.toThrow("The app refused the page's socket with 503");
    expect(page.isConnected).toBe(false);
  });
});

describe("warnings", () => {
  const mistakes = createLiveView({
    initial: { n: 0 },
    events: { known: z.object({}) },
    handleEvent: () => {},
    render: () =>
      html`<p id="a">1</p><p id="a">2</p><form phx-change="known"></form><div phx-hook="X"></div><button phx-click="unknown">x</button>`,
  });

  it("are given of duplicate ids, forms and hooks without id, and unknown events, once for each", async () => {
    const warned: string[] = [];
    const page = await visit(appOf({ "/": mistakes }), "/", { onWarning: (message) => warned.push(message) });
    await page.settled();
    expect(warned.map((message) => message.replace("[wingbeat/testing] /: ", "").split(/[:,]/, 1)[0])).toEqual([
      'The id "a" is there twice',
      '<form phx-change="known"> has phx-change and no id',
      '<div phx-hook="X"> has phx-hook and no id',
      '<button phx-click="unknown"> sends "unknown"',
    ]);
  });

  it("can be turned off one by one, and all together", async () => {
    const warned: string[] = [];
    const onWarning = (message: string): void => void warned.push(message);
    await visit(appOf({ "/": mistakes }), "/", {
      onWarning,
      warnings: { duplicateIds: false, formsWithoutId: false, hooksWithoutId: false },
    });
    expect(warned).toHaveLength(1);
    await visit(appOf({ "/": mistakes }), "/", { onWarning, warnings: false });
    expect(warned).toHaveLength(1);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, load, quiet, testApp, until, visit } from "../../test/support/client.ts";
import { FaultyPubSub } from "../../test/support/faulty-pubsub.ts";
import { UploadClient } from "../../test/support/upload-client.ts";
import { liveFileInput } from "../components/live-file-input.ts";
import { html } from "../html/html.ts";
import type { AppOptions, Routes } from "./app-options.ts";
import { testAccessTo } from "./activity.ts";
import { createLiveView } from "./live-view.ts";
import type { LiveUpload } from "./uploads/live-upload.ts";
import type { ViewGap } from "./view-gap.ts";

/** How long a gap is spread here: one slot of the wheel. */
const SPREAD_MS = 20;

function appWith<const Path extends string>(routes: Routes<Path, {}>, limits: AppOptions["limits"] = {}) {
  const pubSub = new FaultyPubSub();
  return { ...testApp(routes, { pubSub, limits: { gapSpreadMs: SPREAD_MS, ...limits } }), pubSub };
}

/** Lets the views have the gaps that are announced. */
const spread = (): unknown => vi.advanceTimersByTime(SPREAD_MS);

/** Resolves when it is told to. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

type Say = { type: "say"; text: string };

/** Notes what its callbacks get in `log`, and shows it. */
function diary(log: string[]) {
  const note = (text: string): void => void log.push(text);
  return createLiveView<{ shown: string }, { type: "click"; text: string }, Say>({
    initial: { shown: "" },
    mount: async (socket) => {
      await socket.subscribe("diary");
      await socket.subscribe("notes");
    },
    handleEvent: ({ text }) => note(`event ${text}`),
    handleInfo: ({ text }) => note(`info ${text}`),
    handleGap: ({ cause, topics, since, until, missed }, socket) => {
      note(`gap ${cause} ${topics.join()} ${since}-${until} ${missed ?? "?"}`);
      socket.assign({ shown: log.join("; ") });
    },
    render: ({ shown }) => html`<p>${shown}</p>`,
  });
}

const say = (pubSub: FaultyPubSub, text: string, topic = "diary"): void =>
  void pubSub.broadcast(topic, { type: "say", text });

/** The lines of a log that are about something; on a busy machine others tell of callbacks that took long. */
const lines = (log: readonly string[], about: string): string[] => log.filter((line) => line.includes(about));

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

describe("handleGap", () => {
  it("gets a gap once, after the infos that came before it and before those that come later, and its change is shown", async () => {
    const log: string[] = [];
    const { app, pubSub } = appWith({ "/": diary(log) });
    const client = await visit(app, "/");
    pubSub.gap({ missed: 2 });
    say(pubSub, "1");
    spread();
    say(pubSub, "2");
    client.click("click", { text: "A" });
    await quiet();
    expect(log).toEqual(["info 1", "gap reconnect diary,notes 1000-2000 2", "info 2", "event A"]);
    await client.shows("<p>info 1; gap reconnect diary,notes 1000-2000 2</p>");
    vi.advanceTimersByTime(10_000);
    await quiet();
    expect(log).toHaveLength(4);
  });

  it("gets those of the view's own topics only", async () => {
    const log: string[] = [];
    const { app, pubSub } = appWith({ "/": diary(log) });
    await visit(app, "/");
    pubSub.gap({ topics: ["elsewhere"] });
    spread();
    pubSub.gap({ cause: "sequence", topics: ["elsewhere", "notes"] });
    spread();
    await quiet();
    expect(log).toEqual(["gap sequence notes 1000-2000 ?"]);
  });

  it("gets one gap for all that come while it waits: for its moment, or for the view", async () => {
    const [gaps, busy]: [ViewGap[], ReturnType<typeof gate>] = [[], gate()];
    const { app, pubSub } = appWith({
      "/": createLiveView<{}, { type: "wait" }>({
        mount: (socket) => socket.subscribe("t"),
        handleEvent: () => busy.opened,
        handleGap: (gap) => void gaps.push(gap),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.click("wait");
    pubSub.gap({ missed: 1 });
    pubSub.gap({ missed: 2, until: 3_000 });
    spread();
    pubSub.gap({ missed: 4, since: 500 });
    spread();
    await quiet();
    expect(gaps).toEqual([]);
    busy.open();
    await quiet();
    expect(gaps).toEqual([{ cause: "reconnect", topics: ["t"], since: 500, until: 3_000, missed: 7 }]);
  });

  it("is awaited like any callback: what comes meanwhile waits", async () => {
    const [log, loading]: [string[], ReturnType<typeof gate>] = [[], gate()];
    const { app, pubSub } = appWith({
      "/": createLiveView<{ n: number }, { type: "click" }, Say>({
        initial: { n: 0 },
        mount: (socket) => socket.subscribe("diary"),
        handleEvent: () => void log.push("event"),
        handleInfo: ({ text }) => void log.push(text),
        handleGap: async (_gap, socket) => {
          await loading.opened;
          log.push("loaded");
          socket.assign({ n: 7 });
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    pubSub.gap();
    spread();
    await quiet();
    say(pubSub, "later");
    client.click("click");
    await quiet();
    expect(log).toEqual([]);
    loading.open();
    await client.shows("<p>7</p>");
    await quiet();
    expect(log).toEqual(["loaded", "later", "event"]);
  });

  it("is not called for a view that has ended meanwhile, nor for one that has left the topic", async () => {
    const log: string[] = [];
    const { app, pubSub } = appWith({ "/": diary(log) });
    const client = await visit(app, "/");
    pubSub.gap();
    client.close();
    spread();
    await quiet();
    expect(log).toEqual([]);
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
  });

  it("that throws ends its own view, and is reported as what it is", async () => {
    const { app, pubSub, errors } = appWith({
      "/": createLiveView({
        mount: (socket) => socket.subscribe("t"),
        handleGap: () => {
          throw new Error("no database");
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    pubSub.gap();
    spread();
    await quiet();
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors.map(({ details }) => details)).toEqual([{ view: "/", callback: "handleGap", message: "reconnect" }]);
  });

  it("cannot be had by a message, whatever it says of itself", async () => {
    const [gaps, infos]: [unknown[], unknown[]] = [[], []];
    const { app, pubSub } = appWith({
      "/": createLiveView<{}, { type: "send" }>({
        mount: (socket) => socket.subscribe("t"),
        handleEvent: (_event, socket) => socket.sendInfo({ type: "gap", gap: { cause: "reconnect", topics: ["t"] } }),
        handleInfo: (info) => void infos.push(info.type),
        handleGap: (gap) => void gaps.push(gap),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    await pubSub.broadcast("t", { type: "gap", cause: "reconnect", topics: ["t"], since: 0, until: 1 });
    await pubSub.broadcast("t", { cause: "reconnect", topics: ["t"], since: 0, until: 1 });
    client.click("send");
    await quiet();
    expect([gaps, infos]).toEqual([[], ["gap", "t", "gap"]]);
  });

  it("is called once for each of a thousand views, spread over the time, with one timer", async () => {
    const called = new Map<string, number>();
    const { app, pubSub, log } = appWith(
      {
        "/": createLiveView({
          mount: async (socket) => {
            await socket.subscribe("a");
            await socket.subscribe("b");
          },
          handleGap: (_gap, socket) => void called.set(socket.id, (called.get(socket.id) ?? 0) + 1),
          render: () => html`<p></p>`,
        }),
      },
      { gapSpreadMs: 2_000 },
    );
    const page = await load(app, "/");
    const clients = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const client = await connect(app, page);
        await client.join();
        return client;
      }),
    );
    const timers = vi.getTimerCount();
    pubSub.gap();
    expect(vi.getTimerCount()).toBe(timers + 1);
    const perQuarter: number[] = [];
    for (let quarter = 0; quarter < 4; quarter++) {
      const before = called.size;
      vi.advanceTimersByTime(500);
      await until(
        () => testAccessTo(app)?.ring.isIdle === true,
        () => "all who were told to have had their turn",
      );
      perQuarter.push(called.size - before);
    }
    expect(called.size).toBe(1_000);
    expect([...called.values()].every((times) => times === 1)).toBe(true);
    // A quarter of a thousand coin throws with p = 1/4 is 250 ± 14: a hundred off is seven deviations.
    for (const count of perQuarter) expect(Math.abs(count - 250)).toBeLessThan(100);
    expect(lines(log, "Pub/Sub")).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(timers);
    for (const client of clients) client.close();
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0, gaps: 1 });
  }, 30_000);
});

describe("a view with neither handleGap nor onGap", () => {
  it("does nothing at a gap, of which the log has one line for all views", async () => {
    const { app, pubSub, log } = appWith({
      "/": createLiveView({ mount: (socket) => socket.subscribe("t"), render: () => html`<p></p>` }),
    });
    const [ada, grace] = [await visit(app, "/"), await visit(app, "/")];
    const frames = ada.peer.received.length;
    const timers = vi.getTimerCount();
    pubSub.gap();
    expect(vi.getTimerCount()).toBe(timers);
    spread();
    await quiet();
    expect(lines(log, "Pub/Sub")).toEqual([expect.stringContaining("0 views load again.")]);
    expect([ada.peer.received.length, grace.pushes("phx_error")]).toEqual([frames, []]);
  });
});

describe('onGap: "remount"', () => {
  /** Shows how often it was mounted, and what only an event sets. */
  function remounting(log: string[] = []) {
    let mounts = 0;
    return createLiveView<{ mounts: number; draft: string }, { type: "draft"; text: string }, Say>({
      initial: { mounts: 0, draft: "" },
      onGap: "remount",
      mount: async (socket) => {
        await socket.subscribe("diary");
        socket.assign({ mounts: socket.connected ? ++mounts : 0 });
      },
      handleParams: (url) => void log.push(`params ${url.search}`),
      handleEvent: ({ text }, socket) => {
        log.push(`event ${text}`);
        socket.assign({ draft: text });
      },
      handleInfo: ({ text }) => void log.push(`info ${text}`),
      render: ({ mounts: count, draft }) => html`<p>${count} ${draft}</p><footer>always</footer>`,
    });
  }

  it("mounts anew from the start on the same channel, of which the page sees the difference only", async () => {
    const { app, pubSub, errors } = appWith({ "/": remounting() });
    const client = await visit(app, "/?page=2");
    await client.event("draft", { text: "hello" });
    expect(client.html()).toBe("<p>1 hello</p><footer>always</footer>");
    const frames = client.frames().length;
    pubSub.gap();
    spread();
    await client.shows("<p>2 </p>");
    expect(client.frames().slice(frames)).toEqual([["diff", { 0: "2", 1: "" }]]);
    expect([errors, app.stats().views]).toEqual([[], 1]);
  });

  it("tells the user of files that were chosen: they are gone", async () => {
    const { app, pubSub } = appWith({
      "/": createLiveView<{ photos: LiveUpload }, { type: "check" }>({
        onGap: "remount",
        handleEvent: () => {},
        mount: async (socket) => {
          socket.allowUpload("photos", { accept: "any" });
          await socket.subscribe("diary");
        },
        render: ({ photos }) =>
          html`${liveFileInput({ upload: photos })}<p>${photos.entries.length} ${photos.errors.map(({ code }) => code)}</p>`,
      }),
    });
    const client = await visit(app, "/");
    await new UploadClient(client).choose("photos", [{ name: "a", content: "abc" }]);
    expect(client.html()).toContain("<p>1 </p>");
    pubSub.gap();
    spread();
    await until(
      () => client.html().includes("<p>0 interrupted</p>"),
      () => `the error, not ${client.html()}`,
    );
  });

  it("sends nothing when nothing is different", async () => {
    const { app, pubSub } = appWith({
      "/": createLiveView({
        onGap: "remount",
        initial: { n: 1 },
        mount: (socket) => socket.subscribe("t"),
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    const frames = client.peer.received.length;
    pubSub.gap();
    spread();
    await quiet();
    expect(client.peer.received.length).toBe(frames);
  });

  it("runs in its place among infos and events, which meet the new state", async () => {
    const log: string[] = [];
    const { app, pubSub } = appWith({ "/": remounting(log) });
    const client = await visit(app, "/");
    log.length = 0;
    say(pubSub, "1");
    pubSub.gap();
    spread();
    say(pubSub, "2");
    const ref = client.click("draft", { text: "kept" });
    expect((await client.reply(ref)).status).toBe("ok");
    expect(log).toEqual(["info 1", "params ", "info 2", "event kept"]);
    expect(client.html()).toBe("<p>2 kept</p><footer>always</footer>");
  });

  it("ends what the view had before: timers, infos to itself, subscriptions not made again", async () => {
    const handled: string[] = [];
    let mounts = 0;
    const { app, pubSub } = appWith({
      "/": createLiveView<{}, { type: "send" }, Say>({
        onGap: "remount",
        mount: (socket) => {
          if (!socket.connected) return;
          mounts++;
          void socket.subscribe("always");
          void socket.subscribe(`mount ${mounts}`);
          socket.sendInfoEvery(1_000, { type: "say", text: `tick ${mounts}` });
          socket.sendInfoAfter(1_500, { type: "say", text: `once ${mounts}` });
        },
        handleEvent: (_event, socket) => {
          socket.sendInfo({ type: "say", text: "own" });
          socket.assign({});
        },
        handleInfo: ({ text }) => void handled.push(text),
        render: () => html`<p></p>`,
      }),
    });
    const subscribe = vi.spyOn(pubSub, "subscribe");
    const client = await visit(app, "/");
    const timers = vi.getTimerCount();
    pubSub.gap();
    spread();
    client.click("send");
    await quiet();
    expect(handled).toEqual(["own"]);
    expect([mounts, vi.getTimerCount()]).toEqual([2, timers]);
    expect(app.stats().subscriptions).toBe(2);
    // "always" has gone on; it was not made anew.
    expect(subscribe.mock.calls.map(([topic]) => topic)).toEqual(["always", "mount 1", "mount 2"]);
    expect(pubSub.bus.counts.topics).toBe(2);
    say(pubSub, "old", "mount 1");
    say(pubSub, "new", "mount 2");
    say(pubSub, "kept", "always");
    vi.advanceTimersByTime(2_000);
    await quiet();
    expect(handled).toEqual(["own", "new", "kept", "tick 2", "once 2"]);
    client.close();
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
    expect(vi.getTimerCount()).toBeLessThan(timers);
  });

  it("drops what the view has sent itself before, and keeps what topics brought", async () => {
    const handled: string[] = [];
    const busy = gate();
    const { app, pubSub } = appWith({
      "/": createLiveView<{}, { type: "send" }, Say>({
        onGap: "remount",
        mount: (socket) => socket.subscribe("diary"),
        handleEvent: async (_event, socket) => {
          pubSub.gap();
          spread();
          socket.sendInfo({ type: "say", text: "own" });
          say(pubSub, "topic");
          await busy.opened;
        },
        handleInfo: ({ text }) => void handled.push(text),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.click("send");
    busy.open();
    await quiet();
    expect(handled).toEqual(["topic"]);
  });

  it("runs shutdown with what the view had, waits for it, and survives its failure", async () => {
    const [log, closing]: [unknown[], ReturnType<typeof gate>] = [[], gate()];
    let mounts = 0;
    const { app, pubSub, errors } = appWith({
      "/": createLiveView<{ n: number }>({
        onGap: "remount",
        mount: (socket) => {
          if (!socket.connected) return undefined;
          log.push(`mount ${++mounts}`);
          socket.assign({ n: mounts });
          return socket.subscribe("t");
        },
        shutdown: async (_id, { n }) => {
          log.push(`shutdown ${n}`);
          await closing.opened;
          throw new Error("no goodbye");
        },
        render: ({ n }) => html`<p>${n}</p>`,
      }),
    });
    const client = await visit(app, "/");
    pubSub.gap();
    spread();
    await quiet();
    expect(log).toEqual(["mount 1", "shutdown 1"]);
    closing.open();
    await client.shows("<p>2</p>");
    expect(log).toEqual(["mount 1", "shutdown 1", "mount 2"]);
    expect(errors.map(({ details }) => details.callback)).toEqual(["shutdown"]);
    expect(client.pushes("phx_error")).toEqual([]);
  });

  it("runs shutdown once when the view ends while it is waited for", async () => {
    const [log, closing]: [unknown[], ReturnType<typeof gate>] = [[], gate()];
    const { app, pubSub } = appWith({
      "/": createLiveView({
        onGap: "remount",
        mount: (socket) => {
          log.push("mount");
          return socket.subscribe("t");
        },
        shutdown: async () => {
          log.push("shutdown");
          await closing.opened;
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    log.length = 0;
    pubSub.gap();
    spread();
    await quiet();
    client.close();
    closing.open();
    await quiet();
    expect([log, app.stats().views]).toEqual([["shutdown"], 0]);
  });

  it("gives mount and handleParams the page's present address, and keeps flash and title", async () => {
    const log: string[] = [];
    const { app, pubSub } = appWith({
      "/:page": createLiveView<{ n: number }, { type: "go" }>({
        initial: { n: 0 },
        onGap: "remount",
        mount: (socket, _session, params) => {
          log.push(`mount ${String(params["page"])} ${String(params["sort"])}`);
          return socket.subscribe("t");
        },
        handleParams: (url, socket) => {
          log.push(`params ${url.pathname}`);
          if (url.pathname === "/one") socket.pageTitle("One");
        },
        handleEvent: (_event, socket) => {
          socket.pushPatch("/two?sort=name");
          socket.putFlash("info", "moved");
        },
        render: (_context, { flash }) => html`<p>${flash["info"]}</p>`,
      }),
    });
    const client = await visit(app, "/one");
    await client.event("go");
    log.length = 0;
    pubSub.gap();
    spread();
    await quiet();
    expect(log).toEqual(["mount two name", "params /two"]);
    expect([client.html(), client.title]).toEqual(["<p>moved</p>", "One"]);
  });

  /** Does `act` in its mount, but in the first ones. */
  function acting(act: (socket: { pushPatch(to: string): void; redirect(to: string): void }) => void, log: string[]) {
    let mounts = 0;
    return createLiveView<{ n: number }, { type: "click" }>({
      initial: { n: 0 },
      onGap: "remount",
      mount: (socket) => {
        if (socket.connected && ++mounts > 1) act(socket);
        return socket.subscribe("t");
      },
      handleParams: (url) => void log.push(`params ${url.search}`),
      handleEvent: () => void log.push("event"),
      render: () => html`<p></p>`,
    });
  }

  it("patches the address if mount says so, before anything that relies on it", async () => {
    const log: string[] = [];
    const { app, pubSub } = appWith({ "/": acting((socket) => socket.pushPatch("/?page=3"), log) });
    const client = await visit(app, "/");
    log.length = 0;
    pubSub.gap();
    spread();
    await client.reply(client.click("click"));
    expect(log).toEqual(["params ?page=3", "event"]);
    expect(client.pushes("live_patch")).toEqual([{ kind: "push", to: "/?page=3" }]);
  });

  it("leaves if mount says so, and handles nothing more", async () => {
    const log: string[] = [];
    const { app, pubSub } = appWith({ "/": acting((socket) => socket.redirect("/elsewhere"), log) });
    const client = await visit(app, "/");
    log.length = 0;
    pubSub.gap();
    spread();
    const { response } = await client.reply(client.click("click"));
    expect(response).toEqual({ redirect: { to: "/elsewhere" } });
    expect([log, app.stats().views]).toEqual([[], 0]);
  });

  it("ends the view if mount throws, which the browser then joins anew", async () => {
    const failing = acting(() => {
      throw new Error("no database");
    }, []);
    const { app, pubSub, errors } = appWith({ "/": failing });
    const client = await visit(app, "/");
    pubSub.gap();
    spread();
    await quiet();
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors.map(({ details }) => details.callback)).toEqual(["mount"]);
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
  });

  it("ends the view without a report if mount throws an answer, such as that there is no such page any more", async () => {
    const gone = acting(() => {
      throw Object.assign(new Error("gone"), { status: 404 });
    }, []);
    const { app, pubSub, errors } = appWith({ "/": gone });
    const client = await visit(app, "/");
    pubSub.gap();
    spread();
    await quiet();
    expect([client.pushes("phx_error").length, errors]).toEqual([1, []]);
    // Nor does the page of a developer show an error.
    expect(client.peer.received.map(({ event }) => event)).not.toContain("error");
    expect((await client.join()).response["status"]).toBe(404);
  });

  it("is over when it is over: what an event throws later is a failure, with a status or without", async () => {
    const { app, pubSub, errors } = appWith({
      "/": createLiveView<{}, { type: "fail" }>({
        onGap: "remount",
        mount: (socket) => socket.subscribe("t"),
        handleEvent: () => {
          throw Object.assign(new Error("gone"), { status: 404 });
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    pubSub.gap();
    spread();
    await quiet();
    client.click("fail");
    await quiet();
    expect(errors.map(({ details }) => details.callback)).toEqual(["handleEvent"]);
  });

  it("ends in the middle of its mount as any view does", async () => {
    const loading = gate();
    let mounts = 0;
    const { app, pubSub } = appWith({
      "/": createLiveView({
        onGap: "remount",
        mount: async (socket) => {
          await socket.subscribe("t");
          if (socket.connected && ++mounts > 1) await loading.opened;
          void socket.subscribe("late");
        },
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    pubSub.gap();
    spread();
    await quiet();
    client.close();
    loading.open();
    await quiet();
    expect(mounts).toBe(2);
    expect(app.stats()).toMatchObject({ views: 0, subscriptions: 0 });
    expect(pubSub.bus.counts.subscribers).toBe(0);
  });
});

describe("a mailbox that overflows", () => {
  it("gives handleGap, at once, how many infos were dropped, and the view goes on", async () => {
    const log: string[] = [];
    const { app, pubSub, errors } = appWith({ "/": diary(log) }, { maxMailboxInfos: 3 });
    const client = await visit(app, "/");
    const before = Date.now();
    for (const text of ["1", "2", "3", "4", "5"]) say(pubSub, text);
    client.click("click", { text: "A" });
    await quiet();
    expect(log).toEqual([expect.stringMatching(/^gap overflow diary,notes \d+-\d+ 4$/), "info 5", "event A"]);
    const [since = 0, last = 0] =
      /(\d+)-(\d+)/
        .exec(log[0] ?? "")
        ?.slice(1)
        .map(Number) ?? [];
    expect(since).toBeLessThanOrEqual(before);
    expect(last).toBeGreaterThanOrEqual(before);
    expect([errors, client.pushes("phx_error"), app.stats().views]).toEqual([[], [], 1]);
  });

  it("says since when messages may be missing: since the first of those that wait came in", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["Date", "performance"], now: 1_000_000 });
    const [gaps, busy]: [ViewGap[], ReturnType<typeof gate>] = [[], gate()];
    const { app, pubSub } = appWith(
      {
        "/": createLiveView<{}, { type: "wait" }>({
          mount: (socket) => socket.subscribe("diary"),
          handleEvent: () => busy.opened,
          handleInfo: () => {},
          handleGap: (gap) => void gaps.push(gap),
          render: () => html`<p></p>`,
        }),
      },
      { maxMailboxInfos: 3 },
    );
    const client = await visit(app, "/");
    vi.setSystemTime(2_000_000);
    vi.advanceTimersByTime(60_000);
    client.click("wait");
    for (const text of ["1", "2", "3"]) say(pubSub, text);
    vi.advanceTimersByTime(500);
    say(pubSub, "4");
    busy.open();
    await quiet();
    expect(gaps).toEqual([{ cause: "overflow", topics: ["diary"], since: 2_059_999, until: 2_060_500, missed: 4 }]);
  });

  it("is written to the log with the limit, and counts for no gap of the Pub/Sub", async () => {
    const { app, pubSub, log } = appWith({ "/": diary([]) }, { maxMailboxInfos: 3 });
    await visit(app, "/");
    for (const text of ["1", "2", "3", "4"]) say(pubSub, text);
    await quiet();
    expect(lines(log, "limits.")).toEqual([
      "[wingbeat] / had more than 3 infos waiting (limits.maxMailboxInfos): 4 were dropped, and handleGap is told. Broadcast less often, or make its callbacks faster.",
    ]);
    expect(app.stats().gaps).toBe(0);
  });

  it("adds up while the view is busy: one gap for all, and what the view sent itself is not lost", async () => {
    const [log, busy]: [string[], ReturnType<typeof gate>] = [[], gate()];
    const { app, pubSub } = appWith(
      {
        "/": createLiveView<{}, { type: "wait" }, Say>({
          mount: (socket) => socket.subscribe("diary"),
          handleEvent: async (_event, socket) => {
            socket.sendInfo({ type: "say", text: "own" });
            socket.sendInfoEvery(1_000, { type: "say", text: "tick" });
            await busy.opened;
          },
          handleInfo: ({ text }) => void log.push(text),
          handleGap: ({ missed }) => void log.push(`gap ${missed ?? "?"}`),
          render: () => html`<p></p>`,
        }),
      },
      { maxMailboxInfos: 10 },
    );
    const client = await visit(app, "/");
    client.click("wait");
    vi.advanceTimersByTime(1_000);
    for (let number = 1; number <= 100; number++) say(pubSub, String(number));
    busy.open();
    await quiet();
    const kept = log.filter((entry) => /^\d+$/.test(entry)).map(Number);
    expect(log.slice(0, 3)).toEqual(["own", "tick", `gap ${100 - kept.length}`]);
    expect(log.slice(3)).toEqual(kept.map(String));
    expect(kept.at(-1)).toBe(100);
  });

  it("ends the view if it is filled by what the view sends itself", async () => {
    const { app, pubSub, errors } = appWith(
      {
        "/": createLiveView<{}, { type: "flood" }, Say>({
          mount: (socket) => socket.subscribe("diary"),
          handleEvent: (_event, socket) => {
            for (let number = 0; number < 20; number++) socket.sendInfo({ type: "say", text: String(number) });
          },
          handleGap: () => {},
          handleInfo: () => {},
          render: () => html`<p></p>`,
        }),
      },
      { maxMailboxInfos: 10 },
    );
    const client = await visit(app, "/");
    say(pubSub, "1");
    client.click("flood");
    await quiet();
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors[0]?.error).toMatchObject({ code: "view.mailbox-overflow" });
  });

  it('remounts a view with onGap: "remount"', async () => {
    let mounts = 0;
    const handled: string[] = [];
    const { app, pubSub, log } = appWith(
      {
        "/": createLiveView<{ n: number }, never, Say>({
          onGap: "remount",
          mount: async (socket) => {
            await socket.subscribe("diary");
            socket.assign({ n: ++mounts });
          },
          handleInfo: ({ text }) => void handled.push(text),
          render: ({ n }) => html`<p>${n}</p>`,
        }),
      },
      { maxMailboxInfos: 3 },
    );
    const client = await visit(app, "/");
    for (const text of ["1", "2", "3", "4", "5"]) say(pubSub, text);
    await client.shows("<p>3</p>");
    await until(
      () => handled.length > 0,
      () => "the info that came after the overflow",
    );
    expect([mounts, handled, client.pushes("phx_error")]).toEqual([3, ["5"], []]);
    expect(lines(log, "limits.")).toEqual([expect.stringContaining("4 were dropped, and the view mounts anew.")]);
  });
});

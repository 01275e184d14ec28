import { describe, expect, it, vi } from "vitest";
import { load, quiet, testApp, visit } from "../../../test/support/client.ts";
import { Gate } from "../../../test/support/gate.ts";
import { html } from "../../html/html.ts";
import { Activity, testAccessTo } from "../activity.ts";
import type { AppOptions } from "../app-options.ts";
import { createLiveComponent } from "../components/create-live-component.ts";
import { liveComponent } from "../components/place-live-component.ts";
import type { ComponentSocket } from "../components/component-definition.ts";
import type { LiveSocket } from "../live-socket.ts";
import { createLiveView } from "../live-view.ts";
import type { OwnWork } from "../own-work.ts";
import { AsyncResult } from "./async-result.ts";
import { AsyncWork, type AsyncOwner } from "./async-work.ts";
import type { Outcome } from "./outcome.ts";

interface Context {
  readonly text: string;
  readonly bio: AsyncResult<string>;
  readonly age: AsyncResult<number>;
}
type Info = { readonly type: "note"; readonly text: string } | { readonly type: "wait" };
type Socket = LiveSocket<Context, Info>;

const start: Context = { text: "", bio: AsyncResult.loading(), age: AsyncResult.loading() };
const show = (result: AsyncResult<unknown>): string => `${result.status} ${String(result.value)}`;

/** A view whose socket tests use as its callbacks would, and which notes what happens to it. */
async function open(mount?: (socket: Socket) => unknown, options: AppOptions & { onGap?: "remount" } = {}) {
  const { onGap, ...appOptions } = options;
  const sockets: Socket[] = [];
  const notes: string[] = [];
  const waiting = new Gate();
  const view = createLiveView<Context, { type: "fail" } | { type: "leave" } | { type: "load" }, Info>({
    initial: start,
    ...(onGap === undefined ? {} : { onGap }),
    mount: async (socket) => {
      sockets.push(socket);
      await mount?.(socket);
    },
    handleEvent: (event, socket) => {
      if (event.type === "leave") return socket.pushNavigate("/elsewhere");
      if (event.type === "load") return socket.redirect("/elsewhere");
      throw new Error("on purpose");
    },
    handleInfo: async (info) => {
      if (info.type === "note") return void notes.push(info.text);
      notes.push("waiting");
      await waiting.promise;
      notes.push("waited");
    },
    render: ({ text, bio, age }) => html`<p>${text}|${show(bio)}|${show(age)}</p>`,
  });
  const elsewhere = createLiveView<{}>({ initial: {}, render: () => html`<p>elsewhere</p>` });
  const tested = testApp({ "/": view, "/elsewhere": elsewhere }, appOptions);
  const client = await visit(tested.app, "/");
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("The view has not been mounted.");
  const finish = (outcome: Outcome<unknown>): void =>
    void notes.push(outcome.ok ? `ok ${String(outcome.value)}` : `failed ${messageOf(outcome.error)}`);
  return { ...tested, client, socket, notes, waiting, finish };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Work that never ends, and what came of its signal. */
function endless(aborts: string[]) {
  return (signal: AbortSignal): Promise<never> => {
    signal.addEventListener("abort", () => aborts.push(messageOf(signal.reason)));
    return new Promise<never>(() => {});
  };
}

describe("startAsync", () => {
  it("gives done what the work has returned, and the page what done has assigned", async () => {
    const { client, socket } = await open();
    const gate = new Gate<string>();
    socket.startAsync(
      "greet",
      () => gate.promise,
      (outcome) => socket.assign({ text: outcome.ok ? outcome.value : "" }),
    );
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
    gate.open("hello");
    await quiet();
    expect(client.pushes("diff")).toEqual([{ "0": "hello" }]);
  });

  it.each<[string, () => unknown]>([
    ["throws at once", () => throwIt()],
    ["rejects", () => Promise.reject(new Error("out of paper"))],
    [
      "returns a library's own kind of promise, which rejects",
      // oxlint-disable-next-line unicorn/no-thenable -- what such a library makes
      () => ({ then: (_ok: unknown, no: (error: Error) => void) => no(new Error("out of paper")) }),
    ],
  ])("gives done the error of work that %s, and reports it to nobody else", async (_how, work) => {
    const { socket, notes, finish, errors } = await open();
    socket.startAsync("print", work, finish);
    await quiet();
    expect(notes).toEqual(["failed out of paper"]);
    expect(errors).toEqual([]);
  });

  it("takes a value that is there at once, and still runs done in a turn of its own", async () => {
    const { socket, notes, finish } = await open();
    socket.startAsync("add", () => 1 + 1, finish);
    await Promise.resolve();
    expect(notes).toEqual([]);
    await quiet();
    expect(notes).toEqual(["ok 2"]);
  });

  it("runs done in the order of the view's infos, and never while another callback is awaited", async () => {
    const { socket, notes, finish, waiting } = await open();
    socket.sendInfo("wait");
    await quiet();
    const gate = new Gate<string>();
    socket.startAsync("work", () => gate.promise, finish);
    socket.sendInfo({ type: "note", text: "before" });
    gate.open("result");
    await quiet();
    socket.sendInfo({ type: "note", text: "after" });
    expect(notes).toEqual(["waiting"]);
    waiting.open();
    await quiet();
    expect(notes).toEqual(["waiting", "waited", "before", "ok result", "after"]);
  });

  it("awaits a done that is asynchronous, as any callback", async () => {
    const { socket, notes } = await open();
    const gate = new Gate();
    socket.startAsync(
      "work",
      () => 1,
      async () => {
        notes.push("done begins");
        await gate.promise;
        notes.push("done ends");
      },
    );
    await quiet();
    socket.sendInfo({ type: "note", text: "info" });
    await quiet();
    expect(notes).toEqual(["done begins"]);
    gate.open();
    await quiet();
    expect(notes).toEqual(["done begins", "done ends", "info"]);
  });

  it("runs two works of different names at once", async () => {
    const { socket, notes, finish } = await open();
    const [one, two] = [new Gate<string>(), new Gate<string>()];
    socket.startAsync("one", () => one.promise, finish);
    socket.startAsync("two", () => two.promise, finish);
    two.open("two");
    await quiet();
    one.open("one");
    await quiet();
    expect(notes).toEqual(["ok two", "ok one"]);
  });

  it("lets the latest of one name win: the older is aborted, and its outcome never seen", async () => {
    const { socket, notes, finish } = await open();
    const [older, newer] = [new Gate<string>(), new Gate<string>()];
    const signals: AbortSignal[] = [];
    for (const gate of [older, newer]) {
      socket.startAsync("search", (signal) => (signals.push(signal), gate.promise), finish);
    }
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toMatchObject({
      name: "AbortError",
      message: "The same work has been begun anew, and the latest wins.",
    });
    newer.open("newer");
    await quiet();
    older.open("older");
    await quiet();
    expect(notes).toEqual(["ok newer"]);
  });

  it("lets the latest win over one that has ended, but whose done has not run yet", async () => {
    const { socket, notes, finish, waiting } = await open();
    socket.sendInfo("wait");
    await quiet();
    socket.startAsync("search", () => "older", finish);
    await quiet();
    socket.startAsync("search", () => "newer", finish);
    waiting.open();
    await quiet();
    expect(notes).toEqual(["waiting", "waited", "ok newer"]);
  });

  it("does not begin what is outdated before it has begun: when an aborted work begins another one at once", async () => {
    const { app, socket, notes, finish } = await open();
    const begun: string[] = [];
    const work = (name: string) => () => (begun.push(name), name);
    socket.startAsync(
      "search",
      (signal) => {
        signal.addEventListener("abort", () => socket.startAsync("search", work("latest"), finish));
        return new Promise<never>(() => {});
      },
      finish,
    );
    socket.startAsync("search", work("outdated"), finish);
    await quiet();
    expect([begun, notes]).toEqual([["latest"], ["ok latest"]]);
    expect(testAccessTo(app)?.activity.working.size).toBe(0);
  });

  it("may begin the same work again within done", async () => {
    const { socket, notes } = await open();
    let rounds = 0;
    const again = (): void =>
      socket.startAsync(
        "round",
        () => ++rounds,
        (outcome) => {
          notes.push(String(outcome.ok && outcome.value));
          if (rounds < 3) again();
        },
      );
    again();
    await quiet();
    await quiet();
    expect(notes).toEqual(["1", "2", "3"]);
  });

  it("ends the view if done throws, and says which it was", async () => {
    const { client, socket, errors } = await open();
    const aborts: string[] = [];
    socket.startAsync("other", endless(aborts), () => {});
    socket.startAsync(
      "save",
      () => 1,
      () => throwIt(),
    );
    await quiet();
    expect(client.pushes("phx_error")).toEqual([{ reason: "channel_crash" }]);
    expect(errors).toEqual([
      { error: new Error("out of paper"), details: { view: "/", callback: "startAsync", message: "save" } },
    ]);
    expect(aborts).toEqual(["The view has ended."]);
  });

  it("does nothing in the render of the HTTP response, and after the view's end", async () => {
    const work = vi.fn<() => number>();
    const { client, socket, app } = await open((mounting) => {
      if (!mounting.connected) mounting.startAsync("work", work, () => {});
    });
    await load(app, "/");
    client.close();
    socket.startAsync("work", work, () => {});
    await quiet();
    expect(work).not.toHaveBeenCalled();
  });

  it("is not dropped when a flood of topics overflows the mailbox", async () => {
    const notes: string[] = [];
    const waiting = new Gate();
    const sockets: LiveSocket<{}, { type: "flood" } | { type: "wait" }>[] = [];
    const { app, pubSub } = testApp(
      {
        "/": createLiveView<{}, never, { type: "flood" } | { type: "wait" }>({
          initial: {},
          mount: async (socket) => {
            sockets.push(socket);
            await socket.subscribe("flood");
          },
          handleInfo: ({ type }) => (type === "wait" ? waiting.promise : undefined),
          handleGap: (gap) => void notes.push(gap.cause),
          render: () => html`<p></p>`,
        }),
      },
      { limits: { maxMailboxInfos: 20 } },
    );
    await visit(app, "/");
    sockets[1]?.sendInfo("wait");
    await quiet();
    sockets[1]?.startAsync(
      "work",
      () => "kept",
      (outcome) => void notes.push(String(outcome.ok && outcome.value)),
    );
    await quiet();
    for (let count = 0; count < 100; count++) void pubSub.broadcast("flood", { type: "flood" });
    waiting.open();
    await quiet();
    expect(notes).toEqual(["kept", "overflow"]);
  });

  it("refuses what is no function", async () => {
    const { socket } = await open();
    const promise: unknown = Promise.resolve();
    // What JavaScript would let pass.
    const work = promise as () => number;
    expect(() => socket.startAsync("work", work, () => {})).toThrow(/startAsync\("work", …\) takes functions/);
    expect(() => socket.assignAsync("bio", work as unknown as () => string)).toThrow(
      /Pass \(\) => load\(\), not load\(\)/,
    );
  });
});

describe("assignAsync", () => {
  it("shows that a key is loading, also in the HTTP response, where nothing is loaded, then its value", async () => {
    const gate = new Gate<string>();
    const loadBio = vi.fn<() => Promise<string>>(() => gate.promise);
    const { app, client } = await open((socket) => socket.assignAsync("bio", loadBio));
    expect((await load(app, "/")).html).toContain("<p>|loading undefined|");
    expect(client.html()).toContain("<p>|loading undefined|");
    expect(loadBio).toHaveBeenCalledTimes(1);
    gate.open("Wrote the first program");
    await client.shows("|ok Wrote the first program|");
  });

  it("keeps the value while it is loaded again and after a failure, which is reported", async () => {
    const { client, socket, errors } = await open();
    socket.assignAsync("bio", () => "one");
    await client.shows("|ok one|");
    const gate = new Gate<string>();
    socket.assignAsync("bio", () => gate.promise);
    await client.shows("|loading one|");
    gate.fail(new Error("out of paper"));
    await client.shows("|failed one|");
    expect(socket.context.bio).toEqual({ status: "failed", value: "one", error: new Error("out of paper") });
    expect(errors).toEqual([
      { error: new Error("out of paper"), details: { view: "/", callback: "assignAsync", message: "bio" } },
    ]);
    socket.assignAsync("bio", () => "two");
    await client.shows("|ok two|");
  });

  it("forgets the value with reset: of all keys, or of those that are named", async () => {
    const { client, socket } = await open();
    const both = () => ({ bio: "x", age: 1 });
    const never = () => new Promise<never>(() => {});
    socket.assignAsync(["bio", "age"], both);
    await client.shows("|ok x|ok 1");
    socket.assignAsync(["bio", "age"], never, { reset: ["age"] });
    await client.shows("|loading x|loading undefined");
    socket.assignAsync("bio", never, { reset: true });
    await client.shows("|loading undefined|loading undefined");
    expect([socket.context.bio, socket.context.age]).toEqual([AsyncResult.loading(), AsyncResult.loading()]);
  });

  it("renders nothing when a key that is loading is loaded anew", async () => {
    const { client, socket } = await open();
    for (let count = 0; count < 5; count++) socket.assignAsync("bio", () => new Promise<string>(() => {}));
    await quiet();
    expect(client.pushes("diff")).toEqual([]);
  });

  it("loads several keys together, which fail together", async () => {
    const { client, socket, errors } = await open();
    socket.assignAsync(["bio", "age"], async () => ({ bio: "x", age: 36 }));
    await client.shows("|ok x|ok 36");
    socket.assignAsync(["bio", "age"], () => throwIt());
    await client.shows("|failed x|failed 36");
    expect(errors.map(({ details }) => details.message)).toEqual(["bio, age"]);
  });

  it("fails with the keys that are missing in what was loaded", async () => {
    const { client, socket } = await open();
    const loaded: unknown = { bio: "x" };
    // What a type assertion in an application would let pass.
    socket.assignAsync(["bio", "age"], () => loaded as { bio: string; age: number });
    await client.shows("|failed undefined|failed undefined");
    expect(socket.context.age).toMatchObject({
      error: { code: "async.missing-value", message: expect.stringContaining('has no "age"') },
    });
  });

  it("lets the latest win for each key: who has no key left is aborted, who has one goes on with it", async () => {
    const { client, socket } = await open();
    const both = new Gate<{ bio: string; age: number }>();
    const aborts: string[] = [];
    socket.assignAsync(["bio", "age"], (signal) => {
      signal.addEventListener("abort", () => aborts.push(messageOf(signal.reason)));
      return both.promise;
    });
    socket.assignAsync("bio", () => "newer");
    await client.shows("|ok newer|loading undefined");
    expect(aborts).toEqual([]);
    both.open({ bio: "older", age: 36 });
    await client.shows("|ok newer|ok 36");
    socket.assignAsync(["bio", "age"], endless(aborts));
    socket.assignAsync("bio", () => "a");
    socket.assignAsync("age", () => 1);
    expect(aborts).toEqual(["The same work has been begun anew, and the latest wins."]);
    await client.shows("|ok a|ok 1");
  });

  it("does not take a name of startAsync for one of its keys", async () => {
    const { client, socket, notes, finish } = await open();
    socket.assignAsync("bio", () => "loaded");
    socket.startAsync("bio", () => "worked", finish);
    await client.shows("|ok loaded|");
    expect(notes).toEqual(["ok worked"]);
  });
});

describe("cancelAsync", () => {
  it("aborts what was started, and gives done the reason, in a turn of its own", async () => {
    const { socket, notes, finish, errors } = await open();
    const aborts: string[] = [];
    socket.startAsync("work", endless(aborts), finish);
    socket.cancelAsync("work");
    expect(aborts).toEqual(["cancelAsync has ended this work."]);
    expect(notes).toEqual([]);
    socket.cancelAsync("work", new Error("enough"));
    await quiet();
    expect(notes).toEqual(["failed enough"]);
    expect(errors).toEqual([]);
  });

  it("aborts what is loaded, whose keys have failed at once, with the value they had", async () => {
    const { client, socket, errors } = await open();
    socket.assignAsync(["bio", "age"], () => ({ bio: "x", age: 1 }));
    await client.shows("|ok x|ok 1");
    const aborts: string[] = [];
    socket.assignAsync(["bio", "age"], endless(aborts));
    socket.cancelAsync("age", "too slow");
    expect(socket.context.bio).toEqual({ status: "failed", value: "x", error: "too slow" });
    await client.shows("|failed x|failed 1");
    expect(aborts).toEqual(["too slow"]);
    expect(errors).toEqual([]);
  });

  it("wins over an outcome that nobody has seen yet, and lets the name begin anew", async () => {
    const { socket, notes, finish, waiting } = await open();
    socket.sendInfo("wait");
    await quiet();
    socket.startAsync("a", () => 1, finish);
    socket.startAsync("b", () => 1, finish);
    await quiet();
    socket.cancelAsync("a", "too late");
    socket.cancelAsync("b", "too late");
    socket.startAsync("b", () => 2, finish);
    waiting.open();
    await quiet();
    expect(notes).toEqual(["waiting", "waited", "failed too late", "ok 2"]);
  });

  it("does nothing where nothing runs", async () => {
    const { client, socket } = await open();
    const { context } = socket;
    socket.cancelAsync("nothing");
    socket.cancelAsync("bio");
    await quiet();
    expect(socket.context).toBe(context);
    expect(client.pushes("diff")).toEqual([]);
  });
});

describe("the end of a view", () => {
  it.each<[string, (view: Awaited<ReturnType<typeof open>>) => unknown]>([
    ["the page leaves", ({ client }) => client.push("phx_leave", {})],
    ["the connection breaks", ({ client }) => client.close()],
    ["a callback throws", ({ client }) => client.click("fail")],
    ["it navigates", ({ client }) => client.click("leave")],
    ["it redirects", ({ client }) => client.click("load")],
    ["it is joined anew", ({ client }) => client.join()],
    ["the server stops", ({ app }) => app.close()],
  ])("aborts all of its work when %s, and done does not run", async (_how, end) => {
    const view = await open();
    const aborts: string[] = [];
    const gate = new Gate();
    view.socket.startAsync("one", endless(aborts), view.finish);
    view.socket.startAsync("two", () => gate.promise, view.finish);
    view.socket.assignAsync("bio", endless(aborts));
    await end(view);
    await quiet();
    expect(aborts).toEqual(["The view has ended.", "The view has ended."]);
    gate.fail(new Error("nobody hears of it, and it is no unhandled rejection"));
    await quiet();
    expect(view.notes).toEqual([]);
  });

  it("is also a remount: what is waited for from before is never seen", async () => {
    const aborts: string[] = [];
    let mounts = 0;
    const gate = new Gate();
    const { socket, notes, finish, waiting, client } = await open(
      (mounting) => {
        mounts++;
        mounting.assignAsync("bio", () => `mount ${mounts}`);
      },
      { onGap: "remount", limits: { maxMailboxInfos: 20 } },
    );
    await client.shows("|ok mount 2|");
    await socket.subscribe("flood");
    socket.startAsync("one", endless(aborts), finish);
    socket.startAsync("two", () => gate.promise, finish);
    socket.sendInfo("wait");
    await quiet();
    for (let count = 0; count < 21; count++) void socket.broadcast("flood", { type: "note", text: "flood" });
    // Its outcome waits behind the gap.
    gate.open();
    await quiet();
    waiting.open();
    await client.shows("|ok mount 3|");
    expect(aborts).toEqual(["The view has ended."]);
    expect(notes).toEqual(["waiting", "waited"]);
  });
});

describe("the work of a live component", () => {
  interface Props {
    readonly onSocket: (socket: ComponentSocket<CardContext>) => void;
  }
  interface CardContext extends Props {
    readonly bio: AsyncResult<string>;
    readonly text: string;
  }
  const card = createLiveComponent<Props, Omit<CardContext, "onSocket">>({
    name: "card",
    initial: { bio: AsyncResult.loading(), text: "" },
    mount: (socket) => socket.context.onSocket(socket),
    render: ({ bio, text }) => html`<i>${text}|${show(bio)}</i>`,
  });

  async function openCard() {
    const sockets: ComponentSocket<CardContext>[] = [];
    const onSocket = (socket: ComponentSocket<CardContext>): void => void sockets.push(socket);
    const tested = testApp({
      "/": createLiveView<{ isOpen: boolean }>({
        initial: { isOpen: true },
        handleEvent: (_event, socket) => socket.assign({ isOpen: false }),
        render: ({ isOpen }) => html`<p>${isOpen && liveComponent(card, { id: 1, onSocket })}</p>`,
      }),
    });
    const client = await visit(tested.app, "/");
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("The component has not been mounted.");
    return { ...tested, client, socket };
  }

  it("changes the component alone", async () => {
    const { client, socket } = await openCard();
    socket.assignAsync("bio", () => "loaded");
    socket.startAsync(
      "work",
      () => "worked",
      (outcome) => socket.assign({ text: String(outcome.ok && outcome.value) }),
    );
    await client.shows("worked|ok loaded");
    expect(client.pushes("diff")).toEqual([{ c: { 1: { 0: "worked", 1: "ok loaded" } } }]);
  });

  it("is aborted when the page has forgotten the component, and with the view", async () => {
    const { client, socket } = await openCard();
    const aborts: string[] = [];
    socket.assignAsync("bio", endless(aborts));
    await client.event("close");
    expect(aborts).toEqual([]);
    await client.reply(client.push("cids_will_destroy", { cids: [1] }));
    await client.reply(client.push("cids_destroyed", { cids: [1] }));
    expect(aborts).toEqual(["The live component has left the page."]);
    socket.assignAsync("bio", () => throwIt());
    socket.startAsync(
      "work",
      () => throwIt(),
      () => throwIt(),
    );

    const other = await openCard();
    other.socket.startAsync("work", endless(aborts), () => {});
    other.client.close();
    expect(aborts).toEqual(["The live component has left the page.", "The view has ended."]);
  });

  it("is never seen if it has ended, but waits in the mailbox when the page forgets the component", async () => {
    const waiting: OwnWork[] = [];
    const owner: AsyncOwner = { name: "card", context: {}, assign: () => throwIt() };
    const work = new AsyncWork({
      name: "/",
      display: { ...owner, name: "/" },
      isConnected: true,
      isEnded: false,
      ownHooks: undefined,
      services: { activity: new Activity(), checks: true },
      receiveOwnInfo: (ended) => waiting.push(ended),
      report: () => throwIt(),
    });
    const done = vi.fn<() => void>();
    work.start(owner, "work", () => 1, done);
    await quiet();
    work.ownerEnded(owner);
    const [ended] = waiting;
    // An end of work reads nothing of the view.
    await ended?.run({} as Parameters<OwnWork["run"]>[0]);
    expect([waiting.length, ended?.component, done.mock.calls]).toEqual([1, "card", []]);
  });

  it("names the component when done throws or a load fails", async () => {
    const { socket, errors } = await openCard();
    socket.assignAsync("bio", () => throwIt());
    socket.startAsync(
      "work",
      () => 1,
      () => throwIt(),
    );
    await quiet();
    expect(errors.map(({ details }) => details)).toEqual([
      { view: "/", component: "card", callback: "assignAsync", message: "bio" },
      { view: "/", component: "card", callback: "startAsync", message: "work" },
    ]);
  });

  it("may be cancelled", async () => {
    const { client, socket } = await openCard();
    const aborts: string[] = [];
    socket.assignAsync("bio", endless(aborts));
    socket.cancelAsync("bio");
    await client.shows("|failed undefined");
    expect(aborts).toEqual(["cancelAsync has ended this work."]);
  });
});

function throwIt(): never {
  throw new Error("out of paper");
}

import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { collect, quiet, SECRET, testApp, turn, until, visit } from "../../../test/support/client.ts";
import { Gate } from "../../../test/support/gate.ts";
import { html } from "../../html/html.ts";
import { createLiveComponent } from "../components/create-live-component.ts";
import { liveComponent } from "../components/place-live-component.ts";
import { createLiveApp } from "../live-app.ts";
import { liveSession } from "../live-session.ts";
import { createLiveView, type LiveView } from "../live-view.ts";
import { liveRender } from "../nested/live-render.ts";
import type { Mounting } from "./mounting.ts";
import type { HookableSocket } from "./stages.ts";

type Context = { readonly log: readonly string[] };
type Event = { readonly type: "save"; readonly text: string } | { readonly type: "undo" };
type Info = { readonly type: "said"; readonly text: string };
type Socket = HookableSocket<Context, Event, Info>;

const note = (socket: { context: Context; assign: (values: Context) => void }, what: string): void =>
  socket.assign({ log: [...socket.context.log, what] });

/** Without what is said of a slow machine. */
const refused = (log: readonly string[]): string[] => log.filter((line) => line.includes("refused"));

/** A view that shows what has happened to it, in order. */
function viewWith(attach: (socket: Socket) => unknown, callbacks: object = {}): LiveView<{ session: {}; params: {} }> {
  return createLiveView<Context, Event, Info>({
    initial: { log: [] },
    mount: async (socket) => {
      await attach(socket);
    },
    handleParams: (url, socket) => note(socket, `params ${url.search}`),
    handleEvent: (event, socket) => {
      note(socket, event.type);
      return { reply: { from: "view" } };
    },
    handleInfo: (info, socket) => note(socket, info.text),
    render: ({ log }) => html`<p>${log.join(" | ")}</p>`,
    ...callbacks,
  });
}

/** An app whose only route is behind one mount hook. */
function behind(hook: (mounting: Mounting) => unknown, view: LiveView<{ session: {}; params: {} }>, options = {}) {
  const { log, errors, options: told } = collect();
  const liveSessions = [liveSession("a", { onMount: [hook] }, { "/": view })];
  return { app: createLiveApp({ secret: SECRET, ...told, ...options, liveSessions }), log, errors };
}

describe("hooks of handleEvent", () => {
  it("run before it in the order attached, and let it go on when they return nothing", async () => {
    const { app } = testApp({
      "/": viewWith((socket) => {
        socket.attachHook("handleEvent", "one", (event, own) => note(own, `one ${event.type}`));
        socket.attachHook("handleEvent", "two", async (event, own) => {
          await Promise.resolve();
          note(own, `two ${event.type}`);
        });
      }),
    });
    const client = await visit(app, "/");
    expect(await client.event("save")).toEqual({
      diff: { 0: "params  | one save | two save | save", r: { from: "view" } },
    });
  });

  it("halt what comes after them, with a reply or without", async () => {
    const { app } = testApp({
      "/": viewWith((socket) => {
        socket.attachHook("handleEvent", "one", (event) => {
          if (event.type === "save") return { halt: true, reply: { text: event.text } };
          return { halt: true };
        });
        socket.attachHook("handleEvent", "two", (_event, own) => note(own, "two"));
      }),
    });
    const client = await visit(app, "/");
    expect(await client.event("save", { text: "x" })).toEqual({ diff: { r: { text: "x" } } });
    expect(await client.event("undo")).toEqual({});
  });

  it("need no promise for what is synchronous", async () => {
    const { app } = testApp({
      "/": viewWith((socket) => socket.attachHook("handleEvent", "one", (_event, own) => note(own, "one"))),
    });
    const client = await visit(app, "/");
    expect(client.replyTo(client.click("undo"))?.response).toMatchObject({ diff: { 0: "params  | one | undo" } });
  });

  it("do for a view that has no handleEvent, as long as they halt", async () => {
    const { app, errors } = testApp({
      "/": createLiveView<Context, Event>({
        initial: { log: [] },
        mount: (socket) =>
          socket.attachHook("handleEvent", "one", (event) => (event.type === "undo" ? { halt: true } : undefined)),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    expect(await client.event("undo")).toEqual({});
    client.click("save");
    await until(
      () => errors.length > 0,
      () => "an error",
    );
    expect(errors[0]?.error).toMatchObject({ code: "view.no-handler" });
  });

  it("let infos and further events wait for an asynchronous one", async () => {
    const gate = new Gate();
    const { app } = testApp({
      "/": viewWith((socket) =>
        socket.attachHook("handleEvent", "slow", async (event, own) => {
          if (event.type === "undo") return;
          await gate.promise;
          own.sendInfo({ type: "said", text: "said" });
        }),
      ),
    });
    const client = await visit(app, "/");
    const [save, undo] = [client.click("save"), client.click("undo")];
    await turn();
    expect(client.replyTo(undo)).toBeUndefined();
    gate.open();
    await client.reply(save);
    expect((await client.reply(undo)).response).toMatchObject({ diff: { 0: "params  | save | said | undo" } });
  });

  it("do not call the view any more when it has ended meanwhile", async () => {
    const gate = new Gate();
    const handleEvent = vi.fn<() => void>();
    const { app } = testApp({
      "/": viewWith((socket) => socket.attachHook("handleEvent", "slow", () => gate.promise), {
        handleEvent,
      }),
    });
    const client = await visit(app, "/");
    client.click("save");
    client.close();
    gate.open();
    await turn();
    expect(handleEvent).not.toHaveBeenCalled();
  });

  it("are detached by their id, and those attached while a stage runs are for the next event", async () => {
    const { app } = testApp({
      "/": viewWith((socket) =>
        socket.attachHook("handleEvent", "once", (_event, own) => {
          note(own, "once");
          own.detachHook("handleEvent", "once");
          own.detachHook("handleEvent", "nothing of that name");
          own.attachHook("handleEvent", "later", (_later, again) => note(again, "later"));
        }),
      ),
    });
    const client = await visit(app, "/");
    expect(await client.event("undo")).toMatchObject({ diff: { 0: "params  | once | undo" } });
    expect(await client.event("undo")).toMatchObject({ diff: { 0: "params  | once | undo | later | undo" } });
  });

  it("end the view when they throw, as the callback would", async () => {
    const { app, errors } = testApp({
      "/": viewWith((socket) =>
        socket.attachHook("handleEvent", "bad", async () => {
          throw new Error("on purpose");
        }),
      ),
    });
    const client = await visit(app, "/");
    client.click("save");
    await until(
      () => client.pushes("phx_error").length === 1,
      () => "a crash",
    );
    expect(errors[0]?.details).toMatchObject({ callback: "handleEvent", message: "save" });
  });
});

describe("a mount hook's hook of handleEvent", () => {
  const dismiss = ({ attachHook }: Mounting): void =>
    attachHook("handleEvent", "dismiss", (event) =>
      event.type === "dismiss" ? { halt: true, reply: { n: event["n"] } } : undefined,
    );
  const strict = createLiveView({
    initial: { text: "" },
    events: { save: z.object({ text: z.string() }) },
    mount: (socket) => {
      socket.attachHook("handleEvent", "own", (event, own) => own.assign({ text: `own ${event.text}` }));
    },
    handleEvent: (event, socket) => socket.assign({ text: `${socket.context.text}, ${event.text}` }),
    render: ({ text }) => html`<p>${text}</p>`,
  });

  it("gets events that the view has no schema for, as the browser sent them", async () => {
    const { app, log } = behind(dismiss, strict);
    const client = await visit(app, "/");
    expect(await client.event("dismiss", { n: "1" })).toEqual({ diff: { r: { n: "1" } } });
    expect(await client.event("save", { text: "x" })).toEqual({ diff: { 0: "own x, x" } });
    expect(refused(log)).toEqual([]);
    // What it lets pass, the schemas refuse as ever.
    expect(await client.event("drop")).toEqual({});
    expect(await client.event("save", { text: 1 })).toEqual({});
    expect(refused(log).map((line) => line.split(":")[0])).toEqual([
      '[wingbeat] refused the event "drop" of /',
      '[wingbeat] refused the event "save" of /',
    ]);
  });

  it("may be asynchronous, and be detached by the view", async () => {
    const slow = ({ attachHook }: Mounting): void =>
      attachHook("handleEvent", "slow", async (event) => {
        await Promise.resolve();
        return event.type === "dismiss" ? { halt: true, reply: "gone" } : undefined;
      });
    const { app, log } = behind(slow, strict);
    const client = await visit(app, "/");
    expect(await client.event("dismiss")).toEqual({ diff: { r: "gone" } });
    expect(await client.event("save", { text: "x" })).toEqual({ diff: { 0: "own x, x" } });
    const without = createLiveView<{}, { type: "dismiss" }>({
      mount: (socket) => socket.detachHook("handleEvent", "dismiss"),
      handleEvent: () => ({ reply: "view" }),
      render: () => html`<p></p>`,
    });
    const other = await visit(behind(dismiss, without).app, "/");
    expect(await other.event("dismiss")).toEqual({ diff: { r: "view" } });
    expect(refused(log)).toEqual([]);
  });
});

describe("hooks of handleParams and handleInfo", () => {
  it("run before them, from the mount on, and halt them", async () => {
    const { app } = testApp({
      "/": viewWith((socket) => {
        socket.attachHook("handleParams", "tab", (url, own) => {
          note(own, `hook ${url.search}`);
          return url.searchParams.has("stop") ? { halt: true } : undefined;
        });
        socket.attachHook("handleInfo", "spam", (info) => (info.text === "spam" ? { halt: true } : undefined));
        if (!socket.connected) return;
        for (const text of ["spam", "eggs"]) socket.sendInfo({ type: "said", text });
      }),
    });
    const client = await visit(app, "/?a");
    expect(client.page.html).toContain("hook ?a | params ?a");
    await client.shows("<p>hook ?a | params ?a | eggs</p>");
    const patched = await client.reply(client.push("live_patch", { url: "http://localhost:4000/?stop" }));
    expect(patched.response).toEqual({ diff: { 0: "hook ?a | params ?a | eggs | hook ?stop" } });
  });

  it("take the infos of a view that handles none, and what they let pass is logged", async () => {
    const seen: string[] = [];
    const { app, log } = testApp({
      "/": createLiveView<{}, never, Info>({
        mount: (socket) => {
          socket.attachHook("handleInfo", "all", async (info) => {
            seen.push(info.text);
            return info.text === "mine" ? { halt: true } : undefined;
          });
          if (!socket.connected) return;
          for (const text of ["mine", "other"]) socket.sendInfo({ type: "said", text });
        },
        render: () => html`<p></p>`,
      }),
    });
    await visit(app, "/");
    await until(
      () => log.join().includes("got the info"),
      () => "a line in the log",
    );
    expect(seen).toEqual(["mine", "other"]);
    expect(log.join()).toContain('got the info "said" but has no handleInfo');
  });
});

describe("hooks of handleAsync", () => {
  it("get the outcome before done does, and may keep it from it", async () => {
    const { app } = testApp({
      "/": viewWith((socket) => {
        socket.attachHook("handleAsync", "watch", (name, outcome, own) => {
          note(own, `${name} ${outcome.ok ? String(outcome.value) : "failed"}`);
          return name === "secret" ? { halt: true } : undefined;
        });
        const done = (): void => note(socket, "done");
        socket.startAsync("open", () => 1, done);
        socket.startAsync("secret", () => 2, done);
      }),
    });
    const client = await visit(app, "/");
    await client.shows("secret 2");
    expect(client.html()).toBe("<p>params  | open 1 | done | secret 2</p>");
  });
});

describe("hooks of afterRender", () => {
  it("run after each render of a connected view, and not in the dead one", async () => {
    const renders: boolean[] = [];
    const { app } = testApp({
      "/": viewWith((socket) =>
        socket.attachHook("afterRender", "count", (own) => {
          renders.push(own.connected);
          own.pushEvent("rendered", { n: renders.length });
        }),
      ),
    });
    const client = await visit(app, "/");
    await until(
      () => client.events.length === 1,
      () => "the first event",
    );
    await client.event("undo");
    await until(
      () => client.events.length === 2,
      () => "the second event",
    );
    expect(renders).toEqual([true, true]);
    expect(client.events).toEqual([
      ["rendered", { n: 1 }],
      ["rendered", { n: 2 }],
    ]);
  });

  it("may assign, which renders once more", async () => {
    const { app } = testApp({
      "/": viewWith((socket) =>
        socket.attachHook("afterRender", "thrice", (own) => {
          if (own.context.log.length < 3) note(own, "again");
        }),
      ),
    });
    const client = await visit(app, "/");
    await client.shows("again | again");
    await quiet();
    expect(client.html()).toBe("<p>params  | again | again</p>");
  });

  it("keep the view busy while they are awaited, and end it when they fail", async () => {
    const gate = new Gate();
    let isBad = false;
    const { app, errors } = testApp({
      "/": viewWith((socket) =>
        socket.attachHook("afterRender", "slow", async () => {
          if (isBad) throw new Error("on purpose");
          await gate.promise;
        }),
      ),
    });
    const client = await visit(app, "/");
    const undo = client.click("undo");
    await turn();
    expect(client.replyTo(undo)).toBeUndefined();
    gate.open();
    expect((await client.reply(undo)).response).toMatchObject({ diff: { 0: "params  | undo" } });
    isBad = true;
    client.click("undo");
    await until(
      () => client.pushes("phx_error").length === 1,
      () => "a crash",
    );
    expect(errors[0]?.details.callback).toBe("afterRender");
  });
});

describe("hooks of a live component", () => {
  it("get what is meant for it alone, before it does", async () => {
    const rendered: number[] = [];
    const row = createLiveComponent<{ id: number }, { n: number }, { type: "add" } | { type: "load" }>({
      initial: { n: 0 },
      mount: (socket) => {
        socket.attachHook("handleEvent", "guard", (event, own) => {
          own.assign({ n: own.context.n + 10 });
          return event.type === "add" && own.context.n > 20 ? { halt: true, reply: "full" } : undefined;
        });
        socket.attachHook("handleAsync", "guard", (_name, outcome, own) => {
          own.assign({ n: outcome.ok ? Number(outcome.value) : 0 });
          return { halt: true };
        });
        socket.attachHook("afterRender", "count", (own) => void rendered.push(own.context.n));
      },
      handleEvent: (event, socket) => {
        if (event.type === "load")
          return socket.startAsync(
            "load",
            () => 100,
            () => socket.assign({ n: -1 }),
          );
        socket.assign({ n: socket.context.n + 1 });
      },
      render: ({ n }) => html`<li>${n}</li>`,
    });
    const { app } = testApp({
      "/": viewWith((socket) => socket.attachHook("handleEvent", "view", (_event, own) => note(own, "view")), {
        render: ({ log }: Context) => html`<p>${log.join(" | ")}</p><ul>${liveComponent(row, { id: 1 })}</ul>`,
      }),
    });
    const client = await visit(app, "/");
    const push = async (event: string) =>
      (await client.reply(client.push("event", { type: "click", event, value: {}, cid: 1 }))).response;
    expect(await push("add")).toEqual({ diff: { c: { 1: { 0: "11" } } } });
    expect(await push("add")).toEqual({ diff: { c: { 1: { 0: "21" } }, r: "full" } });
    await push("load");
    await client.shows(">100</li>");
    expect(rendered).toEqual([0, 11, 21, 31, 100]);
    expect(client.html()).toContain("<p>params </p>");
  });
});

describe("mistakes with hooks", () => {
  const failureOf = async (attach: (socket: Socket) => void): Promise<string> => {
    const { app, errors } = testApp({ "/": viewWith(attach) });
    await app.fetch(new Request("http://localhost:4000/"));
    return String(errors[0]?.error);
  };

  it("two of one id in one stage are refused, and a hook of another stage may have it", async () => {
    const message = await failureOf((socket) => {
      socket.attachHook("handleInfo", "a", () => {});
      socket.attachHook("handleEvent", "a", () => {});
      socket.attachHook("handleEvent", "a", () => {});
    });
    expect(message).toContain('/ has a handleEvent hook named "a" already');
    expect(message).toContain('socket.detachHook("handleEvent", "a")');
    const twice = ({ attachHook }: Mounting): void => attachHook("handleEvent", "b", () => {});
    const { app, errors } = behind(
      twice,
      viewWith((socket) => socket.attachHook("handleEvent", "b", () => {})),
    );
    await app.fetch(new Request("http://localhost:4000/"));
    expect(String(errors[0]?.error)).toContain('/ has a handleEvent hook named "b" already');
  });

  it("a stage that does not exist, a hook that is no function, a result that says nothing", async () => {
    expect(await failureOf((socket) => socket.attachHook("handleGap" as "handleInfo", "a", () => {}))).toContain(
      "There are handleParams, handleEvent, handleInfo, handleAsync, afterRender.",
    );
    expect(await failureOf((socket) => socket.attachHook("handleInfo", "a", {} as () => void))).toContain(
      'attachHook("handleInfo", "a", hook) takes a function',
    );
    const wrong = (() => ({ reply: 1 })) as unknown as () => void;
    expect(await failureOf((socket) => socket.attachHook("handleParams", "a", wrong))).toContain(
      'The handleParams hook "a" returned an object',
    );
  });

  it("handleParams of a view that has no address of its own", async () => {
    const child = viewWith((socket) => socket.attachHook("handleParams", "a", () => {}), { handleParams: undefined });
    const { app, errors } = testApp({
      "/": createLiveView<{}>({ render: () => html`<p>${liveRender(child, { id: "kid" })}</p>` }),
    });
    await app.fetch(new Request("http://localhost:4000/"));
    expect(String(errors[0]?.error)).toContain("handleParams of the nested view / > kid");
  });
});

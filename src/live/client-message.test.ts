import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { html } from "../html/html.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import { quiet, testApp, turn, until, visit } from "../../test/support/client.ts";
import { toViewEvent } from "./client-message.ts";
import { createLiveView } from "./live-view.ts";

const clientEvent = (event: string, value: unknown) => ({ type: "click", event, value, cid: undefined });

describe("toViewEvent", () => {
  it("gives the event its name as type, and the fields of its value", () => {
    expect(toViewEvent(clientEvent("rename", { name: "Ada" }), undefined)).toEqual({
      ok: true,
      value: { type: "rename", name: "Ada" },
    });
  });

  it("B12: lets no field of the value take the place of the name", () => {
    expect(toViewEvent(clientEvent("like", { type: "admin_reset", id: 1 }), undefined)).toEqual({
      ok: true,
      value: { type: "like", id: 1 },
    });
  });

  it.each([
    ["a text", "hello"],
    ["a number", 5],
    ["null", null],
    ["a list", [1, 2]],
    ["nothing", undefined],
  ])("puts %s under `value`", (_name, value) => {
    expect(toViewEvent(clientEvent("hook", value), undefined)).toEqual({ ok: true, value: { type: "hook", value } });
  });
});

const schemas = [
  ["zod", z.object({ name: z.string().min(2) })],
  ["valibot", v.object({ name: v.pipe(v.string(), v.minLength(2)) })],
  ["arktype", type({ name: "string >= 2" })],
] as const;

describe("an event with a schema", () => {
  it.each(schemas)("of %s is given to the handler when it fits", async (_name, rename) => {
    const { app } = testApp({
      "/": createLiveView({
        initial: { name: "" },
        events: { rename },
        handleEvent: (event, socket) => socket.assign({ name: event.name }),
        render: ({ name }) => html`<p>${name}</p>`,
      }),
    });
    const client = await visit(app, "/");
    expect(await client.event("rename", { name: "Ada" })).toEqual({ diff: { "0": "Ada" } });
  });

  it.each(schemas)(
    "of %s is refused, logged with its path, and answered, when it does not fit",
    async (_name, rename) => {
      let handled = 0;
      const { app, log, errors } = testApp({
        "/people": createLiveView({
          events: { rename },
          handleEvent: () => void handled++,
          render: () => html`<p></p>`,
        }),
      });
      const client = await visit(app, "/people");
      for (const value of [{}, { name: 5 }, { name: "A" }, "text", null]) {
        expect(await client.event("rename", value)).toEqual({});
      }
      expect(handled).toBe(0);
      expect(log).toHaveLength(5);
      for (const line of log) expect(line).toMatch(/refused the event "rename" of \/people: .*name/);
      expect(errors).toEqual([]);
      expect(client.pushes("phx_error")).toEqual([]);
    },
  );

  it.each(schemas)("of %s refuses an event that has none", async (_name, rename) => {
    const { app, log } = testApp({
      "/": createLiveView({ events: { rename }, handleEvent: () => {}, render: () => html`<p></p>` }),
    });
    const client = await visit(app, "/");
    expect(await client.event("delete", { name: "Ada" })).toEqual({});
    expect(await client.event("toString", { name: "Ada" })).toEqual({});
    expect(log).toEqual([
      '[wingbeat] refused the event "delete" of /: it is not among the view\'s `events`',
      '[wingbeat] refused the event "toString" of /: it is not among the view\'s `events`',
    ]);
  });

  it("gets what the schema made of it, and keeps its own name", async () => {
    const got: object[] = [];
    const { app } = testApp({
      "/": createLiveView({
        events: { count: z.object({ n: z.string().transform(Number), type: z.string().optional() }) },
        handleEvent: (event) => void got.push(event),
        render: () => html`<p></p>`,
      }),
    });
    await (await visit(app, "/")).event("count", { n: "7", type: "other", extra: 1 });
    expect(got).toEqual([{ type: "count", n: 7 }]);
  });

  it("may be checked asynchronously, and keeps its place in the order", async () => {
    const got: string[] = [];
    const slow = z.object({ text: z.string().refine(async (text) => (await turn(), text !== "bad")) });
    const { app, log } = testApp({
      "/": createLiveView({
        events: { slow, fast: z.object({ text: z.string() }) },
        handleEvent: (event) => void got.push(event.text),
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    client.click("slow", { text: "1" });
    client.click("slow", { text: "bad" });
    await client.reply(client.click("fast", { text: "2" }));
    expect(got).toEqual(["1", "2"]);
    expect(log).toEqual([expect.stringContaining("text: ")]);
  });

  it("sees in its handler the infos that came while it was checked", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { app } = testApp(
      {
        "/": createLiveView({
          initial: { n: 0, seen: -1 },
          events: { look: z.object({}).refine(() => gate.then(() => true)) },
          mount: (socket) => void socket.subscribe("t"),
          handleEvent: (_event, socket) => socket.assign({ seen: socket.context.n }),
          handleInfo: (_info, socket) => socket.assign({ n: socket.context.n + 1 }),
          render: ({ seen }) => html`<p>${seen}</p>`,
        }),
      },
      { pubSub },
    );
    const client = await visit(app, "/");
    const look = client.click("look");
    void pubSub.broadcast("t", { type: "one" });
    await quiet();
    release();
    expect(await client.reply(look)).toEqual({ status: "ok", response: { diff: { "0": "1" } } });
  });

  it("whose schema throws ends its view and not the connection", async () => {
    const { app, errors } = testApp({
      "/": createLiveView({
        events: { parse: z.object({ json: z.string().transform((text) => JSON.parse(text) as unknown) }) },
        handleEvent: () => {},
        render: () => html`<p></p>`,
      }),
    });
    const client = await visit(app, "/");
    expect(() => client.click("parse", { json: "{" })).not.toThrow();
    await until(
      () => client.pushes("phx_error").length === 1,
      () => "phx_error",
    );
    expect(errors[0]?.details).toMatchObject({ view: "/", callback: "handleEvent", message: "parse" });
  });
});

describe("an event that makes no sense", () => {
  const view = createLiveView({ handleEvent: () => {}, render: () => html`<p></p>` });

  it.each([
    ["for a component that is not there", "event", { type: "click", event: "e", value: {}, cid: 7 }],
    ["with a reserved name", "event", { type: "click", event: "lv:delete", value: {} }],
    ["without a name", "event", { type: "click", value: {} }],
    [
      "with a value that is too deep",
      "event",
      { type: "click", event: "e", value: JSON.parse("[".repeat(40) + "]".repeat(40)) as unknown },
    ],
    ["that is a text", "event", "boo"],
    ["that is null", "event", null],
    ["of an unknown kind", "progress", { ref: "1" }],
    ["that patches to no address", "live_patch", { url: 5 }],
  ])("%s is answered with ok {} and logged", async (_name, event, payload) => {
    const { app, log } = testApp({ "/": view });
    const client = await visit(app, "/");
    expect(await client.reply(client.push(event, payload))).toEqual({ status: "ok", response: {} });
    expect(log).toEqual([expect.stringMatching(/^\[wingbeat\] refused "\w+" from the page of \/: /)]);
    expect(client.pushes("phx_error")).toEqual([]);
  });

  it("for a view without handleEvent ends it, with the mend", async () => {
    const { app, errors } = testApp({ "/": createLiveView({ render: () => html`<p></p>` }) });
    const client = await visit(app, "/");
    client.click("inc");
    expect(client.pushes("phx_error")).toHaveLength(1);
    expect(errors[0]?.error).toMatchObject({ code: "view.no-handler" });
    expect(String(errors[0]?.error)).toContain('handleEvent: (event, socket) => { /* event.type is "inc" */ }');
  });

  it("from a form arrives as the form's fields, with meta and target", async () => {
    const got: object[] = [];
    const { app } = testApp({
      "/": createLiveView({ handleEvent: (event) => void got.push(event), render: () => html`<p></p>` }),
    });
    const client = await visit(app, "/");
    const value = "user%5Bname%5D=bob+b&user%5Btags%5D%5B%5D=x&type=evil";
    await client.reply(
      client.push("event", { type: "form", event: "save", value, meta: { _target: "user[name]", id: "7" } }),
    );
    expect(got).toEqual([{ type: "save", user: { name: "bob b", tags: ["x"] }, id: "7", _target: ["user", "name"] }]);
  });
});

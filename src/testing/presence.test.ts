import { afterEach, describe, expect, it, vi } from "vitest";
import { FaultyPubSub } from "../../test/support/faulty-pubsub.ts";
import { each } from "../html/each.ts";
import { html } from "../html/html.ts";
import { shared } from "../html/shared.ts";
import { createLiveComponent } from "../live/components/create-live-component.ts";
import { createLiveApp } from "../live/live-app.ts";
import { createLiveView } from "../live/live-view.ts";
import { Presence, type PresenceOptions } from "../presence/presence.ts";
import type { PresenceDiff, Presences } from "../presence/presences.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import { topic } from "../pubsub/topic.ts";
import type { Page } from "./page.ts";
import { closePages, visit } from "./visit.ts";

interface Who {
  readonly name: string;
  readonly typing: boolean;
  readonly avatar?: string;
}

const SECRET = "only-for-tests-0123456789-0123456789";
const room = topic<PresenceDiff<Who>>("room");
const presences: Presence<Who>[] = [];

/** A room that shows who is in it, on a bus of its own. */
function openRoom(options: PresenceOptions<Who> = {}, bus: PubSub = new SingleProcessPubSub({ isolated: true })) {
  const presence = new Presence<Who>({ pubSub: bus, ...options });
  presences.push(presence);
  let renders = 0;
  const users = new Map<string, string>();
  const view = createLiveView<
    { who: Presences<Who> },
    { type: "typing" } | { type: "flood" },
    PresenceDiff<Who>,
    { user: string }
  >({
    mount: async (socket, { user }) => {
      await socket.subscribe(room);
      users.set(socket.id, user);
      void presence.track(socket, room, user, { name: user, typing: false });
      socket.assign({ who: presence.list(room) });
    },
    handleEvent: (event, socket) => {
      const key = users.get(socket.id) ?? "";
      const times = event.type === "flood" ? 1_000 : 1;
      for (let n = 0; n < times; n++)
        void presence.update(socket, room, key, (meta) => ({ ...meta, typing: !meta.typing }));
    },
    handleInfo: (diff, socket) => socket.assign({ who: presence.syncDiff(socket.context.who, diff) }),
    render: shared(({ who }) => {
      renders++;
      return html`<ul>${each(
        Object.entries(who),
        ([key]) => key,
        ([key, { metas }]) =>
          html`<li>${key} ${metas.length} ${metas.some(({ typing }) => typing) ? "typing…" : ""} ${metas[0]?.avatar}</li>`,
      )}</ul><button phx-click="typing">Type</button><button phx-click="flood">Flood</button>`;
    }),
  });
  const errors: unknown[] = [];
  const app = createLiveApp({
    secret: SECRET,
    pubSub: bus,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    onError: (error) => void errors.push(error),
    session: () => ({ user: "nobody" }),
    routes: { "/": view },
    development: false,
    origins: ["http://localhost"],
  });
  const enter = (user: string): Promise<Page> => visit(app, "/", { session: { user } });
  return { app, bus, presence, enter, errors, renders: () => renders };
}

const here = (page: Page): string[] => page.elements("li").map((item) => item.text().trim());

afterEach(async () => {
  closePages();
  vi.useRealTimers();
  await Promise.all(presences.splice(0).map((presence) => presence.close()));
});

describe("a view with presence", () => {
  it("shows who is here, on every page, as people come and go", async () => {
    const { enter, presence } = openRoom();
    const ada = await enter("ada");
    expect(here(ada)).toEqual(["ada 1"]);
    const grace = await enter("grace");
    expect([here(ada), here(grace)]).toEqual([
      ["ada 1", "grace 1"],
      ["ada 1", "grace 1"],
    ]);
    await ada.element("button", "Type").click();
    expect(here(grace)).toEqual(["ada 1 typing…", "grace 1"]);
    ada.close();
    await grace.settled();
    expect(here(grace)).toEqual(["grace 1"]);
    expect(presence.counts).toMatchObject({ tracked: 1, topics: 1 });
  });

  it("shows two tabs of one person once, until both are closed", async () => {
    const { enter } = openRoom();
    const grace = await enter("grace");
    const [one, two] = [await enter("ada"), await enter("ada")];
    expect(here(grace)).toEqual(["grace 1", "ada 2"]);
    one.close();
    await grace.settled();
    expect(here(grace)).toEqual(["grace 1", "ada 1"]);
    two.close();
    await grace.settled();
    expect(here(grace)).toEqual(["grace 1"]);
  });

  it("tracks nobody in the render of the HTTP response", async () => {
    const { app, presence } = openRoom();
    await app.fetch(new Request("http://localhost/"));
    expect(presence.list("room")).toEqual({});
  });

  it("ends its presence when it crashes, and has one again when it is back", async () => {
    const { enter, presence } = openRoom();
    const ada = await enter("ada");
    const [before] = presence.get("room", "ada")?.metas ?? [];
    await ada.crash();
    const metas = presence.get("room", "ada")?.metas ?? [];
    expect(metas).toHaveLength(1);
    expect(metas[0]?.ref).not.toBe(before?.ref);
  });

  it("shows no leave and no join of a page that reloads within the grace, under fake timers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
    const { enter, presence } = openRoom({ graceMs: 5_000 });
    const told: string[] = [];
    presence.on("join", ({ key }) => told.push(`+${key}`));
    presence.on("leave", ({ key }) => told.push(`-${key}`));
    const grace = await enter("grace");
    let ada = await enter("ada");
    ada.close();
    await vi.advanceTimersByTimeAsync(4_000);
    await grace.settled();
    expect(here(grace)).toEqual(["grace 1", "ada 1"]);
    ada = await enter("ada");
    await vi.advanceTimersByTimeAsync(60_000);
    await grace.settled();
    expect(here(grace)).toEqual(["grace 1", "ada 1"]);
    ada.close();
    await vi.advanceTimersByTimeAsync(5_100);
    await grace.settled();
    expect(here(grace)).toEqual(["grace 1"]);
    expect(told).toEqual(["+grace", "+ada", "-ada"]);
  });

  it("is rendered once for all views that show the same", async () => {
    const { enter, renders } = openRoom();
    const pages = [];
    for (let n = 0; n < 10; n++) pages.push(await enter(`user ${n}`));
    const before = renders();
    await pages[0]?.element("button", "Type").click();
    for (const page of pages) expect(here(page)[0]).toBe("user 0 1 typing…");
    expect(renders() - before).toBe(1);
  });

  it("waits in settled() for details that fetch loads", async () => {
    const { enter } = openRoom({
      fetch: async (_topic, who) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return Object.fromEntries(Object.keys(who).map((key) => [key, { avatar: `${key}.png` }]));
      },
    });
    const ada = await enter("ada");
    await ada.settled();
    expect(here(ada)).toEqual(["ada 1 ada.png"]);
  });

  it("that updates a thousand times at once crashes, alone, with a clear error", async () => {
    const { enter, errors } = openRoom();
    const grace = await enter("grace");
    const ada = await enter("ada");
    await expect(grace.element("button", "Flood").click()).rejects.toThrow("limits.updatesPerSecond");
    expect(errors).toEqual([expect.objectContaining({ code: "presence.too-fast" })]);
    await ada.settled();
    expect(here(ada).length).toBe(2);
  });

  it("on another bus than its presence fails, and says what to do", async () => {
    const { errors, enter } = openRoom({ pubSub: new SingleProcessPubSub({ isolated: true }) });
    await expect(enter("ada")).rejects.toThrow();
    expect(errors[0]).toMatchObject({
      code: "presence.other-bus",
      message: expect.stringContaining("Give both the same object"),
    });
  });

  it("is never shown a diff that somebody has forged, whatever adapter lets it pass", async () => {
    // An adapter of others, which does not look.
    const bus = new FaultyPubSub();
    const forged = {
      type: "presence_diff",
      topic: "room",
      joins: { eve: { metas: [{ name: "Eve", ref: "1" }] } },
      leaves: {},
    };
    const deliver: ((message: unknown) => void)[] = [];
    const subscribe = bus.subscribe.bind(bus);
    vi.spyOn(bus, "subscribe").mockImplementation((name, listener, as) => {
      // The topic's own type of listener, which here gets what it does not expect.
      if (name === "room") deliver.push(listener as (message: unknown) => void);
      return subscribe(name, listener, as);
    });
    const { enter, errors } = openRoom({}, bus);
    const ada = await enter("ada");
    for (const listener of deliver) listener(forged);
    await ada.settled();
    expect(here(ada)).toEqual(["ada 1"]);
    expect(errors).toEqual([expect.objectContaining({ code: "pubsub.reserved-message" })]);
  });
});

describe("a live component with presence", () => {
  it("tracks for its view: what it tracks ends with the view", async () => {
    const bus = new SingleProcessPubSub({ isolated: true });
    const presence = new Presence<Who>({ pubSub: bus });
    presences.push(presence);
    const badge = createLiveComponent<{ name: string }>({
      update: (socket, { name }) => {
        socket.assign({ name });
        void presence.track(socket, "room", name, { name, typing: false });
      },
      render: ({ name }) => html`<b>${name}</b>`,
    });
    const view = createLiveView<{ name: string }>({
      initial: { name: "ada" },
      render: ({ name }, meta) => html`<div>${meta.liveComponent(badge, { id: "badge", name })}</div>`,
    });
    const page = await visit(
      createLiveApp({
        secret: SECRET,
        pubSub: bus,
        routes: { "/": view },
        logger: { info() {}, warn() {}, error() {} },
      }),
      "/",
    );
    expect(Object.keys(presence.list("room"))).toEqual(["ada"]);
    page.close();
    expect(presence.list("room")).toEqual({});
  });
});

describe("a view that mounts anew after a gap", () => {
  it("keeps the presences that it asks for again, and no others", async () => {
    const bus = new FaultyPubSub();
    const presence = new Presence<Who>({ pubSub: bus });
    presences.push(presence);
    let mounts = 0;
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      onGap: "remount",
      mount: async (socket) => {
        await socket.subscribe("room");
        if (!socket.connected) return;
        void presence.track(socket, "room", "ada", { name: "Ada", typing: false });
        void presence.track(socket, "room", `mount ${++mounts}`, { name: "m", typing: false });
      },
      handleInfo: () => {},
      render: ({ n }) => html`${n}`,
    });
    const app = createLiveApp({
      secret: SECRET,
      pubSub: bus,
      routes: { "/": view },
      limits: { gapSpreadMs: 1 },
      logger: { info() {}, warn() {}, error() {} },
    });
    await visit(app, "/");
    const before = presence.get("room", "ada");
    bus.gap();
    await vi.waitFor(() => expect(Object.keys(presence.list("room")).toSorted()).toEqual(["ada", "mount 2"]), 20_000);
    expect(presence.get("room", "ada")).toEqual(before);
  });
});

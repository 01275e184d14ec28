// Who is here: everybody once, however many tabs they have open and whichever server these are at. A tab tracks its own
// state, its meta, under the key of its visitor; what a person does is put together from the metas of that key.
import { createLiveView, each, html, Presence, topic } from "wingbeat";
import type { LiveSocket, PresenceDiff, Presences, Rendered } from "wingbeat";
import { z } from "zod";
import { pubSub } from "./pubsub.ts";
import type { Session } from "./visitor.ts";

type Tab = { name: string; typing: boolean; idle: boolean };
/** When, by `performance.now()`, the tab has last typed, and last done anything at all. */
type Context = { me: string; draft: string; who: Presences<Tab>; typedMs: number; actedMs: number };
type Events = { type: "act" } | { type: "type" | "rename"; name: string };
type Renamed = { type: "renamed"; name: string };
type Infos = PresenceDiff<Tab> | Renamed | { type: "tick" };

const TICK_MS = 1_000;
const RESTED_MS = 2_000;
const IDLE_MS = 60_000;
const BIRDS = ["Avocet", "Bittern", "Curlew", "Dunlin", "Egret", "Fulmar", "Gannet", "Heron", "Ibis", "Jackdaw"];

const here = topic<PresenceDiff<Tab>>("who");
/** Reaches the tabs of one visitor, who has the same name in all of them. */
const tabsOf = (visitor: string) => topic<Renamed>(`who:${visitor}`);
// Who loads the page again, or is sent to another server by a deploy, has never been away.
export const presence = new Presence<Tab>({ pubSub, graceMs: 5_000 });

function update(socket: LiveSocket<Context, Infos>, change: Partial<Tab>): void {
  void presence.update(socket, here, socket.context.me, (tab) => ({ ...tab, ...change }));
}

export const whoLiveView = createLiveView<Context, Events, Infos, Session>({
  events: {
    act: z.object({}),
    type: z.object({ name: z.string().max(30) }),
    rename: z.object({ name: z.string().trim().min(1).max(30) }),
  },

  mount: async (socket, { visitor: me }) => {
    if (me === "") return socket.redirect("/hello");
    socket.pageTitle("Who is here");
    // First subscribe, then list: what changes between the two arrives as a diff.
    await Promise.all([socket.subscribe(here), socket.subscribe(tabsOf(me))]);
    const name = presence.get(here, me)?.metas.at(-1)?.name ?? birdOf(me);
    await presence.track(socket, here, me, { name, typing: false, idle: false });
    socket.assign({ me, draft: name, who: presence.list(here), typedMs: -Infinity, actedMs: performance.now() });
    socket.sendInfoEvery(TICK_MS, "tick");
  },

  handleEvent: (event, socket) => {
    const now = performance.now();
    socket.assign({ actedMs: now });
    // What is typed is kept here: of an input that has not the focus, the page shows what was last rendered.
    if (event.type === "type") socket.assign({ draft: event.name, typedMs: now });
    if (event.type === "rename") return socket.broadcast(tabsOf(socket.context.me), { ...event, type: "renamed" });
    // Of a meta that is as it was, nobody is told.
    return update(socket, event.type === "type" ? { typing: true, idle: false } : { idle: false });
  },

  handleInfo: (info, socket) => {
    const { who, typedMs, actedMs } = socket.context;
    const now = performance.now();
    if (info.type === "presence_diff") socket.assign({ who: presence.syncDiff(who, info) });
    else if (info.type === "renamed") {
      socket.assign({ draft: info.name });
      update(socket, { name: info.name });
    } else update(socket, { typing: now - typedMs < RESTED_MS, idle: now - actedMs >= IDLE_MS });
  },

  render: ({ me, draft, who }, meta) => html`
    <h1>Who is here</h1>
    <p class="summary" role="status">${summarize(Object.keys(who).length)}</p>
    <ul class="people" phx-window-keydown="${meta.event("act")}" phx-throttle="5000">
      ${each(
        Object.entries(who),
        ([visitor]) => visitor,
        ([visitor, { metas }]) => person(visitor, metas, visitor === me),
      )}
    </ul>
    <form id="me" class="line" phx-change="${meta.event("type")}" phx-submit="${meta.event("rename")}">
      <label for="name">Your name</label>
      <input id="name" name="name" required maxlength="30" autocomplete="nickname" value="${draft}">
      <button class="primary">Save</button>
    </form>`,
});

function person(visitor: string, tabs: readonly Tab[], isMe: boolean): Rendered {
  const name = tabs.at(-1)?.name ?? "";
  const initials = name.split(/\s+/, 2).map((word) => /./u.exec(word)?.[0].toUpperCase());
  const idle = tabs.every((tab) => tab.idle);
  const state = tabs.some((tab) => tab.typing) ? "typing…" : idle ? "idle" : "";
  return html`<li class="${idle && "idle"}">
    <span class="avatar" aria-hidden="true" style="--hue: ${hueOf(visitor)}">${initials.join("")}</span>
    <span><b>${name}</b>${isMe ? " (you)" : ""} <i>${state}</i></span></li>`;
}

const hueOf = (visitor: string): number => Number.parseInt(visitor.slice(0, 8), 16) % 360;
const birdOf = (visitor: string): string => BIRDS[hueOf(visitor) % BIRDS.length] ?? "";
const summarize = (count: number): string => (count === 1 ? "One person is here." : `${count} people are here.`);

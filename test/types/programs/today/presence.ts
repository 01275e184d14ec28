// Presence: metas typed from where they are tracked to where they are shown.
import { createLiveView, each, html, message, Presence, SingleProcessPubSub, topic } from "wingbeat";
import type { LiveSocket, PresenceChange, PresenceDiff, Presences } from "wingbeat";
import type { Equal } from "./equal.ts";

type Who = { name: string; typing: boolean; avatar?: string };
/** A topic that presence uses says so: its views then must be ready for the diffs. */
type RoomMessage = { type: "said"; text: string } | PresenceDiff<Who>;
const room = topic<RoomMessage>("room");
const silent = topic<{ type: "said"; text: string }>("silent");
const presence = new Presence<Who>({
  pubSub: new SingleProcessPubSub(),
  graceMs: (name) => (name === "room" ? 5_000 : 0),
  fetch: async (_topic, present) => Object.fromEntries(Object.keys(present).map((key) => [key, { avatar: `${key}.png` }])),
  limits: { keysPerTopic: 100 },
});

export const chat = createLiveView<{ who: Presences<Who> }, { type: "typing" }, RoomMessage, { user: string }>({
  mount: async (socket, session) => {
    await socket.subscribe(room);
    await presence.track(socket, room, session.user, { name: session.user, typing: false });
    await presence.track(socket, "a plain string", session.user, { name: session.user, typing: false });
    socket.assign({ who: presence.list(room) });
    presence.track(socket, silent, "ada", { name: "Ada", typing: false }); // ✗ missing the following properties from type 'PresenceDiff<Who>'
    presence.track(socket, room, "ada", { name: "Ada" }); // ✗ Property 'typing' is missing
    presence.track(socket, room, 42, { name: "Ada", typing: false }); // ✗ 'number' is not assignable to parameter of type 'string'
    presence.track({}, room, "ada", { name: "Ada", typing: false }); // ✗ Property 'id' is missing
  },
  handleEvent: (_typing, socket) => {
    presence.update(socket, room, "ada", (meta) => ({ ...meta, typing: true }));
    presence.update(socket, room, "ada", { name: "Ada", typing: true });
    presence.update(socket, room, "ada", (meta) => ({ ...meta, name: 1 })); // ✗ 'number' is not assignable to type 'string'
    presence.update(socket, room, "ada", () => ({ name: "Ada" })); // ✗ Property 'typing' is missing
    presence.update(socket, room, "ada", { typing: true }); // ✗ Property 'name' is missing
    presence.untrack(socket, room, "ada");
    presence.untrack(socket);
  },
  handleInfo: (info, socket) => {
    if (info.type === "said") return;
    const joined: Equal<typeof info, PresenceDiff<Who>> = true;
    socket.assign({ who: joined ? presence.syncDiff(socket.context.who, info) : {} });
  },
  render: ({ who }) =>
    html`${each(
      Object.entries(who),
      ([key]) => key,
      ([key, { metas }]) => html`<li>${key}: ${metas[0]?.name} ${metas.some(({ typing }) => typing)} ${metas[0]?.ref}</li>`,
    )}`,
});

// A function has a name, and would pass for a meta that has one.
const names = new Presence<{ name: string }>();
export const nameless = (socket: LiveSocket<object>): void => {
  names.update(socket, "x", "ada", { name: "Ada" });
  names.update(socket, "x", "ada", () => 1); // ✗ 'number' is not assignable to type '{ name: string; }'
  names.track(socket, topic<{ type: "said"; text: string }>("chat:1"), "ada", { name: "Ada" }); // ✗ missing the following properties from type 'PresenceDiff<{ name: string; }>'
};

// Without written generics: the diffs are among the infos by the topic.
export const inferred = createLiveView({
  initial: { who: {} as Presences<Who> },
  infos: [room, message<{ type: "tick" }>()],
  handleInfo: (info, socket) => {
    if (info.type === "presence_diff") socket.assign({ who: presence.syncDiff(socket.context.who, info) });
  },
  render: ({ who }) => html`${Object.keys(who).length}`,
});
createLiveView<{ n: number }, never, { type: "said"; text: string }>({
  initial: { n: 0 },
  mount: async (socket) => {
    await socket.subscribe(room); // ✗ is not assignable to
  },
  render: () => html``,
});

presence.on("join", ({ topic, key, metas }) => console.log(topic, key, metas[0]?.typing));
presence.on("gone", () => {}); // ✗ '"gone"' is not assignable to parameter of type '"join" | "leave"'
export const change: Equal<Parameters<Parameters<typeof presence.on>[1]>[0], PresenceChange<Who>> = true;
new Presence<string>(); // ✗ Type 'string' does not satisfy the constraint 'object'
new Presence<Who>({ fetch: () => ({ ada: { picture: "ada.png" } }) }); // ✗ picture
new Presence<Who>({ limits: { metaByte: 1 } }); // ✗ Did you mean to write 'metaBytes'?

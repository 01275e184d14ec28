// Nested views, and hooks beside views: what their types accept; a line with ✗ must be refused with the text after it.
import { createLiveApp, createLiveComponent, createLiveView, hookScript, html, liveComponent, liveRender } from "wingbeat";
import type { NestedViewOptions, Rendered } from "wingbeat";

type User = { id: string };

const plain = createLiveView<{ n: number }>({ initial: { n: 0 }, render: ({ n }) => html`${n}` });
const clock = createLiveView<{ zone: string }, never, never, { zone: string; user?: User }>({
  mount: (socket, session) => socket.assign({ zone: session.zone }),
  render: ({ zone }) => html`${zone}`,
});
const card = createLiveView({
  initial: { name: "" },
  mount: (socket, session: { user: User }) => socket.assign({ name: session.user.id }),
  render: ({ name }) => html`${name}`,
});
const room = createLiveView<{ n: number }, never, never, {}, { id: string }>({
  initial: { n: 0 },
  render: ({ n }) => html`${n}`,
});

const options: NestedViewOptions = { id: "plain", container: ["li", { class: ["a", false], hidden: true }] };
export const nested: readonly Rendered[] = [
  liveRender(plain, { id: 1 }),
  liveRender(plain, options),
  liveRender(plain, { id: "plain", sticky: undefined, container: undefined, session: {} }),
  liveRender(clock, { id: "clock", session: { zone: "Europe/Rome" }, sticky: true }),
  liveRender(clock, { id: "clock", session: { zone: "Europe/Rome", user: { id: "ada" } }, container: "section" }),
  liveRender(card, { id: "card", session: { user: { id: "ada" } } }),
];

const around = createLiveView<{ user: User; zone: string }, never, never, { user: User }>({
  mount: (socket, { user }) => socket.assign({ user, zone: "" }),
  render: ({ user, zone }, meta) =>
    html`<ul>${[user].map((each) => liveRender(card, { id: each.id, session: { user: each } }))}</ul>
      ${zone !== "" && liveRender(clock, { id: "clock", session: { zone } })}
      ${liveComponent(frame, { id: 1 })} ${hookScript("Chart", "{}", { nonce: meta.nonce })} ${hookScript("Map", "{}")}`,
});
const frame = createLiveComponent<{}>({
  render: (_context, meta) => html`<div>${liveRender(plain, { id: "in-frame" })}${hookScript("A", "{}", meta)}</div>`,
});

export const app = createLiveApp({
  session: () => ({ user: { id: "ada" } }),
  views: { clock, card },
  clientModule: new URL("./client.mjs", "file:///"),
  routes: { "/": around },
});
export const undecided = createLiveApp({ views: undefined, clientModule: undefined, routes: { "/": plain } });

// ── mistakes ──
liveRender(clock, { id: "clock" }); // ✗ Property 'session' is missing
liveRender(clock, { id: "clock", session: {} }); // ✗ Property 'zone' is missing
liveRender(clock, { id: "clock", session: { zone: 1 } }); // ✗ 'number' is not assignable to type 'string'
liveRender(clock, { id: "clock", session: { zone: "", usr: 1 } }); // ✗ 'usr' does not exist
liveRender(card, { id: "card", session: { user: "ada" } }); // ✗ 'string' is not assignable to type 'User'
liveRender(plain, {}); // ✗ Property 'id' is missing
liveRender(plain, { id: "plain", params: {} }); // ✗ 'params' does not exist
liveRender(plain, { id: "plain", container: { tag: "li" } }); // ✗ 'tag' does not exist
liveRender(room, { id: "room" }); // ✗ Property 'id' is missing
liveRender({ render: () => html`` }, { id: "x" }); // ✗ 'render' does not exist in type 'LiveView<
liveRender(frame, { id: "x" }); // ✗ in type 'LiveComponent<{}, never>' but required in type 'LiveView<
hookScript("Chart"); // ✗ Expected 2-3 arguments, but got 1
createLiveApp({ views: { clock: "clock" }, routes: {} }); // ✗ 'string' is not assignable to type 'LiveView

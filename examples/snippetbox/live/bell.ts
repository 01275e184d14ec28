// The bell on every page: what is new for somebody, in all of their tabs at once. A sticky view: it stays while the page
// around it is exchanged. As it is always there, it is also what says who is online.
import { createLiveView, each, html, link, type PresenceDiff } from "wingbeat";
import { findUser } from "../contexts/accounts.ts";
import {
  countUnread,
  markAllRead,
  notificationsOf,
  notificationsTopic,
  type Notification,
  type NotificationMessage,
} from "../contexts/notifications.ts";
import { everybody, presence, type Here } from "../contexts/presence.ts";
import { timeAgo } from "./times.ts";

const SHOWN = 20;

type Context = { userId: string; items: readonly Notification[]; unread: number; isOpen: boolean; now: number };
type Events = { type: "toggle" | "close" | "read" };
type Infos = NotificationMessage | PresenceDiff<Here> | { type: "tick" };

export const bell = createLiveView<Context, Events, Infos, { userId?: string }>({
  initial: { userId: "", items: [], unread: 0, isOpen: false, now: 0 },

  mount: async (socket, { userId = "" }) => {
    const user = await findUser(userId);
    if (user === undefined) return;
    await socket.subscribe(notificationsTopic(userId));
    await presence.track(socket, everybody, userId, { name: user.name, typing: false });
    socket.sendInfoEvery(30_000, "tick");
    const [items, unread] = await Promise.all([notificationsOf(userId, SHOWN), countUnread(userId)]);
    socket.assign({ userId, items, unread, now: Date.now() });
  },

  handleEvent: async (event, socket) => {
    const { isOpen, userId } = socket.context;
    if (event.type === "read") return markAllRead(userId);
    socket.assign({ isOpen: event.type === "toggle" && !isOpen, now: Date.now() });
  },

  handleInfo: (info, socket) => {
    const { items, unread } = socket.context;
    const now = Date.now();
    if (info.type === "notified") {
      socket.assign({ items: [info.notification, ...items].slice(0, SHOWN), unread: unread + 1, now });
    } else if (info.type === "notifications_read") {
      socket.assign({ items: items.map((item) => ({ ...item, read_at: item.read_at ?? info.at })), unread: 0 });
    } else if (info.type === "tick") socket.assign({ now });
  },

  render: ({ items, unread, isOpen, now }, meta) => {
    const close = meta.js.push("close").focus({ to: "#bell-button" });
    return html`
    <button id="bell-button" class="bell" phx-click="toggle" aria-expanded="${isOpen}" aria-controls="notifications">
      ${icon}<span class="hidden">Notifications</span>
      <span class="badge" role="status" hidden="${unread === 0}">${unread}<span class="hidden"> unread</span></span>
    </button>
    <section id="notifications" class="panel" aria-label="Notifications" hidden="${!isOpen}"
      phx-click-away="${isOpen ? meta.js.push("close") : undefined}" phx-window-keydown="${isOpen ? close : undefined}" phx-key="Escape">
      <header><h2>Notifications</h2>
        <button class="quiet" phx-click="read" aria-disabled="${unread === 0}">Mark all as read</button></header>
      ${items.length === 0 && html`<p class="empty">Nothing yet. Somebody who writes @ and your name in a chat shows up here.</p>`}
      <ul>${each(
        items,
        ({ id }) => id,
        (item) => html`<li class="${item.read_at === null && "unread"}">
          ${link({ navigate: item.path, "phx-click": close }, item.text)} ${timeAgo(item.created_at, now)}</li>`,
      )}</ul>
    </section>`;
  },
});

const icon = html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M12 3a6 6 0 0 0-6 6v4l-2 3h16l-2-3V9a6 6 0 0 0-6-6zm-2 15a2 2 0 0 0 4 0" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" stroke-linecap="round"></path></svg>`;

// A room to talk in: who is there, who is typing, the last messages, and older ones as one scrolls up.
import { createLiveView, each, html, JS, link, memo } from "wingbeat";
import type { LiveSocket, LiveStream, PresenceDiff, Presences, Rendered } from "wingbeat";
import { z } from "zod";
import {
  chatTopic,
  isRoom,
  MAX_MESSAGE_LENGTH,
  messagesIn,
  rooms,
  sendMessage,
  type ChatMessage,
  type Said,
} from "../contexts/chat.ts";
import { presence, roomPresence, type Here } from "../contexts/presence.ts";
import { avatar, whoTypes } from "./people.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";
import { clockTime } from "./times.ts";

const PAGE = 50;
/** How many messages a page holds, unless one has scrolled up to older ones. */
const KEPT = 200;
const MOST_KEPT = 1_000;
/** How long after the last key somebody still counts as typing, in milliseconds. */
const TYPING_MS = 3_000;

type Context = Session & {
  room: string;
  messages: LiveStream<ChatMessage>;
  who: Presences<Here>;
  /** The ids of the messages on the page, the oldest first. */
  shown: readonly string[];
  kept: number;
  hasOlder: boolean;
  /** What is being typed: it is still there after a crash of this view, or of the server. */
  text: string;
  /** How many were sent. The field is a new one each time, and empty. */
  sent: number;
  typedMs: number;
};
type Events = { type: "typing" | "send"; text: string } | { type: "older"; _overran: boolean };
type Infos = Said | PresenceDiff<Here> | { type: "rested" };

const typed = z.object({ text: z.string().max(MAX_MESSAGE_LENGTH) });

export const chat = createLiveView<Context, Events, Infos, Session, { room: string }>({
  events: { typing: typed, send: typed, older: z.object({ _overran: z.boolean().default(false) }) },

  mount: async (socket, { currentUser }, { room }) => {
    if (!isRoom(room)) throw Object.assign(new Error(`no room ${room}`), { status: 404 });
    const here = roomPresence(room);
    await Promise.all([socket.subscribe(chatTopic(room)), socket.subscribe(here)]);
    await presence.track(socket, here, currentUser.id, { name: currentUser.name, typing: false });
    socket.pageTitle(`#${room}`);
    const messages = await messagesIn(room, PAGE);
    socket.stream("messages", messages);
    const shown = messages.map(({ id }) => id);
    socket.assign({ currentUser, room, who: presence.list(here), shown, kept: KEPT, hasOlder: shown.length === PAGE });
    socket.assign({ text: "", sent: 0, typedMs: 0 });
  },

  handleEvent: async (event, socket) => {
    if (event.type === "older") return event._overran ? undefined : showOlder(socket);
    const { currentUser, room, sent } = socket.context;
    if (event.type === "typing") {
      socket.assign({ text: event.text, typedMs: Date.now() });
      socket.sendInfoAfter(TYPING_MS, "rested");
      return setTyping(socket, event.text !== "");
    }
    const message = await sendMessage(currentUser, room, event.text);
    if (message === undefined) return undefined;
    socket.assign({ text: "", sent: sent + 1 });
    return setTyping(socket, false);
  },

  handleInfo: (info, socket) => {
    const { who, shown, kept, typedMs } = socket.context;
    if (info.type === "presence_diff") return socket.assign({ who: presence.syncDiff(who, info) });
    if (info.type === "rested") return Date.now() - typedMs >= TYPING_MS ? setTyping(socket, false) : undefined;
    const { message } = info;
    // Said while the page was being made: it was read from the database already.
    if (shown.includes(message.id)) return undefined;
    socket.streamInsert("messages", message, { limit: -kept });
    const hasOlder = socket.context.hasOlder || shown.length >= kept;
    return socket.assign({ shown: [...shown, message.id].slice(-kept), hasOlder });
  },

  // Something may have been said that did not arrive here. The database has it.
  handleGap: async (_gap, socket) => {
    const { room, shown } = socket.context;
    const messages = await messagesIn(room, Math.max(shown.length, PAGE));
    socket.stream("messages", messages, { reset: true });
    socket.assign({ shown: messages.map(({ id }) => id) });
  },

  render: ({ currentUser: me, room, messages, who, text, sent, hasOlder }, meta) =>
    shell(
      { user: me, here: "/chat/lobby", flash: meta.flash, csrfToken: meta.csrfToken },
      html`
        <div class="chat">
          <section class="talk" aria-label="Messages">
            <h1>#${room}</h1>
            <div class="scroll" role="log" aria-label="What was said" tabindex="0">
              <ol id="messages" phx-update="stream" phx-viewport-top="${hasOlder ? "older" : undefined}">
                <li id="messages-none" class="empty">Nobody has said anything here yet.</li>
                ${messages.map((_domId, message) => memo(message, message.author_id === me.id ? mine : theirs))}
              </ol>
            </div>
            <p class="typing" role="status">${whoTypes(who, me.id)}</p>
            <form id="say" class="line" phx-change="${meta.event("typing")}" phx-submit="${meta.event("send")}">
              <input id="say-${sent}" name="text" value="${text}" maxlength="${MAX_MESSAGE_LENGTH}" autocomplete="off"
                aria-label="Message to #${room}" placeholder="Message to #${room}; @name tells somebody" phx-mounted="${sent > 0 ? JS.focus() : undefined}">
              <button class="primary">Send</button>
            </form>
          </section>
          <aside aria-label="Rooms and people">
            <h2>Rooms</h2>
            <ul class="rooms">${rooms.map(
              (name) =>
                html`<li>${link({ navigate: `/chat/${name}`, "aria-current": name === room ? "page" : undefined }, `#${name}`)}</li>`,
            )}</ul>
            ${memo(who, online)}
          </aside>
        </div>`,
    ),
});

type Socket = LiveSocket<Context, Infos>;

function setTyping(socket: Socket, typing: boolean): Promise<void> {
  const { room, currentUser } = socket.context;
  // Of a meta that is as it was, nobody is told.
  return presence.update(socket, roomPresence(room), currentUser.id, (meta) => ({ ...meta, typing }));
}

async function showOlder(socket: Socket): Promise<void> {
  const { room, shown, kept } = socket.context;
  const before = shown[0];
  if (before === undefined || shown.length >= MOST_KEPT) return;
  const older = await messagesIn(room, PAGE, before);
  // Each goes before the one that was put there before it.
  socket.stream("messages", older.toReversed(), { at: 0 });
  const ids = older.map(({ id }) => id);
  socket.assign({
    shown: [...ids, ...shown],
    kept: Math.max(kept, shown.length + ids.length),
    hasOlder: ids.length === PAGE,
  });
}

// All who are in a room are shown the same row, and the same people: `memo` has one of them render it for all.
const mine = (message: ChatMessage): Rendered => line(message, true);
const theirs = (message: ChatMessage): Rendered => line(message, false);

function line({ id, author, author_id, text, created_at }: ChatMessage, isMine: boolean): Rendered {
  return html`
    <li id="messages-${id}" class="${["said", isMine && "mine"]}">${avatar(author_id, author)}
      <div><p class="by">${author} ${clockTime(created_at)}</p><p class="text">${text}</p></div></li>`;
}

const online = (who: Presences<Here>): Rendered => html`
  <h2>Online (${Object.keys(who).length})</h2>
  <ul id="online" class="people">${each(
    Object.entries(who),
    ([id]) => id,
    ([id, { metas }]) => html`<li>${avatar(id, metas.at(-1)?.name ?? "")} ${metas.at(-1)?.name}</li>`,
  )}</ul>`;

// Notes on a board that everybody moves about, with the mouse or with the keys. A note is a live component, the question
// stands in a portal, what happened lately is a nested view, and the timer stays while one looks at what is done.
import { createLiveView, each, hookScript, html, JS, liveRender, type LiveSocket } from "wingbeat";
import { z } from "zod";
import { dragHook } from "./board-drag.ts";
import { boardLogLiveView } from "./board-log.ts";
import { afterEvent, allNotes, boardTopic, columns, DONE, keepNotes } from "./board-notes.ts";
import type { BoardChanged, Note, NoteEvent } from "./board-notes.ts";
import { aroundBoard, deleteQuestion } from "./board-parts.ts";
import { noteComponent, text, type Saved } from "./note.ts";

/** With each note that was added the field is a new one, and so an empty one. */
type Context = { notes: readonly Note[]; query: string; asked: Note | undefined; added: number };
type Events =
  | { type: "move"; id: number; column: number }
  | { type: "vote"; id: number }
  | { type: "ask"; id: number }
  | { type: "answer"; remove: boolean }
  | { type: "add"; text: string }
  | { type: "find"; query: string };
type Infos = BoardChanged | Saved;

const id = z.coerce.number().int();
const column = z.coerce.number().int().min(0).max(DONE);

function show(socket: LiveSocket<Context, Infos>, event: NoteEvent): Promise<void> | undefined {
  const change = afterEvent(socket.context.notes, event);
  return change && socket.broadcast(boardTopic, change);
}

export const boardLiveView = createLiveView<Context, Events, Infos>({
  initial: { notes: [], query: "", asked: undefined, added: 0 },
  events: {
    move: z.object({ id, column }),
    vote: z.object({ id }),
    ask: z.object({ id }),
    answer: z.object({ remove: z.boolean() }),
    add: z.object({ text }),
    find: z.object({ query: z.string().max(120) }),
  },

  mount: async (socket) => {
    socket.pageTitle("Notes");
    await socket.subscribe(boardTopic);
    socket.assign({ notes: allNotes() });
  },

  handleEvent: (event, socket) => {
    const { notes, asked, added } = socket.context;
    if (event.type === "find") return socket.assign({ query: event.query });
    if (event.type === "ask") return socket.assign({ asked: notes.find(({ id }) => id === event.id) });
    if (event.type === "add") socket.assign({ added: added + 1 });
    if (event.type !== "answer") return show(socket, event);
    socket.assign({ asked: undefined });
    if (!event.remove || asked === undefined) return;
    socket.putFlash("info", `“${asked.text}” is gone.`);
    return show(socket, { type: "delete", id: asked.id });
  },

  handleInfo: (info, socket) => {
    if (info.type === "saved") return show(socket, info);
    keepNotes(info.notes);
    socket.assign({ notes: info.notes });
  },

  render: ({ notes, query, asked, added }, meta) => {
    const found = notes.filter((note) => note.text.toLowerCase().includes(query.trim().toLowerCase()));
    const counts = columns.map((_, at) => found.filter((note) => note.column === at).length);
    const listOf = (at: number) => {
      const shown = found.filter((note) => note.column === at);
      return each(
        shown,
        ({ id }) => id,
        (note) => meta.liveComponent(noteComponent, note),
      );
    };
    const board = html`
      <h1>Board</h1>
      <div class="bar">
        <form id="add" class="line" phx-submit="add">
          <label for="text-${added}">New note</label>
          <input id="text-${added}" phx-update="ignore" name="text" maxlength="120" required autocomplete="off" phx-mounted="${added > 0 && JS.focus()}">
          <button class="primary">Add</button></form>
        <form id="find" class="line" phx-change="find" phx-submit="find"><label for="query">Find</label>
          <input id="query" type="search" name="query" value="${query}" phx-debounce="200"></form>
      </div>
      <details phx-mounted="${JS.ignoreAttributes("open")}"><summary>How it works</summary>
        <p>Drag a note, or use its arrows. Everybody sees it at once. What you are typing stays where it is.</p></details>
      <p id="bars" class="bars" role="img" aria-label="${counts.join(", ")} notes" phx-hook="Bars" phx-update="ignore" data-counts="${counts.join()}"></p>
      <div id="board" class="board" phx-hook="Drag">
        ${columns.map((name, at) => html`<section data-column="${at}"><h2>${name}</h2><ul>${listOf(at)}</ul></section>`)}
      </div>
      ${liveRender(boardLogLiveView, { id: "lately" })}
      ${asked && deleteQuestion(asked)}${hookScript("Drag", dragHook, { nonce: meta.nonce })}`;
    return aroundBoard("/board", meta.flash, board);
  },
});

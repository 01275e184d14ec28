// What has happened on the board, last first: a view nested in it. Should it fail, the board would not notice.
import { createLiveView, html, type LiveStream } from "wingbeat";
import { boardTopic, type BoardChanged } from "./board-notes.ts";

type Entry = { id: number; what: string; at: string };
let lastId = 0;

export const boardLogLiveView = createLiveView<{ entries: LiveStream<Entry> }, never, BoardChanged>({
  mount: async (socket) => {
    socket.stream("entries", []);
    await socket.subscribe(boardTopic);
  },

  handleInfo: ({ what }, socket) =>
    socket.streamInsert("entries", { id: ++lastId, what, at: new Date().toISOString() }, { at: 0, limit: 5 }),

  render: ({ entries }) => html`
    <h2>Lately</h2>
    <ol id="board-log" class="results" phx-update="stream">
      ${entries.map((domId, { what, at }) => html`<li id="${domId}">${what} <time id="${domId}-at" class="figure" phx-hook="LocalTime" datetime="${at}">${at.slice(11, 19)}</time></li>`)}
    </ol>`,
});

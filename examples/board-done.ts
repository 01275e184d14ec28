// The board's other page: who comes here by the link keeps the timer, since both pages have it.
import { createLiveView, each, html } from "wingbeat";
import { aroundBoard } from "./board-parts.ts";
import { allNotes, boardTopic, DONE, type BoardChanged, type Note } from "./board-notes.ts";

export const boardDoneLiveView = createLiveView<{ notes: readonly Note[] }, never, BoardChanged>({
  initial: { notes: [] },
  mount: async (socket) => {
    socket.pageTitle("What is done");
    await socket.subscribe(boardTopic);
    socket.assign({ notes: allNotes() });
  },

  handleInfo: ({ notes }, socket) => socket.assign({ notes }),

  render: ({ notes }, { flash }) => {
    const done = notes.filter(({ column }) => column === DONE).sort((a, b) => b.votes - a.votes);
    return aroundBoard(
      "/board/done",
      flash,
      html`<h1>What is done</h1>
        <p class="summary">${done.length} of ${notes.length} notes.</p>
        <ol class="results">${each(
          done,
          ({ id }) => id,
          ({ text, votes }) => html`<li>${text} <span class="figure">▲ ${votes}</span></li>`,
        )}</ol>`,
    );
  },
});

// One note of the board: a live component. Whether it is being edited is its own state; what it says is the view's.
import { createLiveComponent, html, JS } from "wingbeat";
import { z } from "zod";
import { columns, type Note } from "./board-notes.ts";

export const text = z.string().trim().min(1).max(120);
type Events = { type: "edit" } | { type: "stop" } | { type: "save"; text: string };
export type Saved = { type: "saved"; id: number; text: string };

/** To the view: a plain name in phx-click. To the component itself: meta.event. */
export const noteComponent = createLiveComponent<Note, { editing: boolean }, Events, Saved>({
  name: "note",
  initial: { editing: false },
  events: { edit: z.object({}), stop: z.object({}), save: z.object({ text }) },

  handleEvent: (event, socket) => {
    socket.assign({ editing: event.type === "edit" });
    if (event.type === "save") socket.sendParent({ type: "saved", id: socket.context.id, text: event.text });
  },

  render: ({ id, text, column, votes, editing }, meta) => html`
    <li id="note-${id}" class="card paper" draggable="${!editing}" data-id="${id}"
      phx-mounted="${JS.transition("appear", { time: 200 })}" phx-remove="${JS.hide({ transition: "fade-out", time: 200 })}">
      ${
        editing
          ? html`<form phx-submit="${meta.event("save")}" phx-window-keydown="${meta.event("stop")}" phx-key="Escape">
            <input id="edit-${id}" phx-update="ignore" name="text" value="${text}" maxlength="120" aria-label="Text" phx-mounted="${JS.focus()}">
            <button class="primary">Save</button></form>`
          : html`<p>${text}</p>`
      }
      <div class="tools" role="group" aria-label="${text}">
        ${columns.map(
          (name, to) =>
            Math.abs(to - column) === 1 &&
            html`<button phx-click="move" phx-value-id="${id}" phx-value-column="${to}" aria-label="To ${name}">${to < column ? "←" : "→"}</button>`,
        )}
        <button phx-click="vote" phx-value-id="${id}" phx-throttle="500" aria-label="Vote, ${votes} so far">▲ ${votes}</button>
        <button phx-click="${meta.event("edit")}" aria-label="Edit">✎</button>
        <button phx-click="${JS.pushFocus().push("ask", { value: { id } })}" aria-label="Delete">✕</button>
      </div>
    </li>`,
});

// What the two pages of the board have around them, and the question before a note is deleted: function components.
import { focusWrap, html, JS, link, liveFlash, liveRender, portal } from "wingbeat";
import type { Flash, Renderable, Rendered } from "wingbeat";
import type { Note } from "./board-notes.ts";
import { timerLiveView } from "./timer.ts";

/** @param path of the page it is around */
export function aroundBoard(path: "/board" | "/board/done", flash: Flash, content: Renderable): Rendered {
  const tab = (to: typeof path, name: string): Rendered =>
    link({ navigate: to, "aria-current": to === path ? "page" : false }, name);
  return html`
    <div class="bar"><nav aria-label="Board">${tab("/board", "Board")} ${tab("/board/done", "What is done")}</nav>
      ${liveRender(timerLiveView, { id: "timer", sticky: true, container: ["div", { class: "timer" }] })}</div>
    <p id="offline" class="notice" role="alert" hidden phx-disconnected="${JS.removeAttribute("hidden")}"
      phx-connected="${JS.setAttribute("hidden", "")}">Nobody sees what you do now: the line is down.</p>
    ${liveFlash({ flash, kind: "info", rest: { class: "notice" } })}
    ${content}`;
}

/** The answer closes it in the browser at once; the server then takes it away. */
export function deleteQuestion({ text }: Note): Rendered {
  const answer = (remove: boolean) =>
    JS.popFocus().hide({ to: "#question", transition: "fade-out", time: 150 }).push("answer", { value: { remove } });
  const dialog = {
    id: "question-box",
    role: "dialog",
    "aria-modal": "true",
    "aria-label": "Delete the note?",
    class: "card",
  };
  return portal(
    { id: "question-portal", target: "body" },
    html`<div id="question" class="layer">${focusWrap(
      dialog,
      html`<p>Delete “${text}”? It goes from everybody’s board.</p>
        <button class="primary" phx-click="${answer(true)}">Delete</button>
        <button phx-click="${answer(false)}" phx-window-keydown="${answer(false)}" phx-key="Escape">Keep</button>`,
    )}</div>`,
  );
}

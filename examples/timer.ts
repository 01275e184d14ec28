// A timer that goes along: a sticky view has a process of its own, and lives on while the page around it changes.
import { createLiveView, html } from "wingbeat";

type Context = { seconds: number; running: boolean };

export const timerLiveView = createLiveView<Context, { type: "toggle" } | { type: "reset" }, { type: "tick" }>({
  initial: { seconds: 0, running: false },
  mount: (socket) => socket.sendInfoEvery(1_000, "tick"),

  handleEvent: (event, socket) => {
    if (event.type === "reset") socket.assign({ seconds: 0, running: false });
    else socket.assign({ running: !socket.context.running });
  },

  handleInfo: (_tick, socket) => {
    const { seconds, running } = socket.context;
    if (running) socket.assign({ seconds: seconds + 1 });
  },

  render: ({ seconds, running }, meta) => html`
    <span role="timer" aria-label="Timer">${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}</span>
    <button phx-click="${meta.event("toggle")}">${running ? "Pause" : "Start"}</button>
    <button phx-click="${meta.event("reset")}" disabled="${seconds === 0}">Reset</button>`,
});

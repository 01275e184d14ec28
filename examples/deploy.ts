// A job in steps, which everybody watches. Whoever presses the button runs the job: that view sends itself the next step
// and reports each one. job.ts keeps how far it is, for every process, so a view that opens later reads that.
import { createLiveView, each, html, type LiveSocket } from "wingbeat";
import { currentJob, isRunning, progress, report, startJob, steps, type Job, type Progress } from "./job.ts";

/** How long the work of one step takes, in milliseconds. Yours would do something meanwhile. */
const STEP_MS = 900;

/** `mine` is the run that this view has started. */
type Context = Job & { mine: string };
type Infos = Progress | { type: "next" };

function scheduleNext(socket: LiveSocket<Context, Infos>): void {
  if (isRunning(currentJob())) socket.sendInfoAfter(STEP_MS, "next");
}

export const deployLiveView = createLiveView<Context, { type: "deploy" }, Infos>({
  mount: async (socket) => {
    socket.pageTitle("Deploy");
    // First subscribe, then read: a step between the two would be missed the other way round.
    await socket.subscribe(progress);
    socket.assign({ ...currentJob(), mine: "" });
  },

  handleEvent: (_deploy, socket) => {
    // The button is disabled while a job runs, but two people may press it at the same moment.
    if (isRunning(currentJob())) return;
    socket.assign({ mine: startJob().run });
    scheduleNext(socket);
  },

  handleInfo: (info, socket) => {
    if (info.type === "progress") return socket.assign({ run: info.run, step: info.step, stopped: info.stopped });
    const { run, step } = currentJob();
    // Another process has begun a run a moment earlier.
    if (run !== socket.context.mine) return undefined;
    report({ run, step: step + 1, stopped: false });
    return scheduleNext(socket);
  },

  // The page that ran the job was closed: the others must not wait for ever.
  shutdown: (_id, { mine }) => {
    const job = currentJob();
    if (job.run === mine && isRunning(job)) report({ ...job, stopped: true });
  },

  render: ({ run, step, stopped }, meta) => {
    const running = isRunning({ run, step, stopped });
    return html`
      <h1>Deploy</h1>
      <p>Press the button and watch it in every open window.</p>
      <p><button class="primary" phx-click="${meta.event("deploy")}" disabled="${running}">Deploy to GitHub</button></p>
      <progress aria-label="Deployment" max="${steps.length}" value="${step + 1}"></progress>
      <ol class="steps">
        ${each(
          steps.map((text, index) => ({ text, index })),
          (item) => item.index,
          ({ text, index }) => html`<li class="${stateOf(index, step, stopped)}">${text}</li>`,
        )}
      </ol>
      <p role="status">Status: <strong id="status">${statusOf(step, stopped)}</strong></p>`;
  },
});

function stateOf(index: number, step: number, stopped: boolean): string {
  if (index < step || step === steps.length - 1) return "done";
  if (index > step) return "waiting";
  return stopped ? "stopped" : "active";
}

function statusOf(step: number, stopped: boolean): string {
  if (step < 0) return "Ready";
  return stopped ? `Stopped while ${steps[step]?.toLowerCase()}: its page was closed` : (steps[step] ?? "");
}

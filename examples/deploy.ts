// A job in steps, which everybody watches. Whoever presses the button runs the job: that view sends itself the next step
// and broadcasts each one to everybody else. A view that opens later reads the step at hand when it mounts.
import { createLiveView, each, html, topic, SingleProcessPubSub, type LiveSocket } from "wingbeat";

const steps = ["Creating the organisation", "Creating the repository", "Pushing the contents", "Done!"];
/** How long the work of one step takes, in milliseconds. Yours would do something meanwhile. */
const STEP_MS = 900;

/** `step` counts in `steps`; -1 before the first deployment. */
type Progress = { step: number; stopped: boolean };
type Infos = ({ type: "progress" } & Progress) | { type: "next" };

const deployments = topic<Infos>("deployments");
const pubSub = new SingleProcessPubSub();

// The state of the job belongs to the application, not to a view: views come and go.
let job: Progress & { runBy: string | undefined } = { step: -1, stopped: false, runBy: undefined };

function enter(step: number, socket: LiveSocket<Progress, Infos>): void {
  const isLast = step === steps.length - 1;
  job = { step, stopped: false, runBy: isLast ? undefined : socket.id };
  socket.assign({ step, stopped: false });
  void socket.broadcastFrom(deployments, { type: "progress", step, stopped: false });
  if (!isLast) socket.sendInfoAfter(STEP_MS, "next");
}

export const deployLiveView = createLiveView<Progress, { type: "deploy" }, Infos>({
  mount: async (socket) => {
    socket.pageTitle("Deploy");
    // First subscribe, then read: a step between the two would be missed the other way round.
    await socket.subscribe(deployments);
    socket.assign({ step: job.step, stopped: job.stopped });
  },

  handleEvent: (_deploy, socket) => {
    // The button is disabled while a job runs, but two people may press it at the same moment.
    if (job.runBy === undefined) enter(0, socket);
  },

  handleInfo: (info, socket) => {
    if (info.type === "next") enter(socket.context.step + 1, socket);
    else socket.assign({ step: info.step, stopped: info.stopped });
  },

  // The page that ran the job was closed: the others must not wait for ever.
  shutdown: async (id) => {
    if (job.runBy !== id) return;
    job = { step: job.step, stopped: true, runBy: undefined };
    await pubSub.broadcast(deployments, { type: "progress", step: job.step, stopped: true });
  },

  render: ({ step, stopped }, meta) => {
    const running = step >= 0 && step < steps.length - 1 && !stopped;
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

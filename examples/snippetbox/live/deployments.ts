// One deployment at a time for the whole team. It runs in the background and belongs to no page; this one shows it.
import { createLiveView, html } from "wingbeat";
import { z } from "zod";
import {
  currentDeploy,
  deploysTopic,
  deploySteps,
  retryDeploy,
  startDeploy,
  type Deploy,
  type DeployMessage,
} from "../contexts/deploys.ts";
import type { Session } from "./session.ts";
import { shell } from "./shell.ts";

/** One whose process is gone says nothing any more, so the page asks. */
const CHECK_MS = 2_000;

type Context = Session & { deploy: Deploy | undefined };
type Events = { type: "deploy"; fail: boolean } | { type: "retry" };
type Infos = DeployMessage | { type: "check" };

export const deployments = createLiveView<Context, Events, Infos, Session>({
  events: {
    deploy: z.object({ fail: z.literal("on").optional() }).transform(({ fail }) => ({ fail: fail === "on" })),
    retry: z.object({}),
  },

  mount: async (socket, { currentUser }) => {
    socket.pageTitle("Deploy");
    await socket.subscribe(deploysTopic);
    socket.sendInfoEvery(CHECK_MS, "check");
    socket.assign({ currentUser, deploy: await currentDeploy() });
  },

  handleEvent: async (event, socket) => {
    const { currentUser, deploy } = socket.context;
    const failsAt = event.type === "deploy" && event.fail ? "push-contents" : undefined;
    const started =
      event.type === "deploy" ? await startDeploy(currentUser, { failsAt }) : await retryDeploy(deploy?.id ?? "");
    if (started === undefined) socket.putFlash("error", "A deployment is running. Wait until it is done.");
    else socket.assign({ deploy: started });
  },

  handleInfo: async (info, socket) => {
    if (info.type === "check") socket.assign({ deploy: await currentDeploy() });
    // What was said of an earlier one may come late.
    else if (info.deploy.id >= (socket.context.deploy?.id ?? "")) socket.assign({ deploy: info.deploy });
  },

  render: ({ currentUser: user, deploy }, meta) => {
    const isRunning = deploy?.status === "running";
    return shell(
      { user, here: "/deployments", flash: meta.flash, csrfToken: meta.csrfToken },
      html`
        <h1>Deploy</h1>
        <p>Anybody of the team may press the button; all see the same steps.</p>
        <form id="deploy" class="line" phx-submit="${meta.event("deploy")}">
          <button class="primary" disabled="${isRunning}">Deploy</button>
          <label><input id="fail" type="checkbox" name="fail" phx-update="ignore"> let a step fail</label>
        </form>
        <ol id="steps" class="steps">
          ${deploySteps.map(({ id, name }) => html`<li class="${stateOf(id, deploy)}">${name} <code>${id}</code></li>`)}
        </ol>
        <p id="state" role="status">${describe(deploy)}
          ${deploy?.status === "failed" && html`<button class="quiet" phx-click="retry">Retry this step</button>`}</p>`,
    );
  },
});

function stateOf(id: string, deploy: Deploy | undefined): string {
  if (deploy === undefined) return "waiting";
  const index = deploySteps.findIndex((step) => step.id === id);
  const at = deploySteps.findIndex((step) => step.id === deploy.step);
  if (index < at || deploy.status === "done") return "done";
  if (index > at) return "waiting";
  return deploy.status === "failed" ? "failed" : "active";
}

function describe(deploy: Deploy | undefined): string {
  if (deploy === undefined) return "Ready.";
  const { started_by: by, status, step } = deploy;
  if (status === "done") return `The deployment of ${by} is done.`;
  const name = deploySteps.find(({ id }) => id === step)?.name ?? step;
  return status === "failed" ? `It stopped while ${name.toLowerCase()}.` : `${by} is deploying: ${name.toLowerCase()}…`;
}

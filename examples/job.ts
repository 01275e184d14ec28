// The job of the deploy page, as every process knows it. The process whose page runs it tells the others each step; one
// that starts asks. If two pages begin at the same moment, the earlier run goes on and the other one ends. A run of which
// nothing is heard any more has lost its process.
import { topic } from "wingbeat";
import { pubSub } from "./pubsub.ts";

export const steps = ["Creating the organisation", "Creating the repository", "Pushing the contents", "Done!"];

/** `step` counts in `steps`; -1 before the first deployment. `run` says which one: of two the smaller is the earlier. */
export type Job = { run: string; step: number; stopped: boolean };
export type Progress = { type: "progress" } & Job;
/** Says to the views of this process how far the job is. */
export const progress = topic<Progress>("deploy:progress");

type Message = { type: "job"; job: Job } | { type: "ask" };
const exchange = topic<Message>("deploy:exchange");
/** So long may a step take, in milliseconds, before its process is given up. */
const SILENCE_MS = 5_000;

const me = { id: crypto.randomUUID() };
let job: Job = { run: "", step: -1, stopped: false };
let silence: NodeJS.Timeout | undefined;

export function currentJob(): Job {
  return job;
}

export function isRunning({ step, stopped }: Job): boolean {
  return step >= 0 && step < steps.length - 1 && !stopped;
}

export function startJob(): Job {
  // Times of one length, so that their order as text is that in time.
  report({ run: `${Date.now().toString(36)}-${crypto.randomUUID()}`, step: 0, stopped: false });
  return job;
}

export function report(next: Job): void {
  learn(next);
  tell({ type: "job", job: next });
}

function learn(next: Job): void {
  if (!isNews(next)) return;
  job = next;
  clearTimeout(silence);
  if (isRunning(job)) silence = setTimeout(() => learn({ ...next, stopped: true }), SILENCE_MS).unref();
  pubSub.localBroadcast(progress, { type: "progress", ...job });
}

function isNews(next: Job): boolean {
  if (next.run === job.run) return next.step > job.step || (next.stopped && !job.stopped);
  return isRunning(job) ? isRunning(next) && next.run < job.run : isRunning(next) || next.run > job.run;
}

function tell(message: Message): void {
  // One that does not arrive is a gap for the others, and then they ask.
  pubSub.broadcastFrom(me, exchange, message).catch(() => {});
}

const hear = (message: Message): void => {
  if (message.type === "job") learn(message.job);
  else if (job.run !== "") tell({ type: "job", job });
};
const ask = (): void => tell({ type: "ask" });

void pubSub.subscribe(exchange, hear, me).then(ask);
pubSub.on?.("gap", ask);

// A report that takes a while, made in a thread. Its own page sees each step (sendInfo) and may cancel; all other pages
// hear how far it is (a topic). Who leaves the page cancels too: the signal ends the thread.
import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import { createLiveView, each, html, topic } from "wingbeat";
import { pubSub } from "./pubsub.ts";
import type { Step } from "./report-work.ts";

/** How far the report of some page is; `undefined`: it is over, one way or another. */
type Heard = { type: "heard"; run: string; percent: number | undefined };
const reports = topic<Heard>("reports");

/** `percent` of this page's own report, if it makes one; `others` by their runs. */
type Context = { percent: number | undefined; status: string; others: ReadonlyMap<string, number> };
type Events = { type: "make" } | { type: "cancel" };
type Infos = Heard | { type: "progress"; percent: number };

export const reportLiveView = createLiveView<Context, Events, Infos>({
  initial: { percent: undefined, status: "Ready", others: new Map() },

  mount: async (socket) => {
    socket.pageTitle("Report");
    await socket.subscribe(reports);
  },

  handleEvent: (event, socket) => {
    if (event.type === "cancel") return socket.cancelAsync("report");
    const run = randomUUID();
    const tellOthers = (percent: number | undefined): void => {
      // One that does not arrive is made up for by the next.
      pubSub.broadcastFrom(socket, reports, { type: "heard", run, percent }).catch(() => {});
    };
    const tell = (percent: number): void => {
      socket.sendInfo({ type: "progress", percent });
      tellOthers(percent);
    };
    socket.assign({ percent: 0, status: "Counting…" });
    // Of two clicks the later wins: the thread of the other one ends.
    return socket.startAsync(
      "report",
      (signal) => countPrimes(signal, tell).finally(() => tellOthers(undefined)),
      (outcome) =>
        socket.assign({ percent: undefined, status: outcome.ok ? summary(outcome.value) : why(outcome.error) }),
    );
  },

  handleInfo: (info, socket) => {
    if (info.type === "progress") return socket.assign({ percent: info.percent });
    const others = new Map(socket.context.others);
    if (info.percent === undefined) others.delete(info.run);
    else others.set(info.run, info.percent);
    return socket.assign({ others });
  },

  render: ({ percent, status, others }, meta) => html`
    <h1>Report</h1>
    <p>Counts primes in a thread. Other windows see how far it is; leaving this page ends it.</p>
    <p>${
      percent === undefined
        ? html`<button class="primary" phx-click="${meta.event("make")}">Make the report</button>`
        : html`<button phx-click="${meta.event("cancel")}">Cancel</button>`
    }</p>
    <progress aria-label="Report" max="100" value="${percent ?? 0}"></progress>
    <p role="status">Status: <strong id="status">${status}</strong></p>
    <ul id="others" class="list">
      ${each(
        [...others],
        ([run]) => run,
        ([, done]) => html`<li>Somebody else’s report: <span class="figure">${done} %</span></li>`,
      )}
    </ul>`,
});

const summary = (primes: number): string => `There are ${primes} primes below a million`;
const why = (error: unknown): string =>
  error instanceof Error && error.name === "AbortError" ? "Cancelled" : `Failed: ${String(error)}`;

/** Starts a thread, which ends when it has counted them all, or when `signal` says so. */
function countPrimes(signal: AbortSignal, tell: (percent: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("report-thread.mjs", import.meta.url));
    thread.on("message", ({ percent, primes }: Step) => {
      if (percent === 100) return resolve(primes);
      // A thread that is about to end may have said more.
      return signal.aborted ? undefined : tell(percent);
    });
    thread.once("error", reject);
    thread.once("exit", (code) => reject(new Error(`The thread has ended with code ${code}`)));
    signal.addEventListener("abort", () => void thread.terminate());
  });
}

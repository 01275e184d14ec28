// A program that `serve` runs in several processes. Prints what each of them is and where the app is served.

import cluster from "node:cluster";
import { createLiveApp, createLiveView, createPubSub, html, SingleProcessPubSub } from "wingbeat";
import { serve } from "wingbeat/serve";

const { WORKERS = "2", FAULT, TEST_PORT = "0" } = process.env;

// As a module of a program would have it: made before anybody knows whether this is a worker.
const pubSub = createPubSub();

const counter = createLiveView<
  { n: number; pid: number },
  { type: "inc" } | { type: "all" } | { type: "pid" } | { type: "crash" } | { type: "ask-primary" },
  { type: "counter"; n: number }
>({
  initial: { n: 0, pid: process.pid },
  mount: (socket) => socket.subscribe("counter"),
  handleInfo: ({ n }, socket) => socket.assign({ n }),
  handleEvent: async (event, socket) => {
    const { n } = socket.context;
    if (event.type === "inc") socket.assign({ n: n + 1 });
    // Through the module's own object, which is the app's bus: it is heard before the next event.
    if (event.type === "all") await pubSub.broadcast("counter", { n: n + 1 });
    if (event.type === "ask-primary") await pubSub.broadcast("to the primary", { n: n + 1 });
    if (event.type === "crash") process.kill(process.pid, "SIGKILL");
  },
  render: ({ n, pid }) => html`<p>${n} ${pid}</p>`,
});

if (cluster.isPrimary) {
  // A job that runs once: subscribed before `serve` has made this process the primary of workers.
  await pubSub.subscribe("to the primary", (message) => void pubSub.broadcast("counter", message));
} else if (FAULT === "throws") {
  throw new Error("a mistake at the start");
} else if (FAULT === "single-process") {
  new SingleProcessPubSub();
} else if (FAULT === "does-not-serve") {
  process.exit(0);
}

const app = createLiveApp({
  secret: "a secret of the tests, long enough to sign",
  routes: { "/counter": counter },
  longPoll: true,
  limits: { drainWindowMs: 500 },
});

if (FAULT === "stubborn" && !cluster.isPrimary) setInterval(() => {}, 1_000);

try {
  const server = await serve(app, { port: Number(TEST_PORT), workers: Number(WORKERS) });
  console.log(`${cluster.isPrimary ? "primary" : "worker"} ${process.pid} ${server.url}`);
} catch (error) {
  if (cluster.isPrimary) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    console.log(`refused ${code} ${String(error)}`);
  }
  throw error;
}

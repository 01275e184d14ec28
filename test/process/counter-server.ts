// A server in a process of its own, for the tests that send it signals. Prints its address.

import { createLiveApp, createLiveView, html } from "wingbeat";
import { serve } from "wingbeat/serve";

const counter = createLiveView<{ n: number }, { type: "inc" }>({
  initial: { n: 0 },
  // A timer, which must not keep the process alive once the view has ended.
  mount: (socket) => socket.sendInfoEvery(1_000, "tick"),
  handleInfo: () => {},
  handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
  render: ({ n }) => html`<p>${n}</p>`,
});

const app = createLiveApp({
  secret: "a secret of the tests, long enough to sign",
  routes: { "/counter": counter },
});
const server = await serve(app, { port: 0 });
console.log(server.url);

// One of several server processes with one counter. The count is in a store that they share (STORE_URL); that it has
// changed is told through Redis (REDIS_URL).

import { createLiveApp, createLiveView, html, topic } from "wingbeat";
import { RedisPubSub } from "wingbeat/pubsub/redis";
import { serve } from "wingbeat/serve";

const { REDIS_URL, STORE_URL = "" } = process.env;

/** Adds to the count, and tells what it is then. */
const add = async (number: number): Promise<number> =>
  Number(await (await fetch(STORE_URL, { method: "POST", body: String(number) })).text());

const counted = topic<{ type: "counted"; count: number }>("counter");

/** @param onGap how it makes up for what it may have missed */
const counter = (onGap: "handleGap" | "remount") =>
  createLiveView<{ count: number }, { type: "increment" }, { type: "counted"; count: number }>({
    initial: { count: 0 },
    ...(onGap === "remount"
      ? { onGap }
      : { handleGap: async (_gap, socket) => socket.assign({ count: await add(0) }) }),
    mount: async (socket) => {
      await socket.subscribe(counted);
      socket.assign({ count: await add(0) });
    },
    handleEvent: async (_increment, socket) => {
      // Not awaited: that it is counted does not depend on whether the others hear of it now.
      void socket.broadcast(counted, { type: "counted", count: await add(1) });
    },
    // Of two processes the later count may arrive first.
    handleInfo: ({ count }, socket) => socket.assign({ count: Math.max(count, socket.context.count) }),
    render: ({ count }) => html`<h1>${count}</h1><button phx-click="increment">+</button>`,
  });

const app = createLiveApp({
  // Development would load the page anew when its server was.
  development: false,
  secret: "the same for both, only for tests 0123456789",
  origins: [`http://127.0.0.1:${process.env["PORT"]}`],
  pubSub: new RedisPubSub({ url: REDIS_URL }),
  routes: { "/handle-gap": counter("handleGap"), "/remount": counter("remount") },
  onError: (error, { view }) => {
    console.error(error);
    if (view !== undefined) console.error("A view has failed.");
  },
});
await serve(app);
process.send?.("listening");

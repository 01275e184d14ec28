// The first live view: one number that everybody shares. Open its page in two windows and click in one of them.
//
// The server renders the page and keeps this view's state, its context. A click sends the event "increment" over a
// WebSocket. `handleEvent` broadcasts the new count to the topic "counter", to which every open page has subscribed, so
// `handleInfo` runs for each of them, and each browser is sent the one number that changed. There is no API to write and
// no script of yours in the browser.
//
// Nothing here is awaited: what a view subscribes to is live before its page is, and a broadcast keeps its order.
/* oxlint-disable typescript/no-floating-promises */
import { createLiveView, html, SingleProcessPubSub } from "wingbeat";

let count = 0;
const pubSub = new SingleProcessPubSub();

// oxfmt-ignore
export const rtCounterLiveView = createLiveView<
  { count: number },                                  // context: the view's state
  { type: "increment" } | { type: "decrement" },      // events: from the browser
  { type: "counter"; count: number }                  // infos: from the server side
>({
  mount: (socket) => {
    socket.assign({ count });
    socket.subscribe("counter");
  },
  handleEvent: (event, socket) => {
    const { count } = socket.context;
    switch (event.type) {
      case "increment": pubSub.broadcast("counter", { count: count + 1 }); break;
      case "decrement": pubSub.broadcast("counter", { count: count - 1 }); break;
    }
  },
  handleInfo: (info, socket) => {
    count = info.count;
    socket.assign({ count });
  },
  render: async (context) => html`
    <div>
      <h1>Count is: ${context.count}</h1>
      <button phx-click="decrement">-</button>
      <button phx-click="increment">+</button>
    </div>`,
});

// The first live view: one number that everybody shares. Open its page in two windows and click in one of them.
//
// The server renders the page and keeps this view's state, its context. A click sends the event "increment" over a
// WebSocket. `add` changes the count and says so on the topic "counted", to which every open page has subscribed, so
// `handleInfo` runs for each of them, and each browser is sent the one number that changed. There is no API to write and
// no script of yours in the browser.
//
// count.ts keeps the count, for one process or many. For one alone a variable would do: docs/guides/real-time-counter.md.
import { createLiveView, html } from "wingbeat";
import { add, count, counted, type Counted } from "./count.ts";

// oxfmt-ignore
export const rtCounterLiveView = createLiveView<
  { count: number },                                  // context: the view's state
  { type: "increment" } | { type: "decrement" },      // events: from the browser
  Counted                                             // infos: from the server side
>({
  mount: async (socket) => {
    // First subscribe, then read: what changes between the two arrives as an info.
    await socket.subscribe(counted);
    socket.assign({ count: count() });
  },
  handleEvent: (event) => {
    switch (event.type) {
      case "increment": add(1); break;
      case "decrement": add(-1); break;
    }
  },
  handleInfo: (info, socket) => {
    socket.assign({ count: info.count });
  },
  render: (context) => html`
    <div>
      <h1>Count is: ${context.count}</h1>
      <button phx-click="decrement">-</button>
      <button phx-click="increment">+</button>
    </div>`,
});

import { createLiveView, html, SingleProcessPubSub } from "wingbeat";

let count = 0;
const pubSub = new SingleProcessPubSub();

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

import { createLiveApp, createLiveView, html, SingleProcessPubSub } from "wingbeat";
import { visit } from "wingbeat/testing";

/** A counter that all its pages share. */
export function counterApp(): ReturnType<typeof createLiveApp> {
  const pubSub = new SingleProcessPubSub({ isolated: true });
  let count = 0;
  const counter = createLiveView<{ count: number }, { type: "increment" }, { type: "counter"; count: number }>({
    mount: async (socket) => {
      socket.assign({ count });
      await socket.subscribe("counter");
    },
    handleEvent: (_event, socket) => socket.broadcast("counter", { count: socket.context.count + 1 }),
    handleInfo: (info, socket) => {
      count = info.count;
      socket.assign({ count });
    },
    render: (context) => html`<h1>Count is: ${context.count}</h1><button phx-click="increment">+</button>`,
  });
  return createLiveApp({ secret: "only-for-tests-0123456789-0123456789", pubSub, routes: { "/counter": counter } });
}

/** What the example of each runner tests: one page counts, and another one sees it. */
export async function countTogether(): Promise<{ readonly ada: string; readonly grace: string }> {
  const app = counterApp();
  await using ada = await visit(app, "/counter");
  await using grace = await visit(app, "/counter");
  await ada.element("button", "+").click();
  return { ada: ada.element("h1").text(), grace: grace.element("h1").text() };
}

/** A page survives a lost connection; on every runner that has to do with its timers. */
export async function loseTheLine(): Promise<string> {
  await using page = await visit(counterApp(), "/counter");
  await page.element("button").click();
  await page.disconnect();
  await page.reconnect();
  await page.element("button").click();
  return page.text();
}

import { describe, expect, it } from "vitest";
import { load, testApp } from "../../../test/support/client.ts";
import { html } from "../../html/html.ts";
import { createLiveView } from "../live-view.ts";
import { createLiveComponent } from "./create-live-component.ts";
import { liveComponent } from "./place-live-component.ts";

const counter = createLiveComponent<{ label: string }, { count: number }, { type: "inc"; by?: string }>({
  name: "counter",
  initial: { count: 0 },
  handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ label, count }, meta) => html`<button phx-click="${meta.event("inc")}">${label}: ${count}</button>`,
});

const two = createLiveView<{ title: string }, { type: "retitle"; title: string }>({
  initial: { title: "Fruit" },
  handleEvent: (event, socket) => socket.assign({ title: event.title }),
  render: ({ title }) =>
    html`<h1>${title}</h1>${liveComponent(counter, { id: "a", label: "Apples" })}${liveComponent(counter, { id: "b", label: "Pears" })}`,
});

describe("a live component", () => {
  it("stands in the page's first HTML", async () => {
    const { app } = testApp({ "/": two });
    const page = await load(app, "/");
    expect(page.html).toContain("<h1>Fruit</h1><button");
    expect(page.html).toContain("Apples: 0</button><button");
  });
});

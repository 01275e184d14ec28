import { describe, expect, it } from "vitest";
import { testApp } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import { createLiveView } from "../live/live-view.ts";
import { serve } from "./serve.ts";

const view = createLiveView({ render: () => html`<p>x</p>` });

describe("serve in a program that no compiler has read", () => {
  it.each<[what: string, options: unknown, message: string]>([
    [
      "a port alone",
      4000,
      "serve got the number 4000 for its options. It takes an object: serve(app, { port: 4000 }).",
    ],
    [
      "an option that there is not",
      { host: "0.0.0.0" },
      "serve got `host`, which is none of its options: port, hostname, signals, workers.",
    ],
  ])("refuses %s", async (_what, options, message) => {
    await expect(serve(testApp({ "/": view }).app, options as never)).rejects.toMatchObject({
      code: "serve.invalid-option",
      message,
    });
  });

  it.each<[what: string, app: unknown, got: string]>([
    ["a view", view, "a live view"],
    ["the options of an app", { routes: { "/": view } }, "an object with the fields routes"],
    ["nothing", undefined, "undefined"],
  ])("refuses %s for the app", async (_what, app, got) => {
    await expect(serve(app as never)).rejects.toMatchObject({
      code: "serve.invalid-option",
      message: `serve got ${got} for the app. It takes what createLiveApp returned: serve(createLiveApp({ routes: { "/": home } }), { port: 4000 }).`,
    });
  });
});

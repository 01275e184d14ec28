import { describe, expect, it } from "vitest";
import { load, ORIGIN, testApp } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import type { AppOptions, Layout } from "./app-options.ts";
import { createLiveView } from "./live-view.ts";

const still = createLiveView({ render: () => html`<p>still</p>` });
const staticPaths = ["/assets/app-3f2a.css", "/assets/app-91bc.js"];
const warning =
  '[wingbeat] the page / tracks none of the app\'s `staticPaths`, so socket.staticChanged does not tell when they have changed. Put phx-track-static on the elements of its layout that load them: <link phx-track-static rel="stylesheet" href="/assets/app-3f2a.css">';

const withHead =
  (head: ReturnType<typeof html>): Layout =>
  (content, page) =>
    html`<html><head>${head}${page.scripts}</head><body>${content}</body></html>`;

async function logOf(layout: Layout, options: AppOptions = { staticPaths }): Promise<readonly string[]> {
  const { app, log } = testApp({ "/": still, "/other": still }, { layout, ...options });
  await load(app, "/");
  await load(app, "/other");
  return log;
}

describe("a layout in development", () => {
  it("that does not show the view is an error, with what to write", async () => {
    const { app, errors } = testApp({ "/": still }, { layout: (_content, page) => html`<body>${page.title}</body>` });
    expect((await load(app, "/")).status).toBe(500);
    expect(String(errors[0]?.error)).toContain("The layout of the page / does not show its content");
  });
});

describe("a layout without a script", () => {
  const bare: Layout = (content) => html`<html><body>${content}</body></html>`;

  it("is told of once in development, with what to write", async () => {
    expect(await logOf(bare, {})).toEqual([
      '[wingbeat] the page / loads no script, so it is not live in a browser. Put <meta name="csrf-token" content="${page.csrfToken}"> and ${page.scripts} into the head of its layout.',
    ]);
  });

  it("is the operator's business in production, and so is a page that starts the client itself", async () => {
    expect(await logOf(bare, { development: false, origins: [ORIGIN] })).toEqual([]);
    const own: Layout = (content) => html`<head><script type="module" src="/client.js"></script></head>${content}`;
    expect(await logOf(own, {})).toEqual([]);
  });
});

describe("staticPaths in development", () => {
  it("that no element of the page tracks are told of once, with what to write", async () => {
    expect(await logOf(withHead(html`<link rel="stylesheet" href="/assets/app-3f2a.css">`))).toEqual([warning]);
    expect(await logOf(withHead(html`<script phx-track-static src="/assets/other.js"></script>`))).toEqual([warning]);
  });

  it.each([
    ["one of them", html`<link rel="stylesheet" phx-track-static href="/assets/app-3f2a.css">`],
    [
      "one at another host",
      html`<script defer src="https://cdn.example/assets/app-91bc.js?v=1" phx-track-static></script>`,
    ],
  ])("are well when %s is tracked", async (_what, head) => {
    expect(await logOf(withHead(head))).toEqual([]);
  });

  it("are the operator's business in production, and nobody's if there are none", async () => {
    const layout = withHead(html``);
    expect(await logOf(layout, { staticPaths, development: false, origins: [ORIGIN] })).toEqual([]);
    expect(await logOf(layout, {})).toEqual([]);
    expect(await logOf(layout, { staticPaths: [] })).toEqual([]);
  });
});

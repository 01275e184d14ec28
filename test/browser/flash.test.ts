import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveComponent, createLiveView, html, link, liveFlash, type LiveApp } from "wingbeat";
import { connected, expectText, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

type Way =
  | "put"
  | "clear"
  | "patch with a new one"
  | "patch without one"
  | "navigate"
  | "redirect"
  | "redirect in mount"
  | "redirect to a handler";

const WAYS: readonly Way[] = [
  "put",
  "clear",
  "patch with a new one",
  "patch without one",
  "navigate",
  "redirect",
  "redirect in mount",
  "redirect to a handler",
];

const component = createLiveComponent<{}, { type: "put in a component" | "navigate from a component" }>({
  handleEvent: ({ type }, socket) => {
    socket.putFlash("info", type);
    if (type === "navigate from a component") socket.pushNavigate("/b");
  },
  render: (_props, meta) => html`
    <div>
      <button phx-click="put in a component" phx-target="${meta.self}">put in a component</button>
      <button phx-click="navigate from a component" phx-target="${meta.self}">navigate from a component</button>
    </div>`,
});

const view = createLiveView<{}, { type: Way }>({
  handleEvent: ({ type }, socket) => {
    if (type === "clear") return socket.clearFlash();
    if (type === "patch without one") return socket.pushPatch("?page=2");
    socket.putFlash("info", type);
    if (type === "patch with a new one") socket.pushPatch("?page=3");
    if (type === "navigate") socket.pushNavigate("/b");
    if (type === "redirect") socket.redirect("/b");
    if (type === "redirect in mount") socket.pushNavigate("/gate");
    if (type === "redirect to a handler") socket.redirect("/read");
  },
  render: (_context, { flash, liveComponent }) => html`
    <h1>${flash["info"] ?? "none"}</h1>
    ${liveFlash({ flash, kind: "info", closeLabel: "Dismiss" })}
    ${WAYS.map((way) => html`<button phx-click="${way}">${way}</button>`)}
    ${link({ patch: "?page=4" }, "patch by a link")} ${link({ navigate: "/a" }, "navigate by a link")}
    <a href="/save">save</a> ${liveComponent(component, { id: "component" })}`,
});

const gate = createLiveView({
  mount: (socket) => {
    socket.putFlash("info", "sent on by the gate");
    socket.redirect("/b");
  },
  render: () => html``,
});

function makeApp(): LiveApp {
  const app: LiveApp = createLiveApp({
    logger: rememberingLogger(),
    routes: { "/a": view, "/b": view, "/gate": gate },
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/read") {
        const flash = app.takeFlash(request);
        return new Response(`<!doctype html><title>Read</title><h1>${flash["info"] ?? "none"}</h1>`, {
          headers: { "content-type": "text/html" },
        });
      }
      if (pathname !== "/save") return undefined;
      app.putFlash(request, "info", "saved by a handler");
      return new Response(null, { status: 303, headers: { location: "/b" } });
    },
  });
  return app;
}

interface Row {
  readonly click: string;
  readonly shows: string;
  /** Where the page is then. */
  readonly at: string;
  /** How many requests for documents it took. */
  readonly loads: number;
}

// The table of docs/guides/navigation.md.
const ROWS: readonly Row[] = [
  { click: "put", shows: "put", at: "/a", loads: 0 },
  { click: "clear", shows: "none", at: "/a", loads: 0 },
  { click: "put in a component", shows: "put in a component", at: "/a", loads: 0 },
  { click: "Dismiss", shows: "none", at: "/a", loads: 0 },
  { click: "put", shows: "put", at: "/a", loads: 0 },
  { click: "patch without one", shows: "none", at: "/a?page=2", loads: 0 },
  { click: "patch with a new one", shows: "patch with a new one", at: "/a?page=3", loads: 0 },
  { click: "patch by a link", shows: "none", at: "/a?page=4", loads: 0 },
  { click: "navigate", shows: "navigate", at: "/b", loads: 0 },
  { click: "navigate by a link", shows: "none", at: "/a", loads: 0 },
  { click: "navigate from a component", shows: "navigate from a component", at: "/b", loads: 0 },
  { click: "redirect", shows: "redirect", at: "/b", loads: 1 },
  { click: "redirect in mount", shows: "sent on by the gate", at: "/b", loads: 1 },
  { click: "save", shows: "saved by a handler", at: "/b", loads: 2 },
  { click: "redirect to a handler", shows: "redirect to a handler", at: "/read", loads: 1 },
];

describe("a flash message", () => {
  it("takes each of its ways, is shown once, and leaves nothing behind", async () => {
    const { url } = await start(makeApp());
    const { page, loads, problems } = await visit(`${url}a`);
    for (const { click, shows, at, loads: expected } of ROWS) {
      const before = loads();
      await page
        .getByText(click, { exact: true })
        .or(page.getByRole("button", { name: click, exact: true }))
        .first()
        .click();
      await expectText(page, "h1", shows);
      await expect.poll(() => addressOf(page)).toBe(at);
      if (at !== "/read") await connected(page);
      expect(loads() - before, click).toBe(expected);
    }
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain("__phoenix_flash__");
    await page.reload();
    await expectText(page, "h1", "none");
    expect(problems).toEqual([]);
  });
});

function addressOf(page: Page): string {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

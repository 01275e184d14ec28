/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import { createLiveView, html, JS, link, liveFlash, type Rendered } from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario, type Twin } from "./both.ts";

const tools = useBrowser();

async function open(scenario: Scenario, path: string): Promise<Twin> {
  const [twin] = await openBoth(tools, scenario, path);
  return twin!;
}

type Act = { type: "patch" | "replace" | "navigate" | "twice" | "leave" };

const LINKS = (): Rendered => html`
  ${link({ patch: "?page=1", id: "patch-1" }, "1")}
  ${link({ patch: "/list/a?page=2", id: "patch-2" }, "2")}
  ${link({ patch: "/list/b?page=3", replace: true, id: "patch-3" }, "3")}
  ${link({ patch: "/other", id: "patch-away" }, "away")}
  ${link({ navigate: "/other?from=list", id: "other" }, "other")}
  ${link({ navigate: "/list/c", replace: true, id: "list-c" }, "list c")}
  ${link({ navigate: "/plain", id: "plain" }, "plain")}
  ${link({ href: "/old", id: "old" }, "old")}
  <a id="js-patch" href="#" phx-click="${JS.patch("/list/js?page=js")}">js patch</a>
  <a id="js-navigate" href="#" phx-click="${JS.navigate("/other?from=js", { replace: true })}">js navigate</a>`;

/** Pages with a history: what each shows says how it came to its address. */
const site: Scenario = {
  routes: () => {
    const list = createLiveView<{ log: readonly string[]; id: string }, Act>({
      initial: { log: [], id: "" },
      mount: (socket, _session, { id }) => {
        socket.assign({ log: [`mount ${JSON.stringify(socket.navigation)}`], id: String(id) });
        socket.pageTitle(`List ${String(id)}`);
        if (id === "moved") socket.pushPatch("/list/here", undefined, true);
      },
      handleParams: (url, socket) => {
        const seen = `${url.pathname}${url.search} ${JSON.stringify(socket.navigation)}`;
        socket.assign({ log: [...socket.context.log, seen] });
        if (url.searchParams.get("page") === "on") socket.pushPatch("?page=onward");
      },
      handleEvent: ({ type }, socket) => {
        socket.putFlash("info", `by ${type}`);
        if (type === "patch") return socket.pushPatch("?page=4", { tag: ["x", "y"] });
        if (type === "replace") return socket.pushPatch("?page=5", {}, { replace: true });
        if (type === "twice") return socket.pushPatch("?page=on");
        if (type === "navigate") return socket.pushNavigate("/other", { from: "event" });
        socket.redirect("/other?from=redirect");
      },
      render: ({ log, id }, { flash }) => html`
        <h1>${id}</h1>${liveFlash({ flash, kind: "info" })}<ol>${log.map((line) => html`<li>${line}</li>`)}</ol>${LINKS()}
        ${["patch", "replace", "navigate", "twice", "leave"].map((name) => html`<button id="${name}" phx-click="${name}">${name}</button>`)}`,
    });
    const other = createLiveView<{ by: string }>({
      mount: (socket) => {
        socket.assign({ by: JSON.stringify(socket.navigation) });
        socket.pageTitle("Other");
      },
      render: ({ by }, { url, flash }) => html`
        <h1>Other ${url.search} ${by}</h1>${liveFlash({ flash, kind: "info" })}${link({ navigate: "/list/back", id: "list" }, "list")}`,
    });
    const old = createLiveView({
      mount: (socket) => {
        socket.putFlash("info", "moved for good");
        socket.pushNavigate("/other?from=old");
      },
      render: () => html``,
    });
    return { "/list/:id": list, "/other": other, "/old": old };
  },
  options: {
    title: { default: "Site", suffix: " · site" },
    fetch: () =>
      new Response(`<!doctype html><title>Plain</title><h1>Plain</h1><a id="back" href="/list/a">list</a>`, {
        headers: { "content-type": "text/html" },
      }),
  },
};

describe("navigation", () => {
  it("by patches, of links and of the view, and back and forward among them", async () => {
    const page = await open(site, "/list/a");
    for (const id of ["patch-1", "patch-2", "patch-3", "js-patch", "patch", "replace"]) await page.click(`#${id}`);
    for (let step = 0; step < 3; step++) await page.back();
    await page.forward();
    await page.click("#patch-1");
    await page.back();
    await page.click("#twice");
    await page.back();
  });

  it("between views, and back and forward across them", async () => {
    const page = await open(site, "/list/a");
    await page.click("#patch-2");
    await page.click("#other");
    await page.back();
    await page.back();
    await page.forward();
    await page.forward();
    await page.click("#list");
    await page.click("#navigate");
    await page.back();
    await page.click("#list-c");
    await page.back();
    await page.forward();
    await page.click("#js-navigate");
    await page.back();
  });

  it("leads away by a patch that is none, by a page that moved, and to pages that are not live", async () => {
    const page = await open(site, "/list/a");
    await page.click("#patch-away");
    await page.back();
    await page.click("#old");
    await page.back();
    await page.click("#leave");
    await page.back();
    await page.click("#plain");
    await page.click("#back");
  });

  it("goes back and forward after a reconnect", async () => {
    const page = await open(site, "/list/a");
    await page.click("#patch-1");
    await page.click("#other");
    await page.disconnect();
    await page.reconnect();
    await page.back();
    await page.disconnect();
    await page.reconnect();
    await page.back();
    await page.forward();
    await page.forward();
  });

  it("to an address from which mount patches on", async () => {
    const page = await open(site, "/list/moved");
    await page.click("#other");
    await page.back();
  });
});

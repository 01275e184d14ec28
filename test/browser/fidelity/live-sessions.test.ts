/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import { createLiveView, html, link, liveFlash, liveSession, type Mounting } from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario } from "./both.ts";

// Live sessions: which links load a page, where hooks send a visitor, and what they do with events.

const tools = useBrowser();

type PageEvent = { type: "add" } | { type: "shut"; to: string };

const page = (title: string) =>
  createLiveView<{ n: number; greeting: string }, PageEvent, never, { greeting?: string }>({
    mount: (socket, { greeting = "" }) => {
      socket.assign({ n: 0, greeting });
      socket.attachHook("handleParams", "title", (url, own) => own.pageTitle(`${title} ${url.search}`));
      socket.attachHook("afterRender", "tell", (own) => own.pushEvent("test-rendered", { n: own.context.n }));
    },
    handleEvent: (_event, socket) => socket.assign({ n: socket.context.n + 1 }),
    render: ({ n, greeting }, meta) =>
      html`<h1>${title} ${greeting}</h1>
        ${liveFlash({ flash: meta.flash, kind: "error" })}
        <button id="add" phx-click="${meta.event("add")}">${n}</button>
        <i id="hook" phx-hook="Pusher"></i>
        ${["/", "/one", "/two", "/three"].map(
          (path) => html`${link({ navigate: path, id: `to${path.slice(1)}` }, path)} `,
        )}
        ${link({ patch: "/one?x=1", id: "patch" }, "Patch")}
        ${["/", "/two"].map(
          (to) => html`<button id="shut${to.slice(1)}" phx-click="${meta.event("shut", { to })}">Shut</button>`,
        )}`,
  });

const scenario = (): Scenario => ({
  routes: () => ({ "/": page("Home") }),
  liveSessions: () => {
    let shutTo: string | undefined;
    const guard = ({ url, connected, redirect, putFlash, attachHook }: Mounting) => {
      // Where a visitor is sent he must be let in.
      if (shutTo !== undefined && url.pathname === "/one" && connected) {
        putFlash("error", "Shut.");
        return redirect(shutTo);
      }
      attachHook("handleEvent", "shut", (event) => {
        if (event.type !== "shut") return;
        shutTo = String(event["to"]);
        return { halt: true, reply: { shutTo } };
      });
      return { greeting: `with ${url.pathname}` };
    };
    return [
      liveSession("first", { onMount: [guard] }, { "/one": page("One"), "/two": page("Two") }),
      liveSession("second", {}, { "/three": page("Three") }),
    ];
  },
});

describe("live sessions", () => {
  it("are crossed by page loads, and within them navigation is live", async () => {
    const [twin] = await openBoth(tools, scenario(), "/");
    await twin!.click("#toone");
    await twin!.click("#add");
    await twin!.click("#totwo");
    await twin!.click("#add");
    await twin!.click("#patch");
    await twin!.click("#tothree");
    await twin!.click("#to");
    await twin!.click("#totwo");
  });

  it("send a visitor who comes back elsewhere: near, and far", async () => {
    const [near] = await openBoth(tools, scenario(), "/one");
    await near!.pushed("test-rendered");
    await near!.hook("#hook", "shut", { to: "/two" });
    await near!.disconnect();
    await near!.reconnect();
    const [far] = await openBoth(tools, scenario(), "/one");
    await far!.click("#shut");
    await far!.click("#totwo");
    await far!.click("#toone");
  });
});

import { afterEach, describe, expect, it } from "vitest";
import {
  asyncResult,
  AsyncResult,
  createLiveApp,
  createLiveView,
  focusWrap,
  html,
  JS,
  liveFlash,
  portal,
  type Rendered,
} from "wingbeat";
import { closePages, visit, type Page } from "wingbeat/testing";

afterEach(closePages);

/** A view that lists the events that it got. */
async function open(render: (events: readonly string[]) => Rendered, warnings: string[] = []): Promise<Page> {
  const view = createLiveView<{ events: readonly string[] }>({
    initial: { events: [] },
    handleEvent: (event, socket) => socket.assign({ events: [...socket.context.events, event.type] }),
    render: ({ events }) => html`${render(events)}<ol>${events.map((event) => html`<li>${event}</li>`)}</ol>`,
  });
  const app = createLiveApp({ routes: { "/": view }, secret: "only-for-tests-0123456789-0123456789" });
  return visit(app, "/", { onWarning: (warning) => warnings.push(warning) });
}

describe("a page in a test", () => {
  it("does what a chain of commands says, and keeps it when the server changes the page", async () => {
    const menu = JS.toggle({ to: "#menu", in: "fade-in", out: "fade-out" }).toggleAttribute("aria-expanded", [
      "true",
      "false",
    ]);
    const page = await open(
      (events) =>
        html`<button aria-expanded="false" phx-click="${menu.push("opened")}">Menu</button><ul id="menu" style="display: none">${events.length}</ul>`,
    );
    expect(page.element("#menu").isVisible).toBe(false);
    await page.element("button").click();
    expect(page.element("#menu").isVisible).toBe(true);
    expect(page.element("#menu").html()).toBe('<ul id="menu" style="display: block;" class="">1</ul>');
    expect(page.element("button").attribute("aria-expanded")).toBe("true");
    await page.element("button").click();
    expect(page.element("#menu").isVisible).toBe(false);
  });

  it("tells what was dispatched to the page's own scripts", async () => {
    const page = await open(
      () => html`<button phx-click="${JS.dispatch("app:copy", { to: "ol", detail: { text: "x" } })}">Copy</button>`,
    );
    await page.element("button").click();
    expect(page.dispatched("app:copy")).toEqual({ detail: { text: "x" }, element: "<ol>" });
    expect(() => page.dispatched("app:copy")).toThrow('No event "app:copy" was dispatched.');
  });

  it("runs phx-mounted and phx-remove", async () => {
    const page = await open((events) =>
      events.length < 2
        ? html`<p phx-mounted="${JS.push("mounted")}" phx-remove="${JS.push("removed")}">${events.length}</p><button phx-click="go">Go</button>`
        : html``,
    );
    expect(page.element("ol").text()).toBe("mounted");
    await page.element("button").click();
    expect(page.has("p")).toBe(false);
    expect(page.element("ol").text()).toBe("mounted go removed");
  });

  it("shows what portals show, where they show it", async () => {
    const page = await open(
      (events) =>
        html`${portal({ id: "dialog", target: "body" }, html`<button phx-click="yes">Yes ${events.length}</button>`)}`,
    );
    await page.element("body > div > button", "Yes 0").click();
    expect(page.element("button").text()).toBe("Yes 1");
  });

  it("moves the focus into focusWrap, and back", async () => {
    const page = await open(
      (events) =>
        html`<button id="open" phx-click="${JS.pushFocus().push("open")}">Open</button>${events.length === 1 ? focusWrap({ id: "dialog" }, html`<button id="close" phx-click="${JS.popFocus().push("close")}">Close</button>`) : null}`,
    );
    await page.element("#open").click();
    expect(page.element("#close").isFocused).toBe(true);
    await page.element("#close").click();
    expect(page.has("#dialog")).toBe(false);
    expect(page.element("#open").isFocused).toBe(true);
  });

  it("dismisses flash messages without a warning of an event that the view does not handle", async () => {
    const warnings: string[] = [];
    const view = createLiveView({
      mount: (socket) => socket.putFlash("info", "Welcome"),
      render: (_, meta) => liveFlash({ flash: meta.flash, kind: "info" }),
    });
    const app = createLiveApp({ routes: { "/": view }, secret: "only-for-tests-0123456789-0123456789" });
    const page = await visit(app, "/", { onWarning: (warning) => warnings.push(warning) });
    expect(page.element("[role=status]").text()).toBe("Welcome ×");
    await page.element("button").click();
    expect(page.element("[role=status]").text()).toBe("");
    expect(warnings).toEqual([]);
  });

  it("warns of events in the commands of an element's life too", async () => {
    const warnings: string[] = [];
    const view = createLiveView({ render: () => html`<p phx-remove="${JS.push("gone")}">x</p>` });
    const app = createLiveApp({ routes: { "/": view }, secret: "only-for-tests-0123456789-0123456789" });
    await visit(app, "/", { onWarning: (warning) => warnings.push(warning) });
    expect(warnings.join()).toContain('sends "gone", which its view does not handle');
  });

  it("says what the browser would stumble over", async () => {
    const exec = await open(() => html`<button phx-click="${JS.exec("data-close", { to: "ol" })}">Close</button>`);
    await expect(exec.element("button").click()).rejects.toThrow(
      'JS.exec("data-close") fails: it has no such attribute',
    );
    await expect(open(() => html`<p phx-mounted="mounted">x</p>`)).rejects.toThrow(
      'its phx-mounted is "mounted", and the client runs nothing but JS commands there: write phx-mounted="${JS.push("mounted")}".',
    );
    await expect(open(() => portal({ id: "x", target: "#nowhere" }, "x"))).rejects.toThrow(
      "The portal x is for #nowhere, and no such element is on the page.",
    );
  });

  it("shows results of background work as the view keeps them", async () => {
    const view = createLiveView<{ bio: AsyncResult<string> }>({
      initial: { bio: AsyncResult.loading() },
      handleEvent: (_event, socket) => socket.assign({ bio: AsyncResult.ok("Ada") }),
      render: ({ bio }) =>
        html`<button phx-click="load">${asyncResult(bio, { ok: (name) => name, loading: "…" })}</button>`,
    });
    const app = createLiveApp({ routes: { "/": view }, secret: "only-for-tests-0123456789-0123456789" });
    const page = await visit(app, "/");
    expect(page.text()).toBe("…");
    await page.element("button").click();
    expect(page.text()).toBe("Ada");
  });
});

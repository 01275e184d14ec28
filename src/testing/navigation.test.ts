import { afterEach, describe, expect, it } from "vitest";
import { html } from "../html/html.ts";
import { link } from "../components/link.ts";
import { createLiveApp } from "../live/live-app.ts";
import { createLiveView } from "../live/live-view.ts";
import { closePages, visit } from "./visit.ts";

afterEach(closePages);

type Act = { type: "patch" | "leave" | "login" };

const list = createLiveView<{ page: string }, Act>({
  handleParams: (url, socket) => socket.assign({ page: url.searchParams.get("page") ?? "1" }),
  handleEvent: ({ type }, socket) => {
    if (type === "patch") return socket.pushPatch("/list", { page: 2 });
    if (type === "leave") return socket.pushNavigate("/other");
    socket.redirect("https://login.example/");
  },
  render: ({ page }) => html`
    <h1>Page ${page}</h1>${link({ patch: "/list?page=3" }, "Third")}${link({ navigate: "/other" }, "Other")}
    <button phx-click="patch">patch</button><button phx-click="leave">leave</button><button phx-click="login">login</button>`,
});
const other = createLiveView({ render: () => html`<h1>Other</h1>` });
const old = createLiveView({ mount: (socket) => socket.redirect("/list?page=7"), render: () => html`` });

const open = (path = "/list") => {
  const routes = { "/list": list, "/other": other, "/old": old };
  return visit(createLiveApp({ secret: "only-for-tests-0123456789-0123456789", routes }), path);
};
const heading = (page: { element(selector: string): { text(): string } }): string => page.element("h1").text();

describe("where a page has gone", () => {
  it("is asserted once for each move, with its address or without", async () => {
    const page = await open();
    await page.element("button", "patch").click();
    await page.element("a", "Third").click();
    await page.element("button", "leave").click();
    page.assertPatched("/list?page=3");
    page.assertPatched();
    page.assertNavigated("/other");
    expect(() => page.assertPatched()).toThrow("The page has not patched the address, and went nowhere else.");
  });

  it("says where it went instead", async () => {
    const page = await open();
    await page.element("a", "Other").click();
    expect(() => page.assertPatched("/list?page=2")).toThrow(
      'The page has not patched the address at "/list?page=2"; where it went, and no test has asked for yet: navigate "/other".',
    );
    page.assertNavigated("/other");
  });

  it("is also another site, and what a page load was redirected to", async () => {
    const page = await open("/old");
    page.assertRedirected("/list?page=7");
    await page.element("button", "login").click();
    page.assertRedirected("https://login.example/");
    expect(() => page.assertNavigated()).toThrow(/has not navigated to another view, and went nowhere else/);
  });
});

describe("a tab", () => {
  it("goes to addresses without a link to click", async () => {
    const page = await open();
    await page.patch("?page=5");
    expect(heading(page)).toBe("Page 5");
    page.assertPatched("/list?page=5");
    await page.navigate("/other");
    expect(heading(page)).toBe("Other");
    page.assertNavigated("/other");
    // A patch that leads to another view is a live navigation, as in the browser.
    await page.patch("/list");
    page.assertNavigated("/list");
  });

  it("goes back and forward over patches, views and page loads", async () => {
    const page = await open();
    await page.element("a", "Third").click();
    await page.element("a", "Other").click();
    await page.goto("/list?page=9");
    const seen: string[] = [];
    for (let step = 0; step < 3; step++) {
      await page.back();
      seen.push(`${heading(page)} ${page.url.search}`);
    }
    expect(seen).toEqual(["Other ", "Page 3 ?page=3", "Page 1 "]);
    await expect(page.back()).rejects.toThrow("The page cannot go back: this is the first page of its tab.");
    for (let step = 0; step < 3; step++) await page.forward();
    expect(heading(page)).toBe("Page 9");
    await expect(page.forward()).rejects.toThrow("The page cannot go forward: this is the latest page of its tab.");
  });

  it("forgets what lay ahead when it goes elsewhere, and keeps no entry that was replaced", async () => {
    const page = await open();
    await page.patch("?page=2");
    await page.back();
    await page.patch("?page=3");
    await expect(page.forward()).rejects.toThrow(/latest page/);
    await page.back();
    expect(heading(page)).toBe("Page 1");
  });

  it("has the same history after a reload", async () => {
    const page = await open();
    await page.patch("?page=2");
    await page.reload();
    await page.back();
    expect(heading(page)).toBe("Page 1");
    await page.forward();
    expect(heading(page)).toBe("Page 2");
  });
});

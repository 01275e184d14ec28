import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { load, ORIGIN, testApp, visit } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import { createLiveView } from "./live-view.ts";

const directory = mkdtempSync(join(tmpdir(), "wingbeat-module-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const view = createLiveView({ render: (_context, meta) => html`<i>${meta.nonce}</i>` });

function moduleFile(text: string): URL {
  const file = join(directory, "client.mjs");
  writeFileSync(file, text);
  return pathToFileURL(file);
}

describe("the option clientModule", () => {
  it("given a file serves it for ever under a name that changes with its content, and has the page load it", async () => {
    const addresses: string[] = [];
    for (const text of ["export const hooks = {};", "export const hooks = { A: {} };"]) {
      const { app } = testApp({ "/": view }, { clientModule: moduleFile(text) });
      const { html: page } = await load(app, "/");
      const address = /<link rel="modulepreload" phx-track-static href="([^"]+)">/.exec(page)?.[1] ?? "";
      expect(page).toContain(`await import(${JSON.stringify(address)}).catch(failed)`);
      const response = await app.fetch(new Request(`${ORIGIN}${address}`));
      expect(await response.text()).toBe(text);
      expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
      expect(response.headers.get("cache-control")).toContain("immutable");
      addresses.push(address);
    }
    expect(addresses[0]).toMatch(/^\/_wingbeat\/client-[\da-f]{16}\.js$/);
    expect(addresses[0]).not.toBe(addresses[1]);
  });

  it("tells a view when an open page has another version of the file", async () => {
    const seen: boolean[] = [];
    const watching = createLiveView({
      mount: (socket) => void (socket.connected && seen.push(socket.staticChanged)),
      render: () => html``,
    });
    const { app } = testApp({ "/": watching }, { clientModule: moduleFile("export const hooks = {};") });
    const client = await visit(app, "/");
    const address = /modulepreload" phx-track-static href="([^"]+)"/.exec(client.page.html)?.[1] ?? "";
    for (const path of [address, "/_wingbeat/client-0123456789abcdef.js"]) {
      await client.join({ params: { _csrf_token: client.page.csrfToken, _track_static: [`${ORIGIN}${path}`] } });
    }
    expect(seen).toEqual([false, false, true]);
  });

  it("given an address leaves the file to the app's own fetch, and does not track it", async () => {
    const { app } = testApp({ "/": view }, { clientModule: '/a.mjs?b="</script>' });
    const { html: page } = await load(app, "/");
    expect(page).toContain('<link rel="modulepreload" href="/a.mjs?b=&quot;&lt;/script&gt;">');
    expect(page).toContain('await import("/a.mjs?b=\\"\\u003c/script>").catch(failed)');
  });

  it("without it the page loads none", async () => {
    expect((await load(testApp({ "/": view }).app, "/")).html).not.toMatch(/modulepreload|import\(/);
  });

  it("refuses a file that is not there, and what is neither file nor address", () => {
    const missing = pathToFileURL(join(directory, "missing.mjs"));
    expect(() => testApp({}, { clientModule: missing })).toThrow(
      /`clientModule` is the file .*missing\.mjs, which cannot/,
    );
    for (const address of ["client.mjs", "./client.mjs", "//host/client.mjs", ""]) {
      expect(() => testApp({}, { clientModule: address })).toThrow(/it must be an address/);
    }
  });
});

describe("the nonce of a page", () => {
  it("is the same for the layout, the header, the first render and the connected view; another for each load", async () => {
    const { app } = testApp({ "/": view }, { headers: (page) => ({ "x-nonce": page.nonce }) });
    const client = await visit(app, "/");
    const nonce = client.page.headers.get("x-nonce") ?? "";
    expect(nonce).toMatch(/^[\w-]{22}$/);
    expect(client.page.html).toContain(`<script type="module" nonce="${nonce}">`);
    expect(client.page.html).toContain(`<i>${nonce}</i>`);
    expect(client.html()).toBe(`<i>${nonce}</i>`);
    await client.join({ redirect: client.page.url });
    expect(client.html()).toBe(`<i>${nonce}</i>`);
    expect((await load(app, "/", client.page.cookie)).headers.get("x-nonce")).not.toBe(nonce);
  });

  it("cannot be read from what the page has in its tokens", async () => {
    const { app } = testApp({ "/": view }, { headers: (page) => ({ "x-nonce": page.nonce }) });
    const page = await load(app, "/");
    const held = [page.session, page.static].map((token) => Buffer.from(token.split(".")[0] ?? "", "base64url"));
    expect(held.join(" ")).toContain('"nonce":');
    expect(held.join(" ")).not.toContain(page.headers.get("x-nonce"));
  });
});

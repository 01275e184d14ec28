import { expect, it } from "vitest";
import { createLiveApp, createLiveView, html } from "wingbeat";
import { expectText, production, rememberingLogger, useBrowser } from "../browser/support.ts";
import { freePort } from "../support/free-port.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

// Of test/browser/reconnect.test.ts, by the clock on the wall: a minute and a half.

const { start, visit } = useBrowser();

const form = createLiveView<{ name: string; by: string }, { type: "change"; name: string }>({
  initial: { name: "", by: "" },
  mount: (socket) => socket.assign({ by: socket.navigation.type }),
  handleEvent: (event, socket) => socket.assign({ name: event.name }),
  render: ({ name, by }) => html`
    <h1>${by} ${name}</h1>
    <form id="who" phx-change="change"><input id="name" name="name" value="${name}" aria-label="Name"></form>`,
});

it("a page outlives a minute without a network, be it refused or silent, with what is typed meanwhile", async () => {
  const port = await freePort();
  const [refusing, silent] = [await startTcpProxy(port), await startTcpProxy(port)];
  const urls = [refusing, silent].map((proxy) => `http://127.0.0.1:${proxy.port}`);
  const options = { ...production(), origins: urls, logger: rememberingLogger() };
  await start(createLiveApp({ ...options, routes: { "/": form } }), port);
  const visits = await Promise.all(urls.map((url) => visit(url)));
  refusing.refuse();
  silent.blackHole();
  for (const { page } of visits) await page.locator("#name").pressSequentially("Ada");
  for (const { page } of visits) {
    await page.getByRole("status").filter({ hasText: "Connection lost" }).waitFor({ timeout: 60_000 });
  }
  // Both must have had the time in which the client would load the page: 30 s for an answer, then up to 10 s.
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  for (const { page } of visits) await page.locator("#name").pressSequentially(" Lovelace");
  refusing.accept();
  silent.heal();
  for (const { page, loads } of visits) {
    await expectText(page, "h1", "reconnect Ada Lovelace");
    await page.getByRole("status").waitFor({ state: "hidden" });
    expect(loads()).toBe(1);
  }
  await Promise.all([refusing.close(), silent.close()]);
});

import { describe, expect, it } from "vitest";
import { createLiveApp, createLiveView, each, html } from "wingbeat";
import { expectText, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

const PAYLOADS = [
  "<script>window.stolen = 1</script>",
  "<img src=x onerror='window.stolen = 2'>",
  '"><img src=x onerror=window.stolen=3>',
  "' onmouseover='window.stolen=4' autofocus onfocus='window.stolen=5",
  "</textarea></title></style><svg onload=window.stolen=6>",
  "<!--<img src=x onerror=window.stolen=7>-->",
  "&lt;img src=x onerror=window.stolen=8&gt;",
  "x onfocus=window.stolen=9 autofocus tabindex=1",
];

describe("values from strangers", () => {
  it("B11: are text in text and in attributes, on the first paint and in every update", async () => {
    const view = createLiveView<{ texts: readonly string[]; round: number }>({
      initial: { texts: PAYLOADS, round: 0 },
      handleEvent: (_event, socket) =>
        socket.assign({ texts: [...socket.context.texts].reverse(), round: socket.context.round + 1 }),
      render: ({ texts, round }) => html`
        <h1>Round ${round}</h1><button phx-click="again">Again</button>
        <div id="text">${texts}</div>
        <div id="nested">${texts.map((text) => html`<p title="${text}" data-text='${text}'>${text}</p>`)}</div>
        <ul>${each(
          texts,
          (text) => text,
          (text) => html`<li class=${text}>${[text, round]}</li>`,
        )}</ul>
        <textarea aria-label="All">${texts.join("\n")}</textarea>
        <input aria-label="Last" value="${texts.at(-1)}">
        ${round > 0 ? html`<section id="late" aria-label="${texts[0]}">${texts}</section>` : null}`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page, problems } = await visit(url);
    const texts = [...PAYLOADS];
    for (let round = 0; round < 3; round++) {
      await expectText(page, "h1", `Round ${round}`);
      expect(await page.textContent("#text")).toBe(texts.join(""));
      expect(await page.locator("#nested p").allTextContents()).toEqual(texts);
      expect(await page.locator("#nested p").evaluateAll((all) => all.map((one) => one.getAttribute("title")))).toEqual(
        texts,
      );
      expect(await page.locator("li").evaluateAll((all) => all.map((one) => one.getAttribute("class")))).toEqual(texts);
      expect(
        await page.locator("#phx-main :is(script, img, svg), #phx-main [onerror], #phx-main [onfocus]").count(),
      ).toBe(0);
      await page.click("button");
      texts.reverse();
    }
    await expectText(page, "h1", "Round 3");
    expect(await page.evaluate(() => "stolen" in window)).toBe(false);
    expect(problems).toEqual([]);
  });

  it("lead nowhere as javascript: addresses, in whichever spelling", async () => {
    const addresses = [
      "javascript:window.stolen=1",
      "JaVaScRiPt:window.stolen=1",
      " java\nscript:window.stolen=1",
      "\u0001javascript:window.stolen=1",
      "javascript&colon;window.stolen=1",
    ];
    const view = createLiveView<{ count: number }>({
      initial: { count: 0 },
      handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
      render: ({ count }) => html`
        <button phx-click="again">${count}</button>
        ${addresses.map((address) => html`<a href="${count === 0 ? address : ` ${address}`}">Read more</a>`)}
        <a id="good" href="${"https://example.org/?a=1&b=2"}">Good</a>`,
    });
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page } = await visit(url);
    const protocols = (): Promise<string[]> =>
      page
        .locator("a:not(#good)")
        .evaluateAll((links) => links.map((link) => (link instanceof HTMLAnchorElement ? link.protocol : "")));
    expect(await protocols()).not.toContain("javascript:");
    await page.click("button");
    await expectText(page, "button", "1");
    expect(await protocols()).not.toContain("javascript:");
    expect(await page.getAttribute("#good", "href")).toBe("https://example.org/?a=1&b=2");
    expect(await page.evaluate(() => "stolen" in window)).toBe(false);
  });
});

describe("the page", () => {
  const view = createLiveView<{ count: number }>({
    initial: { count: 0 },
    handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
    render: ({ count }) => html`<button phx-click="count">${count}</button>`,
  });

  it("works under a strict Content-Security-Policy with its nonce", async () => {
    const app = createLiveApp({
      routes: { "/": view },
      headers: (page) => ({
        "content-security-policy": `default-src 'none'; script-src 'self' 'nonce-${page.nonce}'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'`,
      }),
    });
    const { url } = await start(app);
    const { page, problems } = await visit(url, {
      before: (page) =>
        page.addInitScript(() => {
          const violations: string[] = [];
          Object.assign(window, { violations });
          document.addEventListener("securitypolicyviolation", (event) =>
            violations.push(`${event.violatedDirective} ${event.blockedURI}`),
          );
        }),
    });
    await page.click("button");
    await expectText(page, "button", "1");
    expect(await page.evaluate(() => (window as { violations?: unknown }).violations)).toEqual([]);
    expect(problems).toEqual([]);
    // The policy is in force.
    const refused = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.injected = true";
      document.head.append(script);
      return !("injected" in window);
    });
    expect(refused).toBe(true);
  });

  it("keeps its token out of the socket's address, where logs would keep it", async () => {
    const { url } = await start(createLiveApp({ routes: { "/": view } }));
    const { page, sockets, sent } = await visit(url);
    const token = await page.getAttribute("meta[name=csrf-token]", "content");
    expect(sockets).toHaveLength(1);
    const socket = new URL(sockets[0] ?? "");
    expect(socket.pathname).toBe("/live/websocket");
    expect([...socket.searchParams.keys()]).toEqual(["vsn"]);
    expect(sent.some((frame) => frame.includes("phx_join") && frame.includes(token ?? "?"))).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load, ORIGIN, testApp, visit } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import { fitFlash, MAX_FLASH_BYTES } from "./fit-flash.ts";
import { createLiveView } from "./live-view.ts";

const bytesOf = (flash: object): number => Buffer.byteLength(JSON.stringify(flash));

describe("fitFlash", () => {
  it("leaves what a cookie can hold as it is", () => {
    const flash = { info: "x".repeat(2_000), error: "é" };
    expect(fitFlash(flash)).toBe(flash);
  });

  it("cuts the longest message, at a whole character, and leaves the others", () => {
    const { info = "", error } = fitFlash({ info: "日".repeat(2_000), error: "short" });
    expect(error).toBe("short");
    expect(info).toMatch(/^日{900,}…$/);
  });

  it("gives a flash within the bounds whatever it gets, whose messages begin as they did", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("info", "error", "__proto__", "k".repeat(3_000)),
          fc
            .array(fc.constantFrom("a", '"', "\n", "é", "日", "😀"), { maxLength: 8 })
            .map((some) => some.join("").repeat(300)),
        ),
        (given) => {
          const fitted = fitFlash(given);
          expect(bytesOf(fitted)).toBeLessThanOrEqual(MAX_FLASH_BYTES);
          for (const [kind, text = ""] of Object.entries(fitted)) {
            expect(text === given[kind] || given[kind]?.startsWith(text.slice(0, -1))).toBe(true);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("a flash that is larger than a cookie may be", () => {
  const long = "No such luck. ".repeat(700);
  const shows = createLiveView({ render: (_context, { flash }) => html`<p>${flash["error"]}</p>` });
  const warning =
    "[wingbeat] cut a flash message of 9812 bytes in all, which is more than the 2800 that a page can give to the next. Put the text where the next page can read it, and say in the flash that it is there.";

  it("is cut when a handler puts it, so that the browser keeps the cookie and the next page shows its beginning", async () => {
    const { app, log } = testApp(
      { "/": shows },
      {
        fetch: (request) => {
          app.putFlash(request, "error", long);
          return new Response(null, { status: 303, headers: { location: "/" } });
        },
      },
    );
    const response = await app.fetch(new Request(`${ORIGIN}/go`));
    const cookies = response.headers.getSetCookie();
    expect(cookies.map(({ length }) => length).filter((length) => length > 4_096)).toEqual([]);
    expect(log).toEqual([warning]);
    const page = await load(app, "/", cookies.map((cookie) => cookie.split(";")[0]).join("; "));
    expect(page.html).toMatch(/<p>No such luck\. No such luck\. .*…<\/p>/);
  });

  it("is cut when a view redirects with it", async () => {
    const leaving = createLiveView({
      mount: (socket) => {
        socket.putFlash("error", long);
        socket.redirect("/");
      },
      render: () => html`<p></p>`,
    });
    const { app, log } = testApp({ "/": shows, "/leaving": leaving });
    const { cookie, status } = await load(app, "/leaving");
    expect(status).toBe(302);
    expect(cookie.length).toBeLessThan(4_096);
    expect((await load(app, "/", cookie)).html).toContain("<p>No such luck. ");
    expect(log).toEqual([warning]);
  });

  it("joins from the page that shows it", async () => {
    const { app } = testApp({
      "/": createLiveView({
        mount: (socket) => {
          if (!socket.connected) socket.putFlash("error", long);
        },
        render: (_context, { flash }) => html`<p>${flash["error"]}</p>`,
      }),
    });
    expect((await load(app, "/")).html).toContain(`<p>${long}</p>`);
    expect((await visit(app, "/")).html()).toMatch(/^<p>No such luck\. .*…<\/p>$/);
  });
});

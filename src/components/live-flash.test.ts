import { describe, expect, it } from "vitest";
import { html } from "../html/html.ts";
import { toHtml } from "../html/to-html.ts";
import { liveFlash } from "./live-flash.ts";

const close = (kind: string): string =>
  `<button type="button" aria-label="Close" phx-click="lv:clear-flash" phx-value-key="${kind}">×</button>`;

describe("liveFlash", () => {
  it("is a live region that is there before its message is", () => {
    expect(toHtml(liveFlash({ flash: {}, kind: "info" }))).toBe('<div id="flash-info" role="status"></div>');
  });

  it("shows the message of its kind, escaped, with a button that clears it", () => {
    const flash = { info: "a < b", error: "No" };
    expect(toHtml(liveFlash({ flash, kind: "info" }))).toBe(
      `<div id="flash-info" role="status"><p>a &lt; b</p>${close("info")}</div>`,
    );
    expect(toHtml(liveFlash({ flash, kind: "error" }))).toBe(
      `<div id="flash-error" role="alert"><p>No</p>${close("error")}</div>`,
    );
  });

  it("takes attributes, a name and a look for its button, and how to show the message", () => {
    const flash = liveFlash({
      flash: { info: "Saved" },
      kind: "info",
      content: (message) => html`<b>${message}</b>`,
      close: html`<i>x</i>`,
      closeLabel: "Schließen",
      rest: { id: "toast", class: "toast" },
    });
    expect(toHtml(flash)).toBe(
      '<div id="toast" role="status" class="toast"><b>Saved</b><button type="button" aria-label="Schließen" phx-click="lv:clear-flash" phx-value-key="info"><i>x</i></button></div>',
    );
  });
});

import { describe, expect, it } from "vitest";
import { html } from "./html.ts";
import { toHtml } from "./to-html.ts";

describe("attributes that the client reads by their presence", () => {
  it("are there for true and absent for false, so that a form is not submitted again and again", () => {
    const form = (isReady: boolean) => toHtml(html`<form phx-trigger-action="${isReady}"></form>`);
    expect(form(true)).toBe("<form phx-trigger-action></form>");
    expect(form(false)).toBe("<form></form>");
  });
});

import { describe, expect, it } from "vitest";
import { html } from "./html.ts";
import { isShared, shared } from "./shared.ts";
import { toHtml } from "./to-html.ts";

describe("shared", () => {
  const render = ({ count }: { readonly count: number }) => html`<p>${count}</p>`;

  it("renders what its function renders, and is known as shared", () => {
    expect(toHtml(shared(render)({ count: 1 }))).toBe("<p>1</p>");
    expect(isShared(shared(render))).toBe(true);
  });

  it("leaves the function itself usable without sharing", () => {
    shared(render);
    expect(isShared(render)).toBe(false);
  });

  it("refuses what is no function", () => {
    expect(() => shared(html`<p>x</p>` as never)).toThrow(
      "shared got a template. It takes the render itself: render: shared((context) => html`…`).",
    );
  });

  it("refuses a function that takes more than the context", () => {
    // A program without types.
    const takesMeta = ((_context: object, _meta: object) => html``) as unknown as (
      context: object,
    ) => ReturnType<typeof html>;
    expect(() => shared(takesMeta)).toThrow(
      expect.objectContaining({ code: "render.impure-shared", message: expect.stringMatching(/second parameter/) }),
    );
  });
});

import { describe, expect, it } from "vitest";
import { html } from "./html.ts";
import { whyNotSingleRoot } from "./single-root.ts";
import type { Rendered } from "./rendered.ts";

const judge = ({ template }: Rendered): string | undefined => whyNotSingleRoot(template);

describe("whyNotSingleRoot", () => {
  it("accepts one element, with what is in it", () => {
    expect(judge(html`<div class="${"a"}"><p>${"b"}<br>c</p></div>`)).toBeUndefined();
    expect(judge(html`<input value="${"a"}">`)).toBeUndefined();
    expect(judge(html`<svg viewBox="0 0 1 1" />`)).toBeUndefined();
    expect(judge(html`<svg><path d="${"M0"}" /></svg>`)).toBeUndefined();
    expect(judge(html`<div title="a > b" hidden=${true}>x</div>`)).toBeUndefined();
    expect(judge(html`<textarea><p></textarea>`)).toBeUndefined();
    expect(judge(html`<div>a < b</div>`)).toBeUndefined();
  });

  it("accepts white space and comments around it, as the client does", () => {
    expect(
      judge(html`
        <!-- a task -->
        <li>${"a"}</li>
      `),
    ).toBeUndefined();
  });

  it("accepts end tags that HTML lets one leave out, inside", () => {
    expect(judge(html`<ul><li>a<li>b</ul>`)).toBeUndefined();
  });

  it("shows the second element", () => {
    expect(judge(html`<p>a</p><p>b</p>`)).toBe(
      "A second element stands beside the first.\n\n    <p>a</p><p>b</p>\n            ^",
    );
  });

  it("shows text and values beside the element", () => {
    expect(judge(html`Name: <b>${"a"}</b>`)).toMatch(/^Text stands beside the element\./);
    expect(judge(html`<b>a</b>${"b"}`)).toBe("A value stands beside the element.\n\n    <b>a</b>${…}\n            ^");
  });

  it("refuses no element at all", () => {
    expect(judge(html``)).toMatch(/^There is no element\./);
    expect(judge(html`${html`<p>a</p>`}`)).toMatch(/^A value stands beside the element\./);
    expect(judge(html`<!-- a -->`)).toMatch(/^There is no element\./);
    expect(judge(html`<!doctype html>`)).toMatch(/^This is no element\./);
  });

  it("refuses an element that is left open", () => {
    expect(judge(html`<p>a`)).toMatch(/^<p> is not closed in the same template\./);
    expect(judge(html`<div />`)).toMatch(/^<div> is not closed in the same template\./);
    expect(judge(html`<div><div></div>`)).toMatch(/^<div> is not closed in the same template\./);
  });
});

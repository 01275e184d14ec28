import { describe, expect, it } from "vitest";
import { each } from "./each.ts";
import { html, safe } from "./html.ts";
import type { Renderable } from "./rendered.ts";
import { describeTemplate, toHtml } from "./to-html.ts";

const page = (value: Renderable) => html`<p>${value}</p>`;

describe("toHtml", () => {
  it.each<[name: string, value: Renderable, text: string]>([
    ["a text", "a & b", "a &amp; b"],
    ["a number", 1.5, "1.5"],
    ["a bigint", 12n, "12"],
    ["null", null, ""],
    ["undefined", undefined, ""],
    ["false", false, ""],
    ["true", true, "true"],
    ["trusted HTML", safe("<b>a</b>"), "<b>a</b>"],
    ["a template", html`<b>${"<"}</b>`, "<b>&lt;</b>"],
    ["an array", ["<", [1, [html`<i></i>`]], null], "&lt;1<i></i>"],
    [
      "a keyed list",
      each(
        ["a", "b"],
        (key) => key,
        (key) => html`<i>${key}</i>`,
      ),
      "<i>a</i><i>b</i>",
    ],
    ["an empty list", [], ""],
  ])("writes %s", (_name, value, text) => {
    expect(toHtml(page(value))).toBe(`<p>${text}</p>`);
  });

  it("writes attributes as their place demands", () => {
    const isOpen = true;
    const tag = html`<a class=${["tab", isOpen && "open", null]} hidden=${false} inert=${isOpen} href="${"javascript:x"}">`;
    expect(toHtml(tag)).toBe('<a class="tab open" inert href="about:blank#blocked">');
  });

  it("gets no template that was made into a text, which would show [object Object]", () => {
    const rows = [page("a"), page("b")];
    const text = "A template was made into a text, by join, + or `${…}`, which would show [object Object].";
    expect(() => rows.join("")).toThrow(text);
    expect(() => page(`Rows: ${String(rows[0])}`)).toThrow(text);
  });

  it("names template and place of a value that cannot be shown", () => {
    // A program without types.
    const value = new Date(0) as unknown as Renderable;
    const where = expect.objectContaining({
      code: "template.not-renderable",
      message: expect.stringMatching(/class Date .*toISOString.*\n\n.*<p>\$\{…\}<\/p>\n +\^/s),
    });
    expect(() => toHtml(page(value))).toThrow(where);
    expect(() => toHtml(html`<main>${[page("a"), page(value)]}</main>`)).toThrow(where);
  });
});

describe("describeTemplate", () => {
  it("is the template on one line, at most 160 characters of it", () => {
    const item = html`
      <li>
        ${"a"}
      </li>`;
    expect(describeTemplate(item)).toBe("<li> ${…} </li>");
    const long = html`<p>${"a"}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</p>`;
    expect(describeTemplate(long)).toMatch(/^<p>\$\{…\}a{149,151}…$/);
  });
});

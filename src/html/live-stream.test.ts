import { describe, expect, it } from "vitest";
import { withRenderChecks } from "./checks.ts";
import { html } from "./html.ts";
import { PendingStream } from "./live-stream.ts";
import { memo } from "./memo.ts";
import type { Renderable, Rendered } from "./rendered.ts";
import { toHtml } from "./to-html.ts";

function rows(access = { isOpen: true }): PendingStream {
  const stream = new PendingStream("rows", "0", access);
  for (const id of ["a", "b"])
    stream.changes.insert({ domId: id, item: { id }, at: 0, limit: undefined, updateOnly: false });
  return stream;
}

const item = (domId: string): Rendered => html`<li id="${domId}">x</li>`;
const checked = (work: () => Rendered): string => toHtml(withRenderChecks(true, work));

describe("a stream in a render", () => {
  it("shows its rows in the order of a page that has none yet", () => {
    const stream = rows();
    stream.isFirst = true;
    expect(toHtml(html`<ul id="u" phx-update="stream">${stream.map(item)}</ul>`)).toBe(
      '<ul id="u" phx-update="stream"><li id="b">x</li><li id="a">x</li></ul>',
    );
  });

  it("can be read by nobody else", () => {
    expect(() => rows({ isOpen: false }).map(item)).toThrow(/The stream "rows" was read outside of a render/);
  });
});

describe("in development, a row", () => {
  const list = (row: (domId: string) => Rendered) => (): Rendered =>
    html`<ul id="u" phx-update="stream">${rows().map(row)}</ul>`;

  it.each<[string, (domId: string) => Rendered]>([
    ["with its id", (id) => html`<li id="${id}">x</li>`],
    ["with its id after other attributes", (id) => html` <li class="${["a > b"]}" hidden=${true} id="${id}">x</li>`],
    ["whose id is made of the item's", () => html`<li id="a">x</li>`],
    ["that begins with a value", (id) => html`${html`<li id="${id}">x</li>`}`],
    ["that a memo remembers", (id) => memo({ id }, (value) => html`<li id="${value.id}">x</li>`)],
  ])("%s is fine", (_name, row) => {
    const stream = new PendingStream("rows", "0", { isOpen: true });
    stream.changes.insert({ domId: "a", item: 1, at: -1, limit: undefined, updateOnly: false });
    expect(checked(() => html`<ul id="u" phx-update="stream">${stream.map(row)}</ul>`)).toContain('id="a"');
  });

  it.each<[string, (domId: string) => Rendered]>([
    ["without an id", () => html`<li class="x">x</li>`],
    ["with another id", (id) => html`<li id="row-${id}">x</li>`],
    ["with its id further inside", (id) => html`<li><b id="${id}">x</b></li>`],
    ["that begins with text", (id) => html`x <li id="${id}">x</li>`],
  ])("%s is refused", (_name, row) => {
    expect(() => checked(list(row))).toThrow(
      expect.objectContaining({ code: "stream.markup", message: expect.stringContaining('expected  id="a"') }) as Error,
    );
  });

  it("is not looked at in production", () => {
    expect(toHtml(list(() => html`<li>x</li>`)())).toContain("<li>x</li>");
  });
});

describe("in development, the place of a stream", () => {
  it.each<[string, (list: Renderable) => Rendered]>([
    ["a container", (list) => html`<ul class="x" id="u" phx-update="stream">${list}</ul>`],
    [
      "a container among others",
      (list) => html`<p>a<br><b>b</b></p><ul id="u" phx-update="stream"><li id="n"></li>${list}</ul>`,
    ],
    ["a container whose attributes are values", (list) => html`<ul id="${"u"}" phx-update="${"stream"}">${list}</ul>`],
    ["a template of its own, about whose place nothing is known", (list) => html`${list}`],
  ])("may be %s", (_name, page) => {
    expect(checked(() => page(rows().map(item)))).toContain('<li id="a">');
  });

  it.each<[string, (list: Renderable) => Rendered, string]>([
    ["without phx-update", (list) => html`<ul id="u">${list}</ul>`, '<ul id="u">'],
    ["without an id", (list) => html`<ul phx-update="stream">${list}</ul>`, '<ul phx-update="stream">'],
    [
      "with another phx-update",
      (list) => html`<ul id="u" phx-update="ignore">${list}</ul>`,
      '<ul id="u" phx-update="ignore">',
    ],
    [
      "further inside",
      (list) => html`<div id="u" phx-update="stream"><ul class="${"x"}"><li></li>${list}</ul></div>`,
      '<ul class="${…}">',
    ],
  ])("%s is refused", (_name, page, tag) => {
    expect(() => checked(() => page(rows().map(item)))).toThrow(
      expect.objectContaining({
        code: "stream.markup",
        message: expect.stringContaining(`is shown in ${tag}.`),
      }) as Error,
    );
  });
});

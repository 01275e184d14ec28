import fc from "fast-check";
import { parseFragment } from "parse5";
import { describe, expect, it } from "vitest";
import { codePoint } from "../../test/support/code-points.ts";
import { fullTree, diff } from "../diff/diff.ts";
import { attrs } from "./attrs.ts";
import { html } from "./html.ts";
import { JS } from "./js-commands.ts";
import { Command, type Attributes, type Renderable } from "./rendered.ts";
import { toHtml } from "./to-html.ts";

const p = (attributes: Attributes): string => toHtml(html`<p ${attrs(attributes)}></p>`);
const show = (value: Renderable) => html`<p ${value}></p>`;

describe("attrs", () => {
  it.each<[name: string, attributes: Attributes, html: string]>([
    ["nothing", {}, "<p></p>"],
    ["several, in their order", { id: "a", title: "b" }, '<p id="a" title="b"></p>'],
    [
      "text that looks like markup",
      { title: `"><b onclick='x'>&amp;` },
      '<p title="&quot;&gt;&lt;b onclick=&#39;x&#39;&gt;&amp;amp;"></p>',
    ],
    ["an empty text", { title: "" }, '<p title=""></p>'],
    ["numbers", { tabindex: 0, "data-n": 12n }, '<p tabindex="0" data-n="12"></p>'],
    ["null, undefined and false", { id: null, title: undefined, lang: false }, "<p></p>"],
    ["true", { lang: true }, "<p lang></p>"],
    ["boolean attributes", { hidden: true, inert: false, popover: "manual" }, '<p hidden popover="manual"></p>'],
    [
      "attributes that spell true and false",
      { "aria-busy": true, "data-open": false },
      '<p aria-busy="true" data-open="false"></p>',
    ],
    ["an attribute that spells false, and is absent", { "aria-busy": undefined }, "<p></p>"],
    ["a list of classes", { class: ["a", false, ["b", null]] }, '<p class="a b"></p>'],
    ["an empty list of classes", { class: [false, ""] }, "<p></p>"],
    ["style", { style: "--n: 1" }, '<p style="--n: 1"></p>'],
    ["an event's name", { "phx-click": "save", "phx-value-id": 3 }, '<p phx-click="save" phx-value-id="3"></p>'],
    ["a command", { "phx-click": JS.hide() }, '<p phx-click="[[&quot;hide&quot;,{}]]"></p>'],
    [
      "a command that only pushes",
      { "phx-click": new Command([["push", { event: "save" }]]) },
      '<p phx-click="save"></p>',
    ],
    ["names as they are written", { viewBox: "0 0 1 1", "xml:lang": "en" }, '<p viewBox="0 0 1 1" xml:lang="en"></p>'],
  ])("writes %s", (_name, attributes, text) => {
    expect(p(attributes)).toBe(text);
  });

  it("stands between written attributes, and before the end of a tag", () => {
    const rest = attrs({ id: "a", disabled: true });
    expect(toHtml(html`<input type="text" ${rest} name="b"/>`)).toBe('<input type="text" id="a" disabled name="b"/>');
    expect(toHtml(html`<input ${rest}/>`)).toBe('<input id="a" disabled/>');
  });

  it("may be left out by a condition", () => {
    expect([null, undefined, false].map((value) => toHtml(show(value)))).toEqual(["<p></p>", "<p></p>", "<p></p>"]);
  });

  it("checks addresses by the element they stand in", () => {
    const rest = attrs({ href: "javascript:alert(1)", src: "data:image/png;base64,AA" });
    expect(toHtml(html`<a ${rest}></a>`)).toBe('<a href="about:blank#blocked" src="about:blank#blocked"></a>');
    expect(toHtml(html`<img ${rest}>`)).toBe('<img href="about:blank#blocked" src="data:image/png;base64,AA">');
  });

  it("is one dynamic, sent when what it writes has changed", () => {
    const before = show(attrs({ id: "a", class: ["b"] }));
    expect(fullTree(before)).toBe('{"0":" id=\\"a\\" class=\\"b\\"","s":["<p","></p>"]}');
    expect(diff(before, show(attrs({ id: "a", class: "b" })))).toBe("");
    expect(diff(before, show(attrs({ id: "a" })))).toBe('{"0":" id=\\"a\\""}');
  });
});

describe("attrs refuses", () => {
  it.each<[name: string, attributes: Attributes, message: RegExp]>([
    ["an event handler", { onclick: "alert(1)" }, /onclick is a program[^]*phx-click/],
    ["an event handler in capitals", { ONCLICK: "alert(1)" }, /ONCLICK is a program/],
    ["srcdoc", { srcdoc: "<p>" }, /whole page/],
    ["a name that ends the tag", { "a>": "x" }, /no name of an attribute/],
    ["a name with a space", { "a onclick": "x" }, /no name of an attribute/],
    ["an empty name", { "": "x" }, /no name of an attribute/],
    ["a name that a library runs", { "@click": "x" }, /no name of an attribute/],
  ])("%s", (_name, attributes, message) => {
    expect(() => attrs(attributes)).toThrow(expect.objectContaining({ code: "template.unsafe-position" }));
    expect(() => attrs(attributes)).toThrow(message);
  });

  it("a name twice, in other letters", () => {
    expect(() => attrs({ ID: "a", id: "b" })).toThrow(/attribute id is given twice[^]*Remove ID/);
    expect(() => attrs({ id: "a", iD: "b" })).toThrow(/attribute id is given twice[^]*Remove iD/);
    expect(() => attrs({ iD: "a", ID: "b" })).toThrow(/attribute id is given twice[^]*Remove ID/);
  });

  it("what is written in the tag besides, before or after it", () => {
    const message = /attribute class is written in the tag, and is in attrs too[^]*join them/;
    expect(() => toHtml(html`<p class="a" ${attrs({ class: "b" })}></p>`)).toThrow(message);
    expect(() => toHtml(html`<p ${attrs({ CLASS: "b" })} class="${"a"}"></p>`)).toThrow(message);
    expect(toHtml(html`<p class="a" ${attrs({ class: undefined })}></p>`)).toBe('<p class="a"></p>');
  });

  it("what an animation sets", () => {
    const rest = attrs({ attributeName: "href", to: "javascript:alert(1)" });
    expect(() => toHtml(html`<svg><set ${rest}/></svg>`)).toThrow(/attributename of an animation cannot be in attrs/);
  });

  it.each<[name: string, make: () => unknown, message: RegExp]>([
    [
      "text in its place",
      () => toHtml(show("onclick=alert(1)")),
      /the place of attributes[^]*attrs\({ id, hidden: true }\)/,
    ],
    ["an empty text in its place", () => toHtml(show("")), /the place of attributes/],
    ["a list in its place", () => toHtml(show([attrs({})])), /the place of attributes/],
    [
      "its place in text",
      () => toHtml(html`<p>${attrs({ id: "a" })}</p>`),
      /set of attributes cannot be shown in text[^]*start tag/,
    ],
    [
      "its place in an attribute",
      () => toHtml(html`<p id="${attrs({ id: "a" })}"></p>`),
      /set of attributes cannot be shown in the attribute id/,
    ],
    ["a list for another attribute than class", () => p({ id: ["a"] }), /A list cannot be shown in the attribute id/],
    [
      "a command for another attribute than phx-… and data-…",
      () => p({ id: JS.hide() }),
      /A command cannot be shown in the attribute id/,
    ],
    ["a number for a boolean attribute", () => p({ hidden: 1 }), /boolean attribute hidden/],
  ])("%s", (_name, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "template.not-renderable" }));
  });

  it("and shows the place in the template", () => {
    expect(() => toHtml(html`<main><p class="a" ${attrs({ class: "b" })}>text</p></main>`)).toThrow(
      '    <main><p class="a"${…}>text</p></main>\n                      ^',
    );
  });
});

describe("whatever attrs is given", () => {
  const names = fc.oneof(
    fc.stringMatching(/^[a-z_][a-z0-9:.-]{0,8}$/),
    fc.constantFrom("href", "hidden", "class", "style", "data-a", "aria-busy", "phx-click", "title"),
  );
  const values = fc.oneof(
    fc.string({ unit: codePoint }),
    fc.constantFrom('"', "'>", "</p><script>", "javascript:alert(1)", "&quot;", " onclick=x", "\r\n"),
    fc.boolean(),
    fc.constant(null),
  );

  it("a parser reads these attributes, and nothing else", () => {
    fc.assert(
      fc.property(fc.dictionary(names, values, { maxKeys: 6, noNullPrototype: true }), (given) => {
        const attributes = Object.fromEntries(
          Object.entries(given).filter(([name]) => !name.startsWith("on") && name !== "srcdoc"),
        );
        const fragment = parseFragment(`${toHtml(html`<a ${attrs(attributes)}>x</a>`)}<i></i>`);
        expect(fragment.childNodes.map(({ nodeName }) => nodeName)).toEqual(["a", "i"]);
        const [link] = fragment.childNodes;
        const read = link !== undefined && "attrs" in link ? link.attrs : [];
        const texts = read.filter(({ name }) => name !== "href" && typeof attributes[name] === "string");
        expect(texts.map(({ name, value }) => [name, value])).toEqual(
          // A parser replaces U+0000, which no HTML can hold.
          texts.map(({ name }) => [name, String(attributes[name]).replaceAll("\0", "\ufffd")]),
        );
        const addresses = read.filter(({ name }) => name === "href");
        expect(addresses.filter(({ value }) => /^\s*javascript:/i.test(value))).toEqual([]);
        expect(new Set(read.map(({ name }) => name))).toEqual(
          new Set(
            Object.entries(attributes).flatMap(([name, value]) =>
              value === null ||
              (value === false && !/^(?:aria-|data-|phx-value-|spellcheck|draggable)/.test(name)) ||
              (name === "class" && (value === "" || value === true))
                ? []
                : [name],
            ),
          ),
        );
      }),
      { numRuns: 500 },
    );
  });
});

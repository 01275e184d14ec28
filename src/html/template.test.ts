import { describe, expect, it } from "vitest";
import { TEXT_HOLE } from "./holes.ts";
import { html } from "./html.ts";
import { Template } from "./template.ts";

const x = "x";

describe("the statics of a template", () => {
  it("are the literals when there is nothing to change", () => {
    const { statics } = html`<p class="a ${x}" title='${x}'>Hello, ${x}!</p>`.template;
    expect(statics).toEqual(['<p class="a ', `" title='`, "'>Hello, ", "!</p>"]);
  });

  it("have quotes around attribute values that were written without", () => {
    expect(html`<p class=${x} id = row-${x}-${x}>`.template.statics).toEqual(['<p class="', '" id="row-', "-", '">']);
  });

  it("keep unquoted values without holes as they are", () => {
    expect(html`<p class=a/b id=c>${x}`.template.statics).toEqual(["<p class=a/b id=c>", ""]);
  });

  it("have boolean attributes taken out, with the space before them", () => {
    const { statics } = html`<input type="checkbox"
      checked=${x} disabled="${x}" name='a'/>`.template;
    expect(statics).toEqual(['<input type="checkbox"', "", " name='a'/>"]);
  });

  it("keep a boolean attribute that is only partly dynamic", () => {
    expect(html`<p hidden="until-${x}">`.template.statics).toEqual(['<p hidden="until-', '">']);
  });

  it("have a line feed where the parser would drop the value's own", () => {
    expect(html`<textarea>${x}</textarea>`.template.statics).toEqual(["<textarea>\n", "</textarea>"]);
    expect(html`<pre class="a">${x}</pre>`.template.statics).toEqual(['<pre class="a">\n', "</pre>"]);
    expect(html`<pre>a${x}</pre>`.template.statics).toEqual(["<pre>a", "</pre>"]);
  });

  it("do not let a value complete a character reference", () => {
    expect(html`<a href="/?a=1&${x}">&am${x} &#${x};</a>`.template.statics).toEqual([
      '<a href="/?a=1&amp;',
      '">&amp;am',
      " &amp;#",
      ";</a>",
    ]);
    expect(html`${x} &l`.template.statics).toEqual(["", " &amp;l"]);
  });

  it("keep references that no value can complete", () => {
    expect(html`<a title="&copy">&copy &lt;${x}</a>`.template.statics).toEqual(['<a title="&copy">&copy &lt;', "</a>"]);
  });

  it("keep a < that begins no tag", () => {
    expect(html`a < b <3 <= ${x}`.template.statics).toEqual(["a < b <3 <= ", ""]);
  });

  it("are encoded as JSON once", () => {
    expect(new Template(['<p a="', '">'], [TEXT_HOLE]).staticsJson).toBe('["<p a=\\"","\\">"]');
  });

  it("may be a fragment with elements left open, a doctype, or nothing", () => {
    expect(html`</li><li>`.template.statics).toEqual(["</li><li>"]);
    expect(html`<!DOCTYPE html><html>${x}`.template.statics).toEqual(["<!DOCTYPE html><html>", ""]);
    expect(html``.template.statics).toEqual([""]);
  });

  it("may hold scripts, styles and handlers without values", () => {
    const { statics } =
      html`<script nonce="${x}">if (a < b) "</p>"</script><style>a > b {}</style><p onclick="a()">${x}`.template;
    expect(statics[1]).toBe('">if (a < b) "</p>"</script><style>a > b {}</style><p onclick="a()">');
  });
});

describe("the holes of a template", () => {
  it("are one shared hole for all text, also in <title> and <textarea>", () => {
    const { holes } = html`<p>${x}</p>${x}<title>${x}</title><textarea>${x}</textarea>`.template;
    expect(holes.every((hole) => hole === TEXT_HOLE)).toBe(true);
    expect(holes).toHaveLength(4);
  });

  it("are shared by attributes that are written alike", () => {
    const [first, second] = html`<p title=${x}><b TITLE='${x}'>`.template.holes;
    expect(first).toBe(second);
    expect(first?.position).toBe("attribute");
  });

  it("are shared by all evaluations of a call site", () => {
    const view = (name: string) => html`<p>${name}</p>`;
    expect(view("Ada").template).toBe(view("Grace").template);
  });
});

import { describe, expect, it } from "vitest";
import { LiveError } from "../errors.ts";
import { html, safe } from "./html.ts";
import { locate } from "./not-renderable.ts";
import { Command, type Rendered, type Renderable } from "./rendered.ts";
import { toHtml } from "./to-html.ts";

const refused = { code: "template.not-renderable" };

type Place = (value: Renderable) => Rendered;
const text: Place = (value) => html`<p>${value}</p>`;
const title: Place = (value) => html`<p title="${value}"></p>`;
const id: Place = (value) => html`<p id=row-${value}></p>`;
const data: Place = (value) => html`<p data-open=${value}></p>`;
const aria: Place = (value) => html`<p aria-hidden=${value}></p>`;
const phxValue: Place = (value) => html`<p phx-value-done=${value}></p>`;
const draggable: Place = (value) => html`<p draggable=${value}></p>`;
const disabled: Place = (value) => html`<button disabled=${value}></button>`;
const className: Place = (value) => html`<p class=${value}></p>`;
const comment: Place = (value) => html`<!-- ${value} -->`;
const link: Place = (value) => html`<a href="${value}"></a>`;
const style: Place = (value) => html`<p style="width: ${value}"></p>`;

describe("what a value becomes", () => {
  it.each<[name: string, place: Place, value: Renderable, html: string]>([
    ["a string in text", text, "a & b", "<p>a &amp; b</p>"],
    ["an empty string in text", text, "", "<p></p>"],
    ["a number in text", text, -1.5, "<p>-1.5</p>"],
    ["zero in text", text, 0, "<p>0</p>"],
    ["a bigint in text", text, 12345678901234567890n, "<p>12345678901234567890</p>"],
    ["true in text", text, true, "<p>true</p>"],
    ["false in text", text, false, "<p></p>"],
    ["null in text", text, null, "<p></p>"],
    ["undefined in text", text, undefined, "<p></p>"],
    ["safe HTML in text", text, safe("<br>"), "<p><br></p>"],
    ["a string in an attribute", title, `"a" & 'b'`, '<p title="&quot;a&quot; &amp; &#39;b&#39;"></p>'],
    ["a number in a part of an attribute", id, 7, '<p id="row-7"></p>'],
    ["true in an attribute", title, true, '<p title="true"></p>'],
    ["false in an attribute", title, false, '<p title=""></p>'],
    ["null in an attribute", title, null, '<p title=""></p>'],
    ["undefined in an attribute", title, undefined, '<p title=""></p>'],
    ["true in data-…", data, true, '<p data-open="true"></p>'],
    ["false in data-…", data, false, '<p data-open="false"></p>'],
    ["null in data-…", data, null, '<p data-open=""></p>'],
    ["false in aria-…", aria, false, '<p aria-hidden="false"></p>'],
    ["false in phx-value-…", phxValue, false, '<p phx-value-done="false"></p>'],
    ["false in an attribute that spells it", draggable, false, '<p draggable="false"></p>'],
    ["true in a boolean attribute", disabled, true, "<button disabled></button>"],
    ["false in a boolean attribute", disabled, false, "<button></button>"],
    ["null in a boolean attribute", disabled, null, "<button></button>"],
    ["undefined in a boolean attribute", disabled, undefined, "<button></button>"],
    ["an empty string in a boolean attribute", disabled, "", '<button disabled=""></button>'],
    ["a string in a boolean attribute", disabled, 'a"b', '<button disabled="a&quot;b"></button>'],
    ["a string in class", className, "a b", '<p class="a b"></p>'],
    ["a list in class", className, ["a", false, null, undefined, "", 0, true, "b"], '<p class="a b"></p>'],
    ["a nested list in class", className, ["a", [["<b>"], [], [""]], 2], '<p class="a &lt;b&gt; 2"></p>'],
    ["false in class", className, false, '<p class=""></p>'],
    ["zero in class", className, 0, '<p class="0"></p>'],
    ["a string in a comment", comment, "--><b>", "<!-- --&gt;&lt;b&gt; -->"],
    ["a string in style", style, '1px"', '<p style="width: 1px&quot;"></p>'],
    ["a path in href", link, "/a?b=1&c", '<a href="/a?b=1&amp;c"></a>'],
    ["a number in href", link, 5, '<a href="5"></a>'],
    ["null in href", link, null, '<a href=""></a>'],
  ])("%s", (_name, place, value, expected) => {
    expect(toHtml(place(value))).toBe(expected);
  });
});

describe("a command in an attribute", () => {
  const click: Place = (value) => html`<p phx-click=${value}></p>`;

  it("is the event's name when it does nothing but push", () => {
    expect(toHtml(click(new Command([["push", { event: "save" }]])))).toBe('<p phx-click="save"></p>');
    expect(toHtml(click(new Command([["push", { event: "save", value: undefined }]])))).toBe(
      '<p phx-click="save"></p>',
    );
  });

  it("is the client's list of operations otherwise", () => {
    expect(toHtml(click(new Command([["push", { event: "save", value: { id: 1 } }]])))).toBe(
      '<p phx-click="[[&quot;push&quot;,{&quot;event&quot;:&quot;save&quot;,&quot;value&quot;:{&quot;id&quot;:1}}]]"></p>',
    );
    expect(toHtml(click(new Command([["hide", {}]])))).toBe('<p phx-click="[[&quot;hide&quot;,{}]]"></p>');
    expect(toHtml(click(new Command([])))).toBe('<p phx-click="[]"></p>');
  });

  it("is the list also when the event's name would be read as one", () => {
    expect(toHtml(click(new Command([["push", { event: "[x" }]])))).toBe(
      '<p phx-click="[[&quot;push&quot;,{&quot;event&quot;:&quot;[x&quot;}]]"></p>',
    );
  });

  it("may stand in data-…, from where the client can run it", () => {
    expect(toHtml(html`<p data-cancel=${new Command([["hide", {}]])}></p>`)).toContain("hide");
  });

  it.each([text, title, disabled, className, comment, link])("is refused elsewhere: %s", (place) => {
    expect(() => toHtml(place(new Command([["hide", {}]])))).toThrow(expect.objectContaining(refused));
  });
});

describe("URLs", () => {
  const blocked = '<a href="about:blank#blocked"></a>';

  it.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "  javascript:alert(1)",
    "\u0000\u0001\u001fjavascript:alert(1)",
    "java\nscript:alert(1)",
    "j\ta\rv\na\u0000script\t:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    " DaTa:text/html;base64,PHNjcmlwdD4=",
    "javascript://example.com/%0aalert(1)",
  ])("that would run programs are replaced: %j", (url) => {
    expect(toHtml(link(url))).toBe(blocked);
  });

  it.each([
    "https://example.com/javascript:x",
    "/javascript:x",
    "?javascript:x",
    "#javascript:",
    "mailto:ada@example.com",
    "javascript",
    "javascripts:x",
    "java script",
    "ſcript:x",
    "javaſcript:x",
    "data",
    "",
  ])("that are harmless stay as they are: %j", (url) => {
    expect(toHtml(link(url))).toBe(`<a href="${url}"></a>`);
  });

  it.each<[attribute: string, place: Place]>([
    ["src", (value) => html`<iframe src="${value}"></iframe>`],
    ["src", (value) => html`<script src=${value}></script>`],
    ["src", (value) => html`<img src='${value}'>`],
    ["SRC", (value) => html`<IMG SRC="${value}">`],
    ["action", (value) => html`<form action=${value}></form>`],
    ["formaction", (value) => html`<button formaction=${value}></button>`],
    ["xlink:href", (value) => html`<svg><a xlink:href=${value}></a></svg>`],
    ["data", (value) => html`<object data=${value}></object>`],
    ["poster", (value) => html`<video poster=${value}></video>`],
    ["ping", (value) => html`<a ping=${value}></a>`],
    ["background", (value) => html`<body background=${value}></body>`],
    ["href", (value) => html`<base href=${value}>`],
    ["href with a space before", (value) => html`<a href=" ${value}">`],
    ["href with text after", (value) => html`<a href="${value}/edit">`],
    ["href with a query after", (value) => html`<a href="${value}?a=${1}">`],
  ])("are checked in %s: %s", (_attribute, place) => {
    expect(toHtml(place("javascript:alert(1)"))).toContain("about:blank#blocked");
    expect(toHtml(place("javascript:alert(1)"))).not.toContain("javascript");
    expect(toHtml(place("/a"))).toContain("/a");
  });

  it("may be data where they are only seen or heard", () => {
    expect(toHtml(html`<img src=${"data:image/png;base64,AA=="}>`)).toBe('<img src="data:image/png;base64,AA==">');
    expect(toHtml(html`<a download href="data:text/csv,${"a;b"}">`)).toBe('<a download href="data:text/csv,a;b">');
    expect(toHtml(html`<script src=${"data:text/javascript,alert(1)"}></script>`)).toContain("blocked");
  });

  it("are not checked after a beginning that settles them", () => {
    expect(toHtml(html`<a href="/go/${"javascript:x"}">`)).toBe('<a href="/go/javascript:x">');
    expect(toHtml(html`<a href="#${"javascript:x"}">`)).toBe('<a href="#javascript:x">');
    expect(toHtml(html`<a href="${"/a"}?q=${"javascript:x"}">`)).toBe('<a href="/a?q=javascript:x">');
  });

  it("cannot be put together from several values", () => {
    const two = (a: string, b: string) => toHtml(html`<a href="${a}${b}">`);
    expect(two("java", "script:alert(1)")).toBe('<a href="about:blank#blockedscript:alert(1)">');
    expect(two("javascript", ":alert(1)")).toBe('<a href="about:blank#blocked:alert(1)">');
    expect(two("", "javascript:alert(1)")).toBe('<a href="about:blank#blocked">');
    expect(two("/app", "/rooms")).toBe('<a href="/app/rooms">');
    expect(two("", "/rooms")).toBe('<a href="/rooms">');
    expect(toHtml(html`<a href="${""}${"java"} ${"script:alert(1)"}">`)).toBe(
      '<a href="about:blank#blocked script:alert(1)">',
    );
  });
});

describe("a value that cannot be shown", () => {
  // What a program without types may put into a template.
  const untyped = (value: unknown): Renderable => value as Renderable; // deliberately a lie, to be refused
  class Money {
    readonly cents = 100;
  }

  it.each<[name: string, place: Place, value: unknown, message: RegExp]>([
    [
      "an object in text",
      text,
      { id: 1, name: "Ada" },
      /object with the fields id, name cannot be shown in text.*Pick/,
    ],
    ["an object in a list in text", text, ["a", [{ id: 1 }]], /object with the fields id/],
    ["an object of a class", text, new Money(), /object of class Money/],
    ["an object without prototype", text, Object.create(null), /object without fields/],
    ["a date", text, new Date(0), /class Date.*toISOString/],
    ["a URL", link, new URL("https://example.com"), /class URL.*url\.href/],
    ["an error", text, new TypeError("no"), /class TypeError.*error\.message/],
    ["a set in text", text, new Set(["a"]), /class Set.*\[\.\.\.values\]/],
    ["a promise", text, Promise.resolve(1), /promise.*Await it/],
    ["a function", text, function format() {}, /The function format.*Call it/],
    ["a function in an attribute", title, () => 1, /function.*the attribute title.*Call it/],
    ["a symbol", text, Symbol("s"), /Symbol\(s\)/],
    ["a list in an attribute", title, ["a"], /list.*the attribute title.*Only class takes a list/],
    ["an object in class", className, { active: true }, /fields active.*class=\$\{\["tab"/],
    ["an object in a list in class", className, [{ active: true }], /fields active/],
    ["a template in an attribute", title, html`<b></b>`, /template.*the attribute title.*Attributes hold text/],
    ["safe HTML in an attribute", title, safe("x"), /Safe HTML.*plain string/],
    ["a number in a boolean attribute", disabled, 0, /number 0.*the boolean attribute disabled.*count === 0/],
    ["a command in text", text, new Command([]), /command.*text.*phx-/],
    ["a template in a comment", comment, html`<b></b>`, /comment.*Delete/],
    ["a list in a comment", comment, ["a"], /list.*comment/],
  ])("is refused with what it is and the mend: %s", (_name, place, value, message) => {
    const render = () => toHtml(place(untyped(value)));
    expect(render).toThrow(LiveError);
    expect(render).toThrow(expect.objectContaining(refused));
    expect(render).toThrow(message);
  });

  it("is located in its template, once", () => {
    const { template } = html`<ul>
        <li>${1}</li> <li title="${2}">`;
    const refusal = caught(() => template.holes[1]?.encode({ a: 1 }));
    const located = locate(refusal, template, 1);
    expect(located).toMatchObject({ ...refused, cause: refusal });
    expect(String(located)).toContain(
      ['    <ul> <li>${…}</li> <li title="${…}">', "                                  ^"].join("\n"),
    );
    expect(locate(located, html`<p>${1}</p>`.template, 0)).toBe(located);
    const other = new Error("other");
    expect(locate(other, template, 0)).toBe(other);
  });
});

function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

import { describe, expect, it } from "vitest";
import { LiveError } from "../errors.ts";
import { html } from "./html.ts";
import { JS, type JSCommands } from "./js-commands.ts";
import { Command } from "./rendered.ts";
import { toHtml } from "./to-html.ts";

/** As a program calls it that no compiler has read. */
type Loose = (...given: readonly unknown[]) => unknown;

const examples: readonly (readonly [method: string, command: JSCommands, json: string])[] = [
  ["push", JS.push("save"), '["push",{"event":"save"}]'],
  ["push with a value", JS.push("save", { value: { id: 1 } }), '["push",{"event":"save","value":{"id":1}}]'],
  [
    "push with everything",
    JS.push("save", { target: "#form", loading: ".busy", pageLoading: true }),
    '["push",{"event":"save","target":"#form","loading":".busy","page_loading":true}]',
  ],
  ["push to a component", JS.push("save", { target: 3 }), '["push",{"event":"save","target":3}]'],
  ["dispatch", JS.dispatch("app:copy"), '["dispatch",{"event":"app:copy"}]'],
  [
    "dispatch with everything",
    JS.dispatch("app:copy", { to: "#a", detail: { text: "x" }, bubbles: false, blocking: true }),
    '["dispatch",{"event":"app:copy","to":"#a","detail":{"text":"x"},"bubbles":false,"blocking":true}]',
  ],
  ["exec", JS.exec("data-cancel", { to: "#a" }), '["exec",{"attr":"data-cancel","to":"#a"}]'],
  ["show", JS.show(), '["show",{}]'],
  [
    "show with everything",
    JS.show({ to: "#a", display: "flex", transition: "fade in", time: 300, blocking: false }),
    '["show",{"to":"#a","display":"flex","transition":[["fade","in"],[],[]],"time":300,"blocking":false}]',
  ],
  ["hide", JS.hide({ to: { inner: "li" } }), '["hide",{"to":{"inner":"li"}}]'],
  [
    "hide with a transition in three sets",
    JS.hide({ to: { closest: "tr" }, transition: ["fade slow", "opacity-1", ["opacity-0"]], time: 0 }),
    '["hide",{"to":{"closest":"tr"},"transition":[["fade","slow"],["opacity-1"],["opacity-0"]],"time":0}]',
  ],
  ["toggle", JS.toggle({ to: "#a" }), '["toggle",{"to":"#a"}]'],
  [
    "toggle with everything",
    JS.toggle({ to: "#a", in: "fade-in", out: ["fade-out", "", ""], time: 10, display: "grid", blocking: false }),
    '["toggle",{"to":"#a","display":"grid","ins":[["fade-in"],[],[]],"outs":[["fade-out"],[],[]],"time":10,"blocking":false}]',
  ],
  ["addClass", JS.addClass("a b"), '["add_class",{"names":["a","b"]}]'],
  [
    "addClass with a transition",
    JS.addClass(["a", "b"], { to: "#a", transition: "fade", time: 5, blocking: false }),
    '["add_class",{"names":["a","b"],"to":"#a","transition":[["fade"],[],[]],"time":5,"blocking":false}]',
  ],
  ["removeClass", JS.removeClass("a"), '["remove_class",{"names":["a"]}]'],
  ["toggleClass", JS.toggleClass("a", { to: "#a" }), '["toggle_class",{"names":["a"],"to":"#a"}]'],
  [
    "transition",
    JS.transition("shake", { to: "#a", time: 500 }),
    '["transition",{"to":"#a","transition":[["shake"],[],[]],"time":500}]',
  ],
  ["setAttribute", JS.setAttribute("aria-expanded", true), '["set_attr",{"attr":["aria-expanded","true"]}]'],
  ["removeAttribute", JS.removeAttribute("open", { to: "#a" }), '["remove_attr",{"attr":"open","to":"#a"}]'],
  ["toggleAttribute", JS.toggleAttribute("open", ""), '["toggle_attr",{"attr":["open",""]}]'],
  [
    "toggleAttribute between two values",
    JS.toggleAttribute("aria-expanded", ["true", "false"], { to: "#a" }),
    '["toggle_attr",{"attr":["aria-expanded","true","false"],"to":"#a"}]',
  ],
  ["ignoreAttributes", JS.ignoreAttributes("open"), '["ignore_attrs",{"attrs":["open"]}]'],
  [
    "ignoreAttributes of several",
    JS.ignoreAttributes(["open", "data-*"], { to: "#a" }),
    '["ignore_attrs",{"attrs":["open","data-*"],"to":"#a"}]',
  ],
  ["focus", JS.focus({ to: "#a" }), '["focus",{"to":"#a"}]'],
  ["focusFirst", JS.focusFirst({ to: "#a" }), '["focus_first",{"to":"#a"}]'],
  ["pushFocus", JS.pushFocus({ to: "#a" }), '["push_focus",{"to":"#a"}]'],
  ["popFocus", JS.popFocus(), '["pop_focus",{}]'],
  ["navigate", JS.navigate("/rooms/1"), '["navigate",{"href":"/rooms/1"}]'],
  ["navigate in place", JS.navigate("/", { replace: true }), '["navigate",{"href":"/","replace":true}]'],
  ["patch", JS.patch("/rooms/1?tab=a", { replace: true }), '["patch",{"href":"/rooms/1?tab=a","replace":true}]'],
];

describe("JS", () => {
  it.each(examples)("%s is what the client reads", (_method, command, json) => {
    expect(command.toJSON()).toBe(`[${json}]`);
  });

  it("speaks of every operation that the client has, by the names of its arguments", async () => {
    const file = "../../node_modules/phoenix_live_view/assets/js/phoenix_live_view/js.js";
    const client = (await import(/* @vite-ignore */ file)) as { default: { [name: string]: unknown } };
    const operations = new Map(
      Object.entries(client.default)
        .filter(([name]) => name.startsWith("exec_"))
        .map(([name, run]) => [name.slice(5), String(run)]),
    );
    const args = examples.flatMap(
      ([
        ,
        {
          operations: [[operation, given] = ["", {}]],
        },
      ]) =>
        // `to` is for the one who calls the operations.
        Object.entries(given)
          .filter(([name, value]) => name !== "to" && value !== undefined)
          .map(([name]) => [operation, name] as const),
    );
    expect(
      new Set(
        examples.map(
          ([
            ,
            {
              operations: [[operation] = [""]],
            },
          ]) => operation,
        ),
      ),
    ).toEqual(new Set(operations.keys()));
    expect(
      args.filter(([operation, name]) => !new RegExp(`\\b${name}\\b`).test(operations.get(operation) ?? "")),
    ).toEqual([]);
    expect(args.length).toBeGreaterThan(30);
  });

  it("is immutable: each method gives a new chain", () => {
    const first = JS.push("a");
    const second = first.hide({ to: "#a" });
    const other = first.show();
    expect([JS, first, second, other].map((command) => command.toJSON())).toEqual([
      "[]",
      '[["push",{"event":"a"}]]',
      '[["push",{"event":"a"}],["hide",{"to":"#a"}]]',
      '[["push",{"event":"a"}],["show",{}]]',
    ]);
  });

  it("joins chains, also with what meta.event gives", () => {
    const event = new Command([["push", { event: "b" }]]);
    expect(JS.push("a").concat(event).concat(JS.hide()).toJSON()).toBe(
      '[["push",{"event":"a"}],["push",{"event":"b"}],["hide",{}]]',
    );
  });

  it("stands in attributes, escaped", () => {
    const rendered = html`<b phx-click="${JS.addClass("a").push("b", { value: { text: `"<'&>` } })}" data-cancel="${JS.hide()}"></b>`;
    expect(toHtml(rendered)).toBe(
      '<b phx-click="[[&quot;add_class&quot;,{&quot;names&quot;:[&quot;a&quot;]}],[&quot;push&quot;,{&quot;event&quot;:&quot;b&quot;,&quot;value&quot;:{&quot;text&quot;:&quot;\\&quot;&lt;&#39;&amp;&gt;&quot;}}]]" data-cancel="[[&quot;hide&quot;,{}]]"></b>',
    );
  });

  it("is the event's name where that says it all, and commands where the client takes nothing else", () => {
    const event = JS.push("save");
    expect(toHtml(html`<b phx-click="${event}" phx-viewport-top="${event}"></b>`)).toBe(
      '<b phx-click="save" phx-viewport-top="save"></b>',
    );
    const json = "[[&quot;push&quot;,{&quot;event&quot;:&quot;save&quot;}]]";
    expect(toHtml(html`<b phx-mounted="${event}" phx-remove="${event}" data-save="${event}"></b>`)).toBe(
      `<b phx-mounted="${json}" phx-remove="${json}" data-save="${json}"></b>`,
    );
    expect(toHtml(html`<b phx-connected="${event}" phx-disconnected="${event}"></b>`)).toBe(
      `<b phx-connected="${json}" phx-disconnected="${json}"></b>`,
    );
  });

  it("stands in the payload of a pushed event as text that execJS takes", () => {
    expect(JSON.stringify({ to: "#a", js: JS.show(), event: new Command([["push", { event: "b" }]]) })).toBe(
      '{"to":"#a","js":"[[\\"show\\",{}]]","event":"[[\\"push\\",{\\"event\\":\\"b\\"}]]"}',
    );
  });

  it("blocks addresses that run programs", () => {
    expect(JS.setAttribute("href", " java\nscript:alert(1)").toJSON()).toBe(
      '[["set_attr",{"attr":["href","about:blank#blocked"]}]]',
    );
    expect(JS.toggleAttribute("formaction", ["/save", "data:text/html,x"]).toJSON()).toBe(
      '[["toggle_attr",{"attr":["formaction","/save","about:blank#blocked"]}]]',
    );
    expect(JS.setAttribute("src", "data:image/png;base64,AA").toJSON()).toContain("data:image/png");
  });
});

describe("JS refuses", () => {
  it.each<[name: string, make: () => unknown, message: RegExp]>([
    [
      "no class names",
      () => JS.addClass(" "),
      /JS\.addClass takes class names, and got " "[^]*JS\.addClass\("open wide"\)/,
    ],
    ["an empty list of class names", () => JS.toggleClass([]), /JS\.toggleClass takes class names, and got \[\]/],
    ["a time below 0", () => JS.show({ time: -1 }), /JS\.show takes a `time` of 0 or more milliseconds, and got -1/],
    ["a time that is no number", () => JS.toggle({ time: Number.NaN }), /got NaN/],
    ["a transition without classes", () => JS.hide({ transition: "" }), /JS\.hide takes classes as its transition/],
    ["a transition that begins with nothing", () => JS.toggle({ in: ["", "a", "b"] }), /as its in, or three sets/],
    ["an empty selector", () => JS.focus({ to: "" }), /JS\.focus takes a CSS selector as its `to`, and got ""/],
    ["an empty selector within", () => JS.focus({ to: { inner: " " } }), /`to.inner`/],
    ["no event", () => JS.push(""), /JS\.push takes an event's name/],
    ["no DOM event", () => JS.dispatch(""), /JS\.dispatch takes an event's name/],
    ["a click with a detail", () => JS.dispatch("click", { detail: {} }), /neither `detail` nor `blocking`/],
    ["a click that blocks", () => JS.dispatch("click", { blocking: true }), /neither `detail` nor `blocking`/],
    ["a list as detail", () => JS.dispatch("a", { detail: [] }), /an object as its `detail`, and got \[\]/],
    [
      "an event handler",
      () => JS.setAttribute("onclick", "alert(1)"),
      /JS\.setAttribute cannot work on this attribute[^]*onclick/,
    ],
    ["a page within an attribute", () => JS.toggleAttribute("SrcDoc", "<p>"), /srcdoc/],
    ["what is no attribute's name", () => JS.removeAttribute("a b"), /"a b" is no name of an attribute/],
    ["no attributes to ignore", () => JS.ignoreAttributes([]), /names of attributes, and got \[\]/],
    ["a program as an address", () => JS.navigate("javascript:alert(1)"), /JS\.navigate takes a path of this site/],
    ["another site's address", () => JS.navigate("//example.com"), /a path of this site/],
    ["another site's address in disguise", () => JS.patch("/\\example.com"), /a path of this site/],
    ["a query alone", () => JS.patch("?page=2"), /a path of this site/],
    ["an event that is no text", () => (JS.push as Loose)(), /JS\.push takes an event's name, and got undefined/],
    [
      "a target that is given as the selector alone, which the client would take for none",
      () => (JS.hide as Loose)("#menu"),
      /JS\.hide takes an object as its options, and got "#menu"[^]*\{ to: "#menu" \}/,
    ],
    ["no options", () => (JS.addClass as Loose)("open", null), /JS\.addClass takes an object as its options/],
    ["no target", () => (JS.show as Loose)({ to: null }), /JS\.show takes a selector as its `to`, and got null/],
    ["no element within", () => (JS.show as Loose)({ to: { inner: 1 } }), /`to.inner`, and got 1/],
    ["classes that are none", () => (JS.addClass as Loose)(), /JS\.addClass takes class names, and got undefined/],
    [
      "classes that are no texts",
      () => (JS.toggleClass as Loose)([1]),
      /JS\.toggleClass takes class names, and got \[1\]/,
    ],
    ["a transition that is none", () => (JS.transition as Loose)(), /JS\.transition takes classes as its transition/],
    ["a transition that is no text", () => (JS.hide as Loose)({ transition: 200 }), /transition, [^]*and got 200/],
    [
      "three values to toggle",
      () => (JS.toggleAttribute as Loose)("data-size", ["s", "m", "l"]),
      /JS\.toggleAttribute takes one value or two, and got \["s","m","l"\]/,
    ],
    [
      "no value to set",
      () => (JS.setAttribute as Loose)("hidden"),
      /JS\.setAttribute takes a value, and got undefined/,
    ],
    ["nothing to ignore", () => (JS.ignoreAttributes as Loose)(), /names of attributes, and got undefined/],
    ["what is no chain", () => (JS.concat as Loose)("save"), /JS\.concat takes another chain, and got "save"/],
  ])("%s", (_name, make, message) => {
    expect(make).toThrow(LiveError);
    expect(make).toThrow(expect.objectContaining({ code: "js.invalid-argument" }));
    expect(make).toThrow(message);
  });
});

import { describe, expect, it } from "vitest";
import { ClientPage } from "../../test/support/client-page.ts";
import { each } from "../html/each.ts";
import { html, safe } from "../html/html.ts";
import type { Renderable, Rendered } from "../html/rendered.ts";
import { toHtml } from "../html/to-html.ts";
import { diff, fullTree } from "./diff.ts";

/** What the client gets for each step of a page, and that it then shows what a fresh render gives. */
function messages(...steps: readonly Rendered[]): string[] {
  const [first, ...rest] = steps;
  if (first === undefined) return [];
  const join = fullTree(first);
  const client = new ClientPage(join);
  expect(client.html).toBe(toHtml(first));
  const sent = [join];
  let shown = first;
  for (const next of rest) {
    const change = diff(shown, next);
    client.apply(change);
    expect(client.html).toBe(toHtml(next));
    sent.push(change);
    shown = next;
  }
  return sent;
}

describe("a template", () => {
  const hello = (name: Renderable, title: Renderable = "t") => html`<p title="${title}">Hello, ${name}!</p>`;

  it("is sent whole first, then only what changed of it", () => {
    expect(messages(hello("Ada"), hello("Grace"), hello("Grace", "Dr"), hello("Ada", "Ms"))).toEqual([
      String.raw`{"0":"t","1":"Ada","s":["<p title=\"","\">Hello, ","!</p>"]}`,
      '{"1":"Grace"}',
      '{"0":"Dr"}',
      '{"0":"Ms","1":"Ada"}',
    ]);
  });

  it("that did not change is not sent", () => {
    expect(diff(hello("Ada"), hello("Ada"))).toBe("");
    const same = hello("Ada");
    expect(diff(same, same)).toBe("");
  });

  it("of another call site replaces the page, even if it says the same", () => {
    expect(messages(html`<p>${"a"}</p>`, html`<p>${"a"}</p>`)).toEqual([
      '{"0":"a","s":["<p>","</p>"]}',
      '{"0":"a","s":["<p>","</p>"]}',
    ]);
  });

  it("without values is its statics", () => {
    const empty = () => html``;
    expect(fullTree(empty())).toBe('{"s":[""]}');
    expect(diff(empty(), empty())).toBe("");
  });

  it("has its values escaped for HTML and for JSON, in whole trees and in changes", () => {
    expect(messages(hello('<b> & "\\'), hello("</p>\n"))).toEqual([
      String.raw`{"0":"t","1":"&lt;b&gt; &amp; &quot;\\","s":["<p title=\"","\">Hello, ","!</p>"]}`,
      String.raw`{"1":"&lt;/p&gt;\n"}`,
    ]);
  });

  it("is not sent for values that look the same", () => {
    const same: [Renderable, Renderable][] = [
      [1, "1"],
      [1n, 1],
      [null, ""],
      [undefined, false],
      [false, ""],
      [true, "true"],
      [NaN, NaN],
      [0, -0],
      [safe("a"), "a"],
      [safe("<i>a</i>"), safe("<i>a</i>")],
      [[], ""],
      ["", []],
      [[], null],
      [["a"], ["a"]],
    ];
    expect(same.map(([before, after]) => diff(hello(before), hello(after)))).toEqual(same.map(() => ""));
  });

  it("sends a class list only when the classes differ, though the list is made anew each time", () => {
    const tab = (active: boolean) => html`<a class=${["tab", active && "active"]}>`;
    expect(messages(tab(false), tab(false), tab(true)).slice(1)).toEqual(["", '{"0":"tab active"}']);
  });

  it("sends a boolean attribute with its name and the space before it", () => {
    const button = (busy: boolean) => html`<button disabled=${busy}>`;
    expect(messages(button(false), button(true), button(false))).toEqual([
      '{"0":"","s":["<button",">"]}',
      '{"0":" disabled"}',
      '{"0":""}',
    ]);
  });

  it("does not send another dangerous URL in place of one", () => {
    const link = (url: string) => html`<a href="${url}">`;
    expect(messages(link("javascript:a()"), link("javascript:b()"))[1]).toBe("");
  });
});

describe("a block that is not always there", () => {
  const alert = (text: string) => html`<b>${text}</b>`;
  const page = (block: Renderable) => html`<p>${block}</p>`;

  it("comes and goes whole, and merges while it stays", () => {
    expect(messages(page(false), page(alert("a")), page(alert("b")), page(null), page(alert("b")))).toEqual([
      '{"0":"","s":["<p>","</p>"]}',
      '{"0":{"0":"a","s":["<b>","</b>"]}}',
      '{"0":{"0":"b"}}',
      '{"0":""}',
      '{"0":{"0":"b","s":["<b>","</b>"]}}',
    ]);
  });

  it("is replaced by a block of another template, by a text, and by a list", () => {
    const other = (text: string) => html`<i>${text}</i>`;
    expect(messages(page(alert("a")), page(other("a")), page("a"), page(["a"]), page(alert("a"))).slice(1)).toEqual([
      '{"0":{"0":"a","s":["<i>","</i>"]}}',
      '{"0":"a"}',
      '{"0":{"s":["",""],"k":{"0":{"0":"a"},"kc":1}}}',
      '{"0":{"0":"a","s":["<b>","</b>"]}}',
    ]);
  });

  it("costs nothing when the very same block comes again", () => {
    const big = alert("a");
    expect(diff(page(big), page(big))).toBe("");
  });
});

interface Item {
  readonly id: number | string;
  readonly text: string;
}

function items(text: string): Item[] {
  return text.split("").map((id) => ({ id, text: id.toUpperCase() }));
}

describe("a keyed list", () => {
  const row = ({ id, text }: Item) => html`<li id="${id}">${text}</li>`;
  const list = (rows: readonly Item[]) => html`<ul>${each(rows, (item) => item.id, row)}</ul>`;

  it("is sent with the statics of its rows once", () => {
    expect(messages(list(items("ab")))).toEqual([
      String.raw`{"0":{"s":["<li id=\"","\">","</li>"],"k":{"0":{"0":"a","1":"A"},"1":{"0":"b","1":"B"},"kc":2}},"s":["<ul>","</ul>"]}`,
    ]);
  });

  it("sends of a changed row what changed", () => {
    const changed = items("abc").with(1, { id: "b", text: "two" });
    expect(messages(list(items("abc")), list(changed))[1]).toBe('{"0":{"k":{"1":{"1":"two"},"kc":3}}}');
  });

  it("sends an appended row whole", () => {
    expect(messages(list(items("a")), list(items("ab")))[1]).toBe('{"0":{"k":{"1":{"0":"b","1":"B"},"kc":2}}}');
  });

  it("sends a removal at the end as the new length", () => {
    expect(messages(list(items("abc")), list(items("a")))[1]).toBe('{"0":{"k":{"kc":1}}}');
  });

  it("sends an insertion at the front as moves of the others", () => {
    expect(messages(list(items("ab")), list(items("xab")))[1]).toBe(
      '{"0":{"k":{"0":{"0":"x","1":"X"},"1":0,"2":1,"km":true,"kc":3}}}',
    );
  });

  it("sends a swap as two moves, and a moved row that changed as a move with its change", () => {
    expect(messages(list(items("abc")), list(items("cba")))[1]).toBe('{"0":{"k":{"0":2,"2":0,"km":true,"kc":3}}}');
    const changed = [{ id: "b", text: "two" }, ...items("a")];
    expect(messages(list(items("ab")), list(changed))[1]).toBe(
      '{"0":{"k":{"0":[1,{"1":"two"}],"1":0,"km":true,"kc":2}}}',
    );
  });

  it("sends a row whose key changed whole, at its place", () => {
    expect(messages(list(items("abc")), list(items("axc")))[1]).toBe('{"0":{"k":{"1":{"0":"x","1":"X"},"kc":3}}}');
  });

  it("tells the keys 1 and '1' apart", () => {
    const [number, text] = [
      { id: 1, text: "n" },
      { id: "1", text: "t" },
    ] as const;
    expect(messages(list([number, text]), list([text, number]))[1]).toBe('{"0":{"k":{"0":1,"1":0,"km":true,"kc":2}}}');
  });

  it("is an empty text when it is empty, and brings its statics when it fills again", () => {
    expect(messages(list([]), list(items("a")), list([]), list([]))).toEqual([
      '{"0":"","s":["<ul>","</ul>"]}',
      String.raw`{"0":{"s":["<li id=\"","\">","</li>"],"k":{"0":{"0":"a","1":"A"},"kc":1}}}`,
      '{"0":""}',
      "",
    ]);
  });

  it("shows rows with the same key, in production, in the order of the list", () => {
    const double = items("aba");
    expect(() =>
      messages(list(items("ab")), list(double), list(items("aab")), list(items("b")), list(double)),
    ).not.toThrow();
  });

  it("sends a row to one place only, so that of two with one key each can change later", () => {
    const [a, b] = items("ab") as [Item, Item];
    const first = { id: "a", text: "one" };
    expect(messages(list(items("xyab")), list([a, a, b]), list([first, a, b])).slice(1)).toEqual([
      '{"0":{"k":{"0":2,"1":{"0":"a","1":"A"},"2":3,"km":true,"kc":3}}}',
      '{"0":{"k":{"0":{"1":"one"},"kc":3}}}',
    ]);
  });

  it("may be a part of a row of another", () => {
    const group = (name: string, rows: readonly Item[]) => html`<dt>${name}</dt>${each(rows, (item) => item.id, row)}`;
    const page = (groups: readonly (readonly [string, readonly Item[]])[]) =>
      html`<dl>${each(
        groups,
        ([name]) => name,
        ([name, rows]) => group(name, rows),
      )}</dl>`;
    expect(
      messages(
        page([
          ["x", items("ab")],
          ["y", []],
        ]),
        page([
          ["y", items("c")],
          ["x", items("ba")],
        ]),
      )[1],
    ).toBe(
      String.raw`{"0":{"k":{"0":[1,{"1":{"s":0,"k":{"0":{"0":"c","1":"C"},"kc":1}}}],"1":[0,{"1":{"k":{"0":1,"1":0,"km":true,"kc":2}}}],"km":true,"kc":2}},"p":{"0":["<li id=\"","\">","</li>"]}}`,
    );
  });
});

describe("a plain array", () => {
  const page = (entries: Renderable) => html`<p>${entries}</p>`;

  it("is known by index", () => {
    const bold = (text: string) => html`<b>${text}</b>`;
    expect(
      messages(page(["a", "b"].map(bold)), page(["x", "a", "b"].map(bold)), page(["x"].map(bold))).slice(1),
    ).toEqual(['{"0":{"k":{"0":{"0":"x"},"1":{"0":"a"},"2":{"0":"b"},"kc":3}}}', '{"0":{"k":{"kc":1}}}']);
  });

  it("of texts is a list of rows without statics", () => {
    expect(messages(page(["a", 1, null]), page(["a", 2, null]))).toEqual([
      '{"0":{"s":["",""],"k":{"0":{"0":"a"},"1":{"0":"1"},"2":{"0":""},"kc":3}},"s":["<p>","</p>"]}',
      '{"0":{"k":{"1":{"0":"2"},"kc":3}}}',
    ]);
  });

  it("may hold arrays", () => {
    expect(messages(page([["a", "b"], []]), page([["a"], ["c"]]))[1]).toBe(
      '{"0":{"k":{"0":{"0":{"k":{"kc":1}}},"1":{"0":{"s":["",""],"k":{"0":{"0":"c"},"kc":1}}},"kc":2}}}',
    );
  });

  it("turns into a keyed list, and back, without being sent anew", () => {
    const bold = (text: string) => html`<b>${text}</b>`;
    const keyed = page(each(["a", "b"], (text) => text, bold));
    expect(messages(page(["a", "c"].map(bold)), keyed, page(["a", "c"].map(bold))).slice(1)).toEqual([
      '{"0":{"k":{"1":{"0":"b"},"kc":2}}}',
      '{"0":{"k":{"1":{"0":"c"},"kc":2}}}',
    ]);
  });
});

describe("what LiveViewJS gets wrong (its list diff misses changes, or sends too much)", () => {
  const page = (entries: Renderable) => html`<ul>${entries}</ul>`;

  it("B7: a row that turns from a text into a template, or shows other numbers, is sent", () => {
    const done = (text: string) => html`<s>${text}</s>`;
    const row = (content: Renderable) => html`<li>${content}</li>`;
    expect(messages(page([row("milk")]), page([row(done("milk"))]), page([row("milk")])).slice(1)).toEqual([
      '{"0":{"k":{"0":{"0":{"0":"milk","s":0}},"kc":1}},"p":{"0":["<s>","</s>"]}}',
      '{"0":{"k":{"0":{"0":"milk"},"kc":1}}}',
    ]);
    expect(messages(page(["milk"]), page([done("milk")]))[1]).not.toBe("");
    expect(messages(page([1, 2, 3].map(row)), page([4, 5, 6].map(row)))[1]).toBe(
      '{"0":{"k":{"0":{"0":"4"},"1":{"0":"5"},"2":{"0":"6"},"kc":3}}}',
    );
  });

  it("B8: rows of several templates in one list keep their own statics", () => {
    const join = fullTree(page([html`<li>${1}</li>`, html`<b>${2}</b>`]));
    expect(new ClientPage(join).html).toBe("<ul><li>1</li><b>2</b></ul>");
    expect(join).toBe(
      '{"0":{"s":["",""],"k":{"0":{"0":{"0":"1","s":0}},"1":{"0":{"0":"2","s":1}},"kc":2}},"s":["<ul>","</ul>"],"p":{"0":["<li>","</li>"],"1":["<b>","</b>"]}}',
    );
  });

  it("B10: one changed row of 1 000 costs at most 100 bytes", () => {
    const row = ({ id, text }: Item) => html`<tr id="${id}"><td>${id}</td><td>${text}</td><td>fine</td></tr>`;
    const rows = Array.from({ length: 1000 }, (_, id): Item => ({ id, text: `row ${id}` }));
    const changed = rows.with(500, { id: 500, text: "changed" });
    const table = (all: readonly Item[]) => html`<table>${each(all, ({ id }) => id, row)}</table>`;
    expect(messages(table(rows), table(changed))[1]).toBe('{"0":{"k":{"500":{"2":"changed"},"kc":1000}}}');
    const plain = (all: readonly Item[]) => html`<table>${all.map(row)}</table>`;
    expect(messages(plain(rows), plain(changed))[1]).toBe('{"0":{"k":{"500":{"2":"changed"},"kc":1000}}}');
  });

  it("B11: what stands in an array is escaped in the first page, in the join and in every update", () => {
    const hostile = "<img src=x onerror=alert(1)>";
    const escaped = "&lt;img src=x onerror=alert(1)&gt;";
    expect(toHtml(page([hostile]))).toBe(`<ul>${escaped}</ul>`);
    const [join, , update] = messages(page([hostile]), page(["a"]), page([hostile]), page([[hostile], hostile]));
    expect(join).toBe(`{"0":{"s":["",""],"k":{"0":{"0":"${escaped}"},"kc":1}},"s":["<ul>","</ul>"]}`);
    expect(update).toBe(`{"0":{"k":{"0":{"0":"${escaped}"},"kc":1}}}`);
  });
});

describe("statics inside rows", () => {
  const badge = (text: string) => html`<span class="badge badge-primary">${text}</span>`;
  const row = ({ id, text }: Item) => html`<li>${id} ${text !== "" && badge(text)}</li>`;
  const list = (rows: readonly Item[]) => html`<ul>${each(rows, ({ id }) => id, row)}</ul>`;
  const rows = Array.from({ length: 100 }, (_, id): Item => ({ id, text: "new" }));

  it("are named once per message, however many rows have them", () => {
    const join = fullTree(list(rows));
    expect(join.split("badge-primary")).toHaveLength(2);
    expect(join.startsWith(String.raw`{"0":{"s":["<li>"," ","</li>"],"k":{"0":{"0":"0","1":{"0":"new","s":0}},`)).toBe(
      true,
    );
    expect(
      join.endsWith(
        String.raw`"kc":100}},"s":["<ul>","</ul>"],"p":{"0":["<span class=\"badge badge-primary\">","</span>"]}}`,
      ),
    ).toBe(true);
    expect(join).toHaveLength(3909);
    expect(new ClientPage(join).html).toBe(toHtml(list(rows)));
  });

  it("are numbered from 0 in each message, which brings its own", () => {
    const plain = rows.map(({ id }) => ({ id, text: "" }));
    const one = plain.with(3, { id: 3, text: "b" });
    const two = one.with(5, { id: 5, text: "c" });
    expect(messages(list(rows), list(plain), list(one), list(two)).slice(2)).toEqual([
      String.raw`{"0":{"k":{"3":{"1":{"0":"b","s":0}},"kc":100}},"p":{"0":["<span class=\"badge badge-primary\">","</span>"]}}`,
      String.raw`{"0":{"k":{"5":{"1":{"0":"c","s":0}},"kc":100}},"p":{"0":["<span class=\"badge badge-primary\">","</span>"]}}`,
    ]);
  });

  it("are written out again after the rows, in whole trees and in changes", () => {
    const page = (show: boolean) =>
      html`${[show].map((is) => html`<li>${is && badge("a")}</li>`)}${show && html`<hr>`}`;
    expect(messages(page(true), page(false), page(true))).toEqual([
      String.raw`{"0":{"s":["<li>","</li>"],"k":{"0":{"0":{"0":"a","s":0}},"kc":1}},"1":{"s":["<hr>"]},"s":["","",""],"p":{"0":["<span class=\"badge badge-primary\">","</span>"]}}`,
      '{"0":{"k":{"0":{"0":""},"kc":1}},"1":""}',
      String.raw`{"0":{"k":{"0":{"0":{"0":"a","s":0}},"kc":1}},"1":{"s":["<hr>"]},"p":{"0":["<span class=\"badge badge-primary\">","</span>"]}}`,
    ]);
  });

  it("are found by the client in a list in a block in a row, and outside of rows are written out", () => {
    const inner = (text: string) => html`<i>${text}</i>`;
    const block = (texts: readonly string[]) => html`<div>${texts.map(inner)}${html`<hr>`}</div>`;
    const outer = (texts: readonly string[]) => html`<li>${texts.length > 0 && block(texts)}</li>`;
    const page = (all: readonly (readonly string[])[]) => html`${inner("head")}<ul>${all.map(outer)}</ul>`;
    expect(messages(page([["a"], []]), page([["a", "b"], ["c"]]))).toEqual([
      '{"0":{"0":"head","s":["<i>","</i>"]},"1":{"s":["<li>","</li>"],"k":{"0":{"0":{"0":{"s":0,"k":{"0":{"0":"a"},"kc":1}},"1":{"s":1},"s":2}},"1":{"0":""},"kc":2}},"s":["","<ul>","</ul>"],"p":{"0":["<i>","</i>"],"1":["<hr>"],"2":["<div>","","</div>"]}}',
      '{"1":{"k":{"0":{"0":{"0":{"k":{"1":{"0":"b"},"kc":2}}}},"1":{"0":{"0":{"s":0,"k":{"0":{"0":"c"},"kc":1}},"1":{"s":1},"s":2}},"kc":2}},"p":{"0":["<i>","</i>"],"1":["<hr>"],"2":["<div>","","</div>"]}}',
    ]);
  });
});

describe("a value that cannot be shown", () => {
  const page = (value: unknown) => html`<p>Hello, ${value as Renderable}!</p>`;
  const message = /^An object with the fields name cannot be shown in text\..*\n\n.*<p>Hello, \$\{…\}!<\/p>/s;
  const error = expect.objectContaining({ code: "template.not-renderable", message: expect.stringMatching(message) });

  it("is refused with its template and place, in joins and in changes, also deep in lists", () => {
    const user = { name: "Ada" };
    expect(() => fullTree(page(user))).toThrow(error);
    expect(() => diff(page("Ada"), page(user))).toThrow(error);
    expect(() => diff(page(["Ada"]), page([["Ada"], user]))).toThrow(error);
  });
});

describe("the example of docs/design/diff.md", () => {
  type Todo = { id: number; text: string; done: boolean };
  const row = ({ id, text, done }: Todo) => html`<li id="todo-${id}">${done ? html`<s>${text}</s>` : text}</li>`;
  const tidy = () => html`<button phx-click="tidy">Tidy</button>`;
  const render = (todos: readonly Todo[]) =>
    html`<h1>${todos.length} todos</h1>${todos.some(({ done }) => done) && tidy()}<ul>${each(todos, ({ id }) => id, row)}</ul>`;

  it("sends the bytes that are printed there", () => {
    const [milk, eggs] = ["milk", "eggs"].map((text, index) => ({ id: index + 1, text, done: false })) as [Todo, Todo];
    const done = { ...milk, done: true };
    expect(
      messages(render([milk, eggs]), render([done, eggs]), render([eggs, done]), render([{ ...eggs }, done])),
    ).toEqual([
      String.raw`{"0":"2","1":"","2":{"s":["<li id=\"todo-","\">","</li>"],"k":{"0":{"0":"1","1":"milk"},"1":{"0":"2","1":"eggs"},"kc":2}},"s":["<h1>"," todos</h1>","<ul>","</ul>"]}`,
      String.raw`{"1":{"s":["<button phx-click=\"tidy\">Tidy</button>"]},"2":{"k":{"0":{"1":{"0":"milk","s":0}},"kc":2}},"p":{"0":["<s>","</s>"]}}`,
      '{"2":{"k":{"0":1,"1":0,"km":true,"kc":2}}}',
      "",
    ]);
  });
});

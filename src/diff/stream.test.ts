import { describe, expect, it } from "vitest";
import { ClientPage } from "../../test/support/client-page.ts";
import { html, safe } from "../html/html.ts";
import { PendingStream } from "../html/live-stream.ts";
import { memo } from "../html/memo.ts";
import type { Renderable, Rendered } from "../html/rendered.ts";
import { diff, fullTree } from "./diff.ts";

const OPEN = { isOpen: true };
type Row = (domId: string, item: unknown) => Rendered;
const item: Row = (domId, text) => html`<li id="${domId}">${String(text)}</li>`;

/** A stream with inserts at its end, as one render gets it. */
function streamOf(rows: Readonly<Record<string, unknown>>, ref = "0"): PendingStream {
  const stream = new PendingStream("rows", ref, OPEN);
  for (const [domId, value] of Object.entries(rows)) {
    stream.changes.insert({ domId, item: value, at: -1, limit: undefined, updateOnly: false });
  }
  return stream;
}

const page = (content: Renderable): Rendered => html`<ul id="u" phx-update="stream">${content}</ul>`;

/** The messages that take a client from page to page, each of which it can apply. */
function messages(...pages: readonly Rendered[]): string[] {
  const [first, ...rest] = pages;
  if (first === undefined) return [];
  const sent = [fullTree(first)];
  const client = new ClientPage(sent[0] ?? "");
  let shown = first;
  for (const next of rest) {
    const change = diff(shown, next);
    client.apply(change);
    sent.push(change);
    shown = next;
  }
  return sent;
}

const inserts = (...ids: readonly string[]): string => ids.map((id) => `["${id}",-1,null,null]`).join(",");

describe("a stream's list", () => {
  it("has its statics the first time, and again only when rows are of another template", () => {
    const other: Row = (domId, text) => html`<li id="${domId}" class="b">${String(text)}</li>`;
    expect(
      messages(
        page(streamOf({ a: 1 }).map(item)),
        page(streamOf({ b: 2 }).map(item)),
        page(streamOf({}).map(item)),
        page(streamOf({ c: 3 }).map(item)),
        page(streamOf({ d: 4 }).map(other)),
        page(streamOf({ e: 5 }).map(other)),
      ).map((text) => text.replaceAll("\\", "")),
    ).toEqual([
      `{"0":{"s":["<li id="","">","</li>"],"k":{"0":{"0":"a","1":"1"},"kc":1},"stream":["0",[${inserts("a")}],[]]},"s":["<ul id="u" phx-update="stream">","</ul>"]}`,
      `{"0":{"k":{"0":{"0":"b","1":"2"},"kc":1},"stream":["0",[${inserts("b")}],[]]}}`,
      "",
      `{"0":{"k":{"0":{"0":"c","1":"3"},"kc":1},"stream":["0",[${inserts("c")}],[]]}}`,
      `{"0":{"s":["<li id="","" class="b">","</li>"],"k":{"0":{"0":"d","1":"4"},"kc":1},"stream":["0",[${inserts("d")}],[]]}}`,
      `{"0":{"k":{"0":{"0":"e","1":"5"},"kc":1},"stream":["0",[${inserts("e")}],[]]}}`,
    ]);
  });

  it("with rows of several templates has each of them as a whole", () => {
    const mixed: Row = (domId, text) => (text === 1 ? html`<li id="${domId}">1</li>` : html`<li id="${domId}">n</li>`);
    const [, second] = messages(page(streamOf({ a: 1 }).map(mixed)), page(streamOf({ b: 1, c: 2 }).map(mixed)));
    expect(JSON.parse(second ?? "")).toEqual({
      "0": {
        s: ["", ""],
        k: { "0": { "0": { "0": "b", s: 0 } }, "1": { "0": { "0": "c", s: 1 } }, kc: 2 },
        stream: [
          "0",
          [
            ["b", -1, null, null],
            ["c", -1, null, null],
          ],
          [],
        ],
      },
      p: { "0": ['<li id="', '">1</li>'], "1": ['<li id="', '">n</li>'] },
    });
  });

  it("replaces what was in its place, and is replaced as a whole", () => {
    const [, ...changes] = messages(
      page("none"),
      page(streamOf({ a: 1 }).map(item)),
      page(streamOf({}, "1").map(item)),
      page(streamOf({ b: 1 }).map(item)),
      page(html`<li id="x">x</li>`),
      page(streamOf({}).map(item)),
      page(null),
      page([]),
      page(streamOf({}).map(item)),
      page(safe("")),
    );
    expect(changes.map((change) => (change === "" ? "" : JSON.stringify(JSON.parse(change)["0"])))).toEqual([
      expect.stringContaining('"stream":["0",[["a"'),
      '""',
      expect.stringContaining('"s":["<li id='),
      '{"s":["<li id=\\"x\\">x</li>"]}',
      '""',
      "",
      "",
      "",
      "",
    ]);
  });

  it("can be emptied before it has had a row", () => {
    const reset = streamOf({});
    reset.changes.reset();
    const removed = streamOf({});
    removed.changes.delete("a");
    expect(messages(page(""), page(reset.map(item)), page(removed.map(item)))).toEqual([
      expect.any(String),
      '{"0":{"s":["",""],"k":{"kc":0},"stream":["0",[],[],true]}}',
      '{"0":{"k":{"kc":0},"stream":["0",[],["a"]]}}',
    ]);
  });

  it("escapes ids for JSON and for HTML, each in its place", () => {
    const [join] = messages(page(streamOf({ '"<\\': "" }).map(item)));
    expect(JSON.parse(join ?? "")).toMatchObject({
      "0": { k: { "0": { "0": "&quot;&lt;\\" } }, stream: ["0", [['"<\\', -1, null, null]], []] },
    });
  });

  it("holds no rows once they were sent", () => {
    const stream = streamOf({ a: 1 });
    const list = stream.map(item);
    stream.release();
    expect([list.rows, list.keys, stream.changes.size]).toEqual([[], [], 0]);
  });
});

describe("rows that a memo has remembered", () => {
  const row = ({ text }: { text: string }): Rendered => html`<li id="${text}">${html`<b>${text}</b>`}</li>`;
  const remembered: Row = (_domId, value) => memo(value as { text: string }, row);
  const plain: Row = (_domId, value) => row(value as { text: string });
  const items = { a: { text: "a" }, b: { text: "b" } };

  it("say the same at every use, with numbers of statics that fit the message", () => {
    const before = html`<nav>${[html`<i>1</i>`, html`<i>2</i>`]}</nav>`;
    const pages = (rows: Row): Rendered[] => [
      page(streamOf({ a: items.a }).map(rows)),
      page(streamOf(items).map(rows)),
      html`${before}${page(streamOf({ b: items.b, a: items.a }).map(rows))}`,
      page(streamOf({ b: items.b }).map(rows)),
    ];
    expect(pages(remembered).map((each) => fullTree(each))).toEqual(pages(plain).map((each) => fullTree(each)));
    expect(pages(remembered).map((each) => fullTree(each))).toEqual(pages(plain).map((each) => fullTree(each)));
  });
});

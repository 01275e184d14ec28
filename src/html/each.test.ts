import { describe, expect, it } from "vitest";
import { diff, fullTree } from "../diff/diff.ts";
import { withRenderChecks } from "./checks.ts";
import { each } from "./each.ts";
import { html } from "./html.ts";
import { liveStream } from "./live-stream.ts";
import type { Rendered } from "./rendered.ts";
import { toHtml } from "./to-html.ts";

interface Item {
  readonly id: number;
  readonly name: string;
}

const [ada, bob, cyd, dan] = ["Ada", "Bob", "Cyd", "Dan"].map((name, id): Item => ({ id, name })) as [
  Item,
  Item,
  Item,
  Item,
];

/** A page with one list, and the names of the items whose rows were rendered since the last look. */
function countingList() {
  let rendered: string[] = [];
  const row = (item: Item): Rendered => {
    rendered.push(item.name);
    return html`<li>${item.name}</li>`;
  };
  return {
    page: (items: Iterable<Item>, deps?: readonly unknown[]) =>
      html`<ul>${each(items, ({ id }) => id, row, deps)}</ul>`,
    takeRendered(): string[] {
      const taken = rendered;
      rendered = [];
      return taken;
    },
  };
}

describe("each without deps", () => {
  it("renders every row at every render", () => {
    const { page, takeRendered } = countingList();
    const before = page([ada, bob]);
    const after = page([ada, bob]);
    expect(takeRendered()).toEqual(["Ada", "Bob", "Ada", "Bob"]);
    expect(diff(before, after)).toBe("");
    expect(takeRendered()).toEqual([]);
  });

  it("takes any iterable", () => {
    const { page } = countingList();
    expect(toHtml(page(new Set([ada, bob])))).toBe("<ul><li>Ada</li><li>Bob</li></ul>");
    expect(toHtml(page(new Map([["a", cyd]]).values()))).toBe("<ul><li>Cyd</li></ul>");
  });

  it.each([
    ["nothing", undefined, "each got undefined where it needs a list. Give an empty one: each(items ?? [], …)."],
    [
      "an object",
      { ada },
      "each got an object with the fields ada where it needs a list. Give its values: each(Object.values(byId), …).",
    ],
    [
      "a stream",
      liveStream(),
      'each got a stream where it needs a list. Its own map shows what is new: ${context.rows.map((domId, item) => html`<li id="${domId}">…</li>`)}.',
    ],
  ])("says what to give it in the place of %s", (_what, items, message) => {
    const list = items as unknown as Item[]; // what a program without types may give
    expect(() => countingList().page(list)).toThrow(
      expect.objectContaining({ code: "render.nothing-to-map", message }) as Error,
    );
  });
});

describe("each with deps", () => {
  /** The rows that are rendered when a page that shows the first list comes to show the second. */
  function renderedFor(before: Item[], after: Item[], deps: [unknown, unknown] = [1, 1]): string[] {
    const { page, takeRendered } = countingList();
    const shown = page(before, [deps[0]]);
    fullTree(shown);
    takeRendered();
    const next = page(after, [deps[1]]);
    diff(shown, next);
    expect(toHtml(next)).toBe(`<ul>${after.map(({ name }) => `<li>${name}</li>`).join("")}</ul>`);
    return takeRendered();
  }

  it("renders no row when nothing changed", () => {
    const list = [ada, bob, cyd];
    expect(renderedFor(list, list)).toEqual([]);
    expect(renderedFor(list, [...list])).toEqual([]);
  });

  it("renders the one row that changed", () => {
    expect(renderedFor([ada, bob, cyd], [ada, { ...bob, name: "Bea" }, cyd])).toEqual(["Bea"]);
  });

  it("renders the new row of an insertion, wherever it is", () => {
    expect(renderedFor([ada, bob, cyd], [dan, ada, bob, cyd])).toEqual(["Dan"]);
    expect(renderedFor([ada, bob, cyd], [ada, dan, bob, cyd])).toEqual(["Dan"]);
    expect(renderedFor([ada, bob, cyd], [ada, bob, cyd, dan])).toEqual(["Dan"]);
    expect(renderedFor([], [ada])).toEqual(["Ada"]);
  });

  it("renders nothing for removals and moves", () => {
    expect(renderedFor([ada, bob, cyd], [bob, cyd])).toEqual([]);
    expect(renderedFor([ada, bob, cyd], [ada, bob])).toEqual([]);
    expect(renderedFor([ada, bob, cyd, dan], [dan, cyd, bob, ada])).toEqual([]);
    expect(renderedFor([ada, bob, cyd], [])).toEqual([]);
  });

  it("renders all rows when deps changed, also from or to NaN, but not when they are NaN", () => {
    expect(renderedFor([ada, bob], [ada, bob], [1, 2])).toEqual(["Ada", "Bob"]);
    expect(renderedFor([ada, bob], [ada, bob], [NaN, 2])).toEqual(["Ada", "Bob"]);
    expect(renderedFor([ada, bob], [ada, bob], [NaN, NaN])).toEqual([]);
  });

  it("renders all rows when the number of deps changed, or there were none", () => {
    const { page, takeRendered } = countingList();
    const shown = page([ada], [1]);
    fullTree(shown);
    diff(shown, page([ada], [1, 2]));
    diff(shown, page([ada]));
    diff(page([ada]), page([ada], [1]));
    expect(takeRendered()).toEqual(["Ada", "Ada", "Ada", "Ada", "Ada"]);
  });

  it("is not misled when the array is changed in place", () => {
    const { page } = countingList();
    const items = [ada, bob];
    const first = page(items, []);
    const shown = [fullTree(first)];
    items.push(cyd);
    const second = page(items, []);
    shown.push(diff(first, second));
    items.reverse();
    shown.push(diff(second, page(items, [])));
    expect(shown.slice(1)).toEqual([
      '{"0":{"k":{"2":{"0":"Cyd"},"kc":3}}}',
      '{"0":{"k":{"0":2,"2":0,"km":true,"kc":3}}}',
    ]);
  });

  it("throws again, rather than show no rows, when a row threw", () => {
    const row = ({ name }: Item): Rendered => {
      if (name === "Bob") throw new Error("no Bob");
      return html`<li>${name}</li>`;
    };
    const page = html`<ul>${each([ada, bob], ({ id }) => id, row, [])}</ul>`;
    expect(() => fullTree(page)).toThrow("no Bob");
    expect(() => fullTree(page)).toThrow("no Bob");
  });
});

describe("in development, each", () => {
  const checked = <T>(work: () => T): T => withRenderChecks(true, work);
  const row = ({ name }: Item) => html`<li class="person">${name}</li>`;

  it("refuses two rows with one key, naming key and template", () => {
    const twice = [ada, bob, { ...cyd, id: bob.id }];
    const refused = expect.objectContaining({
      code: "render.duplicate-key",
      message: expect.stringMatching(/have the key 1; .*\n\n +template +<li class="person">\$\{…\}<\/li>/),
    });
    expect(() => checked(() => each(twice, ({ id }) => id, row))).toThrow(refused);
    const twiceByName = () => each([ada, ada], ({ name }) => name, row);
    expect(() => checked(twiceByName)).toThrow(/have the key "Ada"/);
  });

  it("refuses them in the first page of a list with deps too, though its rows are made after the render", () => {
    const page = checked(() => html`<ul>${each([ada, ada], ({ id }) => id, row, [])}</ul>`);
    expect(() => toHtml(page)).toThrow(expect.objectContaining({ code: "render.duplicate-key" }));
  });

  it("does not refuse equal keys of different types, nor of different lists", () => {
    const keys = [1, "1", "a"];
    const list = () =>
      each(
        keys,
        (key) => key,
        (key) => html`<i>${key}</i>`,
      );
    expect(toHtml(checked(() => html`${list()}${list()}`))).toBe("<i>1</i><i>1</i><i>a</i><i>1</i><i>1</i><i>a</i>");
  });

  it("refuses a skipped row whose item was changed in place", () => {
    const item = { id: 1, name: "Ada" };
    const page = () => html`<ul>${each([item], ({ id }) => id, row, [])}</ul>`;
    const shown = checked(page);
    fullTree(shown);
    item.name = "Grace";
    expect(() => checked(() => diff(shown, page()))).toThrow(
      expect.objectContaining({
        code: "render.stale-row",
        message: expect.stringMatching(
          /mutated in place.*\n\n +template +<li class="person">\$\{…\}<\/li>\n +skipped +<li class="person">Ada<\/li>\n +expected +<li class="person">Grace<\/li>/s,
        ),
      }),
    );
  });

  it("refuses a skipped row that reads more than its item and deps, whether it stayed or moved", () => {
    const page = (items: readonly Item[], selected: number) =>
      html`<ul>${each(
        items,
        ({ id }) => id,
        ({ id, name }) => html`<li aria-current=${id === selected}>${name}</li>`,
        [],
      )}</ul>`;
    const shown = checked(() => page([ada, bob], 0));
    fullTree(shown);
    const stale = expect.objectContaining({
      code: "render.stale-row",
      message: expect.stringMatching(/more than its item and deps.*skipped +<li aria-current="(true|false)">/s),
    });
    expect(() => checked(() => diff(shown, page([ada, bob], 1)))).toThrow(stale);
    expect(() => checked(() => diff(shown, page([bob, ada], 1)))).toThrow(stale);
  });

  it("is content when all that the rows read is in deps", () => {
    const page = (selected: number) =>
      html`<ul>${each(
        [ada, bob],
        ({ id }) => id,
        ({ id, name }) => html`<li aria-current=${id === selected}>${name}</li>`,
        [selected],
      )}</ul>`;
    const shown = checked(() => page(0));
    fullTree(shown);
    expect(checked(() => diff(shown, page(1)))).toBe('{"0":{"k":{"0":{"0":"false"},"1":{"0":"true"},"kc":2}}}');
  });

  it("finds lists with deps inside of skipped rows as they are", () => {
    const inner = () =>
      each(
        ["a"],
        (key) => key,
        (key) => html`<i>${key}</i>`,
        [],
      );
    const page = () =>
      html`${each(
        [ada],
        ({ id }) => id,
        ({ name }) => html`<p>${name}${inner()}</p>`,
        [],
      )}`;
    const shown = checked(page);
    fullTree(shown);
    expect(checked(() => diff(shown, page()))).toBe("");
  });
});

describe("in production, each", () => {
  it("renders no row twice, and accepts equal keys", () => {
    const { page, takeRendered } = countingList();
    const shown = page([ada, ada], []);
    fullTree(shown);
    expect(takeRendered()).toEqual(["Ada", "Ada"]);
    expect(diff(shown, page([ada, ada], []))).toBe("");
    expect(takeRendered()).toEqual([]);
  });
});

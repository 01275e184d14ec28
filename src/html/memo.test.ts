import { describe, expect, it } from "vitest";
import { diff } from "../diff/diff.ts";
import { withRenderChecks } from "./checks.ts";
import { each } from "./each.ts";
import { html } from "./html.ts";
import { memo } from "./memo.ts";
import { toHtml } from "./to-html.ts";

interface Item {
  readonly id: number;
  readonly name: string;
}

describe("memo", () => {
  it("renders an item once, and each other item, and each function, on its own", () => {
    let calls = 0;
    const row = ({ name }: Item) => {
      calls++;
      return html`<li>${name}</li>`;
    };
    const other = ({ name }: Item) => html`<b>${name}</b>`;
    const ada = { id: 1, name: "Ada" };
    const first = memo(ada, row);
    expect(memo(ada, row)).toBe(first);
    expect(calls).toBe(1);
    expect(toHtml(memo({ ...ada }, row))).toBe("<li>Ada</li>");
    expect(calls).toBe(2);
    expect(toHtml(memo(ada, other))).toBe("<b>Ada</b>");
  });

  it("makes a list of unchanged items a comparison of its rows", () => {
    let calls = 0;
    const row = ({ name }: Item) => {
      calls++;
      return html`<li>${name}</li>`;
    };
    const items = [1, 2, 3].map((id) => ({ id, name: `n${id}` }));
    const page = (all: readonly Item[]) =>
      html`${each(
        all,
        ({ id }) => id,
        (item) => memo(item, row),
      )}`;
    const shown = page(items);
    expect(diff(shown, page(items.with(1, { id: 2, name: "two" })))).toBe('{"0":{"k":{"1":{"0":"two"},"kc":3}}}');
    expect(calls).toBe(4);
  });

  it("refuses what it could not remember by, and what is no render", () => {
    expect(() => memo("Milk" as never, () => html`<li></li>`)).toThrow(
      "memo got the string Milk. It takes an object, by which it remembers, and how to show it: memo(item, row).",
    );
    expect(() => memo({ id: 1 }, undefined as never)).toThrow("memo got an object with the fields id.");
  });

  it("shows what it remembers of an item that was changed in place, in production", () => {
    const row = ({ name }: Item) => html`<li>${name}</li>`;
    const item = { id: 1, name: "Ada" };
    memo(item, row);
    item.name = "Grace";
    expect(toHtml(memo(item, row))).toBe("<li>Ada</li>");
  });
});

describe("in development, memo", () => {
  it("refuses an item that was changed in place, naming the template and both outputs", () => {
    const row = ({ name }: Item) => html`<li>${name}</li>`;
    const item = { id: 1, name: "Ada" };
    withRenderChecks(true, () => memo(item, row));
    item.name = "Grace";
    expect(() => withRenderChecks(true, () => memo(item, row))).toThrow(
      expect.objectContaining({
        code: "render.stale-memo",
        message: expect.stringMatching(
          /mutated in place.*\n\n +template +<li>\$\{…\}<\/li>\n +remembered +<li>Ada<\/li>\n +expected +<li>Grace<\/li>/s,
        ),
      }),
    );
  });

  it("refuses a function that reads something besides its item", () => {
    let language = "en";
    const row = ({ name }: Item) => html`<li lang=${language}>${name}</li>`;
    const item = { id: 1, name: "Ada" };
    withRenderChecks(true, () => memo(item, row));
    language = "de";
    expect(() => withRenderChecks(true, () => memo(item, row))).toThrow(/reads something besides its item/);
  });

  it("is content with a function of its item alone, also with lists and memos in it", () => {
    const tag = (value: { readonly text: string }) => html`<i>${value.text}</i>`;
    const tags = [{ text: "a" }, { text: "b" }];
    const row = ({ name }: Item) =>
      html`<li>${name}${each(
        tags,
        ({ text }) => text,
        (value) => memo(value, tag),
        [],
      )}</li>`;
    const item = { id: 1, name: "Ada" };
    const render = () => toHtml(withRenderChecks(true, () => memo(item, row)));
    expect([render(), render()]).toEqual(["<li>Ada<i>a</i><i>b</i></li>", "<li>Ada<i>a</i><i>b</i></li>"]);
  });
});

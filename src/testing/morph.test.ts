import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { editPage, pageSequence, renderBlock } from "../../test/support/random-pages.ts";
import { toHtml } from "../html/to-html.ts";
import { Element, isChecked, valueOf, type ChildNode } from "./dom.ts";
import { loadLibraries } from "./libraries.ts";
import { morph } from "./morph.ts";
import { parseFragment } from "./parse.ts";
import { outerHtml } from "./serialize.ts";

beforeAll(async () => {
  await loadLibraries();
});

function pageOf(html: string): Element {
  const [page] = parseFragment(`<div>${html}</div>`).children;
  if (!(page instanceof Element)) throw new Error("There is no element.");
  return page;
}

/** Its markup, whatever the order of its attributes. */
function shown(node: ChildNode): string {
  if (node.kind !== "element") return outerHtml(node);
  const attributes = [...node.attributes].map(([name, value]) => ` ${name}="${value}"`).sort();
  return `<${node.name}${attributes.join("")}>${node.children.map(shown).join("")}</${node.name}>`;
}

function byId(page: Element, id: string): Element {
  const element = page.find((each) => each.id === id);
  if (element === undefined) throw new Error(`There is no #${id}.`);
  return element;
}

/** Of two elements with one id, nobody says which one is kept. */
function hasUniqueIds(page: Element): boolean {
  const ids = page.all((element) => element.id !== "").map((element) => element.id);
  return new Set(ids).size === ids.length;
}

describe("morph", () => {
  it("makes any page what a fresh render of any other gives", () => {
    fc.assert(
      fc.property(pageSequence, ({ start, steps }) => {
        const options = { duplicateKeys: false, fresh: true };
        let page = start;
        const document = pageOf(toHtml(renderBlock(page, options)));
        fc.pre(hasUniqueIds(document));
        for (const edits of steps) {
          page = edits.reduce(editPage, page);
          const html = toHtml(renderBlock(page, options));
          const wanted = pageOf(html);
          fc.pre(hasUniqueIds(wanted));
          morph(document, wanted, { focused: undefined });
          expect(shown(document)).toBe(shown(pageOf(html)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keeps elements with ids when they move, and what was typed into the one with the focus", () => {
    const page = pageOf('<ul><li id="a"><input id="x"></li><li id="b">b</li></ul>');
    const input = byId(page, "x");
    input.typed = "typed";
    const row = byId(page, "a");
    morph(page, pageOf('<ul><li id="b">b</li><li id="c"></li><li id="a">moved <input id="x" value="1"></li></ul>'), {
      focused: input,
    });
    expect([byId(page, "a") === row, byId(page, "x") === input, valueOf(input), input.get("value")]).toEqual([
      true,
      true,
      "typed",
      undefined,
    ]);
  });

  it("shows the server's value in a field without the focus", () => {
    const page = pageOf('<input id="x" value="1"><input id="c" type="checkbox">');
    byId(page, "x").typed = "typed";
    byId(page, "c").chosen = true;
    morph(page, pageOf('<input id="x" value="2"><input id="c" type="checkbox">'), { focused: undefined });
    expect([valueOf(byId(page, "x")), isChecked(byId(page, "c"))]).toEqual(["2", false]);
  });

  it("changes a locked element in a copy, and the element itself when it is unlocked", () => {
    const page = pageOf('<button id="b" data-phx-ref-src="v" data-phx-ref-lock="3">old</button><p>old</p>');
    const button = byId(page, "b");
    morph(page, pageOf('<button id="b">new</button><p>new</p>'), { focused: undefined });
    expect([button.text, page.text]).toEqual(["old", "oldnew"]);
    const became = button.notes.lockedAs;
    if (became !== undefined) morph(button, became, { focused: undefined, withRoot: true, undoneRef: 3 });
    expect([button.text, byId(page, "b") === button]).toEqual(["new", true]);
  });
});

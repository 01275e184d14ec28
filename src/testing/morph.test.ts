import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { expectMorphFollows, pageOf } from "../../test/support/kit-pages.ts";
import { pageSequence } from "../../test/support/random-pages.ts";
import { isChecked, valueOf, type Element } from "./dom.ts";
import { loadLibraries } from "./libraries.ts";
import { morph } from "./morph.ts";

beforeAll(async () => {
  await loadLibraries();
});

function byId(page: Element, id: string): Element {
  const element = page.find((each) => each.id === id);
  if (element === undefined) throw new Error(`There is no #${id}.`);
  return element;
}

describe("morph", () => {
  // The long version of this property is test/long/kit.test.ts.
  it("makes any page what a fresh render of any other gives", () => {
    fc.assert(
      fc.property(pageSequence, (sequence) => expectMorphFollows(sequence)),
      { numRuns: 100 },
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

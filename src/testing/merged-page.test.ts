import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectMergeFollows } from "../../test/support/kit-pages.ts";
import { pageSequence } from "../../test/support/random-pages.ts";
import { MergedPage } from "./merged-page.ts";

describe("MergedPage", () => {
  it("puts a template's dynamics between its statics", () => {
    const page = new MergedPage({ s: ["<h1>Count is: ", "</h1>"], "0": "0" });
    expect(page.render().html).toBe("<h1>Count is: 0</h1>");
    page.merge({ "0": "1" });
    expect(page.render().html).toBe("<h1>Count is: 1</h1>");
  });

  it("moves, changes and adds rows by their old positions", () => {
    const page = new MergedPage({
      s: ["<ul>", "</ul>"],
      "0": {
        s: ['<li id="', '">', "</li>"],
        k: { "0": { "0": "a", "1": "one" }, "1": { "0": "b", "1": "two" }, kc: 2 },
      },
    });
    page.merge({ "0": { k: { "0": 1, "1": [0, { "1": "ONE" }], "2": { "0": "c", "1": "&lt;3" }, km: true, kc: 3 } } });
    expect(page.render().html).toBe('<ul><li id="b">two</li><li id="a">ONE</li><li id="c">&lt;3</li></ul>');
    page.merge({ "0": { k: { kc: 1 } } });
    expect(page.render().html).toBe('<ul><li id="b">two</li></ul>');
  });

  it("keeps a row that has moved apart from the new one in its old place", () => {
    const page = new MergedPage({ s: ["", ""], "0": { s: ["<i>", "</i>"], k: { "0": { "0": "old" }, kc: 1 } } });
    page.merge({ "0": { k: { "0": { "0": "new" }, "1": 0, km: true, kc: 2 } } });
    expect(page.render().html).toBe("<i>new</i><i>old</i>");
  });

  it("resolves the numbers of shared statics in the message that brings them", () => {
    const page = new MergedPage({
      s: ["<p>", "</p>"],
      "0": { s: ["", ""], k: { "0": { "0": { "0": "a", s: 0 } }, kc: 1 } },
      p: { "0": ["<b>", "</b>"] },
    });
    expect(page.render().html).toBe("<p><b>a</b></p>");
    page.merge({ "0": { k: { "1": { "0": { "0": "c", s: 0 } }, kc: 2 } }, p: { "0": ["<i>", "</i>"] } });
    expect(page.render().html).toBe("<p><b>a</b><i>c</i></p>");
  });

  // The long version of this property is test/long/kit.test.ts.
  it("shows what the official client shows, after every diff of any sequence of pages", () => {
    fc.assert(
      fc.property(pageSequence, (sequence) => expectMergeFollows(sequence)),
      { numRuns: 120 },
    );
  });
});

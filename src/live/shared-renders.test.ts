import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClientPage } from "../../test/support/client-page.ts";
import { collectGarbage, countAlive } from "../../test/support/garbage.ts";
import { editPage, pageSequence, renderBlock, type Block } from "../../test/support/random-pages.ts";
import { withRenderChecks } from "../html/checks.ts";
import { each } from "../html/each.ts";
import { html } from "../html/html.ts";
import { reduce } from "../html/reduce.ts";
import type { Rendered } from "../html/rendered.ts";
import { toHtml } from "../html/to-html.ts";
import { SharedRender } from "./shared-renders.ts";

interface Counter {
  readonly count: number;
}

const counter = ({ count }: Counter): Rendered => html`<p>${count}</p>`;

describe("views in lockstep", () => {
  it("share one render, one diff and one tree for each step, ten thousand of them", () => {
    const shared = new SharedRender(counter, false);
    const views = Array.from({ length: 10_000 }, () => ({ tree: shared.enter({ count: 0 }) }));
    expect(shared.renders).toBe(1);
    for (const count of [1, 2, 3]) {
      // Each view has made a context of its own.
      const steps = views.map((view) => shared.step(view.tree, { count }));
      expect(new Set(steps).size).toBe(1);
      expect(steps[0]?.diff).toBe(`{"0":"${count}"}`);
      for (const [index, view] of views.entries()) view.tree = steps[index]?.to ?? view.tree;
    }
    expect(new Set(views.map(({ tree }) => tree)).size).toBe(1);
    expect(shared.renders).toBe(4);
  });

  it("stay in lockstep with lists, by reduce", () => {
    interface Chat {
      readonly messages: readonly { readonly text: string }[];
    }
    const shared = new SharedRender(
      ({ messages }: Chat) => html`${messages.map(({ text }) => html`<p>${text}</p>`)}`,
      false,
    );
    const start: Chat["messages"] = [];
    const views = Array.from({ length: 100 }, () => ({ tree: shared.enter({ messages: start }), messages: start }));
    for (const message of [{ text: "a" }, { text: "b" }]) {
      for (const view of views) {
        view.messages = reduce(view.messages, message, (list, added) => [...list, added]);
        view.tree = shared.step(view.tree, { messages: view.messages }).to;
      }
    }
    expect(shared.renders).toBe(3);
    expect(toHtml(views[99]?.tree.rendered ?? html``)).toBe("<p>a</p><p>b</p>");
  });

  it("encode the whole tree once for all that join", () => {
    const shared = new SharedRender(counter, false);
    const tree = shared.enter({ count: 1 });
    expect(tree.json).toBe('{"0":"1","s":["<p>","</p>"]}');
    expect(shared.enter({ count: 1 })).toBe(tree);
  });

  it("have nothing to send when the other context looks the same", () => {
    const shared = new SharedRender(({ count }: Counter) => html`<p>${count > 10}</p>`, false);
    const from = shared.enter({ count: 1 });
    expect(shared.step(from, { count: 2 }).diff).toBe("");
    expect(shared.step(from, { count: 1 })).toMatchObject({ to: from, diff: "" });
  });

  it("tell contexts apart by Object.is of their values, and by their keys", () => {
    const shared = new SharedRender((context: object) => html`<p>${Object.keys(context).length}</p>`, false);
    const tree = shared.enter({ a: NaN });
    expect(shared.enter({ a: NaN })).toBe(tree);
    expect(shared.enter({ a: 0 })).not.toBe(shared.enter({ a: -0 }));
    expect(shared.enter({ a: [] })).not.toBe(shared.enter({ a: [] }));
    expect(shared.enter({ a: NaN, b: undefined })).not.toBe(tree);
    expect(shared.enter({})).not.toBe(tree);
  });
});

describe("a view that lags", () => {
  it("comes to the latest tree by the values of its context, in one diff, without a render", () => {
    const shared = new SharedRender(counter, false);
    const first = shared.enter({ count: 0 });
    let latest = first;
    for (const count of [1, 2, 3, 4, 5]) latest = shared.step(latest, { count }).to;
    expect(shared.renders).toBe(6);
    expect(shared.step(first, { count: 5 })).toMatchObject({ to: latest, diff: '{"0":"5"}' });
    expect(shared.renders).toBe(6);
  });

  it("finds the latest 16 trees, and renders when its context is older", () => {
    const shared = new SharedRender(counter, false);
    for (let count = 0; count < 17; count++) shared.enter({ count });
    expect(shared.renders).toBe(17);
    shared.enter({ count: 16 });
    shared.enter({ count: 1 });
    expect(shared.renders).toBe(17);
    shared.enter({ count: 0 });
    expect(shared.renders).toBe(18);
  });

  it("holds its own tree and nothing of what came after it", async () => {
    const shared = new SharedRender(counter, false);
    const shown = shared.enter({ count: 0 });
    const later: WeakRef<object>[] = [];
    const walk = (): void => {
      let latest = shown;
      for (let count = 1; count <= 100; count++) {
        latest = shared.step(latest, { count }).to;
        later.push(new WeakRef(latest));
      }
    };
    walk();
    shared.age();
    shared.age();
    await collectGarbage();
    expect(countAlive(later)).toBe(16);
    expect(shared.step(shown, { count: 100 }).diff).toBe('{"0":"100"}');
  });
});

describe("remembered steps", () => {
  it("are forgotten when nobody took them between two agings", () => {
    const shared = new SharedRender(counter, false);
    const from = shared.enter({ count: 0 });
    expect(shared.isForgetful).toBe(true);
    const step = shared.step(from, { count: 1 });
    shared.age();
    expect(shared.step(from, { count: 1 })).toBe(step);
    shared.age();
    expect(shared.step(from, { count: 1 })).toBe(step);
    shared.age();
    shared.age();
    expect(shared.isForgetful).toBe(true);
    const again = shared.step(from, { count: 1 });
    expect(again).not.toBe(step);
    expect(again).toEqual(step);
    expect(shared.renders).toBe(2);
  });

  it("are at most eight from one tree, the latest", () => {
    const shared = new SharedRender(counter, false);
    const from = shared.enter({ count: 0 });
    const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => shared.step(from, { count }));
    expect(shared.step(from, { count: 9 })).toBe(steps[8]);
    expect(shared.step(from, { count: 2 })).toBe(steps[1]);
    expect(shared.step(from, { count: 1 })).not.toBe(steps[0]);
  });

  it("keep at most two generations of 256 steps in memory, besides the recent trees", async () => {
    const shared = new SharedRender(counter, false);
    const trees: WeakRef<object>[] = [];
    const wander = (): void => {
      let shown = shared.enter({ count: -1 });
      for (let count = 0; count < 3000; count++) {
        shown = shared.step(shown, { count }).to;
        trees.push(new WeakRef(shown));
      }
    };
    wander();
    await collectGarbage();
    expect(countAlive(trees)).toBeLessThanOrEqual(2 * 256 + 16 + 1);
  });
});

describe("a shared render that fails", () => {
  it("fails each time it is asked, rather than leave a tree without rows", () => {
    const row = (name: string): Rendered => {
      if (name === "Bob") throw new Error("no Bob");
      return html`<li>${name}</li>`;
    };
    const shared = new SharedRender(
      ({ names }: { readonly names: readonly string[] }) => html`<ul>${each(names, (name) => name, row, [])}</ul>`,
      false,
    );
    const from = shared.enter({ names: [] });
    const names = ["Ada", "Bob"];
    expect(() => shared.step(from, { names })).toThrow("no Bob");
    expect(() => shared.step(from, { names })).toThrow("no Bob");
    expect(() => shared.enter({ names }).json).toThrow("no Bob");
  });

  it("is refused when it returns a promise, or anything that is not a template", () => {
    const promise = new SharedRender(async () => html``, false);
    expect(() => promise.enter({})).toThrow(
      expect.objectContaining({
        code: "render.impure-shared",
        message: expect.stringMatching(/returned a promise: load/),
      }),
    );
    expect(() => new SharedRender(() => "text", false).enter({})).toThrow(/returned string/);
  });
});

describe("in development, a shared render", () => {
  it("is refused when it reads something besides its context, showing template and both results", () => {
    let clock = "10:00";
    const shared = new SharedRender(({ count }: Counter) => html`<p>${count} at ${clock}</p>`, true);
    const tree = shared.enter({ count: 1 });
    const next = shared.step(tree, { count: 2 });
    expect(shared.step(tree, { count: 2 })).toBe(next);
    clock = "11:00";
    const impure = expect.objectContaining({
      code: "render.impure-shared",
      message: expect.stringMatching(
        /\n\n +template +<p>\$\{…\} at \$\{…\}<\/p>\n +remembered +<p>2 at 10:00<\/p>\n +expected +<p>2 at 11:00<\/p>/,
      ),
    });
    expect(() => shared.step(tree, { count: 2 })).toThrow(impure);
    expect(() => shared.enter({ count: 2 })).toThrow(impure);
  });

  it("is refused when a value of the context was changed in place", () => {
    const shared = new SharedRender(({ user }: { readonly user: { name: string } }) => html`<p>${user.name}</p>`, true);
    const user = { name: "Ada" };
    shared.enter({ user });
    user.name = "Grace";
    expect(() => shared.enter({ user })).toThrow(/mutated in place/);
  });

  it("raises no alarm for views in lockstep, and does not count what it renders for the check", () => {
    const shared = new SharedRender(counter, true);
    const views = Array.from({ length: 100 }, () => shared.enter({ count: 0 }));
    for (const tree of views) expect(shared.step(tree, { count: 1 }).diff).toBe('{"0":"1"}');
    expect(shared.renders).toBe(2);
  });
});

describe("any interleaving of views", () => {
  const move = fc.record({ view: fc.nat({ max: 3 }), to: fc.nat({ max: 9 }), ages: fc.boolean() });

  it("leads each of them, step by step, to the page that a fresh render gives", () => {
    const walk = (
      pages: readonly Block[],
      moves: readonly { view: number; to: number; ages: boolean }[],
      checks: boolean,
    ) => {
      const shared = new SharedRender(
        ({ page }: { readonly page: Block }) => renderBlock(page, { duplicateKeys: false, fresh: false }),
        checks,
      );
      const pageAt = (index: number) => pages[index % pages.length]!;
      const views = [0, 1, 2, 3].map((index) => {
        const tree = shared.enter({ page: pageAt(index) });
        return { tree, client: new ClientPage(tree.json) };
      });
      for (const { view: index, to, ages } of moves) {
        const view = views[index]!;
        const page = pageAt(to);
        const step = shared.step(view.tree, { page });
        view.tree = step.to;
        view.client.apply(step.diff);
        expect(view.client.html).toBe(toHtml(renderBlock(page, { duplicateKeys: false, fresh: true })));
        if (ages) shared.age();
      }
    };
    fc.assert(
      fc.property(pageSequence, fc.array(move, { maxLength: 20 }), fc.boolean(), ({ start, steps }, moves, checks) => {
        const pages = [start];
        for (const edits of steps) pages.push(edits.reduce(editPage, pages.at(-1) ?? start));
        withRenderChecks(checks, () => walk(pages, moves, checks));
      }),
      { numRuns: 100 },
    );
  });
});

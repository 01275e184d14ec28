import { describe, expect, it } from "vitest";
import { NO_COMPONENTS } from "../diff/component-numbers.ts";
import { renderChecksEnabled } from "../html/checks.ts";
import { each } from "../html/each.ts";
import { html } from "../html/html.ts";
import { memo } from "../html/memo.ts";
import { shared } from "../html/shared.ts";
import { toHtml } from "../html/to-html.ts";
import type { Flash } from "./render-meta.ts";
import { createRenderer, shownHtml, shownJson } from "./renderer.ts";

const source = { nonce: "", csrfToken: "token", url: new URL("http://example.com/a"), flash: {} as Flash };

const components = { ...NO_COMPONENTS, forgetShown: () => {} };

interface Counter {
  readonly count: number;
}

type Render = Parameters<typeof createRenderer>[0];

function rendererOf(
  render: (context: never) => ReturnType<Render>,
  checks: boolean,
): ReturnType<typeof createRenderer> {
  // `createLiveView` ties the type of the context to its view; here each test gives the contexts that its render takes.
  return createRenderer(render as unknown as Render, checks);
}

/** What a synchronous render gives. */
function atOnce<T>(result: T | Promise<T>): T {
  if (result instanceof Promise) throw new Error("the render is synchronous");
  return result;
}

describe("the renderer of a view with its own render", () => {
  it("gives the whole page first, then what changed of what is shown", () => {
    const renderer = rendererOf(({ count }: Counter) => html`<p>${count}</p>`, false);
    const shown = atOnce(renderer.first({ count: 1 }, source));
    expect(shownJson(shown)).toBe('{"0":"1","s":["<p>","</p>"]}');
    expect(shownHtml(shown)).toBe("<p>1</p>");
    expect(renderer.next(shown, { count: 2 }, source, components)).toMatchObject({
      diff: '{"0":"2"}',
      shared: undefined,
    });
    expect(renderer.next(shown, { count: 1 }, source, components)).toMatchObject({ diff: "" });
  });

  it("gives one frame to all views that change alike, one after the other, but for the first", () => {
    const renderer = rendererOf(({ count }: Counter) => html`<p>${count}</p>`, false);
    const shown = atOnce(renderer.first({ count: 1 }, source));
    const step = (count: number) => atOnce(renderer.next(shown, { count }, source, components)).shared;
    expect(step(2)).toBeUndefined();
    const shared = step(2);
    expect(shared).toEqual({ frame: undefined });
    expect(step(1)).toBeUndefined();
    expect(step(2)).toBe(shared);
    expect(step(3)).toBeUndefined();
    expect(step(2)).toBeUndefined();
    renderer.age();
    expect(step(2)).toBeUndefined();
  });

  it("awaits a render that is asynchronous", async () => {
    const renderer = rendererOf(async ({ count }: Counter) => html`<p>${count}</p>`, true);
    const shown = await renderer.first({ count: 1 }, source);
    await expect(renderer.next(shown, { count: 2 }, source, components)).resolves.toMatchObject({ diff: '{"0":"2"}' });
    expect(toHtml(await renderer.fresh({ count: 3 }, source))).toBe("<p>3</p>");
  });

  it("hands the render what it reads of its view", () => {
    const renderer = createRenderer((_context: object, meta) => html`${meta.url.pathname} ${meta.csrfToken}`, false);
    expect(toHtml(atOnce(renderer.fresh({}, source)))).toBe("/a token");
  });

  it.each<[unknown, string]>([
    ["<p></p>", "string."],
    [null, "null."],
    [undefined, "undefined. A function with braces needs a `return`."],
  ])("refuses a render that returns %j", async (result, text) => {
    // A program without types.
    const returnsIt = (() => result) as unknown as () => ReturnType<typeof html>;
    const refused = expect.objectContaining({
      code: "template.not-renderable",
      message: `render must return html\`…\` (or a promise of it), but it returned ${text}`,
    });
    expect(() => rendererOf(returnsIt, false).first({}, source)).toThrow(refused);
    await expect(rendererOf(async () => returnsIt(), false).first({}, source)).rejects.toThrow(refused);
  });

  it("has the development checks on for renders and diffs, and only then", () => {
    const seen: boolean[] = [];
    const row = (id: number) => {
      seen.push(renderChecksEnabled());
      return html`<i>${id}</i>`;
    };
    const view = ({ ids }: { readonly ids: readonly number[] }) => {
      seen.push(renderChecksEnabled());
      return html`${each(ids, (id) => id, row, [])}`;
    };
    for (const checks of [true, false]) {
      const renderer = rendererOf(view, checks);
      const shown = atOnce(renderer.first({ ids: [] }, source));
      void renderer.next(shown, { ids: [1] }, source, components);
    }
    expect(seen).toEqual([true, true, true, false, false, false]);
    expect(renderChecksEnabled()).toBe(false);
  });
});

describe("the renderer of a view with a shared render", () => {
  it("gives all views with equal contexts one tree, and one step with one place for the frame", () => {
    const renderer = rendererOf(
      shared(({ count }: Counter) => html`<p>${count}</p>`),
      false,
    );
    const [one, two] = [atOnce(renderer.first({ count: 1 }, source)), atOnce(renderer.first({ count: 1 }, source))];
    expect(one).toBe(two);
    expect([shownJson(one), shownHtml(one)]).toEqual(['{"0":"1","s":["<p>","</p>"]}', "<p>1</p>"]);
    const step = renderer.next(one, { count: 2 }, source, components);
    expect(step).toMatchObject({ diff: '{"0":"2"}', shared: { frame: undefined } });
    expect(renderer.next(two, { count: 2 }, source, components)).toBe(step);
  });

  it("renders each context afresh for the check of unchanged views, and finds stale memos by it", () => {
    const row = ({ name }: { name: string }) => html`<p>${name}</p>`;
    const renderer = rendererOf(
      shared(({ user }: { readonly user: { name: string } }) => html`${memo(user, row)}`),
      true,
    );
    const user = { name: "Ada" };
    expect(toHtml(atOnce(renderer.fresh({ user }, source)))).toBe("<p>Ada</p>");
    user.name = "Grace";
    expect(() => renderer.fresh({ user }, source)).toThrow(expect.objectContaining({ code: "render.stale-memo" }));
  });

  it("forgets steps as it ages, and nothing that a view shows", () => {
    const renderer = rendererOf(
      shared(({ count }: Counter) => html`<p>${count}</p>`),
      false,
    );
    const shown = atOnce(renderer.first({ count: 1 }, source));
    const step = renderer.next(shown, { count: 2 }, source, components);
    renderer.age();
    renderer.age();
    renderer.age();
    const again = renderer.next(shown, { count: 2 }, source, components);
    expect(again).not.toBe(step);
    expect(again).toEqual(step);
  });
});

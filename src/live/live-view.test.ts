import { describe, expect, it } from "vitest";
import { LiveError } from "../errors.ts";
import { html } from "../html/html.ts";
import { createLiveView, definitionOf } from "./live-view.ts";

describe("createLiveView", () => {
  it("keeps the definition where only the runtime finds it", () => {
    const definition = { initial: { count: 0 }, render: () => html`<p></p>` };
    const view = createLiveView(definition);
    expect(definitionOf(view)).toBe(definition);
    expect(Object.keys(view)).toEqual([]);
    expect(Object.isFrozen(view)).toBe(true);
  });

  it("refuses a definition without a render function, and shows one that has it", () => {
    const noRender: unknown = { mount: () => {} };
    const create = () => createLiveView(noRender as Parameters<typeof createLiveView>[0]);
    expect(create).toThrow(LiveError);
    expect(create).toThrow("createLiveView got a definition without a render function.");
    expect(create).toThrow("createLiveView({ initial: { count: 0 }, render:");
  });

  it("refuses nothing at all the same way", () => {
    const nothing: unknown = undefined;
    expect(() => createLiveView(nothing as Parameters<typeof createLiveView>[0])).toThrow(
      "createLiveView got undefined without a render function.",
    );
  });

  it("takes handleGap or onGap, but refuses both, and an onGap that means nothing", () => {
    const render = () => html`<p></p>`;
    const handleGap = (): void => {};
    expect(() => createLiveView({ handleGap, render })).not.toThrow();
    expect(() => createLiveView({ onGap: "remount", render })).not.toThrow();
    expect(() => createLiveView({ handleGap, onGap: "remount", render })).toThrow(
      'A view has both `handleGap` and `onGap: "remount"`',
    );
    const misspelt: unknown = { onGap: "remont", render };
    expect(() => createLiveView(misspelt as Parameters<typeof createLiveView>[0])).toThrow(
      'A view has an `onGap` that is not "remount".',
    );
  });
});

describe("definitionOf", () => {
  it("finds nothing in what createLiveView did not make", () => {
    expect(definitionOf({ render: () => html`` })).toBeUndefined();
    expect(definitionOf(undefined)).toBeUndefined();
    expect(definitionOf("view")).toBeUndefined();
  });
});

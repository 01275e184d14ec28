/** phoenix_live_view's `rendered.js`, as far as the tests use it (the alias is in vitest.config.ts). */
declare module "phoenix_live_view/rendered" {
  export default class Rendered {
    constructor(viewId: string, rendered: unknown);
    mergeDiff(diff: unknown): void;
    /** The component's elements have left the page. */
    resetRender(cid: number): void;
    pruneCIDs(cids: readonly number[]): void;
    componentToString(cid: number): { readonly buffer: string };
    toString(): { readonly buffer: string; readonly streams: ReadonlySet<unknown> };
  }
}

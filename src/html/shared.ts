import { LiveError } from "../errors.ts";
import { describeValue } from "./not-renderable.ts";
import type { StreamKey } from "./live-stream.ts";
import type { Rendered } from "./rendered.ts";

declare const brand: unique symbol; // phantom: exists for the checker only, never at run time

/** Named in the error when a context with streams is given to `shared`. */
export interface StreamsAreNeverShared {
  readonly [brand]: "a stream is what one page has: take shared(…) away, and wrap rows in memo(item, row)";
}

type Shareable<C> = [StreamKey<C>] extends [never] ? unknown : StreamsAreNeverShared;

const sharedRenders = new WeakSet<object>();

/**
 * Declares that a render depends on its context alone, so that views whose contexts hold equal values share one render,
 * one diff and one frame. The function must be synchronous and take no `meta`; a render that reads anything else (the
 * clock, a module's variable, who is logged in) would show one visitor's page to another.
 *
 * The context must have no stream: what a stream shows is one page's own.
 *
 * In development every shared result is rendered once more and compared (`render.impure-shared`).
 */
export function shared<C>(render: ((context: C) => Rendered) & Shareable<C>): (context: C) => Rendered {
  if (typeof (render as unknown) !== "function") {
    throw new LiveError(
      "view.invalid-argument",
      `shared got ${describeValue(render)}. It takes the render itself: render: shared((context) => html\`…\`).`,
    );
  }
  if (render.length > 1) {
    throw new LiveError(
      "render.impure-shared",
      "shared(render) got a function with a second parameter. A shared render depends on its context alone: put what it needs into the context, or write the render without shared(…).",
    );
  }
  // A function of its own, so that the same render may also be used unshared.
  const sharedRender = (context: C): Rendered => render(context);
  sharedRenders.add(sharedRender);
  return sharedRender;
}

/** Whether `render` was made by `shared`. */
export function isShared(render: object): boolean {
  return sharedRenders.has(render);
}

import { LiveError } from "../errors.ts";
import type { ComponentPlace, Rendered, ViewPlace } from "../html/rendered.ts";
import type { ComponentHtml, ViewHtml } from "../html/to-html.ts";

/** By which numbers one page knows its live components (`cid` on the wire, docs/protocol.md section 10), and its nested views. */
export interface ComponentNumbers {
  /** The number of a component that the page was given before; `undefined` if it has been forgotten since. */
  numberOf(place: ComponentPlace): number | undefined;
  /**
   * The component's number in the message at hand, which then has to bring it if the page does not know it.
   * @param tree the one that is written, in which it stands
   * @param stream the stream whose row it stands in. Trees do not keep those: the page has it until the page says otherwise
   */
  place(place: ComponentPlace, tree: Rendered, stream?: string): number;
  /**
   * The element of a nested view that the message at hand brings, empty: the view fills it once it has joined.
   * @param tree as for `place`
   */
  viewHtmlOf(place: ViewPlace, tree: Rendered): string;
}

/** For a tree that is not one view's. */
export const NO_COMPONENTS: ComponentNumbers & ComponentHtml & ViewHtml = {
  numberOf: () => undefined,
  place: refuse,
  htmlOf: refuse,
  viewHtmlOf: refuseView,
};

function refuse({ component, id }: ComponentPlace): never {
  throw new LiveError(
    "component.no-view",
    `
The live component ${component.name} ${JSON.stringify(id)} stands in what no view has for itself: a render wrapped in
shared(…), or the app's layout. A live component has its state in one view, so its place is in that view's own render:
take shared(…) away, or use a function component.
`.trim(),
  );
}

function refuseView({ id }: ViewPlace): never {
  throw new LiveError(
    "nested.no-view",
    `
The nested view ${JSON.stringify(id)} stands in what no view has for itself: a render wrapped in shared(…), or the app's
layout. A nested view lives with one view, so its place is in that view's own render: take shared(…) away; instead of the
layout, use a function component that each of your views puts around what it shows.
`.trim(),
  );
}

import { LiveError } from "../errors.ts";
import type { ComponentPlace } from "../html/rendered.ts";

/** By which numbers one page knows its live components (`cid` on the wire, docs/protocol.md section 10). */
export interface ComponentNumbers {
  /** The number of a component that the page was given before; `undefined` if it has been forgotten since. */
  numberOf(place: ComponentPlace): number | undefined;
  /** The component's number in the message at hand, which then has to bring it if the page does not know it. */
  place(place: ComponentPlace): number;
}

/** For a tree that is not one view's. */
export const NO_COMPONENTS: ComponentNumbers = {
  numberOf: () => undefined,
  place: ({ component, id }) => {
    throw new LiveError(
      "component.no-view",
      `
The live component ${component.name} ${JSON.stringify(id)} stands in what no view has for itself: a render wrapped in
shared(…), or the app's layout. A live component has its state in one view, so its place is in that view's own render:
take shared(…) away, or use a function component.
`.trim(),
    );
  },
};

import type { ViewEvent } from "./client-message.ts";
import type { Schemas } from "./messages.ts";

/** Who gets an event of the page: a view, or a live component in it. */
export interface EventTarget {
  /** For messages. */
  readonly name: string;
  readonly events: Schemas | undefined;
  readonly handlesEvents: boolean;
  /** Runs the callback. Throws what it throws. */
  handleEvent(event: ViewEvent): unknown;
}

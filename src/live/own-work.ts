import type { Display } from "./display.ts";
import type { Callback } from "./view-services.ts";

/**
 * What a view has to do in the lane of its infos besides handling infos: in its order among them, while no callback runs. It
 * is known by its class, which no message of a topic, and nothing that was read from JSON, can have.
 */
export abstract class OwnWork {
  /** For logs: infos have a type. */
  abstract readonly type: string;
  /** Whose errors its errors are, for the log. */
  abstract readonly callback: Callback;
  /** The name of the message that the callback gets, if it gets one. */
  readonly message: string | undefined = undefined;
  /** The component whose callback it is; `undefined`: the view's own. */
  readonly component: string | undefined = undefined;

  /**
   * Runs as a callback of the view does: what it throws, or rejects with, ends the view.
   * @returns what is to be awaited, if it is a promise
   */
  abstract run(view: { readonly display: Display }): unknown;
}

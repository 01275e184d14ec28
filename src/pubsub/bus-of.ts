import { LocalBus } from "./local-bus.ts";
import type { PubSub } from "./pubsub.ts";

/** Under this name an adapter says which bus its object is on, where several objects are the same bus. */
export const BUS: unique symbol = Symbol("wingbeat.bus");

/** Two objects with the same bus reach the same subscribers, also by `localBroadcast`. Mostly that is the object itself. */
export function busOf(pubSub: PubSub): object {
  const bus: unknown = BUS in pubSub ? pubSub[BUS] : undefined;
  return typeof bus === "object" && bus !== null ? bus : pubSub;
}

/** Whether it reaches nobody outside of this process, as far as is known now. */
export function isWithinProcess(pubSub: PubSub): boolean {
  return busOf(pubSub) instanceof LocalBus;
}

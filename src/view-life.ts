import type { PubSub } from "./pubsub/pubsub.ts";

/** Something that a view has elsewhere, and that must not outlive it. */
export interface ViewCompanion {
  /** The view has ended, in whichever way. Runs once. Does not throw. */
  viewEnded(): void;
  /** The view mounts anew on the page that is open: what it does not ask for again until `renewalEnded` is not its any more. */
  renewalBegan(): void;
  renewalEnded(): void;
}

/** A view as those see it to whom its socket was given. */
export interface ViewLife {
  /** `false` in the render of the HTTP response. */
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  /** Its app's. */
  readonly pubSub: PubSub;
  /** To be called while it has not ended. Twice is once. */
  accompany(companion: ViewCompanion): void;
}

/** Under this name sockets have the life of their view. Not public: what needs it is part of the framework. */
export const LIFE: unique symbol = Symbol("wingbeat.life");

export interface HasLife {
  readonly [LIFE]: ViewLife;
}

/** Of a view's or a component's socket; `undefined` for anything else. */
export function lifeOf(who: object): ViewLife | undefined {
  // Only sockets know the symbol.
  return LIFE in who ? (who as HasLife)[LIFE] : undefined;
}

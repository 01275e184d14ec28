import type { Params } from "../live-view.ts";
import type { Leaving } from "../navigation.ts";
import type { AnyViewSocket } from "./stages.ts";

declare const brand: unique symbol; // phantom: exists for the checker only, never at run time

/** What `redirect` returns, for a mount hook to return: the view is not mounted. */
export interface Halt {
  readonly [brand]: "Halt";
}

/** The same, as the runtime makes it. */
export class MountHalt implements Halt {
  declare readonly [brand]: "Halt";
  readonly navigation: Leaving;
  constructor(navigation: Leaving) {
    this.navigation = navigation;
  }
}

/**
 * What a mount hook gets: who visits, and what it can do before the view is mounted.
 *
 * @typeParam Session what the hook reads of the session: it must be what the app's `session` gives, and earlier hooks add.
 */
export interface Mounting<Session = {}> {
  /** What the app's `session` made of the request, and earlier hooks have added. Nobody changes it. */
  readonly session: Session;
  /** The captures of the path and the parameters of the query. */
  readonly params: Params;
  /** The page's address. */
  readonly url: URL;
  /** `false` for the HTTP response, `true` once the browser's socket joins. */
  readonly connected: boolean;
  /**
   * Sends the visitor elsewhere, if the hook returns what this gives: by HTTP; on a connected page by live navigation where
   * the address is in the same live session, else by a page load.
   * @param to a path within the app, or a full `http:` or `https:` URL.
   * @throws {LiveError} `view.invalid-destination` for anything else, such as `javascript:` or `//host`. The page fails with
   * `hook.redirect-loop` if an HTTP response would lead to the page itself.
   */
  readonly redirect: (to: string) => Halt;
  /** Sets a flash message, for the view or, with `redirect`, for the page that follows. */
  readonly putFlash: (kind: string, message: string) => void;
  /**
   * Subscribes the view to a topic, whose messages then go to its `handleInfo`, and to the hooks before it. Does nothing
   * while not `connected`. Need not be awaited.
   */
  readonly subscribe: (topic: string) => Promise<void>;
  /**
   * Attaches a hook to the view that is about to be mounted, as its own `socket.attachHook` does. Which view that is the hook
   * does not know: events and infos have fields of unknown type, and an event comes as the browser sent it, before the
   * view's schemas have looked at it, and also where the view has no schema for it.
   */
  readonly attachHook: AnyViewSocket["attachHook"];
}

/**
 * Runs before a view is mounted: for the HTTP response, when the browser connects, after each reconnect, and when the view
 * mounts anew. It may be asynchronous. An object that it returns is added to the session that later hooks and `mount` get;
 * what `redirect` gave sends the visitor elsewhere; nothing lets the visitor pass. An error with a `status` answers as one
 * thrown in `mount` does.
 */
export type MountHook = (mounting: never) => unknown;

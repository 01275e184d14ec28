import type { AsyncOwner, AsyncWork } from "../async/async-work.ts";
import type { MetaSource } from "../view-meta.ts";
import type { ViewUploads } from "../uploads/view-uploads.ts";
import type { AnySocket, Callback, ViewServices } from "../view-services.ts";

/** What live components need of the view that they are in. */
export interface ComponentHost extends MetaSource {
  /** For messages. */
  readonly name: string;
  readonly services: ViewServices;
  readonly socket: AnySocket;
  readonly isEnded: boolean;
  readonly asyncWork: AsyncWork;
  readonly uploads: ViewUploads;
  /** Says for the log what runs now. */
  startCallback(callback: Callback, component: string): void;
  /** Has the page rendered: at the end of the turn, or in a turn of its own if none is under way. */
  componentChanged(): void;
  /** A live component has left the page for good. */
  componentEnded(component: AsyncOwner): void;
  report(error: unknown): void;
}

import type { ReadyRing } from "./ready-ring.ts";

/** Something that awaits what a callback, a schema or a render has promised. */
export interface Awaiting {
  /** For people: the view, the callback and the message at hand. */
  describeWork(): string;
}

/**
 * What an app has under way, for tests that go on when everything is done (`wingbeat/testing`): a test that polled or
 * slept would be slow, flaky, or both. It is written in passing and read by nobody else.
 */
export class Activity {
  readonly awaiting = new Set<Awaiting>();
  /** The work of `startAsync` and `assignAsync`, which nothing of its view waits for. */
  readonly working = new Set<Awaiting>();
  /** Views' timers that are due at once: of 0 and 1 ms, which event loops do not tell apart. */
  dueTimers = 0;
  /** Gets each line that the app logs, and each error that it gives to `onError`. */
  onLog: ((line: string) => void) | undefined = undefined;
}

/** What tests know of an app beyond its public side. */
export interface TestAccess {
  readonly activity: Activity;
  readonly ring: ReadyRing;
  readonly socketPath: string;
  /** The origins that may open the socket; `undefined`: local ones. */
  readonly origins: readonly string[] | undefined;
}

const accesses = new WeakMap<object, TestAccess>();

export function giveTestAccess(app: object, access: TestAccess): void {
  accesses.set(app, access);
}

/** Of an app that this copy of the package made; `undefined` for anything else. */
export function testAccessTo(app: object): TestAccess | undefined {
  return accesses.get(app);
}

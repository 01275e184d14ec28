// The real clock, taken before a test can fake it. What the kit itself waits for must not depend on a clock that stands.

const realImmediate = setImmediate;
const realTimeout = setTimeout;
const realMicrotask = queueMicrotask;
const realNow = performance.now.bind(performance);

/** One turn of the event loop: views that were ready have had theirs, and timers that were due have run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void realImmediate(resolve));
}

/** About a millisecond. */
export function moment(): Promise<void> {
  return new Promise((resolve) => void realTimeout(resolve, 1));
}

/** Runs `task` after the code at hand. */
export function soon(task: () => void): void {
  realMicrotask(task);
}

/** Runs `task` in a turn of the event loop of its own. */
export function inNextTurn(task: () => void): void {
  realImmediate(task);
}

/** Milliseconds that never go back and never stand still. */
export function nowMs(): number {
  return realNow();
}

/** Whether somebody has put other timers in the place of the real ones, as `vi.useFakeTimers()` does. */
export function isClockFaked(): boolean {
  return setTimeout !== realTimeout;
}

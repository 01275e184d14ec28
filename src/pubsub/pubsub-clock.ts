/** Time, as Pub/Sub across processes needs it. Tests give one of their own. */
export interface PubSubClock {
  /** Milliseconds since 1970. May be set back and forth. */
  wall(): number;
  /** Milliseconds that never go back. */
  now(): number;
  /** Calls `task` after `ms`, and again until the returned function is called. Does not keep the process alive. */
  every(ms: number, task: () => void): () => void;
  /** Calls `task` once, after `ms`, unless the returned function is called before. Does not keep the process alive. */
  after(ms: number, task: () => void): () => void;
}

export const systemClock: PubSubClock = {
  wall: () => Date.now(),
  now: () => performance.now(),
  every: (ms, task) => {
    const timer = setInterval(task, ms);
    unref(timer);
    return () => clearInterval(timer);
  },
  after: (ms, task) => {
    const timer = setTimeout(task, ms);
    unref(timer);
    return () => clearTimeout(timer);
  },
};

/** A number where timers are those of browsers. */
function unref(timer: { unref?: () => unknown } | number): void {
  if (typeof timer === "object") timer.unref?.();
}

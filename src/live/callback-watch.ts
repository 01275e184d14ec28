import { SlowLog } from "./slow-log.ts";
import type { Callback, ViewServices } from "./view-services.ts";

type WatchServices = Pick<ViewServices, "now" | "warn" | "report">;

/** A callback that keeps the process from doing anything else for longer is logged, in milliseconds. */
const SLOW_CALLBACK_MS = 50;

/** Which code of a view runs, or ran last: for its errors, for the log, and to find what keeps everybody waiting. */
export class CallbackWatch {
  readonly #view: string;
  readonly #services: WatchServices;
  #callback: Callback = "mount";
  /** Whose that is; `undefined`: the view's own. */
  #component: string | undefined;
  #messageType: string | undefined;
  /** When the code that runs now got the thread. */
  #startedMs = 0;

  constructor(view: string, services: WatchServices) {
    this.#view = view;
    this.#services = services;
  }

  get callback(): Callback {
    return this.#callback;
  }

  /** For messages. */
  get place(): string {
    return this.#component === undefined ? this.#view : `${this.#component} in ${this.#view}`;
  }

  /** @param message the type of the message that it gets, if it gets one */
  start(callback: Callback, message?: string, component?: string): void {
    this.#callback = callback;
    this.#messageType = message;
    this.#component = component;
  }

  /** As `start`, for the message at hand. */
  startWithin(callback: Callback, component: string | undefined): void {
    this.#callback = callback;
    this.#component = component;
  }

  report(error: unknown, callback: Callback = this.#callback): void {
    const details = { view: this.#view, component: this.#component, callback, message: this.#messageType };
    this.#services.report(error, details);
  }

  // ── time ──

  /** The view's code has the thread from now on. */
  startTime(): void {
    this.#startedMs = this.#services.now();
  }

  /** It lets go of the thread. */
  checkTime(): void {
    const nowMs = this.#services.now();
    const ms = nowMs - this.#startedMs;
    if (ms <= SLOW_CALLBACK_MS) return;
    const message = this.#messageType === undefined ? "" : ` "${this.#messageType}"`;
    slowLogOf(this.#services).note(this.place, `${this.#callback}${message}`, ms, nowMs);
  }

  /** For people: the callback, its message, and whose they are. */
  describe(): string {
    const message = this.#messageType === undefined ? "" : ` of "${this.#messageType}"`;
    return `${this.#callback}${message} in ${this.place}`;
  }
}

/** One for each app. */
const slowLogs = new WeakMap<WatchServices, SlowLog>();

function slowLogOf(services: WatchServices): SlowLog {
  let log = slowLogs.get(services);
  if (log === undefined) slowLogs.set(services, (log = new SlowLog(services.warn)));
  return log;
}

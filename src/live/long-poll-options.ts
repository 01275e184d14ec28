import { LiveError } from "../errors.ts";

/** How pages whose WebSockets something on the way refuses stay live all the same. */
export interface LongPollOptions {
  /**
   * How long a page waits for its WebSocket to open and to answer, in milliseconds, before it goes over to long-polling. One
   * that is refused at once is not waited for. @default 2_500
   */
  readonly fallbackAfterMs?: number | undefined;
  /**
   * How long the server keeps a request that it has nothing to answer with, in milliseconds, at most 15 000: the client gives
   * up after 20 s. Proxies on the way must wait longer. A session ends 1.5 times that after its last request. @default 10_000
   */
  readonly windowMs?: number | undefined;
}

export interface LongPollSettings {
  readonly fallbackAfterMs: number;
  readonly windowMs: number;
}

const MAX_WINDOW_MS = 15_000;

/**
 * The settings with all defaults; `undefined` if it is off.
 *
 * @throws {LiveError} `app.invalid-option`
 */
export function resolveLongPoll(option: boolean | LongPollOptions | undefined): LongPollSettings | undefined {
  if (option === undefined || option === false) return undefined;
  const { fallbackAfterMs = 2_500, windowMs = 10_000 } = option === true ? {} : option;
  check("fallbackAfterMs", fallbackAfterMs, Number.MAX_SAFE_INTEGER);
  check("windowMs", windowMs, MAX_WINDOW_MS);
  return { fallbackAfterMs, windowMs };
}

function check(name: string, value: unknown, max: number): void {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= max) return;
  const limit =
    max === Number.MAX_SAFE_INTEGER ? "" : ` of at most ${max}, because the client gives a request up after 20 s`;
  throw new LiveError(
    "app.invalid-option",
    `longPoll.${name} is ${JSON.stringify(value)}; it must be a positive whole number of milliseconds${limit}.`,
  );
}

import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import type { Renderable } from "../html/rendered.ts";
import type { AsyncResult } from "../live/async/async-result.ts";
import { isRecord } from "../protocol/decode.ts";

export interface AsyncResultSlots<T> {
  /** Shows the value. Also while another one is loading, so that a page does not flicker: `status` tells. */
  readonly ok: (value: T, status: AsyncResult<T>["status"]) => Renderable;
  /** Shown while the first value is loading. @default nothing */
  readonly loading?: Renderable;
  /** Shows a failure; `previous` is the last value, if there was one. @default the last value, or nothing */
  readonly failed?: ((error: unknown, previous: T | undefined) => Renderable) | undefined;
}

/**
 * What a page shows of a value that is loaded in the background.
 * @throws {LiveError} `component.missing-prop` for what is no result, as a key that nothing has loaded yet.
 */
export function asyncResult<T>(result: AsyncResult<T>, slots: AsyncResultSlots<T>): Renderable {
  checkArguments(result, slots);
  const { ok, loading, failed } = slots;
  if (result.status === "ok") return ok(result.value, "ok");
  if (result.status === "failed" && failed !== undefined) return failed(result.error, result.value);
  if (result.value !== undefined) return ok(result.value, result.status);
  return result.status === "loading" ? loading : null;
}

function checkArguments(result: unknown, slots: unknown): void {
  if (!isRecord(result) || typeof result["status"] !== "string") {
    throw invalid(
      `takes what socket.assignAsync loads, and got ${describeValue(result)}. Begin it in mount: socket.assignAsync("quote", loadQuote). A value that is there already is shown as it is.`,
    );
  }
  if (!isRecord(slots) || typeof slots["ok"] !== "function") {
    throw invalid(
      "needs ok, which shows the value: asyncResult(context.quote, { ok: (quote) => html`<p>${quote}</p>` }).",
    );
  }
}

function invalid(text: string): LiveError {
  return new LiveError("component.missing-prop", `asyncResult ${text}`);
}

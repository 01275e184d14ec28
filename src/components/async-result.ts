import type { Renderable } from "../html/rendered.ts";
import type { AsyncResult } from "../live/async/async-result.ts";

export interface AsyncResultSlots<T> {
  /** Shows the value. Also while another one is loading, so that a page does not flicker: `status` tells. */
  readonly ok: (value: T, status: AsyncResult<T>["status"]) => Renderable;
  /** Shown while the first value is loading. @default nothing */
  readonly loading?: Renderable;
  /** Shows a failure; `previous` is the last value, if there was one. @default the last value, or nothing */
  readonly failed?: ((error: unknown, previous: T | undefined) => Renderable) | undefined;
}

/** What a page shows of a value that is loaded in the background. */
export function asyncResult<T>(result: AsyncResult<T>, slots: AsyncResultSlots<T>): Renderable {
  const { ok, loading, failed } = slots;
  if (result.status === "ok") return ok(result.value, "ok");
  if (result.status === "failed" && failed !== undefined) return failed(result.error, result.value);
  if (result.value !== undefined) return ok(result.value, result.status);
  return result.status === "loading" ? loading : null;
}

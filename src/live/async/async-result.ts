/**
 * A value that is loaded in the background, at one moment: a field of a context. While it is loaded again, and after a
 * failure, `value` is the one that was there before, if there was one.
 */
export type AsyncResult<T> =
  | { readonly status: "loading"; readonly value: T | undefined }
  | { readonly status: "ok"; readonly value: T }
  | { readonly status: "failed"; readonly value: T | undefined; readonly error: unknown };

/** One for all, so that views that load something for the first time have equal values, and may share a render. */
const FIRST: AsyncResult<never> = Object.freeze({ status: "loading", value: undefined });

/** Makes the results of the three kinds: `initial: { bio: AsyncResult.loading() }`. */
export const AsyncResult = {
  /** @param previous whose value is shown until the new one is there */
  loading<T>(previous?: AsyncResult<T>): AsyncResult<T> {
    return previous?.value === undefined ? FIRST : { status: "loading", value: previous.value };
  },

  ok<T>(value: T): AsyncResult<T> {
    return { status: "ok", value };
  },

  /** @param previous whose value is kept */
  failed<T>(error: unknown, previous?: AsyncResult<T>): AsyncResult<T> {
    return { status: "failed", value: previous?.value, error };
  },
};

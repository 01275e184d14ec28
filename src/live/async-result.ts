/**
 * A value that is loaded in the background, at one moment: a field of a context. While it is loaded again, and after a
 * failure, `value` is the one that was there before, if there was one.
 */
export type AsyncResult<T> =
  | { readonly status: "loading"; readonly value: T | undefined }
  | { readonly status: "ok"; readonly value: T }
  | { readonly status: "failed"; readonly value: T | undefined; readonly error: unknown };

/** Makes the results of the three kinds: `initial: { bio: AsyncResult.loading() }`. */
export const AsyncResult = {
  /** @param previous whose value is shown until the new one is there */
  loading<T>(previous?: AsyncResult<T>): AsyncResult<T> {
    return { status: "loading", value: previous?.value };
  },

  ok<T>(value: T): AsyncResult<T> {
    return { status: "ok", value };
  },

  /** @param previous whose value is kept */
  failed<T>(error: unknown, previous?: AsyncResult<T>): AsyncResult<T> {
    return { status: "failed", value: previous?.value, error };
  },
};

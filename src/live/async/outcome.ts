/** How work has ended that `startAsync` began: with its value, or with what it threw or was cancelled for. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** What such work returns: a value, or a promise of one, be it a library's own. */
export type Eventually<T> = T | PromiseLike<T>;

/** Why a request gets no page of its own, in words that anybody may read. */
export interface Problem {
  /** 400 to 599. */
  readonly status: number;
  readonly title: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What has failed, for developers; `undefined` if nothing has. */
  readonly error?: unknown;
}

/** An address that leads nowhere. */
export const NOT_FOUND: Problem = {
  status: 404,
  title: "Page not found",
  message: "There is no page at this address.",
};

/** A request that a live page cannot answer, such as a POST. */
export const METHOD_NOT_ALLOWED: Problem = {
  status: 405,
  title: "Method not allowed",
  message: "This page can only be read.",
  headers: { allow: "GET, HEAD" },
};

/** Too many other pages are in the making. */
export const OVERLOADED: Problem = {
  status: 503,
  title: "Busy",
  message: "The server is busy. Please try again in a moment.",
  headers: { "retry-after": "2" },
};

/** An error that says how to answer: one with a `status` from 400 to 499. */
export function refusal(status: number): Problem {
  switch (status) {
    case 401:
      return { status, title: "Not logged in", message: "Log in to see this page." };
    case 403:
      return { status, title: "Not allowed", message: "You may not see this page." };
    case 404:
      return NOT_FOUND;
    case 413:
      return { status, title: "Too large", message: "More was sent than is taken. Nothing was changed." };
    case 429:
      return { status, title: "Too many requests", message: "Please wait a moment, and try again." };
    default:
      return { status, title: "The page cannot be shown", message: `The request was refused (${status}).` };
  }
}

/** A form that was not taken. It does not say why: that is in the log. */
export function formRefusal(status: number): Problem {
  return {
    status,
    title: "The form was not taken",
    message: "Nothing was changed. Please go back, load the page again, and send the form once more.",
  };
}

/** A failure of ours. */
export function failure(error: unknown): Problem {
  return {
    status: 500,
    title: "Something went wrong",
    message: "The page could not be shown. The error was logged.",
    error,
  };
}

/** The `status` of an error that is an answer rather than a failure (400 to 499), as HTTP libraries throw them. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 499 ? status : undefined;
}

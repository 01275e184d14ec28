/** Replies by which a server says "not now". All other errors that it replies with are refusals. */
const TEMPORARY = /^(LOADING|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|BUSY|MOVED|ASK|UNBLOCKED)\b/;
/** Error replies begin with a code in capitals, such as NOPERM; errors of sockets and of the library do not. */
const REPLY = /^[A-Z]{3,} /;

/** Whether the server has looked at what we asked, and would say no again. */
export function isRefusal(error: Error): boolean {
  return REPLY.test(error.message) && !TEMPORARY.test(error.message);
}

/** What went wrong, in a line. Some errors of sockets have a code and no message, or are several at once. */
export function reasonOf(error: Error): string {
  if (error.message !== "") return error.message;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  if (first instanceof Error && first.message !== "") return first.message;
  return "code" in error ? String(error.code) : error.name;
}

/** Whatever was thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

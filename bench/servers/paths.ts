/** The pages that Wingbeat and LiveViewJS serve alike; the bare server repeats what Wingbeat sends for one of them. */
export const COUNTER = "/counter";
/** One value, shown to all, with a shared render. */
export const CLOCK = "/clock";
/** The same without a shared render. */
export const CLOCK_UNSHARED = "/clock-unshared";
/** A list to which each message adds a row. */
export const CHAT = "/chat";
/** A stream into which each message inserts a row. */
export const STREAM = "/stream";
/** The same with `memo`: all views take the row that the first of them rendered. */
export const STREAM_MEMO = "/stream-memo";
/** 1 000 live components; a click changes one. */
export const COMPONENTS = "/components";
/** 1 000 rows of 4 cells; a click sets one cell. */
export const TABLE = "/table";
/** The same with `memo`: rows that did not change are not rendered. */
export const TABLE_MEMO = "/table-memo";
/** The same with the `deps` of `each`: rows whose item did not change are neither rendered nor compared. */
export const TABLE_DEPS = "/table-deps";

export const TABLE_ROWS = 1_000;

// The short keys and fixed names on the wire. They are defined in docs/protocol.md; no other file spells them out.

// Section 8, "The diff format".
/** `string[]`: the literal parts of a template; or a number: an index into `TEMPLATES`. Its presence replaces, its absence merges. */
export const STATICS = "s";
/** `{ "0": string[], … }`: literal parts that several places of this one message share. */
export const TEMPLATES = "p";
/** `1`: what is rendered here is exactly one element. At the top level of a diff the same letter is `REPLY`. */
export const ROOT = "r";
/** The entries of a comprehension, by their new position. */
export const KEYED = "k";
/** Inside `KEYED`: how many entries there are now. Always present. */
export const KEYED_COUNT = "kc";
/** Inside `KEYED`: `true` as soon as one entry has moved; without it the client throws. */
export const KEYED_MOVED = "km";
/** `[ref, inserts, deletes]`, or with a fourth element, of whichever value, to reset. */
export const STREAM = "stream";
/** Components by their number; top level only. */
export const COMPONENTS = "c";
/** The page's title; top level only. */
export const TITLE = "t";
/** `[name, payload][]`: events for the page; top level only. */
export const EVENTS = "e";
/** The answer to the event that this diff replies to; top level only. */
export const REPLY = "r";

// Section 5, the messages of every channel.
export const JOIN_EVENT = "phx_join";
export const LEAVE_EVENT = "phx_leave";
export const REPLY_EVENT = "phx_reply";
/** The channel has ended for good: the client does not rejoin. */
export const CLOSE_EVENT = "phx_close";
/** The channel has crashed: the client rejoins after its backoff. */
export const ERROR_EVENT = "phx_error";

// Section 4, the heartbeat.
export const CONNECTION_TOPIC = "phoenix";
export const HEARTBEAT_EVENT = "heartbeat";

// Sections 12 to 15, the messages of a view.
/** A view's topic is this and its element's id. */
export const VIEW_TOPIC_PREFIX = "lv:";
export const VIEW_EVENT = "event";
export const DIFF_EVENT = "diff";
export const LIVE_PATCH_EVENT = "live_patch";
/** The page has removed all elements of components, and … */
export const COMPONENTS_WILL_GO_EVENT = "cids_will_destroy";
/** … forgets those that were not placed again, as far as the answer lists them. */
export const COMPONENTS_GONE_EVENT = "cids_destroyed";
export const LIVE_REDIRECT_EVENT = "live_redirect";
export const REDIRECT_EVENT = "redirect";
/** The one event name beginning with `lv:` that a client may send. */
export const CLEAR_FLASH_EVENT = "lv:clear-flash";

// Section 18, uploads.
/** An upload's topic is this and the number that the client has given to the file. */
export const UPLOAD_TOPIC_PREFIX = "lvu:";
export const ALLOW_UPLOAD_EVENT = "allow_upload";
export const PROGRESS_EVENT = "progress";
export const CHUNK_EVENT = "chunk";

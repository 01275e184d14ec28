import { whereNotJson } from "../../protocol/plain-json.ts";
import { notJson, sessionTooLarge } from "./nested-errors.ts";

type Session = Readonly<Record<string, unknown>>;

/** In bytes of UTF-8. With the rest of a token it stays below what a join takes. */
const MAX_SESSION_BYTES = 3_000;

const NOTHING: Session = Object.freeze({});

/**
 * What a sticky view was given, to be put into its token.
 * @throws {LiveError} `nested.invalid-option` for what JSON would not keep as it is, and for too much of it.
 */
export function stickySession(id: string, session: object | undefined): Session {
  if (session === undefined) return NOTHING;
  // A key that is `undefined` is as good as none.
  const given = Object.fromEntries(Object.entries(session).filter(([, value]) => value !== undefined));
  const path = whereNotJson(given, "session");
  if (path !== undefined) throw notJson(id, path);
  const bytes = Buffer.byteLength(JSON.stringify(given));
  if (bytes > MAX_SESSION_BYTES) throw sessionTooLarge(id, bytes, MAX_SESSION_BYTES);
  return given;
}

import { readCookie, serializeCookie } from "./cookies.ts";

/** The client writes it before a full page load, and a redirect sets it; docs/protocol.md, section 16. */
export const FLASH_COOKIE = "__phoenix_flash__";

/** A full page load after a redirect follows at once: its flash need not live longer. */
const MAX_AGE_SECONDS = 60;
/** As a token in it: in milliseconds. */
export const FLASH_MAX_AGE_MS = MAX_AGE_SECONDS * 1000;

/** The token in a `cookie` header; `undefined` if there is none. */
export function readFlashCookie(header: string | null): string | undefined {
  return readCookie(header, FLASH_COOKIE) || undefined;
}

/** The `set-cookie` header that gives the next page its flash. Scripts can read it, since they write one as well. */
export function flashCookie(token: string, isSecure: boolean): string {
  return serializeCookie(FLASH_COOKIE, token, { maxAgeSeconds: MAX_AGE_SECONDS, httpOnly: false, secure: isSecure });
}

/** The one that takes it away, once it is shown. */
export function noFlashCookie(): string {
  return serializeCookie(FLASH_COOKIE, "", { maxAgeSeconds: 0, httpOnly: false });
}

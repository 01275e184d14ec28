import { LiveError } from "../errors.ts";

// Our own and not a library: we read two or three cookies by name at every page, and all that we write is safe as it is,
// so that no decoding, no object of all cookies and no further dependency is needed.

/** The first value of the cookie `name` in a `cookie` header, as it was sent, or `undefined`. Never throws. */
export function readCookie(header: string | null | undefined, name: string): string | undefined {
  if (!header) return undefined;
  for (let start = 0; start < header.length;) {
    const semicolon = header.indexOf(";", start);
    const end = semicolon === -1 ? header.length : semicolon;
    while (header[start] === " ") start++;
    if (header.startsWith(name, start) && header[start + name.length] === "=") {
      return header.slice(start + name.length + 1, end).trim();
    }
    start = end + 1;
  }
  return undefined;
}

export type CookieOptions = {
  /** Seconds that the browser keeps it; 0 deletes it. Absent: until the browser is closed. */
  readonly maxAgeSeconds?: number | undefined;
  /** Sent only over HTTPS. */
  readonly secure?: boolean | undefined;
  /** Hidden from the page's scripts. @default true */
  readonly httpOnly?: boolean | undefined;
  /** Which requests of other sites' pages bring it along: `lax`, those that load a page; `strict`, none. @default "lax" */
  readonly sameSite?: "lax" | "strict" | undefined;
};

/**
 * The `set-cookie` header for a cookie of the whole site (`path=/`).
 *
 * @throws {LiveError} `app.invalid-option` if the name or the value has characters that would end it.
 */
export function serializeCookie(name: string, value: string, options: CookieOptions = {}): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new LiveError("app.invalid-option", `"${name}" cannot name a cookie.`);
  if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value)) {
    throw new LiveError("app.invalid-option", `The value of the cookie "${name}" has characters that it may not have.`);
  }
  const maxAge = options.maxAgeSeconds === undefined ? "" : `; max-age=${Math.trunc(options.maxAgeSeconds)}`;
  const httpOnly = options.httpOnly === false ? "" : "; httponly";
  return `${name}=${value}; path=/${maxAge}; samesite=${options.sameSite ?? "lax"}${httpOnly}${options.secure ? "; secure" : ""}`;
}

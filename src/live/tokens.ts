import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { LiveError } from "../errors.ts";
import { type DecodeResult, refuse } from "../decode-result.ts";

/** What a token is for. Each purpose has a key of its own, so that a token never passes for one of another purpose. */
export type TokenPurpose =
  | "session"
  | "static"
  | "nested"
  | "nested-static"
  | "flash"
  | "flash-owner"
  | "csrf"
  | "nonce"
  | "reload"
  | "long-poll"
  | "disconnect"
  | "upload";

/** A browser keeps no cookie above 4 KB, and a view's own tokens are far smaller. */
const MAX_TOKEN_LENGTH = 8 * 1024;
/** How far the clock of the node that signed may run ahead of ours. */
const MAX_SKEW_MS = 60_000;

/**
 * Signs data that the client keeps and gives back: `<data>.<issued at>.<mac>`, each part in characters that URLs, cookies
 * and attributes take as they are. The data is signed (HMAC-SHA256), not encrypted: put nothing secret into a token.
 *
 * The first secret signs and all of them verify. To rotate, put the new one in front and take the old one away once
 * the oldest token that must still be good was signed with the new one.
 */
export class TokenSigner {
  readonly #secrets: readonly string[];
  readonly #now: () => number;
  readonly #keys = new Map<string, readonly KeyObject[]>();

  /** `secrets` as `resolveSecrets` gives them. `now` gives milliseconds since 1970 and must agree between nodes, up to 60 s. */
  constructor(secrets: readonly string[], now: () => number) {
    this.#secrets = secrets;
    this.#now = now;
  }

  /** A token that holds `data`, which must be JSON. It takes 2 to 3 µs. */
  sign(purpose: TokenPurpose, data: unknown): string {
    const body = `${Buffer.from(JSON.stringify(data)).toString("base64url")}.${this.#now().toString(36)}`;
    return `${body}.${mac(this.#signingKey(purpose), body)}`;
  }

  /** What was signed, if the token is genuine, at most `maxAgeMs` old, and not from the future. Never throws. */
  verify(purpose: TokenPurpose, token: string, maxAgeMs: number): DecodeResult<unknown> {
    if (token.length > MAX_TOKEN_LENGTH) return refuse("the token is too long");
    const bodyEnd = token.lastIndexOf(".");
    const dataEnd = token.lastIndexOf(".", bodyEnd - 1);
    if (dataEnd < 1 || bodyEnd <= dataEnd) return refuse("the token is malformed");
    const body = token.slice(0, bodyEnd);
    if (!this.#isGenuine(purpose, body, token.slice(bodyEnd + 1)))
      return refuse("the token was not signed with our secret");
    const ageMs = this.#now() - Number.parseInt(body.slice(dataEnd + 1), 36);
    if (!(ageMs >= -MAX_SKEW_MS)) return refuse("the token is from the future");
    if (ageMs > maxAgeMs) return refuse("the token is too old");
    return decodeData(body.slice(0, dataEnd));
  }

  /** The signature of `text` alone: no data, no age, always the same. */
  mac(purpose: TokenPurpose, text: string): string {
    return mac(this.#signingKey(`${purpose}:mac`), text);
  }

  /** Whether `candidate` is `mac(purpose, text)` with any of the secrets. Never throws. */
  isMac(purpose: TokenPurpose, text: string, candidate: string): boolean {
    return this.#isGenuine(`${purpose}:mac`, text, candidate);
  }

  #isGenuine(label: string, text: string, candidate: string): boolean {
    // Texts are compared, not bytes: base64url has several spellings of the same bytes, and only ours is a token.
    const given = Buffer.from(candidate, "utf8");
    return this.#keysOf(label).some((key) => {
      const expected = Buffer.from(mac(key, text), "latin1");
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
  }

  #signingKey(label: string): KeyObject {
    const [key] = this.#keysOf(label);
    if (key === undefined) throw new LiveError("app.secret", "A TokenSigner needs at least one secret, and has none.");
    return key;
  }

  #keysOf(label: string): readonly KeyObject[] {
    let keys = this.#keys.get(label);
    if (keys === undefined) {
      keys = this.#secrets.map((secret) =>
        createSecretKey(createHmac("sha256", secret).update(`wingbeat token v1 ${label}`).digest()),
      );
      this.#keys.set(label, keys);
    }
    return keys;
  }
}

/**
 * The CSRF token of a browser that has the anonymous cookie `cookieId`. It is derived, so that every page of that browser
 * may carry it at any time and no server must remember it; it is good for as long as the cookie and the secret are.
 */
export function csrfToken(signer: TokenSigner, cookieId: string): string {
  return signer.mac("csrf", cookieId);
}

/** Whether `token` is the CSRF token of the browser with this cookie. Never throws. */
export function verifyCsrf(signer: TokenSigner, cookieId: string, token: string): boolean {
  return token.length <= MAX_TOKEN_LENGTH && signer.isMac("csrf", cookieId, token);
}

/**
 * What lets scripts of a page run under its Content-Security-Policy. Derived, so that a view on the page knows it too,
 * whichever server it is on; with a secret, because the page's own nonce is in its tokens for everybody to read.
 *
 * @param pageNonce random, of one page load
 */
export function scriptNonce(signer: TokenSigner, pageNonce: string): string {
  return signer.mac("nonce", pageNonce).slice(0, 22);
}

function mac(key: KeyObject, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

function decodeData(text: string): DecodeResult<unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return { ok: true, value };
  } catch {
    return refuse("the token holds no JSON");
  }
}

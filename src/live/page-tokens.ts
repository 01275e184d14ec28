import { refuse, type DecodeResult } from "../decode-result.ts";
import { isRecord } from "../protocol/decode.ts";
import { statusOf } from "./page-problem.ts";
import { fitFlash, MAX_FLASH_BYTES } from "./fit-flash.ts";
import { FLASH_MAX_AGE_MS } from "./flash-cookie.ts";
import type { Flash } from "./render-meta.ts";
import type { TokenSigner } from "./tokens.ts";
import { browserIdOf } from "./visitor.ts";

/**
 * The element id of each page's main view, and so its topic `lv:phx-main`. It is the same on every page, so that one
 * frame can serve all views in lockstep; what tells pages apart is the nonce in their tokens.
 */
export const MAIN_VIEW_ID = "phx-main";

/** The two tokens that a page carries and its join brings back. */
export interface PageTokens {
  readonly session: string;
  /** What its HTML was rendered with and the session does not say: the flash. Empty for a page that has none. */
  readonly static: string;
}

/** Makes and checks the tokens of pages. */
export class PageTokenSigner {
  readonly #signer: TokenSigner;
  readonly #maxAgeMs: number;
  readonly #warn: (line: string) => void;

  /** @param warn told of flashes that are cut or refused */
  constructor(signer: TokenSigner, maxAgeMs: number, warn: (line: string) => void = () => {}) {
    this.#signer = signer;
    this.#maxAgeMs = maxAgeMs;
    this.#warn = warn;
  }

  /**
   * Tokens for one page load. They name the page, the session and the live session, and hold nothing of them.
   * @param nonce random, of this page load
   * @param liveSession its name
   */
  sign(nonce: string, sessionHash: string, liveSession: string, flash: Flash | undefined): PageTokens {
    const page = { nonce, session: sessionHash };
    // The app's own routes have none, and need no more bytes.
    const live = liveSession === "" ? {} : { live: liveSession };
    return {
      session: this.#signer.sign("session", { id: MAIN_VIEW_ID, ...page, ...live }),
      static: flash === undefined ? "" : this.#signer.sign("static", { ...page, flash: this.#fitted(flash) }),
    };
  }

  /**
   * Whether both tokens are genuine, of one page, and of this session. Gives the page's nonce, the name of its live session,
   * and the flash of its first render.
   * @param staticToken `null` for a page that has none
   */
  verify(
    sessionToken: string,
    staticToken: string | null,
    sessionHash: string,
  ): DecodeResult<{ readonly nonce: string; readonly liveSession: string; readonly flash: Flash | undefined }> {
    const session = this.#signer.verify("session", sessionToken, this.#maxAgeMs);
    if (!session.ok) return refuse(`session token: ${session.reason}`);
    if (!isRecord(session.value) || session.value["id"] !== MAIN_VIEW_ID)
      return refuse("the session token is for another element");
    if (session.value["session"] !== sessionHash)
      return refuse(
        "the session has changed since the page was loaded (by a login, a logout or the end of the session; if by none of them, the app's `session` gives something else for the socket than for the page, such as a time or a random id)",
      );
    const nonce = String(session.value["nonce"]);
    const { live } = session.value;
    const liveSession = typeof live === "string" ? live : "";
    if (staticToken === null) return { ok: true, value: { nonce, liveSession, flash: undefined } };
    const page = this.#signer.verify("static", staticToken, this.#maxAgeMs);
    if (!page.ok) return refuse(`static token: ${page.reason}`);
    if (!isRecord(page.value) || page.value["nonce"] !== nonce || page.value["session"] !== sessionHash) {
      return refuse("the session token and the static token are of two pages");
    }
    return { ok: true, value: { nonce, liveSession, flash: toFlash(page.value["flash"]) } };
  }

  /**
   * Carries a flash to the next page of the same browser: good for a minute.
   * @param cookieId of that browser; `undefined` if it has no cookie yet: then any may use the token
   */
  signFlash(flash: Flash, cookieId: string | undefined): string {
    const owner = cookieId === undefined ? {} : { of: this.#signer.mac("flash-owner", browserIdOf(cookieId)) };
    return this.#signer.sign("flash", { flash: this.#fitted(flash), ...owner });
  }

  #fitted(flash: Flash): Flash {
    const fitted = fitFlash(flash);
    if (fitted !== flash) {
      this.#warn(
        `cut a flash message of ${Buffer.byteLength(JSON.stringify(flash))} bytes in all, which is more than the ${MAX_FLASH_BYTES} that a page can give to the next. Put the text where the next page can read it, and say in the flash that it is there.`,
      );
    }
    return fitted;
  }

  /** Tells the page load that follows a refused join which status to answer with. */
  signStatus(status: number): string {
    return this.#signer.sign("reload", { status });
  }

  /** The status in a token of `signStatus`; `undefined` if it is not good. */
  readStatus(token: string): number | undefined {
    const decoded = this.#signer.verify("reload", token, FLASH_MAX_AGE_MS);
    return decoded.ok ? statusOf(decoded.value) : undefined;
  }

  /**
   * The flash in a token that came by a live navigation or a cookie. One that is refused is a line in the log: a message that
   * cannot be shown is no reason to refuse its page.
   * @param cookieId of the browser that brings it
   * @param bearer what brings it: `"a join of /rooms/:id"`
   */
  acceptFlash(token: string, cookieId: string | undefined, bearer: string): Flash | undefined {
    const flash = this.#readFlash(token, cookieId);
    if (flash.ok) return flash.value;
    this.#warn(`refused the flash message of ${bearer}: ${flash.reason}`);
    return undefined;
  }

  #readFlash(token: string, cookieId: string | undefined): DecodeResult<Flash> {
    const decoded = this.#signer.verify("flash", token, FLASH_MAX_AGE_MS);
    if (!decoded.ok) return decoded;
    const { flash, of: owner } = isRecord(decoded.value) ? decoded.value : {};
    const isOwn =
      owner === undefined ||
      (typeof owner === "string" &&
        cookieId !== undefined &&
        this.#signer.isMac("flash-owner", browserIdOf(cookieId), owner));
    return isOwn ? { ok: true, value: toFlash(flash) ?? {} } : refuse("the token is of another browser");
  }
}

/** The flash in a token. */
export function toFlash(value: unknown): Flash | undefined {
  if (!isRecord(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

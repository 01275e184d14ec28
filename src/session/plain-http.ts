import { csrfToken, verifyCsrf, type TokenSigner } from "../live/tokens.ts";
import { checkFlash } from "../live/argument-checks.ts";
import { FLASH_COOKIE, flashCookie, noFlashCookie, readFlashCookie } from "../live/flash-cookie.ts";
import type { PageTokenSigner } from "../live/page-tokens.ts";
import { refuseOrigin, type OriginRules } from "../live/origin.ts";
import type { Flash } from "../live/render-meta.ts";
import type { Visitors } from "../live/visitor.ts";
import { FormRefused } from "./form-refused.ts";
import { readFormData } from "./read-form.ts";
import { beforeCookies, hasNewLogin, noteCookie } from "./request-notes.ts";

/** The field of a form that carries the token, and the header of a `fetch` that does. */
const TOKEN_FIELD = "_csrf_token";
const TOKEN_HEADER = "x-csrf-token";

export interface PlainHttpOptions {
  readonly visitors: Visitors;
  readonly signer: TokenSigner;
  readonly tokens: PageTokenSigner;
  readonly origins: OriginRules;
  readonly maxBytes: number;
  readonly maxFields: number;
  readonly warn: (message: string) => void;
}

export interface ReadFormOptions {
  /** The most that its body may have, in bytes; with files it needs more. @default limits.maxMessageBytes */
  readonly maxBytes?: number | undefined;
}

/** What handlers without a view do with a request: tokens against forged forms, and flash messages. */
export class PlainHttp {
  readonly #options: PlainHttpOptions;
  /** Of browsers that had no cookie until now, and those whose cookie was renewed. */
  readonly #newCookieIds = new WeakMap<Request, string>();
  readonly #flashes = new WeakMap<Request, Flash>();
  readonly #watched = new WeakSet<Request>();

  constructor(options: PlainHttpOptions) {
    this.#options = options;
  }

  csrfToken(request: Request): string {
    return csrfToken(this.#options.signer, this.#cookieId(request));
  }

  async readForm(request: Request, { maxBytes = this.#options.maxBytes }: ReadFormOptions): Promise<FormData> {
    this.renewAtLogin(request);
    try {
      this.#checkOrigin(request);
      const header = request.headers.get(TOKEN_HEADER);
      if (header !== null) this.#checkToken(request, header);
      const form = await readFormData(request, { maxBytes, maxFields: this.#options.maxFields });
      if (header === null) this.#checkToken(request, form.get(TOKEN_FIELD));
      form.delete(TOKEN_FIELD);
      return form;
    } catch (error) {
      throw this.#logged(request, error);
    }
  }

  verifyCsrf(request: Request): void {
    this.renewAtLogin(request);
    try {
      this.#checkOrigin(request);
      this.#checkToken(request, request.headers.get(TOKEN_HEADER));
    } catch (error) {
      throw this.#logged(request, error);
    }
  }

  putFlash(request: Request, kind: string, message: string): void {
    checkFlash(kind, message);
    const flash = { ...this.#flashes.get(request), [kind]: message };
    this.#flashes.set(request, flash);
    const token = this.#options.tokens.signFlash(flash, this.#cookieId(request));
    noteCookie(request, FLASH_COOKIE, flashCookie(token, isSecure(request)));
  }

  takeFlash(request: Request): Flash {
    const { tokens, visitors } = this.#options;
    const token = readFlashCookie(request.headers.get("cookie"));
    if (token === undefined) return {};
    noteCookie(request, FLASH_COOKIE, noFlashCookie());
    const bearer = `a request for ${pathOf(request)}`;
    return tokens.acceptFlash(token, visitors.cookieIdOf(request), bearer) ?? {};
  }

  /**
   * Has a login or logout that this request may become renew the browser's token, so that one which somebody knew before, or had
   * planted, is no use after it. Pages that are open keep their sockets; forms on them are loaded anew.
   */
  renewAtLogin(request: Request): void {
    if (this.#watched.has(request)) return;
    this.#watched.add(request);
    beforeCookies(request, () => {
      if (hasNewLogin(request)) this.#cookieId(request);
    });
  }

  /** What token and flash are bound to. A browser that has none gets one with the response, and another at a login. */
  #cookieId(request: Request): string {
    const { visitors } = this.#options;
    const sent = visitors.cookieIdOf(request);
    let id = this.#newCookieIds.get(request);
    if (id === undefined && sent !== undefined) {
      if (!hasNewLogin(request)) return sent;
      id = visitors.renewedCookieId(sent);
    }
    id ??= visitors.newCookieId();
    this.#newCookieIds.set(request, id);
    // Each time: a handler that has failed has taken its cookies back.
    noteCookie(request, visitors.cookieName(isSecure(request)), visitors.cookie(id, isSecure(request)));
    return id;
  }

  /** Beside the token, so that one that has leaked is no use to another site. */
  #checkOrigin(request: Request): void {
    const site = request.headers.get("sec-fetch-site");
    if (site === "cross-site") {
      throw new FormRefused(403, "its browser says that another site has sent it (sec-fetch-site)");
    }
    const origin = request.headers.get("origin");
    if (origin === null || origin === "null") {
      // A page with a strict referrer policy sends "null" with its own forms; but a form of another host can hide likewise.
      if (site !== "same-site") return;
      throw new FormRefused(403, "its browser says that another host of the site has sent it, and does not say which");
    }
    if (origin === new URL(request.url).origin) return;
    const refusal = refuseOrigin(origin, this.#options.origins);
    if (refusal !== undefined) throw new FormRefused(403, refusal);
  }

  #checkToken(request: Request, token: FormDataEntryValue | null): void {
    const { visitors, signer } = this.#options;
    const cookieId = visitors.cookieIdOf(request);
    if (cookieId === undefined) {
      throw new FormRefused(
        403,
        "it came without the app's cookie: the browser blocks cookies, or the page with the form was not served with `withCookies`",
      );
    }
    if (typeof token !== "string" || token === "") {
      throw new FormRefused(
        403,
        `it has no token. Put <input type="hidden" name="${TOKEN_FIELD}" value="\${app.csrfToken(request)}"> into the form (in a view: meta.csrfToken), or send it as the header ${TOKEN_HEADER}`,
      );
    }
    if (!verifyCsrf(signer, cookieId, token))
      throw new FormRefused(
        403,
        "its token is not the one of this browser, or is from before its last login or logout",
      );
  }

  #logged(request: Request, error: unknown): unknown {
    if (error instanceof FormRefused) {
      this.#options.warn(`refused a form for ${pathOf(request)} with ${error.status}: ${error.message}`);
    }
    return error;
  }
}

function isSecure(request: Request): boolean {
  return request.url.startsWith("https:");
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname.slice(0, 200);
}

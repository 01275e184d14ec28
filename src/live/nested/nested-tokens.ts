import { refuse, type DecodeResult } from "../../decode-result.ts";
import { isRecord } from "../../protocol/decode.ts";
import { toFlash } from "../page-tokens.ts";
import type { Flash } from "../render-meta.ts";
import type { TokenSigner } from "../tokens.ts";

/** The page that a view is on, as its tokens know it. */
export interface PageIdentity {
  /** Random, of one page load. */
  readonly nonce: string;
  /** Tells sessions apart. */
  readonly sessionHash: string;
}

/** Which view joins as a nested one. */
export type NestedIdentity =
  | {
      readonly kind: "child";
      /** The id of the element around it, which is on the same connection. */
      readonly parent: string;
      /** The id of that view's process, and by which key it knows the child. */
      readonly process: string;
      readonly key: string;
    }
  | {
      readonly kind: "sticky";
      /** In the app's `views`. */
      readonly name: string;
      /** What its place gave it. */
      readonly session: Readonly<Record<string, unknown>>;
      /** The address of the page that it was placed on. */
      readonly href: string;
    };

/** Makes and checks the tokens of nested views. */
export class NestedTokens {
  readonly #signer: TokenSigner;
  readonly #maxAgeMs: number;

  constructor(signer: TokenSigner, maxAgeMs: number) {
    this.#signer = signer;
    this.#maxAgeMs = maxAgeMs;
  }

  /** For `data-phx-session`: good for the element with this id alone. */
  sign(id: string, { nonce, sessionHash }: PageIdentity, identity: NestedIdentity): string {
    return this.#signer.sign("nested", { id, nonce, hash: sessionHash, ...identity });
  }

  /** For `data-phx-static`, which only the HTML of a first request has. */
  signStatic(id: string, { nonce, sessionHash }: PageIdentity, flash: Flash | undefined): string {
    return this.#signer.sign("nested-static", { id, nonce, hash: sessionHash, ...(flash && { flash }) });
  }

  /**
   * Whether both tokens are genuine, for this element, of one page, and of this session.
   * @param staticToken `null` if there is none
   */
  verify(
    id: string,
    token: string,
    staticToken: string | null,
    sessionHash: string,
  ): DecodeResult<{ readonly nonce: string; readonly identity: NestedIdentity; readonly flash: Flash | undefined }> {
    const decoded = this.#read("nested", token, id, sessionHash);
    if (!decoded.ok) return refuse(`session token: ${decoded.reason}`);
    const identity = toIdentity(decoded.value);
    const { nonce } = decoded.value;
    if (identity === undefined || typeof nonce !== "string") return refuse("session token: it is of no nested view");
    if (staticToken === null) return { ok: true, value: { nonce, identity, flash: undefined } };
    const page = this.#read("nested-static", staticToken, id, sessionHash);
    if (!page.ok) return refuse(`static token: ${page.reason}`);
    if (page.value["nonce"] !== nonce) return refuse("the session token and the static token are of two pages");
    return { ok: true, value: { nonce, identity, flash: toFlash(page.value["flash"]) } };
  }

  #read(
    purpose: "nested" | "nested-static",
    token: string,
    id: string,
    sessionHash: string,
  ): DecodeResult<{ readonly [key: string]: unknown }> {
    const decoded = this.#signer.verify(purpose, token, this.#maxAgeMs);
    if (!decoded.ok) return decoded;
    const { value } = decoded;
    if (!isRecord(value) || value["id"] !== id) return refuse("it is for another element");
    if (value["hash"] !== sessionHash) return refuse("the session has changed since the page was loaded");
    return { ok: true, value };
  }
}

/** What we have signed has the right types. Asked nevertheless: another release may have signed it. */
function toIdentity(value: { readonly [key: string]: unknown }): NestedIdentity | undefined {
  const { kind, parent, process, key, name, session, href } = value;
  if (kind === "child" && typeof parent === "string" && typeof process === "string" && typeof key === "string") {
    return { kind, parent, process, key };
  }
  if (kind === "sticky" && typeof name === "string" && isRecord(session) && typeof href === "string") {
    return { kind, name, session, href };
  }
  return undefined;
}

import { refuse, type DecodeResult } from "../../decode-result.ts";
import { isList } from "../../protocol/decode.ts";
import type { TokenSigner } from "../tokens.ts";

/** Which file of which view a token lets upload. */
export interface UploadTicket {
  /** The id of the view's element, and of its process: a view that was joined anew has other files. */
  readonly element: string;
  readonly process: string;
  readonly upload: string;
  readonly file: string;
}

/** The browser uses one at once. */
const MAX_AGE_MS = 10 * 60_000;

/** Tokens by which a page opens the channel of an upload: docs/protocol.md, section 18. */
export class UploadTokens {
  readonly #signer: TokenSigner;
  constructor(signer: TokenSigner) {
    this.#signer = signer;
  }

  sign({ element, process, upload, file }: UploadTicket): string {
    return this.#signer.sign("upload", [element, process, upload, file]);
  }

  /** Never throws. */
  verify(token: string): DecodeResult<UploadTicket> {
    const verified = this.#signer.verify("upload", token, MAX_AGE_MS);
    if (!verified.ok) return verified;
    const parts = isList(verified.value) ? verified.value.map(String) : [];
    const [element, process, upload, file] = parts;
    if (element === undefined || process === undefined || upload === undefined || file === undefined)
      return refuse("the token is of no upload");
    return { ok: true, value: { element, process, upload, file } };
  }
}

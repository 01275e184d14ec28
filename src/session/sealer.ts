import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { type DecodeResult, refuse } from "../decode-result.ts";

/** Begins everything sealed, so that another way of sealing can be told from this one. */
const VERSION = "1";
const ALGORITHM = "aes-256-gcm";
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What was sealed, and whether the first secret has sealed it. */
export interface Unsealed {
  readonly text: string;
  /** `false`: sealed with an older secret, so it should be sealed again. */
  readonly isCurrent: boolean;
}

/**
 * Hides text from whoever keeps it for us, and knows it again (AES-256-GCM): what was changed in it, or was made without
 * our secret, does not come out. The first secret seals and all of them open.
 *
 * Each text has a key of its own, derived from the secret and 16 random bytes: however many are sealed, no key comes near the
 * number of random nonces that GCM allows.
 */
export class Sealer {
  readonly #keys: readonly KeyObject[];
  readonly #label: string;

  /** @param label what the texts are for: those of another label do not come out. */
  constructor(secrets: readonly string[], label: string) {
    this.#label = label;
    this.#keys = secrets.map((secret) =>
      createSecretKey(createHmac("sha256", secret).update(`wingbeat seal v${VERSION} ${label}`).digest()),
    );
  }

  /** In characters that cookies and URLs take as they are: 60 more than the text's UTF-8 bytes, and a third. */
  seal(text: string): string {
    const [key] = this.#keys;
    if (key === undefined) throw new TypeError("A Sealer needs at least one secret.");
    const salt = randomBytes(SALT_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, derive(key, salt), nonce).setAAD(Buffer.from(this.#label));
    const sealed = Buffer.concat([salt, nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return VERSION + sealed.toString("base64url");
  }

  /** Never throws. */
  open(sealed: string): DecodeResult<Unsealed> {
    if (!/^1[\w-]+$/.test(sealed)) return refuse("it is malformed");
    const bytes = Buffer.from(sealed.slice(VERSION.length), "base64url");
    if (bytes.length < SALT_BYTES + NONCE_BYTES + TAG_BYTES) return refuse("it is malformed");
    for (const [index, key] of this.#keys.entries()) {
      const text = this.#decrypt(key, bytes);
      if (text !== undefined) return { ok: true, value: { text, isCurrent: index === 0 } };
    }
    return refuse("it was not made with our secret, or was changed");
  }

  #decrypt(key: KeyObject, bytes: Buffer): string | undefined {
    const salt = bytes.subarray(0, SALT_BYTES);
    const nonce = bytes.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
    const tag = bytes.subarray(-TAG_BYTES);
    try {
      const decipher = createDecipheriv(ALGORITHM, derive(key, salt), nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(this.#label))
        .setAuthTag(tag);
      const text = decipher.update(bytes.subarray(SALT_BYTES + NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    } catch {
      // What `final` throws says that the tag is another one, and nothing else.
      return undefined;
    }
  }
}

function derive(key: KeyObject, salt: Buffer): Buffer {
  return createHmac("sha256", key).update(salt).digest();
}

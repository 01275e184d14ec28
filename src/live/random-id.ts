import { randomFillSync } from "node:crypto";

/** Asking the system for random bytes costs several microseconds, whatever their number; a page needs some three times. */
const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

/**
 * An id that nobody can guess, of `bytes` random bytes (at most 64) in characters that URLs, cookies and attributes take
 * as they are. Bytes are used once and then overwritten.
 */
export function randomId(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.toString("base64url", used, used + bytes);
  pool.fill(0, used, used + bytes);
  used += bytes;
  return id;
}

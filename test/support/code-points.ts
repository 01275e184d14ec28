import fc from "fast-check";

const SURROGATES = 0xd800;
const AFTER_SURROGATES = 0xe000;

/**
 * Any code point but the halves of surrogate pairs, as a `unit` of `fc.string`.
 *
 * As fast-check's own "binary", which is not ready within a second of work, in each process that asks for it.
 */
export const codePoint = fc
  .nat(0x10ffff - (AFTER_SURROGATES - SURROGATES))
  .map((code) => String.fromCodePoint(code < SURROGATES ? code : code + AFTER_SURROGATES - SURROGATES));

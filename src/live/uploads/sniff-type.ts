const SIGNATURES: readonly (readonly [type: string, offset: number, bytes: readonly number[]])[] = [
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["application/pdf", 0, [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ["application/zip", 0, [0x50, 0x4b, 0x03, 0x04]],
  ["application/gzip", 0, [0x1f, 0x8b]],
  ["video/mp4", 4, [0x66, 0x74, 0x79, 0x70]],
];

/**
 * What a file is by its first bytes: a PNG, JPEG, GIF or WebP picture, a PDF, a ZIP (and so also a word processor's file), a
 * GZIP, or a video of the MP4 family; `undefined` for anything else. For an upload's `verify`; the package `file-type` knows
 * hundreds of others. It says what a file begins like, not that it is harmless.
 */
export function sniffType(start: Uint8Array): string | undefined {
  return SIGNATURES.find(([, offset, bytes]) => bytes.every((byte, index) => start[offset + index] === byte))?.[0];
}

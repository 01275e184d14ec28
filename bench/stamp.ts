/**
 * The mark inside every message that is broadcast: when it was published, and which one it was, in a fixed width, so that
 * the load generator finds it without parsing: `@0000123456789012:000042@`.
 *
 * Microseconds are those of the machine's monotonic clock, which all processes of one machine share.
 */
const AT = 0x40; // "@"
const MICROS_DIGITS = 16;
const SEQUENCE_DIGITS = 6;

export const STAMP_PATTERN = /@\d{16}:\d{6}@/;

/** Whoever is interrupted between the two readings gets too little, so the greatest of several tries is right. */
const originMicros = Math.max(
  ...Array.from({ length: 100 }, () => Number(process.hrtime.bigint()) / 1_000 - performance.now() * 1_000),
);

/** Microseconds on the machine's monotonic clock: comparable between processes of one machine. */
export function nowMicros(): number {
  return originMicros + performance.now() * 1_000;
}

/** The mark of message number `sequence`, published now. */
export function stamp(sequence: number): string {
  const micros = String(Math.round(nowMicros())).padStart(MICROS_DIGITS, "0");
  return `@${micros}:${String(sequence).padStart(SEQUENCE_DIGITS, "0")}@`;
}

/** Where the last mark between `start` and `end` begins, or -1. The last: a list may hold those of earlier messages. */
export function findStamp(bytes: Buffer, start: number, end: number): number {
  const at = bytes.lastIndexOf(AT, end - 1) - MICROS_DIGITS - SEQUENCE_DIGITS - 2;
  return at < start ? -1 : at;
}

/** When the message whose mark begins at `at` was published. */
export function publishedMicros(bytes: Buffer, at: number): number {
  return digits(bytes, at + 1, MICROS_DIGITS);
}

/** Which message the mark that begins at `at` belongs to. */
export function sequenceOf(bytes: Buffer, at: number): number {
  return digits(bytes, at + 2 + MICROS_DIGITS, SEQUENCE_DIGITS);
}

function digits(bytes: Buffer, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index++) value = value * 10 + (bytes[index] ?? 0) - 48;
  return value;
}

/**
 * What a decoder gives back: the value with its precise type, or why it was refused. Decoders are at the border, so they
 * never throw, whatever arrives. A `reason` is for our log; it may quote names of fields but never what was in them.
 */
export type DecodeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** A refusal, to be returned from a decoder. */
export function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

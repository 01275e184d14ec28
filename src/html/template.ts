import type { Hole } from "./hole.ts";

/**
 * What one `html` call site says besides its values. Made once per call site and kept for the life of the process.
 *
 * `statics` may differ from the literal: unquoted attribute values are quoted, and an attribute that may be absent
 * (`disabled="${busy}"`) is taken out of the statics and written by its hole.
 * Invariant: `statics.length === holes.length + 1`.
 */
export class Template {
  readonly statics: readonly string[];
  readonly holes: readonly Hole[];
  /** `statics` as JSON text: encoded once per call site, ever. */
  readonly staticsJson: string;
  constructor(statics: readonly string[], holes: readonly Hole[]) {
    this.statics = statics;
    this.holes = holes;
    this.staticsJson = JSON.stringify(statics);
  }
}

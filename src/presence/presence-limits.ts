import { LiveError } from "../errors.ts";

/** How much may be present. All are positive and finite; passing one is an error of whoever does. */
export interface PresenceLimits {
  /** What one meta may take as JSON, in bytes of UTF-8. @default 1_024 */
  readonly metaBytes: number;
  /** How many keys a topic may have, on all nodes together as far as this one knows. @default 50_000 */
  readonly keysPerTopic: number;
  /** How many presences this process may track. @default 100_000 */
  readonly presences: number;
  /** How many times a second one view may track and update over time. @default 30 */
  readonly updatesPerSecond: number;
  /** How many times at once, beyond its rate. @default 100 */
  readonly updatesBurst: number;
}

/** Limits as a program gives them: those that are absent or `undefined` keep their defaults. */
export type PresenceLimitOptions = { readonly [Name in keyof PresenceLimits]?: PresenceLimits[Name] | undefined };

const DEFAULT_LIMITS: PresenceLimits = Object.freeze({
  metaBytes: 1_024,
  keysPerTopic: 50_000,
  presences: 100_000,
  updatesPerSecond: 30,
  updatesBurst: 100,
});

/** A meta has to fit into a message, with its topic and its key, however many of its characters are escaped. */
const MAX_META_BYTES = 8_192;

const isLimitName = (name: string): name is keyof PresenceLimits => Object.hasOwn(DEFAULT_LIMITS, name);

/** @throws {LiveError} `presence.invalid-option` */
export function resolvePresenceLimits(given: PresenceLimitOptions | undefined): PresenceLimits {
  const limits: { -readonly [Name in keyof PresenceLimits]: number } = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries<unknown>(given ?? {})) {
    if (!isLimitName(name)) {
      throw invalid(`limits.${name} is not a limit. The limits are: ${Object.keys(DEFAULT_LIMITS).join(", ")}.`);
    }
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
      throw invalid(
        `limits.${name} must be a positive finite number. Leave it out for the default, ${DEFAULT_LIMITS[name]}.`,
      );
    }
    limits[name] = value;
  }
  if (limits.metaBytes > MAX_META_BYTES) {
    throw invalid(
      `limits.metaBytes is ${limits.metaBytes}; at most ${MAX_META_BYTES} bytes are possible. ` +
        "Put large things where everybody can read them, and load them with `fetch`.",
    );
  }
  return Object.freeze(limits);
}

export function invalid(what: string): LiveError {
  return new LiveError("presence.invalid-option", `new Presence(…): ${what}`);
}

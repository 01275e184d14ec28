// Days as the figures count them: of UTC, so that all servers agree.

export const DAY_MS = 24 * 60 * 60 * 1000;

/** `"2026-11-21"`. They sort as text. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** When the day of that moment began. */
export function startOfDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

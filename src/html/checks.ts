let enabled = false;

/**
 * Whether what was skipped is rendered once more and compared. Costs what the skips save, so it is for development.
 * Set around the synchronous part of a render by `withRenderChecks`.
 */
export function renderChecksEnabled(): boolean {
  return enabled;
}

/** Runs `work` with the development checks of memos, rows and reductions on or off. */
export function withRenderChecks<T>(checks: boolean, work: () => T): T {
  if (checks === enabled) return work();
  enabled = checks;
  try {
    return work();
  } finally {
    enabled = !checks;
  }
}

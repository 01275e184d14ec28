// For tests that go on when everything is done (`wingbeat/testing`): what presences would tell within milliseconds, they
// then tell at once.

const waiting = new Set<() => void>();
let loading = 0;

/** Says that `tell` is about to be called, by a timer, or that there is no need any more. */
export function announceNews(tell: () => void, isWaiting: boolean): void {
  if (isWaiting) waiting.add(tell);
  else waiting.delete(tell);
}

/** Counts a promise of details that a diff waits for. */
export function countLoading(change: 1 | -1): void {
  loading += change;
}

/** Has all presences of this process tell what they have to tell. @returns whether there was anything */
export function tellAllNews(): boolean {
  const all = [...waiting];
  waiting.clear();
  for (const tell of all) tell();
  return all.length > 0;
}

/** Whether a presence of this process waits for its `fetch`. */
export function isLoadingDetails(): boolean {
  return loading > 0;
}

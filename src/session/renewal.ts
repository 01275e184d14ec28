import { sessionsOf } from "./request-notes.ts";

/** What timers of browsers can count. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Where a page asks for its session to be renewed: this, after the app's `socketPath`. */
export const RENEWAL_PATH = "/session";

/** Marks the element that says how often, in milliseconds. */
export const RENEWAL_ATTRIBUTE = "data-wingbeat-renew";

/** How often a page in use should have its sessions renewed, in milliseconds; `undefined`: never. */
export function renewalInterval(request: Request): number | undefined {
  let intervalMs = Infinity;
  for (const { renewEveryMs } of sessionsOf(request)) intervalMs = Math.min(intervalMs, renewEveryMs);
  return intervalMs === Infinity ? undefined : Math.ceil(Math.min(intervalMs, MAX_TIMER_MS));
}

/**
 * Has a page that is in use ask for its session to be renewed: no socket can set a cookie. Whether it is in use, its user's
 * keys and clicks say; an open page alone does not keep anybody logged in.
 */
export function renewalScript(path: string, intervalMs: number): string {
  return `
let isInUse = false;
for (const type of ["keydown", "pointerdown"]) addEventListener(type, () => { isInUse = true; }, { capture: true, passive: true });
setInterval(() => {
  if (!isInUse) return;
  isInUse = false;
  fetch(${JSON.stringify(path)}, { method: "POST" }).catch(() => { isInUse = true; });
}, ${intervalMs});
`;
}

import { LiveError } from "../errors.ts";
import type { Activity, TestAccess } from "../live/activity.ts";
import { isLoadingDetails, tellAllNews } from "../presence/presence-news.ts";
import { isClockFaked, moment, nowMs, turn } from "./clocks.ts";

/** A page, as far as waiting is concerned. */
export interface Settling {
  readonly isBusy: boolean;
  refresh(): void;
}

/** How long to wait, and for what. */
export interface Patience {
  readonly withinMs: number;
  /** Whether to wait for the work of `startAsync` and `assignAsync` too. */
  readonly asyncWork: boolean;
}

/** Turns of the event loop without anything to do, after which everything is done. */
const QUIET_TURNS = 2;
/** Likewise with a faked clock: what is awaited then may need the clock to be moved, which only the test can do. */
const STANDSTILL_TURNS = 25;
/** How long to wait turn by turn, before waiting by the millisecond. */
const EAGER_MS = 5;

/**
 * Waits until nothing is left to do: no message in a mailbox, no callback awaited, no timer due, nothing on its way, and,
 * unless that is not asked for, no work of `startAsync` and `assignAsync`.
 *
 * With a faked clock it also returns when what is awaited makes no progress by itself.
 *
 * @throws {LiveError} `testing.unsettled` after `withinMs`, saying what is still going on.
 */
export async function settle(
  access: TestAccess,
  pages: () => Iterable<Settling>,
  { withinMs, asyncWork }: Patience,
): Promise<void> {
  const { activity, ring } = access;
  const startMs = nowMs();
  let quiet = 0;
  for (;;) {
    await turn();
    let isBusy = tellAllNews();
    for (const page of pages()) {
      page.refresh();
      isBusy ||= page.isBusy;
    }
    const isFaked = isClockFaked();
    if (isBusy || !ring.isIdle || (!isFaked && activity.dueTimers > 0)) quiet = 0;
    else if (++quiet >= QUIET_TURNS && isDone(activity, asyncWork)) return;
    else if (isFaked && quiet >= STANDSTILL_TURNS) return;
    const waitedMs = nowMs() - startMs;
    if (waitedMs > withinMs) throw unsettled(access, isBusy, { withinMs, asyncWork });
    if (waitedMs > EAGER_MS && ring.isIdle) await moment();
  }
}

function isDone({ awaiting, working }: Activity, asyncWork: boolean): boolean {
  return awaiting.size === 0 && !isLoadingDetails() && (!asyncWork || working.size === 0);
}

function unsettled({ activity, ring }: TestAccess, isBusy: boolean, { withinMs, asyncWork }: Patience): LiveError {
  const work = [...activity.awaiting, ...(asyncWork ? activity.working : [])].map((each) => each.describeWork());
  if (!ring.isIdle) work.push("views that go on sending messages to themselves or to each other");
  if (isLoadingDetails()) work.push("the `fetch` of a presence");
  if (activity.dueTimers > 0) work.push("timers of 0 or 1 ms that set themselves again");
  if (isBusy) work.push("pages that are being loaded or joined");
  return new LiveError(
    "testing.unsettled",
    `After ${withinMs} ms the app has not come to rest. Still going on: ${work.join("; ")}.\nGive it more time by the option \`withinMs\`, or let the test look at the page without waiting; work of startAsync and assignAsync that is not to be waited for is left alone by \`asyncWork: false\`.`,
  );
}

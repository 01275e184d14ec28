// A number that all processes agree on, without a database. Each process adds up what was clicked at its own pages, and
// tells the others its sum; the count is the sum of the sums. So it does not matter in which order two clicks are heard
// of, and a message that got lost is made up for by the next one. A process that starts asks the others what they know.
// When all have ended the count is forgotten: what must not be belongs into a store.
import { topic } from "wingbeat";
import { pubSub } from "./pubsub.ts";

export type Counted = { type: "counted"; count: number };
/** Says to the views of this process what the count is now. */
export const counted = topic<Counted>("counted");

/** What was clicked at one process. The more clicks, the newer. */
type Clicks = { process: string; clicks: number; sum: number };
type Message = { type: "clicks"; known: Clicks[] } | { type: "ask" };
const exchange = topic<Message>("counter:exchange");

const me = { id: crypto.randomUUID() };
const known = new Map<string, Clicks>();

export function count(): number {
  return [...known.values()].reduce((total, { sum }) => total + sum, 0);
}

export function add(number: number): void {
  const { clicks, sum } = known.get(me.id) ?? { clicks: 0, sum: 0 };
  const mine = { process: me.id, clicks: clicks + 1, sum: sum + number };
  learn([mine]);
  tell({ type: "clicks", known: [mine] });
}

function learn(news: readonly Clicks[]): void {
  const newer = news.filter(({ process, clicks }) => clicks > (known.get(process)?.clicks ?? 0));
  for (const clicks of newer) known.set(clicks.process, clicks);
  if (newer.length > 0) pubSub.localBroadcast(counted, { type: "counted", count: count() });
}

function tell(message: Message): void {
  // One that does not arrive is a gap for the others, and then they ask.
  pubSub.broadcastFrom(me, exchange, message).catch(() => {});
}

const hear = (message: Message): void => {
  if (message.type === "clicks") learn(message.known);
  else if (known.size > 0) tell({ type: "clicks", known: [...known.values()] });
};
const ask = (): void => tell({ type: "ask" });

void pubSub.subscribe(exchange, hear, me).then(ask);
pubSub.on?.("gap", ask);

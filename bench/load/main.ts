/** The load generator: one process, pinned to a core of its own, that plays all the browsers. */
import { serveCommands } from "../rpc.ts";
import { usage } from "../servers/usage.ts";
import { Chatters } from "./chatters.ts";
import { clickInClosedLoop } from "./clicks.ts";
import type { LoadCommands } from "./commands.ts";
import { Deliveries } from "./deliveries.ts";
import { Fleet } from "./fleet.ts";
import { requestPages } from "./pages.ts";
import { SlowReader } from "./slow-reader.ts";

let fleet: Fleet | undefined;
let chatters: Chatters | undefined;
let record: Deliveries | undefined;
let slow: SlowReader | undefined;

serveCommands<LoadCommands>({
  async join({ target, count, atOnce, sendsHeartbeats }) {
    fleet = new Fleet(target, sendsHeartbeats);
    return { seconds: await fleet.join(count, atOnce) };
  },
  watch({ last }) {
    const { visitors } = present(fleet);
    const deliveries = new Deliveries(visitors.length, last);
    visitors.forEach(({ socket }, index) => (socket.onText = deliveries.handler(index)));
    record = deliveries;
  },
  deliveries: ({ timeoutMs }) => present(record).finished(timeoutMs),
  async enter(order) {
    chatters = new Chatters();
    return { seconds: await chatters.enter(order) };
  },
  talk: (order) => present(chatters).talk(order),
  click: (order) => clickInClosedLoop(present(fleet).visitors, order),
  pages: requestPages,
  stall({ port }) {
    slow = new SlowReader(present(fleet), present(fleet).takeOne(), port);
  },
  recover: ({ last, timeoutMs }) => present(slow).recover(last, timeoutMs),
  leave: () => fleet?.leave(),
  closed: () => Object.fromEntries(fleet?.closed ?? []),
  usage: () => usage(false),
});

/** What an earlier command must have made. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this command needs another one before it (join, watch or stall)");
  return value;
}

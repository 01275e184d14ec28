// What the harness asks of its nodes, and what they answer: one JSON line each, over a local socket.

import type { Gap, PubSubStatus } from "../../src/pubsub/gap.ts";
import type { PresenceAnswers, PresenceOrder } from "./presence-orders.ts";

export type Order =
  | { readonly type: "subscribe"; readonly topics: readonly string[] }
  /** Broadcasts to all topics in turn, at this rate in all, until `stop`. `text` is padding, in characters. */
  | { readonly type: "publish"; readonly topics: readonly string[]; readonly perSecond: number; readonly text: number }
  | { readonly type: "burst"; readonly topic: string; readonly messages: number; readonly text: number }
  | { readonly type: "stop" }
  | { readonly type: "report" }
  | { readonly type: "health" }
  /** Keeps the thread busy; answers at once, and then nothing for so long. */
  | { readonly type: "block"; readonly ms: number }
  | { readonly type: "close" }
  | PresenceOrder;

/** What a node knows. Messages as tuples, because there are tens of thousands. */
export interface Report {
  /** `[topic, number, atMs]` */
  readonly published: readonly (readonly [string, number, number])[];
  /** `[sender, topic, number, atMs]` */
  readonly received: readonly (readonly [string, string, number, number])[];
  readonly gaps: readonly Gap[];
}

export interface Health {
  readonly status: PubSubStatus;
  readonly statuses: readonly PubSubStatus[];
  /** Broadcasts that have neither resolved nor rejected. */
  readonly pending: number;
  readonly refused: number;
  /** The longest that a broadcast took to resolve or reject, in milliseconds in which the process ran. */
  readonly slowestMs: number;
  readonly rssBytes: number;
  /** How many handles and timers keep the process alive. */
  readonly resources: number;
  readonly errors: readonly string[];
  /** Exceptions and rejections that nobody caught. Must be empty. */
  readonly uncaught: readonly string[];
  readonly foreign: number;
}

/** What each order is answered with. */
export interface Answers extends PresenceAnswers {
  readonly subscribe: null;
  readonly publish: null;
  readonly burst: null;
  readonly stop: null;
  readonly report: Report;
  readonly health: Health;
  readonly block: null;
  readonly close: null;
}

// What the harness asks of its nodes about presences, and what they answer.

export type PresenceOrder =
  /** Begins: from now on the node keeps account of all diffs. */
  | { readonly type: "attend" }
  | { readonly type: "enter"; readonly room: string; readonly keys: readonly string[] }
  /** Joins, leaves and updates of keys at random, also twice under one key, at this rate until `rest`. */
  | { readonly type: "churn"; readonly room: string; readonly keys: readonly string[]; readonly perSecond: number }
  | { readonly type: "rest" }
  /** So many joins, evenly within that time, and then every second of them leaves, all at once. */
  | { readonly type: "rush"; readonly room: string; readonly joins: number; readonly withinMs: number }
  | { readonly type: "attendance"; readonly room: string }
  | { readonly type: "roll"; readonly room: string };

/** Many lines in short: their number, and a sum of their hashes. */
export interface Sum {
  readonly count: number;
  readonly hash: number;
}

export interface AttendanceReport {
  /** What the node itself has tracked, as it remembers it. */
  readonly own: Sum;
  readonly listed: Sum;
  /** How many are listed of each node. */
  readonly listedOf: { readonly [name: string]: number };
  /** In the diffs, since `attend`: metas, and messages. */
  readonly joins: number;
  readonly leaves: number;
  readonly diffs: number;
  /** What a diff may never say: the leave of what is not there, the join of what is there. */
  readonly violations: readonly string[];
  /** What the process had to do between two turns of its event loop, since the last report, in milliseconds of CPU. */
  readonly busyP99Ms: number;
}

export interface Roll {
  /** One line for each presence: key, who, and how often it was updated. Sorted. */
  readonly own: readonly string[];
  readonly listed: readonly string[];
  /** What the diffs make up. */
  readonly replayed: readonly string[];
  /** What the listeners for keys were told: `["join" or "leave", key]`. */
  readonly told: readonly (readonly [string, string])[];
}

export interface PresenceAnswers {
  readonly attend: null;
  readonly enter: null;
  readonly churn: null;
  readonly rest: null;
  /** When the last of it was done, in milliseconds since 1970. */
  readonly rush: number;
  readonly attendance: AttendanceReport;
  readonly roll: Roll;
}

/** What carries the messages, and whether Wingbeat's adapter is on top of it. */
export type Carrier = "redis" | "broadcast-channel" | "cluster";
export type Kind = { readonly carrier: Carrier; readonly isBare: boolean };

export interface TransferOrder {
  readonly kind: Kind;
  /** How many listen. The publisher is one more. */
  readonly nodes: number;
  /** How many messages. */
  readonly count: number;
  /** How many messages a second; 0 for as many as go. */
  readonly perSecond: number;
  /** Of each message's JSON. */
  readonly bytes: number;
}

export interface TransferReport {
  /** From the first publication until the last listener had the last message. */
  readonly seconds: number;
  /** Over all listeners. */
  readonly received: number;
  readonly outOfOrder: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the bench command may ask of the process that owns the nodes. */
export interface GroupCommands {
  transfer(order: TransferOrder): Promise<TransferReport>;
}

/** What is sent from node to node: 200 bytes or so. */
export interface Envelope {
  readonly type: "sample";
  readonly sequence: number;
  readonly micros: number;
  readonly padding: string;
}

// ── between the group and its nodes ──

export type NodeOrder =
  | { readonly order: "listen"; readonly kind: Kind; readonly count: number; readonly redisUrl: string }
  | { readonly order: "open"; readonly kind: Kind; readonly redisUrl: string }
  | { readonly order: "publish"; readonly count: number; readonly perSecond: number; readonly bytes: number };

export type NodeNews =
  /** It takes orders. What was sent to a worker of a cluster before is lost. */
  | { readonly news: "up" }
  | { readonly news: "ready" }
  | { readonly news: "published"; readonly firstMicros: number }
  | {
      readonly news: "received";
      readonly lastMicros: number;
      readonly received: number;
      readonly outOfOrder: number;
      /** Counts of latencies in steps of 10 µs, the empty ones left out. */
      readonly latencies: readonly (readonly [bucket: number, count: number])[];
    };

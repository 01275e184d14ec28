import type { CaptureOrder } from "../capture.ts";
import type { Bench } from "../bench.ts";

export type ServerName = "wingbeat" | "bare-ws" | "socket-io" | "liveviewjs";

/** One line of a scenario's table: a server, and the page it is visited at. */
export interface Row {
  readonly name: string;
  readonly server: ServerName;
  readonly path: string;
}

/** A column: what was measured, under a stable key. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly digits?: number;
}

/** What must hold. Relative to a control row's value of the same run if `of` names one, else absolute. */
export interface Goal {
  readonly row: string;
  readonly metric: string;
  readonly of?: string;
  /** Of which metric of the control row, if not the same. */
  readonly ofMetric?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Measures = Readonly<Record<string, number>>;

export interface Scenario {
  /** For `--only`: letters and hyphens. */
  readonly name: string;
  readonly title: string;
  /** What is measured, in a sentence or two. */
  readonly what: string;
  readonly rows: readonly Row[];
  readonly metrics: readonly Metric[];
  readonly goals: readonly Goal[];
  /** What the bare server must have seen from Wingbeat, to repeat it. */
  readonly capture: CaptureOrder;
  /** Measures one row. The server and the load generator are fresh, and are ended afterwards. */
  measure(bench: Bench, row: Row): Promise<Measures>;
}

/** A row of each kind for a page that all can serve. */
export const wingbeat = (path: string, name = "wingbeat"): Row => ({ name, server: "wingbeat", path });
export const bareWs = (path: string): Row => ({ name: "bare ws", server: "bare-ws", path });
export const socketIo = (path: string): Row => ({ name: "socket.io", server: "socket-io", path });
export const liveViewJs = (path: string): Row => ({ name: "liveviewjs", server: "liveviewjs", path });

import type { CaptureOrder } from "../capture.ts";
import type { Bench } from "../bench.ts";
import type { Sizes } from "../options.ts";

export type ServerName = "wingbeat" | "bare-ws" | "socket-io" | "liveviewjs";

/** One line of a scenario's table. */
export interface Row {
  readonly name: string;
}

/** A server, and the page it is visited at. */
export interface ServerRow extends Row {
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
  /** At most so much more than the control row's value, in the metric's unit. */
  readonly atMostMore?: number;
}

export type Measures = Readonly<Record<string, number>>;

interface Described<R extends Row> {
  /** For `--only`: letters and hyphens. */
  readonly name: string;
  readonly title: string;
  /** What is measured, in a sentence or two. */
  readonly what: string;
  readonly rows: readonly R[];
  readonly metrics: readonly Metric[];
  readonly goals: readonly Goal[];
}

/** A server and its clients. */
export interface ServerScenario extends Described<ServerRow> {
  /** What the bare server must have seen from Wingbeat, to repeat it. */
  readonly capture: CaptureOrder;
  /** Measures one row. The server and the load generator are fresh, and are ended afterwards. */
  measure(bench: Bench, row: ServerRow): Promise<Measures>;
}

/** What starts what it needs by itself. */
export interface OwnScenario extends Described<Row> {
  readonly capture?: undefined;
  measureAlone(row: Row, sizes: Sizes): Promise<Measures>;
}

export type Scenario = ServerScenario | OwnScenario;

/** A row of each kind for a page that all can serve. */
export const wingbeat = (path: string, name = "wingbeat"): ServerRow => ({ name, server: "wingbeat", path });
export const bareWs = (path: string): ServerRow => ({ name: "bare ws", server: "bare-ws", path });
export const socketIo = (path: string): ServerRow => ({ name: "socket.io", server: "socket-io", path });
export const liveViewJs = (path: string): ServerRow => ({ name: "liveviewjs", server: "liveviewjs", path });

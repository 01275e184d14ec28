import type { Capture } from "./capture.ts";
import type { LoadCommands } from "./load/commands.ts";
import type { DeliveryReport } from "./load/deliveries.ts";
import type { Target } from "./load/visitor.ts";
import type { Sizes } from "./options.ts";
import { Child } from "./rpc.ts";
import type { ServerRow } from "./scenarios/scenario.ts";
import type { PublishOrder, ServerCommands, Usage } from "./servers/commands.ts";

const SERVER_CORE = 0;
const LOAD_CORE = 1;

export function startServer(name: ServerRow["server"]): Child<ServerCommands> {
  return new Child(new URL(`.build/servers/${name}.js`, import.meta.url).pathname, SERVER_CORE);
}

/** How busy both processes were during a measurement, in percent of one core. */
export interface Busy {
  readonly serverCpu: number;
  readonly loadCpu: number;
}

/** One row under measurement: a server and a load generator, each a process on a core of its own. */
export class Bench {
  readonly server: Child<ServerCommands>;
  readonly load: Child<LoadCommands>;
  readonly sizes: Sizes;
  readonly target: Target;

  static async start(row: ServerRow, sizes: Sizes, capture: Capture): Promise<Bench> {
    const server = startServer(row.server);
    try {
      const { port } = await server.call("listen", row.server === "bare-ws" ? { capture } : {});
      const dialect = row.server === "socket-io" ? "socket.io" : "phoenix";
      return new Bench(server, sizes, { dialect, port, path: row.path }, row.server);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  readonly #needsHeartbeats: boolean;

  private constructor(server: Child<ServerCommands>, sizes: Sizes, target: Target, name: ServerRow["server"]) {
    this.server = server;
    this.sizes = sizes;
    this.target = target;
    // The bare server takes every message for an event; it closes nobody who is silent.
    this.#needsHeartbeats = name !== "bare-ws";
    this.load = new Child(new URL(".build/load/main.js", import.meta.url).pathname, LOAD_CORE);
  }

  async stop(): Promise<void> {
    await Promise.all([this.server.stop(), this.load.stop()]);
  }

  /** Lets visitors join. */
  join(count: number, atOnce = 100): Promise<{ readonly seconds: number }> {
    return this.load.call("join", { target: this.target, count, atOnce, sendsHeartbeats: this.#needsHeartbeats });
  }

  /** Publishes, and resolves with what arrived. */
  async deliver(order: Omit<PublishOrder, "path">, timeoutMs = 15_000): Promise<DeliveryReport> {
    await this.load.call("watch", { last: order.firstSequence + order.count - 1 });
    await this.server.call("publish", { ...order, path: this.target.path });
    return this.load.call("deliveries", { timeoutMs });
  }

  /** Publishes, and resolves with what arrived, and how busy both processes were until the last arrival. */
  async deliverWatched(order: Omit<PublishOrder, "path">): Promise<DeliveryReport & Busy> {
    // Waiting for silence at the end is not work, so the report's own seconds count.
    return this.during(
      () => this.deliver(order),
      (report) => report.seconds,
    );
  }

  /** Does something and tells how busy both processes were: over all of its time, or over `activeSeconds` of it. */
  async during<T extends object>(work: () => Promise<T>, activeSeconds?: (result: T) => number): Promise<T & Busy> {
    const before = await this.#usages();
    const result = await work();
    const after = await this.#usages();
    const percent = (index: 0 | 1) => {
      const wallSeconds = (after[index].atMicros - before[index].atMicros) / 1_000_000;
      const cpuSeconds = (after[index].cpuMicros - before[index].cpuMicros) / 1_000_000;
      return (100 * cpuSeconds) / (activeSeconds?.(result) ?? wallSeconds);
    };
    return { ...result, serverCpu: percent(0), loadCpu: percent(1) };
  }

  #usages(): Promise<[Usage, Usage]> {
    return Promise.all([this.server.call("usage", { collect: false }), this.load.call("usage", null)]);
  }
}

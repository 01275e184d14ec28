import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import type { Order, Report } from "./cluster-node.ts";

const TSX = ["--conditions=wingbeat-source", `--import=${import.meta.resolve("tsx")}`];
/** Long enough for a machine that does other things as well. */
export const PATIENT = { timeout: 60_000, interval: 20 };

/** A primary of `cluster-node.ts`, and its workers. */
export class Cluster {
  readonly child: ChildProcess;
  readonly #pids: number[] = [];
  #reports: Report[] = [];

  private constructor() {
    this.child = fork(fileURLToPath(new URL("cluster-node.ts", import.meta.url)), { execArgv: TSX });
    this.child.on("message", (message: { readonly ready?: number; readonly report?: Report }) => {
      if (message.ready !== undefined) this.#pids.push(message.ready);
      if (message.report !== undefined) this.#reports.push(message.report);
    });
    onTestFinished(async () => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return;
      this.child.kill("SIGKILL");
      await once(this.child, "exit");
    });
  }

  static async start(workers: number): Promise<Cluster> {
    const cluster = new Cluster();
    await vi.waitUntil(() => cluster.#pids.length === 1, PATIENT);
    for (let count = 0; count < workers; count++) await cluster.fork();
    return cluster;
  }

  get primary(): number {
    return this.#pids[0] ?? 0;
  }

  get workers(): readonly number[] {
    return this.#pids.slice(1);
  }

  /** @returns the worker's process id, once it has subscribed */
  async fork(): Promise<number> {
    const count = this.#pids.length;
    this.order(this.primary, { type: "fork" });
    await vi.waitUntil(() => this.#pids.length === count + 1, PATIENT);
    return this.#pids.at(-1) ?? 0;
  }

  order(to: number, order: Order): void {
    this.child.send({ to, order });
  }

  async report(of: number): Promise<Report> {
    this.#reports = this.#reports.filter(({ pid }) => pid !== of);
    this.order(of, { type: "report" });
    await vi.waitUntil(() => this.#reports.some(({ pid }) => pid === of), PATIENT);
    const report = this.#reports.find(({ pid }) => pid === of);
    if (report === undefined) throw new Error("It has just been found.");
    return report;
  }

  /** Resolves once `of` has got at least so many messages of each of the senders. */
  async until(of: number, senders: readonly number[], count: number): Promise<void> {
    const least = async (): Promise<number> => {
      const { received } = await this.report(of);
      return Math.min(...senders.map((pid) => received[pid]?.count ?? 0));
    };
    await vi.waitUntil(async () => (await least()) >= count, PATIENT);
  }

  /** Stops who publishes, and waits until the others have got the last message of each. */
  async settle(pids: readonly number[]): Promise<ReadonlyMap<number, Report>> {
    for (const pid of pids) this.order(pid, { type: "stop" });
    const ends = new Map<number, number>();
    for (const pid of pids) ends.set(pid, (await this.report(pid)).published);
    const reports = new Map<number, Report>();
    for (const pid of pids) {
      for (const [sender, last] of ends) {
        if (sender === pid || last === 0) continue;
        await vi.waitUntil(async () => (await this.report(pid)).received[sender]?.last === last, PATIENT);
      }
      reports.set(pid, await this.report(pid));
    }
    return reports;
  }
}

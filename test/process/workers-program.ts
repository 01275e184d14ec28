import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import { NetworkClient } from "../support/network-client.ts";

const TSX = ["--conditions=wingbeat-source", `--import=${import.meta.resolve("tsx")}`];
/** Long enough for a machine that does other things as well. */
export const PATIENT = { timeout: 60_000, interval: 20 };

type AtEnd = (end: () => Promise<void>) => void;

/** A run of `workers-server.ts`. */
export class Program {
  readonly child: ChildProcess;
  readonly exit: Promise<unknown[]>;
  #output = "";

  /** @param atEnd when it is killed, if it has not ended by then: after the test at hand, or after all of them */
  constructor(variables: Readonly<Record<string, string>> = {}, atEnd: AtEnd = onTestFinished) {
    this.child = spawn(process.execPath, [...TSX, fileURLToPath(new URL("workers-server.ts", import.meta.url))], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "development", ...variables },
    });
    // All that it has written is there then, also what it and its workers wrote last.
    this.exit = once(this.child, "close");
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data: Buffer) => (this.#output += data.toString("utf8")));
    }
    atEnd(async () => {
      if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
      await this.exit;
    });
  }

  static async start(variables?: Readonly<Record<string, string>>, atEnd?: AtEnd): Promise<Program> {
    const program = new Program(variables, atEnd);
    await vi.waitUntil(() => /^primary /m.test(program.output), PATIENT);
    return program;
  }

  get output(): string {
    return this.#output;
  }

  get url(): string {
    return `${/^primary \d+ (.*)$/m.exec(this.#output)?.[1] ?? ""}counter`;
  }

  /** The process ids of all workers that have listened, in that order. */
  get workers(): readonly number[] {
    return [...this.#output.matchAll(/^worker (\d+) /gm)].map(([, pid]) => Number(pid));
  }

  /** Clients of which each has its socket at another worker, as many as there are workers. */
  async clients(count: number): Promise<readonly NetworkClient[]> {
    const byPid = new Map<number, NetworkClient>();
    for (let tries = 0; tries < 200 && byPid.size < count; tries++) {
      const client = await NetworkClient.visit(this.url);
      const pid = pidOf(client);
      if (!byPid.has(pid)) {
        byPid.set(pid, client);
        continue;
      }
      client.webSocket.terminate();
    }
    onTestFinished(() => [...byPid.values()].forEach(({ webSocket }) => webSocket.terminate()));
    if (byPid.size < count) throw new Error(`All connections went to ${byPid.size} of ${count} workers.`);
    return [...byPid.values()];
  }
}

/** The worker that has the client's socket: it stands in what the join was answered with. */
export function pidOf(client: NetworkClient): number {
  return Number(/"1":"(\d+)"/.exec(JSON.stringify(client.frames))?.[1]);
}

/** The count that a page has been sent last. */
export function lastCount({ frames }: NetworkClient): unknown {
  const diffs = frames.filter(([, , , event]) => event === "diff").map(([, , , , payload]) => payload["0"]);
  return diffs.at(-1);
}

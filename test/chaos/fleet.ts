// Real processes that publish and listen, and the harness's end of the line to them.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Published, Record } from "./ledger.ts";
import type { Answers, Health, Order } from "./orders.ts";

/** How long a node may take to answer, in milliseconds. One that is blocked on purpose takes its time. */
const ANSWER_MS = 60_000;

/** One process, or one worker of a cluster. */
export class FleetNode {
  readonly name: string;
  /** The process, where it is the harness's own child; workers of a cluster are their primary's. */
  readonly child: ChildProcess | undefined;
  /** Known once it is ready. */
  pid: number | undefined;
  #socket: Socket | undefined;
  #topics: readonly string[] = [];
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #connected: () => void = () => {};
  /** Resolves when the process is ready for orders. */
  readonly ready = new Promise<void>((resolve) => (this.#connected = resolve));

  constructor(name: string, child: ChildProcess | undefined) {
    this.name = name;
    this.child = child;
  }

  attach(socket: Socket, lines: AsyncIterable<string>, pid: number): void {
    this.#socket = socket;
    this.pid = pid;
    this.#connected();
    void this.#read(lines);
  }

  async #read(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      // Written by our own node program.
      const { id, answer, error } = JSON.parse(line) as { id: number; answer?: unknown; error?: string };
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(`${this.name}: ${error}`));
    }
    for (const { reject } of this.#waiting.values()) reject(new Error(`${this.name} has gone`));
    this.#waiting.clear();
  }

  async ask<Type extends Order["type"]>(order: Extract<Order, { type: Type }>): Promise<Answers[Type]> {
    await this.ready;
    const id = ++this.#lastId;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Answers[Type]>((resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${this.name} did not answer "${order.type}"`)), ANSWER_MS);
        // The node answers each order with what `Answers` says of it.
        this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answers[Type]), reject });
        this.#socket?.write(`${JSON.stringify({ id, order })}\n`);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    this.#topics = [...this.#topics, ...topics];
    await this.ask({ type: "subscribe", topics });
  }

  health(): Promise<Health> {
    return this.ask({ type: "health" });
  }

  async account(): Promise<{ readonly published: readonly Published[]; readonly record: Record }> {
    const { published, received, gaps } = await this.ask({ type: "report" });
    return {
      published: published.map(([topic, number, atMs]) => ({ sender: this.name, topic, number, atMs })),
      record: {
        name: this.name,
        topics: this.#topics,
        received: received.map(([sender, topic, number, atMs]) => ({ sender, topic, number, atMs })),
        gaps,
      },
    };
  }

  signal(signal: NodeJS.Signals): void {
    if (this.pid !== undefined) process.kill(this.pid, signal);
  }
}

export class Fleet {
  readonly #server: Server;
  readonly #directory: string;
  readonly #nodes = new Map<string, FleetNode>();
  readonly #children: ChildProcess[] = [];

  private constructor(server: Server, directory: string) {
    this.#server = server;
    this.#directory = directory;
    server.on("connection", (socket) => void this.#welcome(socket));
  }

  static async open(): Promise<Fleet> {
    const directory = await mkdtemp(path.join(tmpdir(), "wingbeat-fleet-"));
    const server = createServer();
    server.listen(path.join(directory, "control"));
    await once(server, "listening");
    return new Fleet(server, directory);
  }

  get controlPath(): string {
    return path.join(this.#directory, "control");
  }

  get nodes(): readonly FleetNode[] {
    return [...this.#nodes.values()];
  }

  /** Starts a process of its own for each name; resolves when all of them take orders. */
  async start(
    names: readonly string[],
    env: (name: string) => { readonly [key: string]: string },
  ): Promise<FleetNode[]> {
    const nodes = names.map((name) => {
      const child = this.spawn("node.ts", { ...env(name), NODE_NAME: name });
      return this.expect(name, child);
    });
    await Promise.all(nodes.map(({ ready }) => ready));
    return nodes;
  }

  /** Runs a program of this folder with the harness's address in CONTROL. */
  spawn(program: string, env: { readonly [key: string]: string }): ChildProcess {
    const file = fileURLToPath(new URL(program, import.meta.url));
    const execArgv = ["--conditions=wingbeat-source", `--import=${import.meta.resolve("tsx")}`];
    const child = spawn(process.execPath, [...execArgv, file], {
      env: { ...process.env, ...env, CONTROL: this.controlPath },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#children.push(child);
    return child;
  }

  /** Makes room for a node that will announce itself by this name. */
  expect(name: string, child?: ChildProcess): FleetNode {
    const node = new FleetNode(name, child);
    this.#nodes.set(name, node);
    return node;
  }

  async #welcome(socket: Socket): Promise<void> {
    socket.on("error", () => {}); // a node that is killed does not say goodbye
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done === true) return;
    // Written by our own node program.
    const { name, pid } = JSON.parse(first.value) as { name: string; pid: number };
    const rest: AsyncIterable<string> = { [Symbol.asyncIterator]: () => lines };
    this.#nodes.get(name)?.attach(socket, rest, pid);
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    this.#server.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Resolves when `isTrue` does; fails after `withinMs`, and then says what it waited for, and what there was instead. */
export async function until(
  what: string,
  withinMs: number,
  isTrue: () => Promise<boolean>,
  state?: () => Promise<unknown>,
  everyMs = 50,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > endMs) {
      const found = state === undefined ? "" : `\n${JSON.stringify(await state(), undefined, 2)}`;
      throw new Error(`Waited ${withinMs} ms in vain for: ${what}${found}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

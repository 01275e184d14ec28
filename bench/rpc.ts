/**
 * Calls between the bench command and the processes it starts, over Node's IPC channel. Both ends are compiled from the
 * same interface of commands, which is why an answer is taken to be of the type that the interface says.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";

/** What a process answers to: methods of one input and one result, both of plain data. */
export type Commands<T> = { [K in keyof T]: (input: never) => unknown };

interface Call {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}
interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Answers calls until the bench command disconnects, then ends this process. */
export function serveCommands<T extends object>(commands: T): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", async (call: Call) => {
    try {
      const command: unknown = Reflect.get(commands, call.name);
      if (typeof command !== "function") throw new Error(`there is no command "${call.name}"`);
      const result: unknown = await Reflect.apply(command, commands, [call.input]);
      process.send?.({ id: call.id, result } satisfies Answer);
    } catch (error) {
      process.send?.({ id: call.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

const hasTaskset = spawnSync("taskset", ["-V"]).status === 0;

/** Whether processes are pinned to cores on this machine (`taskset` exists). */
export const isPinned = hasTaskset;

/** A process of ours, pinned to one core if one is named, run from built JavaScript with NODE_ENV=production. */
export class Child<T extends Commands<T>> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #name: string;
  #nextId = 1;
  #output = "";

  constructor(script: string, core?: number) {
    this.#name = script.split("/").at(-1) ?? script;
    const node = [process.execPath, "--expose-gc", script];
    const [command = "", ...rest] = hasTaskset && core !== undefined ? ["taskset", "-c", String(core), ...node] : node;
    this.#process = spawn(command, rest, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NODE_ENV: "production", NODE_OPTIONS: "" },
    });
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#keep(chunk));
    this.#process.stderr?.on("data", (chunk: Buffer) => this.#keep(chunk));
    this.#process.on("message", (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer.result);
      else waiting?.reject(new Error(`${this.#name}: ${answer.error}\n${this.#output}`));
    });
    this.#process.on("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${this.#name} ended with ${signal ?? code}\n${this.#output}`));
      }
      this.#waiting.clear();
    });
  }

  /** Calls a command. @throws when it throws over there, with its stack; or when the process ends. */
  call<K extends keyof T & string>(name: K, input: Parameters<T[K]>[0]): Promise<Awaited<ReturnType<T[K]>>> {
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#process.send({ id, name, input } satisfies Call);
    return answer as Promise<Awaited<ReturnType<T[K]>>>;
  }

  /** Ends the process and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 2_000);
    await gone;
    clearTimeout(timer);
  }

  /** The last of what the process printed: shown when it fails. */
  #keep(chunk: Buffer): void {
    this.#output = (this.#output + chunk.toString()).slice(-4_000);
  }
}

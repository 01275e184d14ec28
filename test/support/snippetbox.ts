import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

const SERVER = fileURLToPath(new URL("../../examples/snippetbox/server.ts", import.meta.url));

/** Snippetbox in a process of its own, on a port that it keeps, with a database that outlives the process. */
export class SnippetboxServer {
  readonly url: string;
  readonly #port: number;
  readonly #directory: string;
  readonly #env: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  #output = "";

  private constructor(port: number, env: Readonly<Record<string, string>>) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#directory = mkdtempSync(path.join(tmpdir(), "snippetbox-"));
    this.#env = env;
  }

  /** @param env over what the tests set. `DATABASE_URL`: instead of a file of its own. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<SnippetboxServer> {
    const server = new SnippetboxServer(await freePort(), env);
    await server.start();
    return server;
  }

  get databaseFile(): string {
    return path.join(this.#directory, "snippetbox.db");
  }

  /** What it has written, of all its lives. */
  get output(): string {
    return this.#output;
  }

  /** @param env over what it was given at first, in this life of it */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = spawn(process.execPath, ["--conditions=wingbeat-source", "--import=tsx", SERVER], {
      cwd: path.dirname(SERVER),
      env: {
        ...process.env,
        HOST: "127.0.0.1",
        PORT: String(this.#port),
        DATABASE_URL: this.databaseFile,
        WINGBEAT_SECRET: "only-for-tests-0123456789-0123456789",
        EXPORT_PACE_MS: "25",
        DEPLOY_STEP_MS: "400",
        ...this.#env,
        ...env,
      },
    });
    this.#process = child;
    let output = "";
    const isUp = new Promise<void>((resolve, reject) => {
      const hear = (data: Buffer): void => {
        this.#output += data.toString();
        output += data.toString();
        if (output.includes(`Snippetbox: ${this.url}/\n`)) resolve();
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("exit", (code) => reject(new Error(`Snippetbox ended with ${code}:\n${this.#output}`)));
    });
    await isUp;
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

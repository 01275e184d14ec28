import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "./free-port.ts";

/** A PostgreSQL of the test's own: an empty database, on a free port, without any care for what a power cut would do. */
export class OwnPostgres {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(url: string, child: ChildProcess, directory: string) {
    this.url = url;
    this.#process = child;
    this.#directory = directory;
  }

  static async start(): Promise<OwnPostgres> {
    const bin = process.env["POSTGRES_BIN"];
    if (bin === undefined) throw new Error("POSTGRES_BIN is not set: scripts/set-up/postgres-tests.mjs sets it.");
    const directory = mkdtempSync(path.join(tmpdir(), "wingbeat-postgres-"));
    const as = unprivileged();
    if (as !== undefined) chownSync(directory, as.uid, as.gid);
    const data = path.join(directory, "data");
    execFileSync(path.join(bin, "initdb"), ["-D", data, "-U", "test", "-A", "trust", "--no-sync", "-E", "UTF8"], {
      ...as,
      cwd: directory,
      stdio: "pipe",
    });
    const port = await freePort();
    const settings = [
      "fsync=off",
      "listen_addresses=127.0.0.1",
      `port=${port}`,
      `unix_socket_directories=${directory}`,
    ];
    const child = spawn(path.join(bin, "postgres"), ["-D", data, ...settings.flatMap((setting) => ["-c", setting])], {
      ...as,
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let output = "";
    child.stderr.on("data", (text) => (output += String(text)));
    while (!output.includes("ready to accept connections") || !(await accepts(port))) {
      if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return new OwnPostgres(`postgres://test@127.0.0.1:${port}/postgres`, child, directory);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGQUIT");
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** PostgreSQL refuses to run as root; its packages bring a user that it may run as. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

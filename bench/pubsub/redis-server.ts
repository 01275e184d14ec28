import { spawn } from "node:child_process";
import { freePort } from "../free-port.ts";

/** A Redis of this run's own, from the program in REDIS_SERVER_PATH, on a free port, keeping nothing on disk. */
export async function startRedis(): Promise<{ readonly url: string; stop(): void }> {
  const port = await freePort();
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  // Two listeners that fall behind must not be cut off in the midst of a measurement.
  settings.push("--client-output-buffer-limit", "pubsub", "0", "0", "0");
  const server = spawn(process.env["REDIS_SERVER_PATH"] ?? "redis-server", settings);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    server.stdout.on("data", (chunk: Buffer) => {
      if (chunk.includes("eady to accept connections")) resolve();
    });
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => void server.kill("SIGKILL") };
}

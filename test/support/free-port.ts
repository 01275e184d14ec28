import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that a system gives to whoever asks for any (from 32768 on, on Linux): a server that is away for a moment
 * finds its port free when it comes back. None of them is one that browsers refuse.
 */
const FIRST = 20_000;
const PARTS = 12;
const PART = 1_000;
/** Each worker of vitest has a part of its own. */
const first = FIRST + (Number(process.env["VITEST_POOL_ID"] ?? 0) % PARTS) * PART;
let next = Math.floor(Math.random() * PART);

/** A port of 127.0.0.1 that nobody listens on now, and that is given to nobody else of this test run. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PART; tries++) {
    const port = first + (next++ % PART);
    if (await isFree(port)) return port;
  }
  throw new Error(`None of the ports from ${first} to ${first + PART - 1} is free.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

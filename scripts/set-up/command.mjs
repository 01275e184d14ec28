// Running other programs, and leaving none of them behind.

import { spawn } from "node:child_process";
import { once } from "node:events";

/** @typedef {{ code: number, output: string }} Outcome `code` is 128 + n when signal n ended it, as in a shell. */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** Each command leads a process group of its own where there are such groups, so that its children end with it. */
const hasGroups = process.platform !== "win32";

/** How long a command may take to end after a signal before it is killed, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] `quiet` collects what it prints instead
 *   of showing it.
 * @returns {Promise<Outcome>} Code 127 when the program cannot be started.
 */
export async function run(program, args, { cwd, env, quiet = false } = {}) {
  const child = spawn(program, args, {
    cwd,
    env,
    detached: hasGroups,
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
  });
  running.add(child);
  /** @type {Buffer[]} */
  const chunks = [];
  child.stdout?.on("data", (chunk) => chunks.push(chunk));
  child.stderr?.on("data", (chunk) => chunks.push(chunk));
  try {
    const [code, signal] = await once(child, "close");
    return { code: exitCode(code, signal), output: Buffer.concat(chunks).toString("utf8") };
  } catch (error) {
    return { code: 127, output: error instanceof Error ? error.message : String(error) };
  } finally {
    running.delete(child);
  }
}

/**
 * Ends everything that `run` has started and that has not ended yet: the command is asked, and passes that on to its
 * children as it sees fit; what is left of its group when it has ended, or after ten seconds, is killed.
 *
 * @param {NodeJS.Signals} [signal]
 */
export async function stopAll(signal = "SIGTERM") {
  await Promise.all(
    [...running].map(async (child) => {
      if (child.pid === undefined) return; // it could not be started
      child.kill(signal);
      const patience = setTimeout(() => killGroup(child), PATIENCE_MS);
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      clearTimeout(patience);
      killGroup(child);
    }),
  );
}

/**
 * From now on the first SIGINT or SIGTERM ends everything that `run` has started, then this process. Commands lead
 * groups of their own, so a Ctrl-C in the terminal reaches them through us, and once: npm passes it on a second time.
 *
 * @returns {() => void} gives the signals back
 */
export function stopWithSignals() {
  let isStopping = false;
  const stop = async (/** @type {NodeJS.Signals} */ signal) => {
    if (isStopping) return;
    isStopping = true;
    await stopAll(signal);
    process.exit(exitCode(null, signal));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return () => process.off("SIGINT", stop).off("SIGTERM", stop);
}

/** @param {import("node:child_process").ChildProcess} child */
function killGroup(child) {
  if (child.pid === undefined) return;
  try {
    process.kill(hasGroups ? -child.pid : child.pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  if (code !== null) return code;
  return signal === "SIGINT" ? 130 : signal === "SIGKILL" ? 137 : 143;
}

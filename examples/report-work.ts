// The work of report.ts: counts primes, and says how far it is. In a thread of its own it keeps no page waiting.
import { parentPort } from "node:worker_threads";

export type Step = { percent: number; primes: number };

const LIMIT = 1_000_000;
const STEPS = 20;
/** Stands for work that takes longer, in milliseconds. */
const REST_MS = Number(process.env["REPORT_REST_MS"] ?? 100);

let primes = 0;
for (let step = 1; step <= STEPS; step++) {
  for (let number = ((step - 1) * LIMIT) / STEPS; number < (step * LIMIT) / STEPS; number++) {
    if (isPrime(number)) primes++;
  }
  // A thread has nothing else to do: it may wait without letting go.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REST_MS);
  const message: Step = { percent: (100 * step) / STEPS, primes };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; between threads there is none
  parentPort?.postMessage(message);
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}

// The work of report.ts: counts primes and says how far it is. In a thread of its own it keeps no page waiting. What a
// thread does not await, it need not: it has nothing else to do.
import { parentPort } from "node:worker_threads";

const LIMIT = 1_000_000;
const STEPS = 20;
/** Stands for work that takes longer, in milliseconds. */
const REST_MS = 100;

const isPrime = (number) => {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
};
const rest = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REST_MS);

let primes = 0;
for (let step = 1; step <= STEPS; step++) {
  for (let number = ((step - 1) * LIMIT) / STEPS; number < (step * LIMIT) / STEPS; number++) {
    if (isPrime(number)) primes++;
  }
  rest();
  parentPort?.postMessage({ percent: (100 * step) / STEPS, primes });
}

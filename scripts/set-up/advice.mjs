/** A set-up step that only the reader can finish. The message says what is missing and what to do; no stack is shown. */
export class Advice extends Error {
  /** @override */
  name = "Advice";
}

/**
 * Runs a command's main function; an `Advice` is printed as text, and ends the process with code 1.
 *
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Advice)) throw error;
    console.error(`\n${error.message}\n`);
    process.exit(1);
  }
}

/** @param {string} text What the set-up is doing, for whoever waits. */
export function say(text) {
  console.log(`[set-up] ${text}`);
}

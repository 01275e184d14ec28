import { chromium, type Browser } from "playwright-core";

/**
 * Starts the Chromium that the set-up found (CHROMIUM_PATH; vitest's browser project sees to it). Close it in `afterAll`.
 *
 * @param args More command-line switches.
 */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env["CHROMIUM_PATH"];
  if (executablePath === undefined || executablePath === "") {
    throw new Error("CHROMIUM_PATH is not set. Run the browser tests with `npm run test:browser` or `npm test`.");
  }
  // Containers often give /dev/shm 64 MB, on which pages crash.
  return chromium.launch({ executablePath, args: ["--disable-dev-shm-usage", ...args] });
}

// The browser of the browser tests: named by CHROMIUM_PATH, or on this machine, or installed.

import { Advice, say } from "./advice.mjs";
import { underSetUpLock } from "./dependencies.mjs";
import { aptInstall, canUseApt, findProgram, versionOf } from "./programs.mjs";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Sees to a Chromium that runs, and returns its path.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>}
 * @throws {Advice} when there is none and we cannot install one
 */
export async function chromiumPath(env = process.env) {
  const named = env["CHROMIUM_PATH"];
  if (named !== undefined && named !== "") return namedChromium(named);
  const found = await workingChromium(env);
  if (found !== undefined) return found;
  if (await canUseApt()) {
    return underSetUpLock(async () => {
      const other = await workingChromium(env); // the process we waited for may have installed it
      if (other !== undefined) return other;
      say("the browser tests need a Chromium and this machine has none");
      await aptInstall("chromium");
      const installed = await workingChromium(env);
      if (installed === undefined) throw noChromium("`apt-get install chromium` did not give one that runs.");
      return installed;
    });
  }
  throw noChromium(`None of these is here and runs: ${NAMES.join(", ")}.`);
}

/** @param {string} named */
async function namedChromium(named) {
  if ((await versionOf(named)) !== undefined) return named;
  throw noChromium(`CHROMIUM_PATH is ${JSON.stringify(named)}, which does not run.`);
}

/**
 * The first Chromium that runs: on the PATH, or the one that `npx playwright-core install chromium` fetched.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function workingChromium(env) {
  for (const name of NAMES) {
    const program = await findProgram([name], env);
    if (program !== undefined && (await versionOf(program)) !== undefined) return program;
  }
  const { chromium } = await import("playwright-core"); // installed by now; a set-up script starts without packages
  const fetched = await findProgram([chromium.executablePath()], env);
  return fetched !== undefined && (await versionOf(fetched)) !== undefined ? fetched : undefined;
}

/** @param {string} reason */
function noChromium(reason) {
  return new Advice(`The browser tests need Chromium or Chrome. ${reason}
Install one, then run the same command again:

    Debian                  apt-get install chromium        (as root)
    macOS                   brew install --cask google-chrome
    anything else, Ubuntu   npx playwright-core install --with-deps chromium

or name one that you have:

    CHROMIUM_PATH=/path/to/chromium npm test`);
}

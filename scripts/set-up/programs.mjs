// Finding programs on this machine, and installing them where that is ours to do.

import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { say } from "./advice.mjs";
import { run } from "./command.mjs";

/**
 * @param {readonly string[]} names Names to look for on the PATH, or absolute paths; the first that can be run wins.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>} its absolute path
 */
export async function findProgram(names, env = process.env) {
  const folders = (env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  for (const name of names) {
    const places = path.isAbsolute(name) ? [name] : folders.map((folder) => path.join(folder, name));
    for (const place of places) {
      if (await isExecutable(place)) return place;
    }
  }
  return undefined;
}

/** @param {string} file */
async function isExecutable(file) {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What the program says to `--version`. A file may exist without working: Ubuntu's `chromium-browser` without snap is
 * a script that only says so.
 *
 * @param {string} program
 * @returns {Promise<string | undefined>} undefined when it does not run
 */
export async function versionOf(program) {
  const { code, output } = await run(program, ["--version"], { quiet: true });
  return code === 0 ? (output.trim().split("\n").at(-1) ?? "") : undefined;
}

/**
 * Whether we may install packages: Debian or one of its kind, and we are root.
 *
 * @returns {Promise<boolean>}
 */
export async function canUseApt() {
  if (process.getuid?.() !== 0) return false;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const isDebian = /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release);
  return isDebian && (await findProgram(["apt-get"])) !== undefined;
}

/**
 * Installs a package and shows what apt-get prints.
 *
 * @param {string} packageName
 * @returns {Promise<boolean>} whether apt-get said that it worked
 */
export async function aptInstall(packageName) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another apt-get may be at work; wait for it up to five minutes instead of failing.
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  say("apt-get update");
  const update = await run("apt-get", [...wait, "update"], { env });
  // A list that could not be refreshed is no reason to stop: the package may be known already.
  if (update.code !== 0) say(`apt-get update ended with code ${update.code}; going on with the lists that are there`);
  say(`apt-get install ${packageName}`);
  const install = await run("apt-get", [...wait, "install", "-y", "--no-install-recommends", packageName], { env });
  return install.code === 0;
}

// The PostgreSQL of the long tests: its programs, which they start themselves, on free ports.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { Advice, say } from "./advice.mjs";
import { underSetUpLock } from "./dependencies.mjs";
import { aptInstall, canUseApt, findProgram } from "./programs.mjs";

/** Where Debian and its kind put the programs of each version. */
const DEBIAN = "/usr/lib/postgresql";

/**
 * Finds the folder of PostgreSQL's programs, or installs them: `POSTGRES_BIN`, else where `initdb` is on the PATH or Debian
 * puts it.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} which test/support/postgres.ts expects in `POSTGRES_BIN`
 * @throws {Advice} when there is none and we cannot install one
 */
export async function postgresBin(env = process.env) {
  const found = env["POSTGRES_BIN"] || (await findPostgresBin(env));
  if (found !== undefined) return found;
  if (!(await canUseApt())) throw noPostgres("There is no initdb on the PATH.");
  return underSetUpLock(async () => {
    const other = await findPostgresBin(env); // the process we waited for may have installed it
    if (other !== undefined) return other;
    say("the long tests need a PostgreSQL and this machine has none");
    await aptInstall("postgresql");
    const installed = await findPostgresBin(env);
    if (installed === undefined) throw noPostgres("`apt-get install postgresql` did not give one.");
    return installed;
  });
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>}
 */
async function findPostgresBin(env) {
  const versions = await readdir(DEBIAN).catch(() => []);
  const newestFirst = versions.toSorted((left, right) => Number(right) - Number(left));
  const initdb = await findProgram(["initdb", ...newestFirst.map((version) => `${DEBIAN}/${version}/bin/initdb`)], env);
  return initdb === undefined ? undefined : path.dirname(initdb);
}

/** @param {string} reason */
function noPostgres(reason) {
  return new Advice(`The long tests need PostgreSQL. ${reason}
Install it, then run the same command again:

    Debian, Ubuntu   apt-get install postgresql    (as root)
    macOS            brew install postgresql

or name the folder of its programs:

    POSTGRES_BIN=/opt/postgresql/bin npm run test:all`);
}

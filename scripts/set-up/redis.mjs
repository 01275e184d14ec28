// The Redis of the tests: a server program, which they start themselves, on free ports. They never use a server that runs
// already: what they do to theirs would not do it good.

import { Advice, say } from "./advice.mjs";
import { underSetUpLock } from "./dependencies.mjs";
import { aptInstall, canUseApt, findProgram } from "./programs.mjs";

const NAMES = ["redis-server", "valkey-server"];

/**
 * Finds a Redis or Valkey server, or installs one: the program in `REDIS_SERVER_PATH`, else on the PATH.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string>} its path, which test/support/redis.ts expects in `REDIS_SERVER_PATH`
 * @throws {Advice} when there is none and we cannot install one
 */
export async function redisServerPath(env = process.env) {
  const found = env["REDIS_SERVER_PATH"] || (await findRedisServer(env));
  if (found !== undefined) return found;
  if (!(await canUseApt())) throw noRedis(`Neither ${NAMES.join(" nor ")} is on the PATH.`);
  return underSetUpLock(async () => {
    const other = await findRedisServer(env); // the process we waited for may have installed it
    if (other !== undefined) return other;
    say("the tests need a Redis and this machine has none");
    await aptInstall("redis-server");
    const installed = await findRedisServer(env);
    if (installed === undefined) throw noRedis("`apt-get install redis-server` did not give one.");
    return installed;
  });
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>} the path of a Redis or Valkey server on this machine
 */
export function findRedisServer(env = process.env) {
  return findProgram(NAMES, env);
}

/** @param {string} reason */
function noRedis(reason) {
  return new Advice(`The tests need a Redis server. ${reason}
Install one, then run the same command again:

    Debian, Ubuntu   apt-get install redis-server    (as root)
    macOS            brew install redis

or name one that is not on the PATH:

    REDIS_SERVER_PATH=/opt/redis/bin/redis-server npm test`);
}

// The Redis of the tests: a running one named by REDIS_URL, or a server program that the tests start themselves.

import { Advice, say } from "./advice.mjs";
import { underSetUpLock } from "./dependencies.mjs";
import { aptInstall, canUseApt, findProgram } from "./programs.mjs";

const NAMES = ["redis-server", "valkey-server"];

/**
 * Sees to a Redis, and returns the environment variables by which the tests find it: `REDIS_URL`, or
 * `REDIS_SERVER_PATH`, the program that test/support/redis.ts starts.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ REDIS_URL: string } | { REDIS_SERVER_PATH: string }>}
 * @throws {Advice} when there is none and we cannot install one
 */
export async function redisVariables(env = process.env) {
  const url = env["REDIS_URL"];
  if (url !== undefined && url !== "") return { REDIS_URL: checkedUrl(url) };
  const found = await findRedisServer(env);
  if (found !== undefined) return { REDIS_SERVER_PATH: found };
  if (await canUseApt()) {
    return underSetUpLock(async () => {
      const other = await findRedisServer(env); // the process we waited for may have installed it
      if (other !== undefined) return { REDIS_SERVER_PATH: other };
      say("the tests need a Redis and this machine has none");
      await aptInstall("redis-server");
      const installed = await findRedisServer(env);
      if (installed === undefined) throw noRedis("`apt-get install redis-server` did not give one.");
      return { REDIS_SERVER_PATH: installed };
    });
  }
  throw noRedis(`Neither ${NAMES.join(" nor ")} is on the PATH.`);
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>} the path of a Redis or Valkey server on this machine
 */
export function findRedisServer(env = process.env) {
  return findProgram(NAMES, env);
}

/** @param {string} url */
function checkedUrl(url) {
  if (/^rediss?:\/\//.test(url) && URL.canParse(url)) return url;
  throw noRedis(`REDIS_URL is ${JSON.stringify(url)}, which is no redis:// or rediss:// address.`);
}

/** @param {string} reason */
function noRedis(reason) {
  return new Advice(`The tests need a Redis server. ${reason}
Install one, then run the same command again:

    Debian, Ubuntu   apt-get install redis-server    (as root)
    macOS            brew install redis

or name one that is running and that nobody needs:

    REDIS_URL=redis://127.0.0.1:6379 npm test`);
}

import { redisServerPath } from "./redis.mjs";

/** Runs before the vitest projects that start a Redis: test/support/redis.ts finds the program in REDIS_SERVER_PATH. */
export default async function setUp() {
  process.env["REDIS_SERVER_PATH"] = await redisServerPath();
}

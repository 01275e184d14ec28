import { describeFeatures } from "../browser/snippetbox-features.ts";
import { OwnPostgres } from "../support/postgres.ts";
import { startRedisServer } from "../support/redis.ts";
import { SnippetboxServer } from "../support/snippetbox.ts";

// On two processes, which share a PostgreSQL and meet at a Redis.
describeFeatures(async () => {
  const [postgres, redis] = await Promise.all([OwnPostgres.start(), startRedisServer()]);
  const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  // Both find the database empty, and bring it up to date.
  const [here, there] = await Promise.all([SnippetboxServer.start(env), SnippetboxServer.start(env)]);
  return {
    urls: [here.url, there.url],
    databaseUrl: postgres.url,
    nodes: 2,
    end: async () => {
      await Promise.all([here.stop(), there.stop()]);
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
});

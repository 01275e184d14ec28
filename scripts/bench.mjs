// npm run bench: installs what is missing, then becomes bench/run.ts. What follows `--` is the bench's own.

import { existsSync } from "node:fs";
import path from "node:path";
import { runMain } from "./set-up/advice.mjs";
import { chromiumPath } from "./set-up/chromium.mjs";
import { stopWithSignals } from "./set-up/command.mjs";
import { installDependencies, ROOT } from "./set-up/dependencies.mjs";
import { redisServerPath } from "./set-up/redis.mjs";
import { importTypeScript } from "./set-up/typescript.mjs";

await runMain(async () => {
  const giveSignalsBack = stopWithSignals();
  await installDependencies();
  // The programs that we compare with have a lock file of their own: nobody else needs to install them.
  const bench = path.join(ROOT, "bench");
  if (existsSync(path.join(bench, "package-lock.json"))) await installDependencies(bench);
  // For the row that tests a view in a browser, and for those of Pub/Sub.
  process.env["CHROMIUM_PATH"] = await chromiumPath();
  process.env["REDIS_SERVER_PATH"] = await redisServerPath();
  giveSignalsBack();
});
await importTypeScript("bench/run.ts");

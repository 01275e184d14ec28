// npm run chaos: installs what is missing, then becomes test/chaos/run.ts. What follows `--` is that program's own.

import { runMain } from "./set-up/advice.mjs";
import { stopWithSignals } from "./set-up/command.mjs";
import { installDependencies } from "./set-up/dependencies.mjs";
import { redisServerPath } from "./set-up/redis.mjs";
import { importTypeScript } from "./set-up/typescript.mjs";

await runMain(async () => {
  const giveSignalsBack = stopWithSignals();
  await installDependencies();
  process.env["REDIS_SERVER_PATH"] = await redisServerPath();
  giveSignalsBack();
});
await importTypeScript("test/chaos/run.ts");

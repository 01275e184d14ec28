// npm run dev: Snippetbox and the small examples, started again whenever a file that it uses changes.

import path from "node:path";
import { runMain } from "./set-up/advice.mjs";
import { run, stopWithSignals } from "./set-up/command.mjs";
import { installDependencies, ROOT } from "./set-up/dependencies.mjs";

await runMain(async () => {
  stopWithSignals();
  await installDependencies();
  const tsx = path.join(ROOT, "node_modules/tsx/dist/cli.mjs");
  const watch = ["watch", "--clear-screen=false", "--include=examples/**/*", "--conditions=wingbeat-source"];
  const { code } = await run(process.execPath, [tsx, ...watch, "examples/snippetbox/server.ts"], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "development" },
  });
  process.exitCode = code;
});

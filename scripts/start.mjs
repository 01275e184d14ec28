// npm start: installs what is missing, then *becomes* Snippetbox, which serves the small examples too. The server runs in this process, so that
// signals, exit code and terminal are its own.

import { runMain } from "./set-up/advice.mjs";
import { stopWithSignals } from "./set-up/command.mjs";
import { installDependencies } from "./set-up/dependencies.mjs";
import { importTypeScript } from "./set-up/typescript.mjs";

await runMain(async () => {
  const giveSignalsBack = stopWithSignals();
  await installDependencies();
  giveSignalsBack();
});
await importTypeScript("examples/snippetbox/server.ts");

// npm run screenshots: installs what is missing, then becomes test/browser/screenshots.ts, which makes the README's pictures.

import { runMain } from "./set-up/advice.mjs";
import { chromiumPath } from "./set-up/chromium.mjs";
import { stopWithSignals } from "./set-up/command.mjs";
import { installDependencies } from "./set-up/dependencies.mjs";
import { importTypeScript } from "./set-up/typescript.mjs";

await runMain(async () => {
  const giveSignalsBack = stopWithSignals();
  await installDependencies();
  process.env["CHROMIUM_PATH"] = await chromiumPath();
  giveSignalsBack();
});
await importTypeScript("test/browser/screenshots.ts");

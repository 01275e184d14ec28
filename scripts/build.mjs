// npm run build: src/ → dist/. Built beside dist/ and put in its place when it is whole, so that nobody who imports it
// meanwhile sees half a build. The folder beside it is as deep, so the source maps stay right.

import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { runMain } from "./set-up/advice.mjs";
import { run, stopWithSignals } from "./set-up/command.mjs";
import { installDependencies, ROOT } from "./set-up/dependencies.mjs";

await runMain(async () => {
  stopWithSignals();
  await installDependencies();
  const dist = path.join(ROOT, "dist");
  const fresh = path.join(ROOT, `dist.${process.pid}.new`);
  const old = path.join(ROOT, `dist.${process.pid}.old`);
  const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
  try {
    const { code } = await run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", fresh], { cwd: ROOT });
    process.exitCode = code;
    if (code !== 0) return;
    await rename(dist, old).catch(() => {}); // there may be none
    await rename(fresh, dist);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
});

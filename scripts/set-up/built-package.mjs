import path from "node:path";
import { Advice } from "./advice.mjs";
import { run } from "./command.mjs";
import { ROOT } from "./dependencies.mjs";

/** Runs before vitest's package project: its tests want dist/ to be what src/ is now. */
export default async function setUp() {
  const { code, output } = await run(process.execPath, [path.join(ROOT, "scripts/build.mjs")], { quiet: true });
  if (code !== 0) throw new Advice(`npm run build failed with code ${code}:\n${output}`);
}

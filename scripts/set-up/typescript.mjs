import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./dependencies.mjs";

/**
 * Runs a TypeScript module of this repository in this process, as if it had been the main module. Node 20 cannot strip
 * types, so tsx does it. The process must have been started with `--conditions=wingbeat-source`.
 *
 * @param {string} file relative to the repository's root
 */
export async function importTypeScript(file) {
  const { register } = await import("tsx/esm/api");
  register();
  // Processes that it forks, as `serve` does for workers, run the module itself, with these arguments for Node.
  process.execArgv.push(`--import=${import.meta.resolve("tsx")}`);
  const full = path.join(ROOT, file);
  process.argv[1] = full;
  await import(pathToFileURL(full).href);
}

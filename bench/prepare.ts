/**
 * Makes ready what a bench run needs besides packages (scripts/bench.mjs installs those): Wingbeat built as users get it,
 * and the benchmark's own processes as JavaScript.
 */
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const typeScript = `${root}node_modules/typescript/bin/tsc`;

export function prepare(): void {
  say("building Wingbeat");
  run("npm", ["run", "build", "--silent"], root);
  linkWingbeat();
  say("building the benchmarks");
  rmSync(`${bench}.build`, { recursive: true, force: true });
  run(process.execPath, [typeScript, "-p", "tsconfig.json"], bench);
}

/** The servers import "wingbeat" as an application does: through node_modules, the exports map and dist/. */
function linkWingbeat(): void {
  const link = `${bench}node_modules/wingbeat`;
  if (existsSync(link)) return;
  symlinkSync(root, link, "dir");
}

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: "inherit" });
}

function say(text: string): void {
  console.error(`bench: ${text}`);
}

import { execFile, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { freePort } from "../support/free-port.ts";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** A block of a page that begins with ```ts title="…" or ```js title="…": a whole file, printed as it runs. */
export interface PrintedFile {
  /** The page that prints it, from the root of the repository. */
  readonly page: string;
  readonly title: string;
  readonly code: string;
}

export function printedFiles(page: string): PrintedFile[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/^```[tj]s title="([^"]+)"\n(.*?)^```$/gms)].map(([, title = "", code = ""]) => ({
    page,
    title,
    code,
  }));
}

/** What `wingbeat` needs, and what the programs do. */
const INSTALLED = ["devalue", "phoenix", "phoenix_live_view", "redis", "rou3", "srvx", "ws", "zod", "@types/node"];

/** Writes the files as a stranger's project would hold them: a folder for each page. @returns the project's folder */
export function writeProject(files: readonly PrintedFile[]): string {
  const project = mkdtempSync(join(tmpdir(), "wingbeat-printed-"));
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  for (const name of INSTALLED) symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  installWingbeat(join(project, "node_modules/wingbeat"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  const tsconfig = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { typeRoots: ["node_modules/@types"] },
    include: ["**/*.ts", "**/*.mts"],
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(tsconfig));
  for (const { page, title, code } of files) {
    mkdirSync(join(project, page), { recursive: true });
    writeFileSync(join(project, page, title), code);
  }
  return project;
}

/**
 * What runs is JavaScript in few files, as in the package on npm: from its sources a program takes three times as long to
 * start. What is type-checked are the sources.
 */
function installWingbeat(folder: string): void {
  // Ours; test/package looks at each of them.
  const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    exports: Record<string, string | { readonly "wingbeat-source": string; readonly default: string }>;
  };
  const entries: Record<string, string> = {};
  const installed: typeof exports = {};
  for (const [name, files] of Object.entries(exports)) {
    if (typeof files === "string") continue;
    const source = files["wingbeat-source"];
    const entry = source.slice("./src/".length, -".ts".length);
    entries[entry] = join(ROOT, source);
    installed[name] = { "wingbeat-source": source, default: `./dist/${entry}.js` };
  }
  mkdirSync(folder);
  symlinkSync(join(ROOT, "src"), join(folder, "src"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "wingbeat", type: "module", exports: installed }));
  buildSync({
    entryPoints: entries,
    outdir: join(folder, "dist"),
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
  });
}

export interface Program {
  readonly url: string;
  /** What it printed. */
  readonly output: () => string;
  /** Asks it to end, as a supervisor does. @returns its exit code, `null` when it was killed */
  terminate(): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Runs a file as it was printed, in a process of its own. Whatever port it asks for, it gets a free one: another program
 * may have the one that is printed.
 */
export async function run(file: string, env: (url: string) => Record<string, string> = () => ({})): Promise<Program> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const child = fork(file, {
    cwd: dirname(file),
    silent: true,
    env: { ...process.env, NODE_ENV: "development", ...env(url), TEST_PORT: String(port) },
    execArgv: [
      `--import=${import.meta.resolve("tsx")}`,
      `--import=${new URL("typescript-in-threads.mjs", import.meta.url).href}`,
      `--import=${new URL("any-port.ts", import.meta.url).href}`,
    ],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += String(data)));
  await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => {
      throw new Error(`${file} ended before it listened:\n${output}`);
    }),
  ]);
  const terminate = async (): Promise<unknown> => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    return (await ended)[0];
  };
  return { url, output: () => output, terminate, stop: () => stop(child) };
}

/** Runs a file that ends by itself. @returns what it printed @throws when it fails, with what it printed */
export async function runToEnd(file: string, env: Record<string, string>): Promise<string> {
  const args = [`--import=${import.meta.resolve("tsx")}`, file];
  const options = { cwd: dirname(file), env: { ...process.env, ...env } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
  return stdout + stderr;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

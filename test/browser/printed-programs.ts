import { execFile, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.ts";
import { promisify } from "node:util";

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

/** Writes the files as a stranger's project would hold them: a folder for each page. @returns the project's folder */
export function writeProject(files: readonly PrintedFile[]): string {
  const project = mkdtempSync(join(tmpdir(), "wingbeat-printed-"));
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  symlinkSync(ROOT, join(project, "node_modules/wingbeat"));
  for (const name of ["zod", "@types/node"])
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
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
      "--conditions=wingbeat-source",
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
  const args = ["--conditions=wingbeat-source", `--import=${import.meta.resolve("tsx")}`, file];
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

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export const ROOT = path.resolve(import.meta.dirname, "../..");

/** What `npm pack` made. */
export interface Packed {
  readonly tarball: string;
  /** The paths in the tarball, relative to the package, sorted. */
  readonly files: readonly string[];
}

/** Packs the built package into `directory`. dist/ is fresh: the package project's set-up has built it. */
export async function pack(directory: string): Promise<Packed> {
  const output = await npm(["pack", "--json", "--ignore-scripts", "--pack-destination", directory], ROOT);
  const [report] = JSON.parse(output) as [{ filename: string; files: { path: string }[] }]; // npm's documented shape
  return { tarball: path.join(directory, report.filename), files: report.files.map((file) => file.path).toSorted() };
}

/** A project of somebody else, outside the repository. */
export interface FreshProject {
  write(file: string, text: string): Promise<void>;
  /** Runs a program in the project; resolves with what it printed, rejects with that when it fails. */
  run(program: string, args: readonly string[]): Promise<string>;
}

/** Makes a project in `directory` that has installed `packages` (tarballs or names). */
export async function freshProject(directory: string, packages: readonly string[]): Promise<FreshProject> {
  const project: FreshProject = {
    write: (file, text) => writeFile(path.join(directory, file), text),
    run: (program, args) => command(program, args, directory),
  };
  await project.write("package.json", JSON.stringify({ name: "fresh", private: true, type: "module" }));
  await npm(["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], directory);
  return project;
}

/** Gives `work` a new folder outside the repository, and removes it afterwards when asked. */
export async function temporaryDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), "wingbeat-package-"));
  return { path: directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

function npm(args: readonly string[], cwd: string): Promise<string> {
  const started = process.env["npm_execpath"];
  if (started?.endsWith("npm-cli.js")) return command(process.execPath, [started, ...args], cwd);
  return command("npm", args, cwd);
}

async function command(program: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env: strangersEnvironment(), timeout: 240_000 });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }; // execFile adds both to its error
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

/**
 * The environment without what npm, node and vitest added to it for *this* repository: npm's local prefix alone would
 * make an install elsewhere write here. Where the registry is and how to reach it stays.
 */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(npm_(package|lifecycle|config_(local_)?prefix)|NODE_ENV$|NODE_OPTIONS$|VITEST|INIT_CWD$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

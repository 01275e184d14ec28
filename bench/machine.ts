import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { isPinned } from "./rpc.ts";

/** Where and of what the figures are. */
export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  readonly memoryGib: number;
  readonly system: string;
  readonly pinning: string;
  /** Of the last minute, before we began: about 0 if nothing else runs. */
  readonly loadAverage: number;
  readonly packages: Readonly<Record<string, string>>;
}

const PACKAGES = ["ws", "socket.io", "liveviewjs", "@liveviewjs/express", "express"];

export function describeMachine(): Machine {
  const cores = cpus();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    cpu: `${cores.length} × ${cores[0]?.model.trim() ?? "unknown"}`,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split("-", 1)[0]}`,
    pinning: isPinned ? "server on core 0, load generator on core 1" : "none: taskset is not on this machine",
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

export function machineLine(machine: Machine): string {
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  return `${machine.cpu}, ${machine.memoryGib} GiB, ${machine.system}, Node ${machine.node}; ${machine.pinning}; load average before: ${machine.loadAverage}; ${packages.join(", ")}; commit ${machine.commit}, ${machine.date}`;
}

function versionOf(name: string): string {
  const text = readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8");
  const manifest: unknown = JSON.parse(text);
  const version =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
  return String(version);
}

function commit(): string {
  try {
    const options = { cwd: new URL(".", import.meta.url), encoding: "utf8" } as const;
    const changes = execFileSync("git", ["status", "--porcelain", "--untracked-files=no"], options).trim();
    return `${execFileSync("git", ["rev-parse", "--short", "HEAD"], options).trim()}${changes === "" ? "" : " with changes"}`;
  } catch {
    return "unknown (not a git checkout)";
  }
}

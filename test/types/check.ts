import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** What the checker says of one line. `message` holds all lines of the report, the first one being the summary. */
export interface Report {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** One line marked `✗`: it must be refused, with each of `fragments` in the report, in this order. */
export interface Refusal {
  readonly file: string;
  readonly line: number;
  readonly fragments: readonly string[];
}

/** Runs the project's `tsc`. TypeScript 7 has no JavaScript API, so this is the way to ask it. */
export function tsc(...args: readonly string[]): Promise<string> {
  return new Promise((done, failed) => {
    const options = { cwd: ROOT, maxBuffer: 64 * 1_024 * 1_024 };
    const command = [join(ROOT, "node_modules/typescript/bin/tsc"), "--noEmit", "--pretty", "false", ...args];
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      // 1 and 2 mean that there are reports; anything else, that it did not run.
      if (error === null || error.code === 1 || error.code === 2) done(stdout);
      else failed(new Error(`tsc ${args.join(" ")} did not run: ${stderr}${stdout}`, { cause: error }));
    });
  });
}

/** Reads what `tsc --pretty false` prints. A report that names no file (a bad option) has the file "" and the line 0. */
export function parseReports(output: string): Report[] {
  const reports: { file: string; line: number; message: string }[] = [];
  for (const text of output.split("\n")) {
    const located = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/.exec(text);
    const last = reports.at(-1);
    if (located !== null) {
      reports.push({ file: located[1] ?? "", line: Number(located[2]), message: located[3] ?? "" });
    } else if (text.startsWith("error ")) {
      reports.push({ file: "", line: 0, message: text });
    } else if (text.startsWith(" ") && last !== undefined) {
      last.message += `\n${text}`;
    }
  }
  return reports;
}

/** Without what is wrong in `src/` itself: that is for the project's own type check to say. */
export function withoutSource(reports: readonly Report[]): Report[] {
  return reports.filter((report) => !report.file.startsWith("src/"));
}

/** Finds the lines of a program that are marked `// ✗ text … more text`. */
export function parseRefusals(file: string, program: string): Refusal[] {
  return program.split("\n").flatMap((text, index) => {
    const expected = /\/\/ ✗ (.*)$/.exec(text)?.[1];
    if (expected === undefined) return [];
    const fragments = expected.split("…").map((fragment) => fragment.trim());
    return [{ file, line: index + 1, fragments: fragments.filter((fragment) => fragment !== "") }];
  });
}

/** What is wrong with the reports, a sentence each: marked lines that were accepted, and unmarked ones that were not. */
export function disagreements(reports: readonly Report[], refusals: readonly Refusal[]): string[] {
  const at = (place: { file: string; line: number }) => `${place.file}:${place.line}`;
  const marked = new Set(refusals.map(at));
  const missing = refusals.flatMap((refusal) => {
    const said = reports.filter((report) => at(report) === at(refusal)).map((report) => report.message);
    if (said.length === 0) return [`${at(refusal)} compiles, but should be refused: ${refusal.fragments.join(" … ")}`];
    if (said.some((message) => holdsInOrder(message, refusal.fragments))) return [];
    return [`${at(refusal)} is refused without "${refusal.fragments.join(" … ")}": ${said.join("\n")}`];
  });
  const unexpected = reports
    .filter((report) => !marked.has(at(report)))
    .map((report) => `${at(report)} should compile, but: ${report.message}`);
  return [...missing, ...unexpected];
}

function holdsInOrder(message: string, fragments: readonly string[]): boolean {
  let from = 0;
  for (const fragment of fragments) {
    const found = message.indexOf(fragment, from);
    if (found < 0) return false;
    from = found + fragment.length;
  }
  return true;
}

export interface Checked {
  readonly refusals: readonly Refusal[];
  readonly disagreements: readonly string[];
}

/** Type-checks the programs of one folder, each line marked `✗` being expected to fail. */
export async function checkPrograms(folder: string, ...options: readonly string[]): Promise<Checked> {
  const path = relative(ROOT, folder);
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const refusals = names.flatMap((name) => parseRefusals(join(path, name), readFileSync(join(folder, name), "utf8")));
  const reports = parseReports(await tsc("-p", folder, ...options));
  return { refusals, disagreements: disagreements(withoutSource(reports), refusals) };
}

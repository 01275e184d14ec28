import { existsSync, readFileSync, writeFileSync } from "node:fs";

const BEGIN = "<!-- figures: written by npm run bench -- --markdown -->";
const END = "<!-- end of figures -->";

/** Writes text into a file: between its two marks if it has them (docs/benchmarks.md), else as the whole file. */
export function writeMarkdown(file: string, text: string): void {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const begin = before.indexOf(BEGIN);
  const end = before.indexOf(END);
  const isMarked = begin !== -1 && end > begin;
  writeFileSync(
    file,
    isMarked ? `${before.slice(0, begin + BEGIN.length)}\n\n${text}\n${before.slice(end)}` : `${text}\n`,
  );
}

import { parseArgs } from "node:util";

/** How much work a run does. */
export interface Sizes {
  /** For the fan-out that is not paced, and the slow reader. */
  readonly clients: number;
  /** For the paced fan-out, the joins and the memory. */
  readonly manyClients: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /**
   * Frames of 4 KB that the slow reader does not read. The kernel takes about 1 500 of them; of each further one the bare
   * server keeps some 12 KB (the frame, and the 8 KB slab that its header was cut from).
   */
  readonly slowReaderFrames: number;
}

export interface Options {
  readonly runs: number;
  readonly only: readonly string[];
  readonly rows: readonly string[];
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  readonly isQuick: boolean;
  readonly sizes: Sizes;
}

const FULL: Sizes = {
  clients: 1_000,
  manyClients: 5_000,
  seconds: 4,
  warmUpSeconds: 1.5,
  slowReaderFrames: 7_500,
};
const QUICK: Sizes = { clients: 200, manyClients: 500, seconds: 1, warmUpSeconds: 0.5, slowReaderFrames: 2_000 };

export const HELP = `
npm run bench -- [options]

  --only fan-out,events   scenarios whose name begins so (default: all)
  --rows wingbeat,bare    rows whose name begins so (default: all)
  --runs 5                runs of each row, medians are reported (default: 3; with --quick 1)
  --quick                 small numbers, to see that it works; its figures mean nothing
  --json FILE             everything that was measured, run by run
  --markdown FILE         the tables, as Markdown
`.trim();

/** Reads the command line. @throws when it names an option that does not exist. */
export function readOptions(args: readonly string[]): Options & { readonly help: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      rows: { type: "string", default: "" },
      runs: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      markdown: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const runs = Number(values.runs ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a count of at least 1, not "${values.runs}".`);
  return {
    runs,
    only: list(values.only),
    rows: list(values.rows),
    json: values.json,
    markdown: values.markdown,
    isQuick: values.quick,
    sizes: values.quick ? QUICK : FULL,
    help: values.help,
  };
}

function list(text: string): readonly string[] {
  return text.split(",").filter((part) => part !== "");
}

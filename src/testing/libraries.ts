import type * as CssSelect from "css-select";
import type * as Parse5 from "parse5";
import { LiveError } from "../errors.ts";

/** What the pages of the kit need besides us: a parser that reads HTML as browsers do, and selectors. */
export interface Libraries {
  readonly parse5: typeof Parse5;
  readonly cssSelect: typeof CssSelect;
}

let loaded: Libraries | undefined;

/**
 * Loads them at first use: they are optional peer dependencies, which an app does not need to run.
 * @throws {LiveError} `testing.packages` if one is not installed.
 */
export async function loadLibraries(): Promise<Libraries> {
  if (loaded !== undefined) return loaded;
  try {
    const [parse5, cssSelect] = await Promise.all([import("parse5"), import("css-select")]);
    return (loaded = { parse5, cssSelect });
  } catch (cause) {
    throw new LiveError(
      "testing.packages",
      "wingbeat/testing reads pages with the packages parse5 and css-select, and one of them could not be loaded. Install both:\n\n    npm install --save-dev parse5 css-select",
      { cause },
    );
  }
}

/** The libraries, for code that runs after `loadLibraries`. */
export function libraries(): Libraries {
  if (loaded === undefined) throw new Error("loadLibraries has not been awaited.");
  return loaded;
}

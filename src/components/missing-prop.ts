import { LiveError } from "../errors.ts";

/**
 * Refuses what the types refuse already, where nobody asked them: in JavaScript, or behind a cast.
 *
 * @param example a call with everything it needs
 * @throws {LiveError} `component.missing-prop`
 */
export function refuseMissing(
  component: string,
  props: { readonly [name: string]: unknown },
  needed: readonly string[],
  example: string,
): void {
  for (const name of needed) {
    const value = props[name];
    if (typeof value === "string" && value !== "") continue;
    const got = value === undefined ? "none" : value === "" ? "an empty one" : `one of type ${typeof value}`;
    throw new LiveError(
      "component.missing-prop",
      `${component} needs ${name}, a string that is not empty, and got ${got}. The browser finds its element by it:\n\n    ${example}`,
    );
  }
}

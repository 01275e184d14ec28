// Names that are not written in a template, but made by a program: of `attrs`, and of the JS commands that set attributes.

/** Less than HTML allows: `@click`, whose value a library would run as a program, has to be written out. */
const NAME = /^[a-z_][\w:.-]*$/i;

/** Names that were found to be good. Bounded, because a program may make names of what users typed. */
const known = new Set<string>();
const MAX_KNOWN = 1_000;

/** What is wrong with an attribute's name, and what to write instead; `undefined` if it may be used. */
export function checkAttributeName(name: string): string | undefined {
  if (known.has(name)) return undefined;
  const problem = findProblem(name);
  if (problem === undefined && known.size < MAX_KNOWN) known.add(name);
  return problem;
}

function findProblem(name: string): string | undefined {
  if (typeof name !== "string" || !NAME.test(name)) {
    return `${JSON.stringify(name)} is no name of an attribute. Write it as in HTML: "aria-label", "data-id".`;
  }
  const lower = name.toLowerCase();
  if (lower.startsWith("on")) {
    return `What stands in ${name} is a program, and no escaping makes that safe. Let the server handle it: "phx-click". In the browser: a hook, or a JS command.`;
  }
  if (lower === "srcdoc") {
    return "What stands in srcdoc is a whole page with the rights of this one. Serve the page at an address of its own, and give that to src.";
  }
  return undefined;
}

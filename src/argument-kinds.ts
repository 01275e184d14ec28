// What several checks of what a program gives ask, where no compiler has read it.

/** Whether it is a schema of Standard Schema, such as one of zod, valibot or arktype. Those of arktype are functions. */
export function isSchema(value: unknown): value is { readonly "~standard": unknown } {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && "~standard" in value;
}

/** For messages, if an option is none of the `known` ones: `serve got \`host\`, which is none of its options: port, hostname.` */
export function strangeOption(who: string, given: object, known: readonly string[]): string | undefined {
  const option = Object.keys(given).find((name) => !known.includes(name));
  return option === undefined
    ? undefined
    : `${who} got \`${option}\`, which is none of its options: ${known.join(", ")}.`;
}

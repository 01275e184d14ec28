import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { isRecord } from "../protocol/decode.ts";

// What a program that no compiler has read may get wrong in the definition of a view. Looked at once for each view.

const CALLBACKS = ["mount", "handleParams", "handleEvent", "handleInfo", "handleGap", "shutdown", "render"] as const;
const MEMBERS: readonly string[] = [...CALLBACKS, "onGap", "initial", "events", "infos"];

/** @throws {LiveError} `view.invalid-definition` with the mend */
export function checkDefinition(definition: object): void {
  const members: { readonly [name: string]: unknown } = { ...definition };
  for (const name of Object.keys(members)) {
    const meant = MEMBERS.find((member) => member !== name && plain(member) === plain(name));
    if (meant !== undefined) throw invalid(`A view has a \`${name}\`, which nothing calls. Write ${meant}.`);
  }
  for (const name of CALLBACKS) {
    const value = members[name];
    if (value === undefined || typeof value === "function") continue;
    throw invalid(
      `A view's ${name} is ${describeValue(value)}, and must be a function${name === "handleEvent" || name === "handleInfo" ? ` for all of them: ${name}: (message, socket) => { switch (message.type) { … } }` : ""}.`,
    );
  }
  checkInitial(members["initial"]);
  checkEvents(members["events"]);
}

function checkInitial(initial: unknown): void {
  if (initial === undefined || isRecord(initial)) return;
  throw invalid(
    `A view's \`initial\` is ${describeValue(initial)}, and must be an object, with which each view's context begins: initial: { count: 0 }. What has to be made anew for each view belongs into mount.`,
  );
}

function checkEvents(events: unknown): void {
  if (events === undefined) return;
  if (!isRecord(events)) {
    throw invalid(
      `A view's \`events\` is ${describeValue(events)}, and must be an object with a schema for each event: events: { rename: z.object({ name: z.string() }) }.`,
    );
  }
  for (const [name, schema] of Object.entries(events)) {
    const isSchema =
      ((typeof schema === "object" && schema !== null) || typeof schema === "function") && "~standard" in schema;
    if (isSchema || schema === undefined) continue;
    throw invalid(
      `The event ${JSON.stringify(name)} of a view has ${describeValue(schema)} for a schema. Give one of zod, valibot, arktype or another library of Standard Schema: events: { ${name}: z.object({ … }) }.`,
    );
  }
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function invalid(text: string): LiveError {
  return new LiveError("view.invalid-definition", text);
}

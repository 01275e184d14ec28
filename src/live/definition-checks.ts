import { isSchema } from "../argument-kinds.ts";
import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { isRecord } from "../protocol/decode.ts";

// What a program that no compiler has read may get wrong in the definition of a view or of a live component. Looked at once
// for each.

interface Kind {
  readonly noun: "view" | "live component";
  readonly code: "view.invalid-definition" | "component.invalid-definition";
  readonly callbacks: readonly string[];
  /** What else it may have. */
  readonly others: readonly string[];
}

const VIEW: Kind = {
  noun: "view",
  code: "view.invalid-definition",
  callbacks: ["mount", "handleParams", "handleEvent", "handleInfo", "handleGap", "shutdown", "render"],
  others: ["onGap", "initial", "events", "infos"],
};
const COMPONENT: Kind = {
  noun: "live component",
  code: "component.invalid-definition",
  callbacks: ["mount", "update", "updateMany", "handleEvent", "render"],
  others: ["name", "initial", "events"],
};

/** @throws {LiveError} `view.invalid-definition` with the mend */
export function checkDefinition(definition: object): void {
  checkMembers(VIEW, { ...definition });
}

/** @throws {LiveError} `component.invalid-definition` with the mend */
export function checkComponentDefinition(definition: object): void {
  const members: { readonly [name: string]: unknown } = { ...definition };
  for (const name of Object.keys(members)) {
    const ofView = VIEW.callbacks.find((callback) => plain(callback) === plain(name));
    if (ofView === undefined || COMPONENT.callbacks.includes(ofView) || members[name] === undefined) continue;
    throw invalid(
      COMPONENT,
      `A live component has a \`${name}\`, which nothing calls. Its view may have a ${ofView}, and pass on what the component needs: as props, or by socket.sendUpdate(component, id, { … }).`,
    );
  }
  checkMembers(COMPONENT, members);
}

function checkMembers(kind: Kind, members: { readonly [name: string]: unknown }): void {
  const { noun, callbacks, others } = kind;
  const known = [...callbacks, ...others];
  for (const name of Object.keys(members)) {
    const meant = known.find((member) => member !== name && plain(member) === plain(name));
    if (meant !== undefined) throw invalid(kind, `A ${noun} has a \`${name}\`, which nothing calls. Write ${meant}.`);
  }
  for (const name of callbacks) {
    const value = members[name];
    if (value === undefined || typeof value === "function") continue;
    throw invalid(
      kind,
      `A ${noun}'s ${name} is ${describeValue(value)}, and must be a function${name === "handleEvent" || name === "handleInfo" ? ` for all of them: ${name}: (message, socket) => { switch (message.type) { … } }` : ""}.`,
    );
  }
  checkInitial(kind, members["initial"]);
  checkEvents(kind, members["events"]);
}

function checkInitial(kind: Kind, initial: unknown): void {
  if (initial === undefined || isRecord(initial)) return;
  throw invalid(
    kind,
    `A ${kind.noun}'s \`initial\` is ${describeValue(initial)}, and must be an object, with which each ${kind.noun}'s context begins: initial: { count: 0 }. What has to be made anew for each belongs into mount.`,
  );
}

function checkEvents(kind: Kind, events: unknown): void {
  if (events === undefined) return;
  if (!isRecord(events)) {
    throw invalid(
      kind,
      `A ${kind.noun}'s \`events\` is ${describeValue(events)}, and must be an object with a schema for each event: events: { rename: z.object({ name: z.string() }) }.`,
    );
  }
  for (const [name, schema] of Object.entries(events)) {
    if (isSchema(schema) || schema === undefined) continue;
    throw invalid(
      kind,
      `The event ${JSON.stringify(name)} of a ${kind.noun} has ${describeValue(schema)} for a schema. Give one of zod, valibot, arktype or another library of Standard Schema: events: { ${name}: z.object({ … }) }.`,
    );
  }
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function invalid({ code }: Kind, text: string): LiveError {
  return new LiveError(code, text);
}

import { LiveError } from "../../errors.ts";
import { excerptOf, type FoundPlace } from "../../html/component-places.ts";
import type { ComponentPlace } from "../../html/rendered.ts";

// What a developer can do wrong with live components, and the mend.

export function duplicateId({ component, id }: ComponentPlace, places: readonly FoundPlace[]): LiveError {
  return new LiveError(
    "component.duplicate-id",
    `
Two places of one page have ${component.name} with the id ${JSON.stringify(id)}. The id tells its instances apart, so each needs its own:

${places.map(excerptOf).join("\n\n")}

Use something that identifies what the component shows, such as liveComponent(card, { id: item.id, item }).
`.trim(),
  );
}

export function withoutId(component: string, id: unknown): LiveError {
  return new LiveError(
    "component.invalid-definition",
    `A place of ${component} has the id ${String(id)}; expected a string or a number, which tells the instances of one component apart. Give it what identifies what it shows, such as liveComponent(${component}, { id: item.id, item }).`,
  );
}

export function notSingleRoot(component: string, why: string): LiveError {
  return new LiveError(
    "component.single-root",
    `
The render of ${component} is not exactly one element, by which the page could know it. ${why}

Put all of it into one element, and choose between templates inside: <div>\${isOpen ? html\`…\` : html\`…\`}</div>.
`.trim(),
  );
}

export function notRendered(component: string, result: unknown): LiveError {
  const got = result === null ? "null" : typeof result;
  return new LiveError(
    "template.not-renderable",
    `The render of ${component} must return html\`…\` at once, but it returned ${got}. Load what it shows in mount, update or handleEvent, which may be asynchronous.`,
  );
}

import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { isRecord } from "../protocol/decode.ts";

// What a program that no compiler has read may give to the components of a form.

/** @throws {LiveError} `form.invalid-input` */
export function checkField(component: "input" | "label" | "fieldErrors", field: unknown): void {
  if (isRecord(field) && "id" in field) return;
  throw new LiveError(
    "form.invalid-input",
    `${component} got ${describeValue(field)} for its field. It takes one of a form: ${component}({ field: context.form.field("email") }).`,
  );
}

/** @throws {LiveError} `form.invalid-input` */
export function checkForm(form: unknown): void {
  if (isRecord(form) && "id" in form && "resetMark" in form) return;
  throw new LiveError(
    "form.invalid-input",
    `liveForm got ${describeValue(form)} for its form. It takes what form(schema) made: liveForm({ form: context.form, change: "validate", submit: "save" }, …).`,
  );
}

/** @throws {LiveError} `form.invalid-input` */
export function checkChoices(type: string, choices: unknown): void {
  if (Array.isArray(choices)) return;
  throw new LiveError(
    "form.invalid-input",
    `input({ type: ${JSON.stringify(type)} }) got ${describeValue(choices)} for its choices. It takes a list: choices: ["free", { value: "team", label: "For a team" }].`,
  );
}

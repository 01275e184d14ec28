import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ClientEvent } from "../protocol/payloads.ts";
import type { DecodeResult } from "../decode-result.ts";
import { isRecord } from "../protocol/decode.ts";
import { rememberSent } from "../forms/form-event.ts";
import type { Schemas } from "./messages.ts";
import { isThenable } from "./renderer.ts";

/** An event as `handleEvent` gets it. */
export interface ViewEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * The event that a view gets for what the page sent: `{ type: <name>, …value }`. `type` wins over a field of that name;
 * a value that is no object (a hook may push anything) stands under `value`.
 *
 * With schemas, the value is what its schema made of it, and an event without a schema is refused. The result is a
 * promise only if the schema's is.
 */
export function toViewEvent(
  event: ClientEvent,
  schemas: Schemas | undefined,
): DecodeResult<ViewEvent> | Promise<DecodeResult<ViewEvent>> {
  if (schemas === undefined) return { ok: true, value: toUncheckedEvent(event) };
  const schema = Object.hasOwn(schemas, event.event) ? schemas[event.event] : undefined;
  if (schema === undefined) return { ok: false, reason: "it is not among the view's `events`" };
  const result = schema["~standard"].validate(fieldsOf(event));
  return isThenable(result)
    ? Promise.resolve(result).then((settled) => validated(event, settled))
    : validated(event, result);
}

/** What the page sent, whatever the view's schemas say of it. */
export function toUncheckedEvent(event: ClientEvent): ViewEvent {
  return named(event.event, fieldsOf(event));
}

function fieldsOf({ value }: ClientEvent): { readonly [field: string]: unknown } {
  return isRecord(value) ? value : { value };
}

function validated(event: ClientEvent, result: StandardSchemaV1.Result<object>): DecodeResult<ViewEvent> {
  const isForm = event.type === "form";
  if (result.issues !== undefined) {
    const reason = result.issues.map(describeIssue).join("; ");
    return { ok: false, reason: isForm ? `${reason}. ${FORM_ADVICE}` : reason };
  }
  const given = named(event.event, { ...result.value });
  // A schema drops what it does not know, such as which of the fields the user has touched.
  if (isForm) rememberSent(given, fieldsOf(event));
  return { ok: true, value: given };
}

const FORM_ADVICE =
  "The view is not told, and the user sees nothing. To show what is wrong with a form, let its event pass (events: { save: formEvent }) and give the schema to form()";

function describeIssue(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

function named(name: string, fields: { readonly [field: string]: unknown }): ViewEvent {
  return { ...fields, type: name };
}

import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { FormValue } from "../protocol/form.ts";
import { isPlainObject } from "./form-tree.ts";

/**
 * An event of a form, as `handleEvent` gets it: its fields as the browser sent them, before any schema. For the events that
 * a view declares: `createLiveView<Context, FormEvent<"validate" | "save">>`.
 */
export interface FormEvent<T extends string = string> {
  readonly type: T;
  readonly [field: string]: unknown;
}

/** The fields of a form as texts, lists and objects of them: what `formEvent` gives to `handleEvent`. */
export interface FormFields {
  readonly [field: string]: FormValue;
}

/**
 * For `events` of a view or a live component, where a form's event shall reach `handleEvent` whatever the user has entered:
 * `events: { validate: formEvent, save: formEvent }`. What the fields must be is for the schema of `form`, which keeps the
 * errors; the schema of an event would refuse it altogether.
 */
export const formEvent: StandardSchemaV1<FormFields, FormFields> = {
  "~standard": {
    version: 1,
    vendor: "wingbeat",
    validate: (value) =>
      isFormFields(value)
        ? { value }
        : {
            issues: [{ message: "it is no event of a form: its fields are not all texts, lists and objects of them" }],
          },
  },
};

function isFormFields(value: unknown): value is FormFields {
  return isPlainObject(value) && Object.keys(value).every((name) => isFormValue(value[name]));
}

/** What the client may send is bounded in depth, and so is this. */
function isFormValue(value: unknown): value is FormValue {
  if (typeof value === "string") return true;
  return Array.isArray(value) ? value.every(isFormValue) : isFormFields(value);
}

/** What the browser sent, by the events that schemas have made of it. */
const sentFields = new WeakMap<object, object>();

/** Keeps what was sent, where a schema has made something else of it: schemas drop what they do not know, such as `_target`. */
export function rememberSent(event: object, fields: object): void {
  sentFields.set(event, fields);
}

/** What the browser sent for an event. */
export function sentOf(event: object): { readonly [field: string]: unknown } {
  const sent = sentFields.get(event) ?? event;
  // Any object has fields of which nothing is known.
  return sent as { readonly [field: string]: unknown };
}

import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { ClassValue, Rendered } from "../html/rendered.ts";
import type { AnyField } from "./form-field.ts";
import type { AnyForm } from "./form.ts";
import { checkField } from "./input-checks.ts";

export interface FieldErrorsProps {
  /** The field, or the form, for what is wrong with it as a whole. */
  readonly field: AnyField | AnyForm;
  /** Of the element around the errors. @default none */
  readonly class?: ClassValue;
}

/**
 * What is wrong with a field, a paragraph for each error, read out by screen readers when it appears; nothing where nothing is
 * wrong. Its id is the field's with `-errors`, which `input` names in `aria-describedby`.
 */
export function fieldErrors({ field, class: className }: FieldErrorsProps): Rendered {
  checkField("fieldErrors", field);
  const { errors } = field;
  return html`${
    errors.length > 0 &&
    html`<div ${attrs({ id: errorsId(field), role: "alert", class: className })}>${errors.map((error) => html`<p>${error}</p>`)}</div>`
  }`;
}

export function errorsId({ id }: { readonly id: string }): string {
  return `${id}-errors`;
}

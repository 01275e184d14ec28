import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { ClassValue, Renderable, Rendered } from "../html/rendered.ts";
import type { AnyField } from "./form-field.ts";
import { checkField } from "./input-checks.ts";

export interface LabelProps {
  /** The field that it is for. */
  readonly field: AnyField;
  /** @default none */
  readonly class?: ClassValue;
}

/** The label of a field: `label({ field: form.field("email") }, "Email")`. A click on it moves the focus there. */
export function label({ field, class: className }: LabelProps, content: Renderable): Rendered {
  checkField("label", field);
  return html`<label ${attrs({ for: field.id, class: className })}>${content}</label>`;
}

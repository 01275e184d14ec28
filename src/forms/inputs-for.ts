import { attrs } from "../html/attrs.ts";
import { each } from "../html/each.ts";
import { html } from "../html/html.ts";
import type { Rendered } from "../html/rendered.ts";
import type { FormField, FormRow } from "./form-field.ts";
import type { RowOf } from "./field-path.ts";

/**
 * The rows of a list in a form, and what tells the server that it is a list, also when it has no rows:
 *
 * ```ts
 * inputsFor(form.field("items"), (row) => html`
 *   <li>
 *     ${input({ field: row.field("text"), label: "What" })}
 *     <button ${attrs(row.removeButton)}>Remove</button>
 *   </li>`)
 * ```
 *
 * Rows keep their inputs, and what is typed into them, wherever they move. A row's fields are sent in the order of the page, so a
 * script that moves rows on the page moves them in the form.
 */
export function inputsFor<T>(list: FormField<T>, row: (row: FormRow<RowOf<T>>) => Rendered): Rendered {
  return html`<input ${attrs(list.listMark)}>${each<FormRow<RowOf<T>>>(list.rows, ({ key }) => key, row)}`;
}

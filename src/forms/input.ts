import { LiveError } from "../errors.ts";
import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Attributes, ClassValue, Renderable, Rendered } from "../html/rendered.ts";
import { errorsId, fieldErrors } from "./field-errors.ts";
import type { AnyField } from "./form-field.ts";
import { checkChoices, checkField } from "./input-checks.ts";
import { label as labelFor } from "./label.ts";
import { isChosen, textFor } from "./input-value.ts";
import { over } from "./over.ts";

/** The `<input>`s in which something is written or picked. */
export type TextType =
  | "text"
  | "email"
  | "password"
  | "url"
  | "tel"
  | "search"
  | "number"
  | "range"
  | "color"
  | "date"
  | "datetime-local"
  | "month"
  | "week"
  | "time"
  | "hidden";

/** A choice: its value, or its value and what is shown for it, or a group of choices under a heading (of a `select` alone). */
export type Choice =
  | string
  | number
  | { readonly value: string | number; readonly label?: Renderable; readonly disabled?: boolean | undefined }
  | { readonly group: string; readonly choices: readonly Choice[] };

interface CommonProps {
  readonly field: AnyField;
  /**
   * With it, the control comes in a `<div>` with its label and its errors. Without it, it comes alone: `label` and `fieldErrors`
   * make the others where you want them. @default none
   */
  readonly label?: Renderable;
  /** Of the `<div>`. @default none */
  readonly class?: ClassValue;
  readonly labelClass?: ClassValue;
  readonly controlClass?: ClassValue;
  readonly errorsClass?: ClassValue;
  /** Whether the browser refuses to submit without it. @default false */
  readonly required?: boolean | undefined;
  /** Any others, of the control: `placeholder`, `autocomplete`, `phx-debounce`, `min`, … */
  readonly attrs?: Attributes | undefined;
}

/** A control for a field, by its `type`. */
export type InputProps = CommonProps &
  (
    | {
        /** @default "text" */
        readonly type?: TextType | "textarea" | undefined;
        readonly choices?: undefined;
      }
    | {
        /** A box that is checked or not: it sends `"true"` or `"false"`. */
        readonly type: "checkbox";
        /** What it sends when it is checked. @default "true" */
        readonly checkedValue?: string | undefined;
        /** What it sends when it is not. @default "false" */
        readonly uncheckedValue?: string | undefined;
      }
    | {
        readonly type: "select";
        readonly choices: readonly Choice[];
        /** A first choice that stands for none, and is sent as `""`: "Choose a country". @default none */
        readonly prompt?: string | undefined;
        /** Whether several can be chosen, which makes the field a list. @default false */
        readonly multiple?: boolean | undefined;
      }
    | {
        /** Buttons of which one is chosen; or boxes of which several are, which makes the field a list. */
        readonly type: "radio" | "checkboxes";
        readonly choices: readonly Exclude<Choice, { readonly group: string }>[];
      }
  );

/**
 * A control for a field of a form, with its id, name and value, and with `aria-invalid` and `aria-describedby` where there are
 * errors to show: `input({ field: form.field("email"), type: "email", label: "Email" })`. It has no style of its own.
 *
 * @throws {LiveError} `form.invalid-input` for a `type` that is none of these, and for what is no field or no list of choices
 */
export function input(props: InputProps): Rendered {
  const { field, label, class: className, labelClass, errorsClass } = props;
  checkField("input", field);
  const content = control(props);
  if (label === undefined || label === null || label === false) return content;
  const errors = fieldErrors({ field, class: errorsClass });
  switch (props.type) {
    case "radio":
    case "checkboxes":
      return html`<fieldset ${attrs({ id: field.id, class: className, ...ariaOf(field) })}><legend ${attrs({ class: labelClass })}>${label}</legend>${content}${errors}</fieldset>`;
    case "checkbox":
      return html`<div ${attrs({ class: className })}>${content}${labelFor({ field, class: labelClass }, label)}${errors}</div>`;
    default:
      return html`<div ${attrs({ class: className })}>${labelFor({ field, class: labelClass }, label)}${content}${errors}</div>`;
  }
}

function control(props: InputProps): Rendered {
  const { field, required, controlClass } = props;
  const common = over(props.attrs, {
    id: field.id,
    name: field.name,
    class: controlClass,
    required,
    ...ariaOf(field),
    ...usedMark(field),
  });
  switch (props.type) {
    case "textarea":
      return html`<textarea ${attrs(common)}>${textFor(field.value, "text")}</textarea>`;
    case "checkbox":
      return checkbox(field, common, props.checkedValue ?? "true", props.uncheckedValue ?? "false");
    case "select":
      checkChoices("select", props.choices);
      return select(field, common, props.choices, props.prompt, props.multiple === true);
    case "radio":
      checkChoices("radio", props.choices);
      return html`<input type="hidden" name="${field.name}" value="">${boxes(props, "radio", field.name)}`;
    case "checkboxes":
      checkChoices("checkboxes", props.choices);
      return html`<input ${attrs(field.listMark)}>${boxes(props, "checkbox", `${field.name}[]`)}`;
    default:
      return text(props.type ?? "text", field, common);
  }
}

const TEXT_TYPES: ReadonlySet<string> = new Set<TextType>([
  "text",
  "email",
  "password",
  "url",
  "tel",
  "search",
  "number",
  "range",
  "color",
  "date",
  "datetime-local",
  "month",
  "week",
  "time",
  "hidden",
]);

function text(type: TextType, field: AnyField, common: Attributes): Rendered {
  if (!TEXT_TYPES.has(type)) {
    throw new LiveError(
      "form.invalid-input",
      `input({ type: ${JSON.stringify(type)} }) is none of its types: ${[...TEXT_TYPES, "textarea", "checkbox", "select", "radio", "checkboxes"].join(", ")}. Write the tag of another yourself, with the field's id and name.`,
    );
  }
  // By itself, so that a change of it is all that travels.
  return html`<input ${attrs({ ...common, type })} value="${textFor(field.value, type)}">`;
}

/** The hidden input is what a browser sends when the box is not checked: it would send nothing of the box. */
function checkbox(field: AnyField, common: Attributes, checkedValue: string, uncheckedValue: string): Rendered {
  const isChecked = field.value === true || textFor(field.value, "text") === checkedValue;
  return html`<input type="hidden" name="${field.name}" value="${uncheckedValue}"><input ${attrs({ ...common, type: "checkbox", value: checkedValue, checked: isChecked })}>`;
}

function select(
  field: AnyField,
  common: Attributes,
  choices: readonly Choice[],
  prompt: string | undefined,
  isMultiple: boolean,
): Rendered {
  const options = html`${prompt !== undefined && html`<option value="">${prompt}</option>`}${choices.map((choice) => option(choice, field.value))}`;
  if (!isMultiple) return html`<select ${attrs(common)}>${options}</select>`;
  // A browser sends nothing of a select of which nothing is chosen.
  return html`<input ${attrs(field.listMark)}><select ${attrs({ ...common, name: `${field.name}[]`, multiple: true })}>${options}</select>`;
}

function option(choice: Choice, value: unknown): Rendered {
  if (typeof choice === "object" && "group" in choice) {
    return html`<optgroup label="${choice.group}">${choice.choices.map((inner) => option(inner, value))}</optgroup>`;
  }
  const { value: own, label, disabled } = toChoice(choice);
  return html`<option ${attrs({ value: own, selected: isChosen(value, own), disabled })}>${label}</option>`;
}

function boxes(
  { field, choices, required, controlClass, attrs: others }: Extract<InputProps, { type: "radio" | "checkboxes" }>,
  type: "radio" | "checkbox",
  name: string,
): Rendered[] {
  return choices.map((choice, index) => {
    const { value, label, disabled } = toChoice(choice);
    const own = {
      id: `${field.id}_${index}`,
      type,
      name,
      value,
      checked: isChosen(field.value, value),
      class: controlClass,
      disabled,
      required: type === "radio" && required,
      ...usedMark(field),
    };
    return html`<label for="${own.id}"><input ${attrs(over(others, own))}>${label}</label>`;
  });
}

function toChoice(choice: Exclude<Choice, { readonly group: string }>): {
  readonly value: string;
  readonly label: Renderable;
  readonly disabled: boolean | undefined;
} {
  if (typeof choice !== "object") return { value: String(choice), label: choice, disabled: undefined };
  return { value: String(choice.value), label: choice.label ?? choice.value, disabled: choice.disabled };
}

/**
 * The client keeps in mind which inputs were touched, but forgets it with the input: a row that was added is made anew after a
 * reconnect. So the page says it too.
 */
function usedMark(field: AnyField): Attributes {
  return field.isUsed ? { "phx-no-unused-field": true } : {};
}

function ariaOf(field: AnyField): Attributes {
  return field.errors.length === 0 ? {} : { "aria-invalid": true, "aria-describedby": errorsId(field) };
}

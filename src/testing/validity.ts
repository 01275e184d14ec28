import {
  controlsOf,
  isCheckable,
  isChecked,
  isDisabled,
  rootOf,
  typeOf,
  valueOf,
  formOf,
  type Element,
} from "./dom.ts";
import { isButton } from "./form-data.ts";

const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;
const WITH_RANGE = new Set(["number", "range", "date", "month", "week", "time", "datetime-local"]);

/** A field that keeps its form from being sent, and why. */
export interface Invalid {
  readonly control: Element;
  readonly reason: string;
}

/** The first field of a form on which a browser would stop, instead of sending it. */
export function firstInvalid(form: Element, submitter: Element | undefined): Invalid | undefined {
  if (form.has("novalidate") || submitter?.has("formnovalidate") === true) return undefined;
  for (const control of controlsOf(form)) {
    const reason = isButton(control) ? undefined : whyInvalid(control);
    if (reason !== undefined) return { control, reason };
  }
  return undefined;
}

/** Why a browser does not accept what is in a field; `undefined` if it does. */
export function whyInvalid(control: Element): string | undefined {
  const type = typeOf(control);
  if (isDisabled(control) || control.has("readonly") || type === "hidden") return undefined;
  if (isCheckable(control)) return whyUnchecked(control, type);
  const value = String(valueOf(control));
  if (value === "") return control.has("required") ? "it is required and empty" : undefined;
  if (control.name === "select") return undefined;
  return (
    whyMistyped(type, value) ??
    whyOutOfRange(control, type, value) ??
    whyWrongLength(control, value) ??
    whyUnlike(control, value)
  );
}

function whyUnchecked(control: Element, type: string): string | undefined {
  if (!control.has("required") || isChecked(control)) return undefined;
  const isChosen =
    type === "radio" &&
    rootOf(control).find(
      (other) =>
        other.get("name") === control.get("name") &&
        other.name === "input" &&
        isChecked(other) &&
        formOf(other) === formOf(control),
    ) !== undefined;
  if (isChosen) return undefined;
  return type === "radio" ? "one of its choices must be chosen" : "it must be checked";
}

function whyMistyped(type: string, value: string): string | undefined {
  if (type === "email" && !EMAIL.test(value)) return `${JSON.stringify(value)} is no e-mail address`;
  if (type === "url" && !URL.canParse(value)) return `${JSON.stringify(value)} is no URL`;
  if (type === "number" && !isNumber(value)) return `${JSON.stringify(value)} is no number`;
  return undefined;
}

export function isNumber(value: string): boolean {
  return /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i.test(value);
}

function whyOutOfRange(control: Element, type: string, value: string): string | undefined {
  if (!WITH_RANGE.has(type)) return undefined;
  const isNumeric = type === "number" || type === "range";
  // Dates and times are written so that their order is that of their text.
  const isLess = (a: string, b: string): boolean => (isNumeric ? Number(a) < Number(b) : a < b);
  const { min, max, step } = Object.fromEntries(control.attributes);
  if (min !== undefined && min !== "" && isLess(value, min)) return `${value} is less than ${min}`;
  if (max !== undefined && max !== "" && isLess(max, value)) return `${value} is more than ${max}`;
  if (!isNumeric || step === "any") return undefined;
  const size = Number(step ?? 1) || 1;
  const steps = (Number(value) - Number(min ?? 0)) / size;
  return Math.abs(steps - Math.round(steps)) > 1e-9 ? `${value} is not in steps of ${size}` : undefined;
}

function whyWrongLength(control: Element, value: string): string | undefined {
  // What the server put there is not counted, only what was typed.
  if (control.typed === undefined) return undefined;
  const min = Number(control.get("minlength") ?? 0);
  const max = Number(control.get("maxlength") ?? Number.POSITIVE_INFINITY);
  if (value.length < min) return `it needs at least ${min} characters and has ${value.length}`;
  return value.length > max ? `it takes at most ${max} characters and has ${value.length}` : undefined;
}

function whyUnlike(control: Element, value: string): string | undefined {
  const pattern = control.name === "input" ? control.get("pattern") : undefined;
  if (pattern === undefined) return undefined;
  return new RegExp(`^(?:${pattern})$`, "v").test(value)
    ? undefined
    : `${JSON.stringify(value)} does not fit the pattern ${pattern}`;
}

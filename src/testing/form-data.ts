import {
  controlsOf,
  isCheckable,
  isChecked,
  isDisabled,
  optionValue,
  selectedOptions,
  typeOf,
  valueOf,
  type Element,
} from "./dom.ts";

const BUTTON_TYPES = new Set(["submit", "button", "reset", "image"]);

export function isButton(control: Element): boolean {
  return control.name === "button" || (control.name === "input" && BUTTON_TYPES.has(typeOf(control)));
}

/** The name and value pairs that a browser sends of a form, in order. Files are left out, as the client does. */
export function formEntries(form: Element, submitter?: Element): (readonly [name: string, value: string])[] {
  return controlsOf(form).flatMap((control) => {
    const name = control.get("name") ?? "";
    if (name === "" || isDisabled(control)) return [];
    if (isButton(control)) return control === submitter ? [[name, String(valueOf(control))] as const] : [];
    if (isCheckable(control) && !isChecked(control)) return [];
    if (control.name === "select") {
      const chosen = selectedOptions(control).filter((option) => !isDisabled(option));
      return chosen.map((option) => [name, optionValue(option)] as const);
    }
    return typeOf(control) === "file" ? [] : [[name, String(valueOf(control))] as const];
  });
}

/**
 * A form as the client sends it (phoenix_live_view: view.ts, serializeForm): with a mark for every field that the user
 * has not touched. `onlyName`: of an input with an event of its own, whose other fields are not sent.
 */
export function serializeForm(form: Element, submitter?: Element, onlyName?: string): string {
  const params = new URLSearchParams();
  const marksUnused = !form.has("phx-no-unused-field");
  const controls = controlsOf(form).filter((control) => (control.get("name") ?? "") !== "");
  for (const [name, value] of formEntries(form, submitter)) {
    if (onlyName !== undefined && name !== onlyName) continue;
    const same = controls.filter((control) => control.get("name") === name);
    const isUnused = same.every((control) => !isUsed(control));
    const isHidden = same.every((control) => typeOf(control) === "hidden");
    if (marksUnused && isUnused && !isHidden && submitter?.get("name") !== name) params.append(unusedName(name), "");
    params.append(name, value);
  }
  return params.toString();
}

function isUsed(control: Element): boolean {
  return control.notes.isUsed === true || control.notes.isSubmitted === true || control.has("phx-no-unused-field");
}

/** `user[name]` becomes `user[_unused_name]`. */
function unusedName(name: string): string {
  const isList = name.endsWith("[]");
  const base = isList ? name.slice(0, -2) : name;
  return base.replace(/([^[\]]+)(\]?$)/, "_unused_$1$2") + (isList ? "[]" : "");
}

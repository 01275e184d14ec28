import {
  collapse,
  controlsOf,
  isCheckable,
  isChecked,
  isDisabled,
  optionsOf,
  optionValue,
  selectedOptions,
  setValue,
  typeOf,
  valueOf,
  type Element,
} from "./dom.ts";
import { failure, refuse, type Scene } from "./failures.ts";
import { isButton } from "./form-data.ts";
import { controlOf, type User } from "./user.ts";
import { isNumber } from "./validity.ts";
import { isVisible } from "./visibility.ts";

/**
 * What a user enters into a field: the text; of a check box whether it is checked; of radio buttons and selects the value
 * or the text of the choice; of several check boxes of a name, and of a select that takes several, a list of them.
 */
export type FieldValue = string | number | boolean | readonly (string | number)[];

/** What a user enters into a form, by the fields' names or labels; choices also by the legend of their group. */
export type Fields = { readonly [nameOrLabel: string]: FieldValue };

/** The controls of a form that a name or a label means: more than one for radio buttons and check boxes of a name. */
export function findField(scene: Scene, form: Element, nameOrLabel: string): Element[] {
  const controls = controlsOf(form).filter((control) => !isButton(control));
  const named = controls.filter((control) => control.get("name") === nameOrLabel);
  const shown = named.filter((control) => typeOf(control) !== "hidden");
  // A hidden field before a check box gives it a value when it is not checked.
  if (shown.length > 0) return shown;
  if (named.length > 0) return named;
  const labels = controls
    .filter((control) => typeOf(control) !== "hidden")
    .map((control) => ({ control, labels: labelsOf(scene.document, control), legend: legendOf(control) }));
  const wanted = bare(nameOrLabel);
  const labelled = labels.filter((each) => each.labels.some((label) => bare(label) === wanted));
  if (labelled.length > 0) return labelled.map(({ control }) => control);
  // A group of choices has its name from its legend, and its choices theirs from their labels.
  const grouped = labels.filter(({ legend }) => legend !== undefined && bare(legend) === wanted);
  if (grouped.length > 0) return grouped.map(({ control }) => control);
  const known = labels.map((each) =>
    [...new Set([each.control.get("name"), ...each.labels, each.legend])]
      .filter(Boolean)
      .map((name) => JSON.stringify(name))
      .join(" or "),
  );
  throw failure(
    "testing.element",
    scene,
    `The form has no field ${JSON.stringify(nameOrLabel)}. It has ${known.length === 0 ? "none at all" : known.join(", ")}.`,
    form,
  );
}

/** A label without what only decorates it. */
function bare(label: string): string {
  return collapse(label.replace(/[\s:*]+$/, "")).toLowerCase();
}

/** What people call a control: the texts of its labels, and what it tells screen readers. */
function labelsOf(document: Element, control: Element): string[] {
  const labels = document
    .all((element) => element.name === "label" && controlOf(element, document) === control)
    .map((label) => collapse(ownText(label)));
  const named = (control.get("aria-labelledby") ?? "")
    .split(/\s+/)
    .map((id) => document.find((element) => id !== "" && element.id === id)?.text);
  return [...labels, ...named.map((text) => collapse(text ?? "")), control.get("aria-label") ?? ""].filter(
    (text) => text !== "",
  );
}

/** What the group is called that a radio button or a check box stands in. */
function legendOf(control: Element): string | undefined {
  if (!isCheckable(control)) return undefined;
  const group = control.closest((element) => element.name === "fieldset");
  const legend = group?.children.find((child): child is Element => child.kind === "element" && child.name === "legend");
  return legend === undefined ? undefined : collapse(legend.text);
}

/** The text of a label, without that of the controls in it. */
function ownText(element: Element): string {
  return element.children
    .map((child) => {
      if (child.kind === "text") return child.data;
      if (child.kind === "comment" || ["select", "textarea", "button"].includes(child.name)) return "";
      return ownText(child);
    })
    .join("");
}

/** Enters a value as a user does. Does nothing where the field has that value. */
export function enter(scene: Scene, user: User, controls: readonly Element[], value: FieldValue): void {
  const [control] = controls;
  if (control === undefined) return;
  if (isCheckable(control)) return check(scene, user, controls, value);
  if (controls.length > 1) {
    throw refuse(
      scene,
      control,
      `${controls.length} fields have this name or label. Take one by its selector: page.element("#its-id").change(…).`,
    );
  }
  if (control.name === "select") return choose(scene, user, control, value);
  type(scene, user, control, value);
}

function check(scene: Scene, user: User, controls: readonly Element[], value: FieldValue): void {
  const [first] = controls;
  if (first === undefined) return;
  if (typeof value === "boolean" && controls.length === 1 && typeOf(first) === "checkbox")
    return toggle(scene, user, first, value);
  const wanted = (typeof value === "object" ? value : [value]).map(String);
  const isMeant = (control: Element): boolean =>
    wanted.includes(String(valueOf(control))) ||
    labelsOf(scene.document, control).some((label) => wanted.includes(label));
  const missing = wanted.find(
    (each) =>
      !controls.some(
        (control) => String(valueOf(control)) === each || labelsOf(scene.document, control).includes(each),
      ),
  );
  if (missing !== undefined) {
    const choices = controls.map((control) => JSON.stringify(valueOf(control))).join(", ");
    throw refuse(
      scene,
      first,
      `there is no choice ${JSON.stringify(missing)}. The choices are ${choices}; a single box takes true or false.`,
    );
  }
  for (const control of controls) {
    if (typeOf(control) === "radio" ? isMeant(control) : isMeant(control) !== isChecked(control))
      toggle(scene, user, control, isMeant(control));
  }
}

function toggle(scene: Scene, user: User, control: Element, isWanted: boolean): void {
  checkFree(scene, control);
  if (isChecked(control) !== isWanted) user.click(control);
}

function choose(scene: Scene, user: User, select: Element, value: FieldValue): void {
  checkFree(scene, select);
  const wanted = (typeof value === "object" ? value : [value]).map(String);
  if (wanted.length !== 1 && !select.has("multiple"))
    throw refuse(scene, select, `it takes one choice, and not ${wanted.length}.`);
  const options = optionsOf(select);
  const chosen = wanted.map((each) => {
    const option =
      options.find((candidate) => optionValue(candidate) === each) ??
      options.find((candidate) => collapse(candidate.text) === each);
    if (option === undefined) {
      throw refuse(
        scene,
        select,
        `it has no option ${JSON.stringify(each)}. It has ${options.map((known) => JSON.stringify(collapse(known.text))).join(", ")}.`,
      );
    }
    if (isDisabled(option) || option.parent?.has("disabled") === true) throw refuse(scene, option, "it is disabled.");
    return option;
  });
  const before = selectedOptions(select);
  user.focus(select);
  if (before.length === chosen.length && chosen.every((option) => before.includes(option))) return;
  for (const option of options) option.chosen = chosen.includes(option);
  select.isCleared = chosen.length === 0;
  user.edited(select);
}

function type(scene: Scene, user: User, control: Element, value: FieldValue): void {
  checkFree(scene, control);
  if (typeof value === "boolean" || typeof value === "object") {
    throw refuse(scene, control, `it takes a text or a number, and not ${JSON.stringify(value)}.`);
  }
  if (control.has("readonly")) throw refuse(scene, control, "it is read-only.");
  const kind = typeOf(control);
  if (kind === "file") throw refuse(scene, control, "files are chosen by upload([{ name, content }]).");
  if (isButton(control)) throw refuse(scene, control, "it is a button, into which nothing can be typed.");
  const text = String(value);
  if (kind === "number" && text !== "" && !isNumber(text))
    throw refuse(scene, control, `nobody can type ${JSON.stringify(text)} into a number field.`);
  const max = Number(control.get("maxlength") ?? Number.POSITIVE_INFINITY);
  if (text.length > max) throw refuse(scene, control, `it takes at most ${max} characters, and not ${text.length}.`);
  user.focus(control);
  if (valueOf(control) === text) return;
  setValue(control, text);
  user.edited(control);
}

function checkFree(scene: Scene, control: Element): void {
  if (typeOf(control) === "hidden") throw refuse(scene, control, "a user cannot change a hidden field.");
  if (!isVisible(control)) throw refuse(scene, control, "it is hidden, so no user can change it.");
  if (isDisabled(control)) throw refuse(scene, control, "it is disabled.");
}

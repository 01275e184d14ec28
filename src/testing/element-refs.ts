import { isControl, typeOf, type Element } from "./dom.ts";
import { LOADING_CLASSES, REF_LOADING, REF_LOCK, REF_SOURCE } from "./morph.ts";

// While an event is under way, the client marks its elements as loading and locks them: what the server changes of them
// goes into a copy until the answer is there (phoenix_live_view: view.ts, putRef; element_ref.ts).

const WAS_DISABLED = "data-phx-disabled";
const WAS_READONLY = "data-phx-readonly";
const RESTORED_TEXT = "data-phx-disable-with-restore";

export interface Marked {
  readonly element: Element;
  readonly isLocked: boolean;
}

/** Marks elements as waiting for the answer to the event `ref` of a view. `type`: `click`, `change`, … */
export function mark(
  elements: readonly Marked[],
  viewId: string,
  ref: number,
  type: string,
  form?: Element,
  submitter?: Element,
): void {
  for (const { element, isLocked } of elements) {
    element.set(REF_SOURCE, viewId);
    element.set(REF_LOADING, String(ref));
    if (isLocked) element.set(REF_LOCK, String(ref));
    if (submitter !== undefined && element !== submitter && element !== form) continue;
    element.addClass(`phx-${type}-loading`);
    disableWith(element);
  }
}

function disableWith(element: Element): void {
  const text = element.get("phx-disable-with");
  if (text === undefined) return;
  if ((element.get(RESTORED_TEXT) ?? "") === "") element.set(RESTORED_TEXT, element.text);
  if (text !== "") element.text = text;
  element.set(WAS_DISABLED, element.get(WAS_DISABLED) ?? (isControl(element) ? String(element.has("disabled")) : ""));
  element.set("disabled", "");
}

/** Nothing in a form may be changed while it is being sent. @returns what is to be marked with it */
export function disableForm(form: Element, controls: readonly Element[]): Marked[] {
  const isFree = (element: Element): boolean =>
    element.closest((at) => at.get("phx-update") === "ignore") === undefined;
  const disabling = controls.filter((control) => control.has("phx-disable-with"));
  const buttons = controls.filter((control) => control.name === "button" && isFree(control));
  const inputs = controls.filter((control) => ["input", "textarea"].includes(control.name) && isFree(control));
  for (const button of buttons) {
    button.set(WAS_DISABLED, String(button.has("disabled")));
    button.set("disabled", "");
  }
  for (const input of inputs) {
    input.set(WAS_READONLY, String(input.has("readonly")));
    input.set("readonly", "");
    if (typeOf(input) !== "file") continue;
    input.set(WAS_DISABLED, String(input.has("disabled")));
    input.set("disabled", "");
  }
  const all = [...new Set([...disabling, ...buttons, ...inputs])].map((element) => ({ element, isLocked: true }));
  return [{ element: form, isLocked: false }, ...all].reverse();
}

/**
 * The answer to `ref` has come: frees the element as far as no later event holds it.
 * @param unlock brings the element to what it became while it was locked
 */
export function release(element: Element, ref: number, unlock: (became: Element) => void): void {
  const loadingRef = numberIn(element, REF_LOADING);
  const lockRef = numberIn(element, REF_LOCK);
  if ((loadingRef ?? 0) > ref && (lockRef ?? 0) > ref && loadingRef !== undefined && lockRef !== undefined) return;
  const isUnlocked = lockRef === undefined || lockRef <= ref;
  if (lockRef !== undefined && isUnlocked) {
    const became = element.notes.lockedAs;
    if (became !== undefined) {
      unlock(became);
      element.notes.lockedAs = undefined;
    }
    element.remove(REF_LOCK);
  }
  if (loadingRef !== undefined && loadingRef <= ref) stopLoading(element, isUnlocked);
  const isResolved = (loadingRef === undefined || loadingRef <= ref) && isUnlocked;
  if (isResolved) element.remove(REF_SOURCE);
}

function stopLoading(element: Element, isUnlocked: boolean): void {
  if (isUnlocked) {
    element.remove(REF_LOADING);
    restoreFlag(element, WAS_READONLY, "readonly");
    restoreFlag(element, WAS_DISABLED, "disabled");
    const text = element.get(RESTORED_TEXT);
    if (text !== undefined) {
      element.text = text;
      element.remove(RESTORED_TEXT);
    }
  }
  for (const name of LOADING_CLASSES) if (name !== "phx-submit-loading" || isUnlocked) element.removeClass(name);
}

function restoreFlag(element: Element, note: string, flag: "readonly" | "disabled"): void {
  const was = element.get(note);
  if (was === undefined || !isControl(element)) return;
  if (was === "true") element.set(flag, "");
  else element.remove(flag);
  element.remove(note);
}

function numberIn(element: Element, attribute: string): number | undefined {
  const value = element.get(attribute);
  return value === undefined ? undefined : Number(value);
}

/** After a join nothing is under way any more. */
export function forgetRefs(root: Element, viewId: string): void {
  for (const element of root.descendants()) {
    if (element.get(REF_SOURCE) !== viewId) continue;
    for (const name of [REF_LOADING, REF_SOURCE, REF_LOCK]) element.remove(name);
  }
}

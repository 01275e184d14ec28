import { ClientView, changeAttribute, phxValues, type Push } from "./client-view.ts";
import {
  controlsOf,
  formOf,
  isCheckable,
  isChecked,
  isControl,
  isDisabled,
  optionsOf,
  setChecked,
  typeOf,
  valueOf,
  type Element,
} from "./dom.ts";
import { disableForm, type Marked } from "./element-refs.ts";
import { readEventAttribute } from "./event-attribute.ts";
import { isButton, serializeForm } from "./form-data.ts";
import { REF_SOURCE, resetForm } from "./morph.ts";
import type { Tab } from "./tab.ts";
import { firstInvalid } from "./validity.ts";
import { refuse } from "./failures.ts";

// What happens in a browser when a user does something: the events in their order, and what the client makes of them
// (phoenix_live_view: live_socket.ts). Whether a user could do it was checked before.

/** The keys of a keyboard that were held, and others that the client passes on. */
export interface KeyDetails {
  readonly [name: string]: unknown;
}

const DEFAULT_WAIT_MS = 300;

/** What one user's action has sent. */
export class User {
  readonly #tab: Tab;
  /** The events that the action at hand has sent, or is about to. */
  readonly pushes: Push[] = [];

  constructor(tab: Tab) {
    this.#tab = tab;
  }

  // ── clicks ──

  /** @returns whether the click does anything */
  click(element: Element): boolean {
    // One gesture: what the server answers to the move of the focus comes after the click.
    this.#moveFocus(element.closest(canFocus));
    return this.#press(element);
  }

  #press(element: Element): boolean {
    const wasToggled = this.#toggle(element);
    const hasLink = this.#followLiveLink(element);
    if (hasLink) return true;
    const wentAway = this.#clickAway(element);
    const target = closestBinding(element, "phx-click");
    const attribute = target?.get("phx-click");
    if (target !== undefined && attribute !== undefined && attribute !== "") {
      this.#after(target, "click", undefined, () => this.#execute(target, attribute, "click", {}));
    }
    const isPrevented = target?.get("href") === "#" && attribute !== undefined;
    if (wasToggled) this.#changed(element);
    return [isPrevented || this.#activate(element), wasToggled, wentAway, target !== undefined].includes(true);
  }

  /** Check boxes and radio buttons change before anybody hears of the click. */
  #toggle(element: Element): boolean {
    if (!isCheckable(element)) return false;
    const isRadio = typeOf(element) === "radio";
    if (isRadio && isChecked(element)) return false;
    setChecked(element, isRadio || !isChecked(element));
    return true;
  }

  #clickAway(element: Element): boolean {
    const away = this.#tab.document.all(
      (each) => (each.get("phx-click-away") ?? "") !== "" && !each.contains(element) && isVisible(each),
    );
    for (const each of away) this.#execute(each, each.get("phx-click-away") ?? "", "click", {});
    return away.length > 0;
  }

  /** What browsers do by themselves. */
  #activate(element: Element): boolean {
    const active = element.closest((each) =>
      ["a", "button", "input", "label", "summary", "select", "textarea"].includes(each.name),
    );
    if (active === undefined) return false;
    switch (active.name) {
      case "a": {
        const href = active.get("href");
        if (href === undefined) return false;
        if (!href.startsWith("#") && !href.startsWith("javascript:") && !active.has("download")) this.#tab.follow(href);
        return true;
      }
      case "summary": {
        const details = active.parent;
        if (details?.name !== "details") return false;
        if (details.has("open")) details.remove("open");
        else details.set("open", "");
        return true;
      }
      case "label": {
        const control = controlOf(active, this.#tab.document);
        if (control === undefined || control.contains(element) || isDisabled(control)) return false;
        this.#moveFocus(control);
        return isCheckable(control) || isButton(control) ? this.#press(control) : true;
      }
      default:
        return this.#activateControl(active);
    }
  }

  #activateControl(control: Element): boolean {
    // A text field takes the focus, which is all that a click is for.
    if (!isButton(control)) return true;
    const form = formOf(control);
    if (form === undefined) return false;
    const type = typeOf(control);
    if (type === "submit" || type === "image") this.submit(form, control);
    else if (type === "reset") this.#reset(form);
    return type !== "button";
  }

  #reset(form: Element): void {
    resetForm(form);
    const input = controlsOf(form).find((control) => typeOf(control) === "reset");
    if (input !== undefined) this.#changed(input);
  }

  #followLiveLink(element: Element): boolean {
    const link = element.closest((each) => each.has("data-phx-link"));
    const view = this.#tab.view;
    const kind = link?.get("data-phx-link");
    if (link === undefined || view === undefined || !this.#tab.isOnline) return false;
    const href = new URL(link.get("href") ?? "", this.#tab.href).href;
    const state = link.get("data-phx-link-state") ?? "push";
    if (kind === "patch") this.#patch(href, state, link);
    else this.#tab.navigate(href);
    const click = link.get("phx-click") ?? "";
    if (click !== "") this.#execute(link, click, "click", {});
    return true;
  }

  #patch(href: string, state: string, link: Element | undefined): void {
    const push = this.#tab.view?.patchTo(href, state, link, () => this.#tab.navigate(href));
    if (push !== undefined) this.pushes.push(push);
  }

  // ── the focus ──

  focus(element: Element): void {
    this.#moveFocus(element);
  }

  blur(): void {
    this.#moveFocus(undefined);
  }

  #moveFocus(element: Element | undefined): void {
    const tab = this.#tab;
    const old = tab.focused;
    if (old === element) return;
    tab.focused = undefined;
    if (old !== undefined) {
      fireWaiting(old);
      clearTimeout(old.notes.throttled);
      old.notes.throttled = undefined;
      this.#bound(old, "blur", {});
    }
    if (element !== undefined && tab.document.contains(element)) {
      tab.focused = element;
      this.#bound(element, "focus", {});
    }
  }

  // ── the keyboard ──

  /** @returns whether anything listens to this key */
  key(element: Element, type: "keydown" | "keyup", key: string, details: KeyDetails): boolean {
    // Keys go to what has the focus.
    if (canFocus(element)) this.#moveFocus(element);
    const own = element.get(`phx-${type}`) ?? "";
    const listeners =
      own === "" ? this.#tab.document.all((each) => (each.get(`phx-window-${type}`) ?? "") !== "") : [element];
    let isHeard = false;
    for (const listener of listeners) {
      const attribute = own === "" ? (listener.get(`phx-window-${type}`) ?? "") : own;
      isHeard = this.#matchKey(listener, key) || isHeard;
      this.#after(listener, type, key, () => {
        if (this.#matchKey(listener, key)) this.#execute(listener, attribute, type, { key, ...details });
      });
    }
    return isHeard;
  }

  #matchKey(element: Element, key: string): boolean {
    const wanted = element.get("phx-key") ?? "";
    return wanted === "" || wanted.toLowerCase() === key.toLowerCase();
  }

  #bound(element: Element, type: "focus" | "blur", data: object): void {
    const attribute = element.get(`phx-${type}`) ?? "";
    if (attribute !== "") this.#after(element, type, undefined, () => this.#execute(element, attribute, type, data));
  }

  // ── forms ──

  /** The user has changed a field, which shows its new value already. */
  edited(control: Element): void {
    this.#changed(control);
  }

  #changed(control: Element): void {
    const change = changeAttribute(control);
    if (change === undefined) return;
    this.#after(control, "input", undefined, () => {
      control.notes.isUsed = true;
      for (const command of readEventAttribute(change.attribute)) {
        if (command.kind === "push") this.#pushChange(control, change.owner === control, command);
        else this.#execute(control, JSON.stringify([command]), "change", {});
      }
    });
  }

  #pushChange(control: Element, isOwn: boolean, command: { readonly event: string; readonly value: object }): void {
    const form = formOf(control);
    if (form === undefined)
      throw refuse(this.#tab, control, "its phx-change does nothing: the client wants the field to be inside a form.");
    const submitter = control.name === "button" ? control : undefined;
    this.#push(
      {
        type: "form",
        event: command.event,
        value: serializeForm(form, submitter, isOwn ? control.get("name") : undefined),
        meta: { _target: control.get("name") || "undefined", ...phxValues(form), ...command.value },
        uploads: {},
      },
      ClientView.marking([locked(control), locked(form)], "change"),
    );
  }

  /** @returns the field on which the browser stops, if there is one */
  submit(form: Element, submitter: Element | undefined): void {
    const invalid = firstInvalid(form, submitter);
    if (invalid !== undefined) {
      throw refuse(this.#tab, invalid.control, `the browser does not send its form: ${invalid.reason}.`);
    }
    for (const control of controlsOf(form)) cancelWaiting(control);
    const attribute = form.get("phx-submit") ?? "";
    if (attribute === "") return this.#tab.submitExternally(form, submitter);
    for (const command of readEventAttribute(attribute)) {
      if (command.kind === "push") this.#pushSubmit(form, submitter, command);
      else this.#execute(form, JSON.stringify([command]), "submit", {});
    }
  }

  #pushSubmit(
    form: Element,
    submitter: Element | undefined,
    command: { readonly event: string; readonly value: object },
  ): void {
    form.notes.isSubmitted = true;
    const controls = controlsOf(form);
    for (const control of controls) control.notes.isSubmitted = true;
    const focused = this.#tab.focused;
    this.#moveFocus(undefined);
    // The client sends a form once, however often it is submitted meanwhile.
    if (form.has(REF_SOURCE) && form.classes.includes("phx-submit-loading")) return;
    const payload = {
      type: "form",
      event: command.event,
      value: serializeForm(form, submitter),
      meta: { ...phxValues(form), ...command.value },
    };
    const view = this.#tab.view;
    if (view === undefined) return;
    const push = view.push(payload, {
      mark: (ref, id) => ClientView.marking(disableForm(form, controls), "submit", form, submitter)(ref, id),
      onAnswer: () => {
        if (focused !== undefined && this.#tab.document.contains(focused)) this.#moveFocus(focused);
      },
    });
    this.pushes.push(push);
  }

  // ── hooks ──

  hook(element: Element, event: string, payload: unknown): Push {
    return this.#push({ type: "hook", event, value: payload }, ClientView.marking([locked(element)], "hook"));
  }

  // ── the client ──

  #execute(element: Element, attribute: string, type: string, data: object): void {
    for (const command of readEventAttribute(attribute)) {
      switch (command.kind) {
        case "push":
          this.#push(
            {
              type,
              event: command.event,
              value: { ...data, ...phxValues(element), ...ownValue(element), ...command.value },
            },
            ClientView.marking([locked(element)], type),
          );
          break;
        case "navigate":
          this.#tab.navigate(command.href);
          break;
        case "patch":
          this.#patch(new URL(command.href, this.#tab.href).href, command.replace ? "replace" : "push", element);
          break;
        case "exec":
          this.#execute(element, element.get(command.attribute) ?? "[]", type, data);
      }
    }
  }

  #push(payload: { readonly [key: string]: unknown }, mark: (ref: number, viewId: string) => void): Push {
    const view = this.#tab.view;
    if (view === undefined) return { outcome: "lost", reply: null };
    const push = view.push(payload, { mark });
    this.pushes.push(push);
    return push;
  }

  /** Runs `send` now, or when the element's `phx-debounce` or `phx-throttle` lets it. */
  #after(element: Element, type: string, key: string | undefined, send: () => void): void {
    if (type === "blur") return send();
    const debounce = element.get("phx-debounce");
    const throttle = element.get("phx-throttle");
    const value = debounce || throttle || (debounce ?? throttle);
    if (value === undefined) return send();
    const { notes } = element;
    const isThere = (): boolean => !this.#tab.isClosed && this.#tab.document.contains(element);
    const ms = value === "" ? DEFAULT_WAIT_MS : Number.parseInt(value, 10);
    if (throttle !== undefined && !debounce) {
      const isNewKey = type === "keydown" && notes.lastKey !== key;
      if (type === "keydown") notes.lastKey = key;
      if (notes.throttled !== undefined && !isNewKey) return;
      send();
      clearTimeout(notes.throttled);
      notes.throttled = setTimeout(() => (notes.throttled = undefined), ms);
      return;
    }
    cancelWaiting(element);
    const run = (): void => {
      notes.waiting = undefined;
      if (isThere()) send();
    };
    const timer = value === "blur" ? undefined : setTimeout(run, ms);
    notes.waiting = { run, timer };
  }
}

/** Sends what waits for its debounce, now. @returns whether something did */
export function fireWaiting(element: Element): boolean {
  const { waiting } = element.notes;
  if (waiting === undefined) return false;
  clearTimeout(waiting.timer);
  waiting.run();
  return true;
}

function cancelWaiting(element: Element): void {
  clearTimeout(element.notes.waiting?.timer);
  element.notes.waiting = undefined;
}

function locked(element: Element): Marked {
  return { element, isLocked: true };
}

/** The value that an element sends with its events: what it holds, unless it is a box that is not checked. */
function ownValue(element: Element): object {
  const value = valueOf(element);
  if (value === undefined || (isCheckable(element) && !isChecked(element))) return {};
  return { value };
}

/** The nearest element with a binding, up to the view's own. */
export function closestBinding(element: Element, binding: string): Element | undefined {
  for (let at: Element | undefined = element; at !== undefined; at = at.parent) {
    if (at.has(binding) && !(isControl(at) && at.has("disabled"))) return at;
    if (at.parent?.has("data-phx-session") === true) return undefined;
  }
  return undefined;
}

const FOCUSABLE = new Set(["select", "textarea", "button", "summary", "iframe"]);

/** Whether a user can put the focus on an element. */
export function canFocus(element: Element): boolean {
  if (isDisabled(element)) return false;
  if (element.has("tabindex") || element.get("contenteditable") === "true") return true;
  if (element.name === "input") return typeOf(element) !== "hidden";
  if (element.name === "a" || element.name === "area") return element.has("href");
  return FOCUSABLE.has(element.name);
}

/** Whether a user sees an element, as far as its HTML says: there are no style sheets here. */
export function isVisible(element: Element): boolean {
  return element.closest((each) => isHidden(each)) === undefined;
}

/** Whether the element hides itself and what is in it. */
export function isHidden(element: Element): boolean {
  return (
    element.has("hidden") ||
    typeOf(element) === "hidden" ||
    ["template", "head", "script", "style", "noscript"].includes(element.name) ||
    /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(element.get("style") ?? "") ||
    isInClosedDetails(element)
  );
}

function isInClosedDetails(element: Element): boolean {
  const { parent } = element;
  return parent?.name === "details" && !parent.has("open") && element.name !== "summary";
}

/** The control of a `<label>`. */
export function controlOf(label: Element, document: Element): Element | undefined {
  const id = label.get("for");
  if (id !== undefined) return document.find((element) => element.id === id);
  return label.find((element) => isControl(element) && typeOf(element) !== "hidden");
}

/** The options of a select that a user may choose. */
export function freeOptions(select: Element): Element[] {
  return optionsOf(select).filter((option) => !isDisabled(option) && !isDisabled(option.parent ?? option));
}

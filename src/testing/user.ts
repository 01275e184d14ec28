import { ClientView, changeAttribute, FOCUS_WRAP, phxValues, type Push } from "./client-view.ts";
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
import { readPush, type Operation, type PushedEvent } from "./event-attribute.ts";
import { canFocus, firstOfAny, lastOfAny, takesFocus } from "./focus.ts";
import { isButton, serializeForm } from "./form-data.ts";
import { REF_SOURCE, resetForm } from "./morph.ts";
import { sourceOf, TELEPORTED_FROM } from "./portals.ts";
import { CommandRunner, type CommandHost, type EventType } from "./run-commands.ts";
import { select } from "./selectors.ts";
import { targetsOf, type Target } from "./targets.ts";
import type { Tab } from "./tab.ts";
import { firstInvalid } from "./validity.ts";
import type { UserFile } from "./user-files.ts";
import { hasBox, hasNoBox } from "./visibility.ts";
import { refuse } from "./failures.ts";

// What happens in a browser when a user does something: the events in their order, and what the client makes of them
// (phoenix_live_view: live_socket.ts). Whether a user could do it was checked before.

/** The keys of a keyboard that were held, and others that the client passes on. */
export interface KeyDetails {
  readonly [name: string]: unknown;
}

const DEFAULT_WAIT_MS = 300;

/** What an event of a form brings along for the commands of its `phx-change` or `phx-submit`. */
class FormEvent {
  /** Of a change: whether only this field is sent. */
  readonly isOwn: boolean;
  readonly submitter: Element | undefined;
  constructor(isOwn: boolean, submitter: Element | undefined) {
    this.isOwn = isOwn;
    this.submitter = submitter;
  }
}

/** Whoever acts on a page: a user, and the commands that a user's or the page's own events run. */
export class User implements CommandHost {
  readonly #tab: Tab;
  readonly #commands = new CommandRunner(this);
  /** How many `input` and `change` events there were. */
  #inputs = 0;

  constructor(tab: Tab) {
    this.#tab = tab;
  }

  // ── clicks ──

  /** @returns whether the click does anything */
  click(element: Element): boolean {
    this.#tab.isInUse = true;
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
    // The client ignores a click while the answer to the last one is under way.
    if (target !== undefined && attribute !== undefined && attribute !== "" && !target.has(REF_SOURCE)) {
      this.#after(target, "click", undefined, () => this.#commands.run(target, attribute, "click"));
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
    if (!hasBox(element)) return false;
    const { document } = this.#tab;
    const portal = element.closest((each) => each.has(TELEPORTED_FROM));
    // To what is outside of the portal, the click is where the portal's template stands.
    const source = sourceOf(document, element);
    const away = document.all((each) => {
      const from = portal === undefined || portal.contains(each) ? element : source;
      return each.has("phx-click-away") && !each.contains(from) && hasBox(each);
    });
    for (const each of away) this.#commands.run(each, each.get("phx-click-away") ?? "", "click");
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
    else this.#tab.navigate(href, undefined, state === "replace" ? "replace" : "push");
    const click = link.get("phx-click") ?? "";
    if (click !== "") this.#commands.run(link, click, "click");
    return true;
  }

  /** As a link that patches would, of which there need be none. */
  patch(href: string): void {
    this.#patch(new URL(href, this.#tab.href).href, "push", undefined);
  }

  #patch(href: string, state: string, link: Element | undefined): void {
    this.#tab.view?.patchTo(href, state, link, () => this.#tab.navigate(href));
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
      this.#keepWithin(element, old);
    }
  }

  /** `Phoenix.FocusWrap`: the focus on its first or last child goes on to the other end, or in. */
  #keepWithin(sentinel: Element, old: Element | undefined): void {
    const wrap = sentinel.parent;
    if (wrap?.get("phx-hook") !== FOCUS_WRAP) return;
    const children = wrap.children.filter((child): child is Element => child.kind === "element");
    const isStart = children[0] === sentinel;
    if (!isStart && children.at(-1) !== sentinel) return;
    const isInside = old !== undefined && wrap.contains(old);
    const next = isStart === isInside ? lastOfAny(wrap) : firstOfAny(wrap);
    if (next !== undefined) this.tryFocus(next);
  }

  // ── the keyboard ──

  /** @returns whether anything listens to this key */
  key(element: Element, type: "keydown" | "keyup", key: string, details: KeyDetails): boolean {
    this.#tab.isInUse = true;
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
        if (this.#matchKey(listener, key)) this.#commands.run(listener, attribute, type, { key, ...details });
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
    if (attribute !== "")
      this.#after(element, type, undefined, () => this.#commands.run(element, attribute, type, data));
  }

  // ── forms ──

  /** The user has changed a field, which shows its new value already. */
  edited(control: Element): void {
    this.#tab.isInUse = true;
    // What users type is followed by a `change`, of which the client takes no notice.
    this.#hears(control, "input");
    this.#inputs++;
    this.#changed(control);
  }

  /** @returns whether the client hears of it: of a `change` directly after an `input` of the same field it does not */
  #hears(control: Element, type: string): boolean {
    const count = this.#inputs++;
    const last = control.notes.lastInput;
    if (type === "change" && last?.type === "input" && last.count === count - 1) return false;
    control.notes.lastInput = { type, count };
    return true;
  }

  #changed(control: Element): void {
    const change = changeAttribute(control);
    if (change === undefined) return;
    this.#after(control, "input", undefined, () => {
      control.notes.isUsed = true;
      this.#commands.run(control, change.attribute, "change", new FormEvent(change.owner === control, undefined));
    });
  }

  #pushChange(control: Element, isOwn: boolean, command: PushedEvent, loading: readonly Marked[]): void {
    const form = formOf(control);
    if (form === undefined)
      throw refuse(this.#tab, control, "its phx-change does nothing: the client wants the field to be inside a form.");
    const submitter = control.name === "button" ? control : undefined;
    const payload = {
      type: "form",
      event: command.event,
      value: serializeForm(form, submitter, isOwn ? control.get("name") : undefined),
      meta: { _target: control.get("name") || "undefined", ...phxValues(form), ...command.value },
      uploads: this.#tab.uploads.serialize(control),
    };
    const element = isOwn ? control : form;
    const mark = ClientView.marking([locked(control), locked(form), ...loading], "change");
    for (const { component: cid, found = element } of targetsOf(element, command.target, this.document)) {
      const view = this.#tab.viewAround(found);
      view?.push(
        { ...payload, cid },
        { mark, onAnswer: () => this.#tab.uploads.changed(control, form, { view, cid }) },
      );
    }
  }

  /** @returns the field on which the browser stops, if there is one */
  submit(form: Element, submitter: Element | undefined): void {
    const invalid = firstInvalid(form, submitter);
    if (invalid !== undefined) {
      throw refuse(this.#tab, invalid.control, `the browser does not send its form: ${invalid.reason}.`);
    }
    this.#submitted(form, submitter);
  }

  /** @param isReal whether a browser sends the form if the view does not take it */
  #submitted(form: Element, submitter: Element | undefined, isReal = true): void {
    for (const control of controlsOf(form)) cancelWaiting(control);
    const attribute = form.get("phx-submit") ?? "";
    if (attribute !== "") this.#commands.run(form, attribute, "submit", new FormEvent(false, submitter));
    else if (isReal) this.#tab.submitExternally(form, submitter);
  }

  #pushSubmit(form: Element, submitter: Element | undefined, command: PushedEvent, loading: readonly Marked[]): void {
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
    const { uploads } = this.#tab;
    for (const { component: cid, found = form } of targetsOf(form, command.target, this.document)) {
      const view = this.#tab.viewAround(found);
      const mark = (ref: number, id: string): void =>
        ClientView.marking([...disableForm(form, controls), ...loading], "submit", form, submitter)(ref, id);
      const onAnswer = (): void => {
        if (focused !== undefined && this.#tab.document.contains(focused)) this.#moveFocus(focused);
      };
      if (view === undefined || !view.canPush) continue;
      if (uploads.hasErrors(form)) uploads.cancelSubmit(form);
      else if (uploads.isUploading(form)) {
        const lock = view.lock(mark);
        const again = (): void => this.#pushSubmit(form, submitter, command, loading);
        uploads.submitLater(form, () => view.unlock(lock), again);
      } else if (uploads.isAwaiting(form)) {
        const lock = view.lock(mark);
        const send = (): void => {
          // What was not allowed keeps the form from being sent.
          if (uploads.isAwaiting(form)) view.unlock(lock);
          else view.push({ ...payload, cid }, { lock, onAnswer });
        };
        uploads.start(form, { view, cid }, send, () => view.unlock(lock));
      } else view.push({ ...payload, cid }, { mark, onAnswer });
    }
  }

  // ── files ──

  /** Chooses files for an input, or drops them on it. */
  chooseFiles(input: Element, files: readonly UserFile[]): void {
    this.#moveFocus(input);
    this.#tab.uploads.track(input, files);
    this.edited(input);
  }

  // ── scrolling ──

  /** @returns whether there is a row at that end */
  scroll(list: Element, end: "top" | "bottom"): boolean {
    const rows = list.children.filter((child): child is Element => child.kind === "element");
    const row = end === "top" ? rows[0] : rows.at(-1);
    if (row === undefined) return false;
    const event = list.get(`phx-viewport-${end}`);
    const push = (value: object): void => this.pushEvent(list, { event, value }, "js", {});
    if (end === "top" && list.notes.isOverrun !== true) push({ id: row.id, _overran: true });
    list.notes.isOverrun = end === "top";
    push({ id: row.id });
    return true;
  }

  // ── hooks ──

  /** @returns the first of them; `undefined` if nothing on the page is the target */
  hook(element: Element, event: string, payload: unknown, target: string | number | undefined): Push | undefined {
    const mark = ClientView.marking([locked(element)], "hook");
    if (target === undefined) return this.#push(element, { type: "hook", event, value: payload }, mark);
    const [push] = targetsOf(element, target, this.document).map(({ component: cid, found = element }) =>
      this.#push(found, { type: "hook", event, value: payload, cid }, mark),
    );
    return push;
  }

  // ── what commands do ──

  get document(): Element {
    return this.#tab.document;
  }

  execute(element: Element, attribute: string, type: EventType): void {
    this.#commands.execute(element, attribute, element.get(attribute) ?? "", type);
  }

  pushEvent(element: Element, args: Operation["args"], type: EventType, data: object): void {
    const command = readPush(args);
    const { loading: selector } = args;
    const loading = typeof selector === "string" ? select(this.document, selector).map(locked) : [];
    if (data instanceof FormEvent) {
      if (type === "change") return this.#pushChange(element, data.isOwn, command, loading);
      return this.#pushSubmit(element, data.submitter, command, loading);
    }
    this.#pushTo(
      element,
      targetsOf(element, command.target, this.document),
      { type, event: command.event, value: { ...data, ...phxValues(element), ...ownValue(element), ...command.value } },
      ClientView.marking([locked(element), ...loading], String(type)),
    );
  }

  dispatchEvent(element: Element, name: string, detail: object, bubbles: boolean): void {
    this.#tab.dispatched.push({ name, detail, element });
    if (name === "click") {
      if (bubbles) this.#press(element);
      else this.#activate(element);
    }
    if (!bubbles) return;
    if (name === "submit" && element.name === "form") this.#submitted(element, undefined, false);
    if ((name === "input" || name === "change") && isControl(element) && this.#hears(element, name)) {
      this.#changed(element);
    }
  }

  navigateTo(href: string, replace: boolean): void {
    this.#tab.navigate(href, undefined, replace ? "replace" : "push");
  }

  patchTo(href: string, replace: boolean, element: Element): void {
    this.#patch(new URL(href, this.#tab.href).href, replace ? "replace" : "push", element);
  }

  tryFocus(element: Element): void {
    if (takesFocus(element)) this.#moveFocus(element);
  }

  shown(element: Element): void {
    if (element.get("phx-hook") === FOCUS_WRAP) this.tryFocus(element);
  }

  wrapFocus(element: Element): void {
    const { focused } = this.#tab;
    if ((focused !== undefined && element.contains(focused)) || hasNoBox(element)) return;
    const first = firstOfAny(element);
    if (first !== undefined) this.tryFocus(first);
  }

  fail(element: Element, why: string): never {
    throw refuse(this.#tab, element, why);
  }

  #pushTo(
    element: Element,
    targets: readonly Target[],
    payload: object,
    mark: (ref: number, viewId: string) => void,
  ): void {
    for (const { component: cid, found = element } of targets) this.#push(found, { ...payload, cid }, mark);
  }

  /** Sends an event to the view that an element belongs to. */
  #push(
    element: Element,
    payload: { readonly [key: string]: unknown },
    mark: (ref: number, viewId: string) => void,
  ): Push {
    const view = this.#tab.viewAround(element);
    if (view === undefined) return { outcome: "lost", reply: null };
    return view.push(payload, { mark });
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

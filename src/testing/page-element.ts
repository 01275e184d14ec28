import { canFocus } from "./focus.ts";
import { closestBinding, type KeyDetails, type User } from "./user.ts";
import { isVisible } from "./visibility.ts";
import {
  isChecked,
  isControl,
  isDisabled,
  isSelected,
  typeOf,
  valueOf,
  controlsOf,
  formOf,
  type Element,
} from "./dom.ts";
import { failure, refuse } from "./failures.ts";
import type { UserFile } from "./user-files.ts";
import { enter, findField, type Fields, type FieldValue } from "./fields.ts";
import { isButton } from "./form-data.ts";
import { REF_SOURCE } from "./morph.ts";
import { nearest } from "./nearest.ts";
import type { OpenPage } from "./open-page.ts";
import { readableText } from "./readable-text.ts";
import { select } from "./selectors.ts";
import { nameOf, outerHtml } from "./serialize.ts";

/** A hook of the page's own JavaScript, as its element has it. */
export interface PageHook {
  /**
   * What `this.pushEvent(event, payload)` in the hook does. Resolves with what `handleEvent` returned as `reply`, or `null`:
   * also when the line is so bad that the answer is still on its way when all else is done.
   * @throws {LiveError} `testing.action` if the page is not connected, on which a hook's push fails too.
   */
  push(event: string, payload?: object): Promise<unknown>;
  /**
   * As `push`, by `this.pushEventTo(target, event, payload)`: for the live component that the target is, or is in.
   * @param target a selector, or a component's number. Of several the reply of the first counts.
   * @throws {LiveError} `testing.action` also if there is no such element.
   */
  pushTo(target: string | number, event: string, payload?: object): Promise<unknown>;
}

/**
 * An element of a page, by its selector: looked for anew each time that something is done with it, so it may be kept
 * while the page changes.
 *
 * What a user does, the method does when it is called; its promise resolves when everything that follows from it is done
 * (`page.settled`). What a user could not do rejects with `testing.action`, and an element that is not there, or not
 * there alone, with `testing.element`.
 */
export class PageElement {
  readonly #page: OpenPage;
  readonly #selector: string;
  readonly #text: string | undefined;
  readonly #index: number | undefined;

  /** @param index of which of those found; `undefined` if there must be one only */
  constructor(page: OpenPage, selector: string, text: string | undefined, index?: number) {
    this.#page = page;
    this.#selector = selector;
    this.#text = text;
    this.#index = index;
  }

  // ── what it is ──

  /** Its text as people read it: without what is hidden, one space between its parts. */
  text(): string {
    return readableText(this.#find());
  }

  /** It as HTML, with its own tag. */
  html(): string {
    return outerHtml(this.#find());
  }

  /** An attribute; `undefined` if it has none of that name. */
  attribute(name: string): string | undefined {
    return this.#find().get(name);
  }

  /** What a field holds now, with what the user has typed or chosen; `undefined` for what is no field. */
  get value(): string | undefined {
    const value = valueOf(this.#find());
    return value === undefined ? undefined : String(value);
  }

  /** Whether a check box or a radio button is checked. */
  get isChecked(): boolean {
    return isChecked(this.#find());
  }

  /** Whether an option is the one, or one of those, that its select holds. */
  get isSelected(): boolean {
    const element = this.#find();
    return element.name === "option" && isSelected(element);
  }

  get isDisabled(): boolean {
    return isDisabled(this.#find());
  }

  /** Whether a user sees it, as far as its HTML says: style sheets are not read. */
  get isVisible(): boolean {
    return isVisible(this.#find());
  }

  get isFocused(): boolean {
    const element = this.#find();
    return this.#page.tab.focused === element;
  }

  /** Whether there is such an element, be it one or more. */
  exists(): boolean {
    this.#page.tab.refresh();
    return this.#matches().length > 0;
  }

  // ── what a user does ──

  /** Clicks it: the focus moves, then what its `phx-click`, link, button or box does happens. */
  click(): Promise<void> {
    return this.#page.act((user) => {
      const element = this.#findFree("click");
      this.#refuseWaiting(element);
      if (user.click(element)) return;
      throw this.#refuse(
        element,
        "nothing happens on a click: neither it nor an element around it has phx-click, or is a link, a button or a field.",
      );
    });
  }

  /**
   * Submits the form, or the form that the element is in, with its first submit button, as Enter does. An element that is
   * a submit button is the one that is used.
   * @param fields filled in before, one after the other
   */
  submit(fields: Fields = {}): Promise<void> {
    const names = Object.keys(fields);
    const send = (user: User): void => {
      const element = this.#find();
      const form = this.#form(element);
      const button = isButton(element)
        ? element
        : controlsOf(form).find((control) => isButton(control) && ["submit", "image"].includes(typeOf(control)));
      if (button !== undefined && isDisabled(button))
        throw this.#refuse(button, "it is disabled, so its form cannot be submitted.");
      user.submit(form, button);
    };
    return this.#page.act(...names.map((name) => (user: User) => this.#fill(user, name, fields[name])), send);
  }

  /**
   * Changes a field to what a user enters, or several fields of a form, one after the other.
   * @param entered of a form: an object with the fields by their names or labels
   */
  change(entered: FieldValue | Fields): Promise<void> {
    if (isFields(entered)) {
      return this.#page.act(
        ...Object.keys(entered).map((name) => (user: User) => this.#fill(user, name, entered[name])),
      );
    }
    return this.#page.act((user) => {
      const control = this.#find();
      if (!isControl(control))
        throw this.#refuse(control, "it is no field. Of a form, give an object: { name: value }.");
      enter(this.#page.tab, user, [control], entered);
    });
  }

  /**
   * Chooses files for a file input, as by its button or by dropping them: added to those that it has, if it takes several.
   * What goes by itself is uploaded then; else `submit` uploads the files, and sends the form when they are there.
   * @param options.stopAt no file goes beyond this percent of its bytes, in whole chunks, before `continueUpload`. @default 100
   */
  upload(
    files: UserFile | readonly UserFile[],
    { stopAt = 100 }: { readonly stopAt?: number | undefined } = {},
  ): Promise<void> {
    return this.#page.act((user) => {
      const input = this.#findFree("choose files for");
      if (typeOf(input) !== "file") throw this.#refuse(input, "it is no file input, which alone takes files.");
      const chosen = isOneFile(files) ? [files] : files;
      if (chosen.length > 1 && !input.has("multiple"))
        throw this.#refuse(
          input,
          `it takes one file, and not ${chosen.length}: only an input with \`multiple\` takes more.`,
        );
      input.notes.pace = { stopAt, held: [] };
      user.chooseFiles(input, chosen);
    });
  }

  /** Lets uploads go on that `upload` has stopped, again as far as to this percent. */
  continueUpload(stopAt = 100): Promise<void> {
    return this.#page.act(() => {
      const { pace } = this.#find().notes;
      if (pace === undefined) throw this.#refuse(this.#find(), "no files were chosen for it by upload(…).");
      pace.stopAt = stopAt;
      for (const goOn of pace.held.splice(0)) goOn();
    });
  }

  /**
   * Presses a key on it; the focus moves to it, if it can have it. If it has no `phx-keydown`, all `phx-window-keydown` get it. Enter submits no form: `submit` does.
   * @param key as browsers name it: `"Enter"`, `"a"`, `"ArrowUp"`
   */
  keydown(key: string, details: KeyDetails = {}): Promise<void> {
    return this.#key("keydown", key, details);
  }

  /** Releases a key; see `keydown`. */
  keyup(key: string, details: KeyDetails = {}): Promise<void> {
    return this.#key("keyup", key, details);
  }

  #key(type: "keydown" | "keyup", key: string, details: KeyDetails): Promise<void> {
    return this.#page.act((user) => {
      const element = this.#findFree("type into");
      if (user.key(element, type, key, details)) return;
      throw this.#refuse(
        element,
        `nothing listens to ${JSON.stringify(key)}: it has no phx-${type} for it, and the page no phx-window-${type}.`,
      );
    });
  }

  /** Moves the focus to it; what had the focus loses it. */
  focus(): Promise<void> {
    return this.#page.act((user) => {
      const element = this.#findFree("focus");
      if (!canFocus(element))
        throw this.#refuse(
          element,
          "it cannot have the focus. Only fields, buttons, links and elements with a tabindex can.",
        );
      user.focus(element);
    });
  }

  /** Takes the focus from it. */
  blur(): Promise<void> {
    return this.#page.act((user) => {
      const element = this.#find();
      if (this.#page.tab.focused !== element)
        throw this.#refuse(element, "it has not the focus, so it cannot lose it. Focus it first.");
      user.blur();
    });
  }

  /**
   * Scrolls a list with `phx-viewport-top` or `phx-viewport-bottom` to that end, where its first or last row comes into
   * view. On the way to the top a browser says first that the list is past its end: once with `_overran`, until it is
   * scrolled down again.
   */
  scrollTo(end: "top" | "bottom"): Promise<void> {
    return this.#page.act((user) => {
      const element = this.#find();
      if (!element.has(`phx-viewport-${end}`)) throw this.#refuse(element, `it has no phx-viewport-${end}.`);
      if (!user.scroll(element, end)) throw this.#refuse(element, "it has no rows to scroll to.");
    });
  }

  /** Its hook, as `phx-hook` names it. */
  hook(name: string): PageHook {
    return {
      push: (event, payload = {}) => this.#pushByHook(name, undefined, event, payload),
      pushTo: (target, event, payload = {}) => this.#pushByHook(name, target, event, payload),
    };
  }

  async #pushByHook(name: string, to: string | number | undefined, event: string, payload: object): Promise<unknown> {
    let reply: unknown = null;
    await this.#page.act((user) => {
      const element = this.#find();
      const actual = element.get("phx-hook");
      if (actual !== name)
        throw this.#refuse(
          element,
          actual === undefined
            ? "it has no phx-hook."
            : `its hook is ${JSON.stringify(actual)}, and not ${JSON.stringify(name)}.`,
        );
      if (element.id === "") throw this.#refuse(element, "it has no id, and so the client does not run its hook.");
      const push = user.hook(element, event, payload, to);
      if (push === undefined) throw this.#refuse(element, `nothing on the page is ${JSON.stringify(to)}.`);
      if (push.outcome === "lost") throw this.#refuse(element, "the page is not connected, so the hook's push fails.");
      return () => (reply = push.reply);
    });
    return reply;
  }

  // ── finding it ──

  #matches(): Element[] {
    return matching(this.#page.tab.document, this.#selector, this.#text);
  }

  #find(): Element {
    const { tab } = this.#page;
    tab.refresh();
    const found = this.#matches();
    const only = found[this.#index ?? 0];
    if (only !== undefined && (found.length === 1 || this.#index !== undefined)) return only;
    const what = `${JSON.stringify(this.#selector)}${this.#text === undefined ? "" : ` with the text ${JSON.stringify(this.#text)}`}`;
    if (only !== undefined) {
      const names = found
        .slice(0, 5)
        .map((element) => `\n  ${nameOf(element)} ${JSON.stringify(readableText(element).slice(0, 60))}`);
      throw failure(
        "testing.element",
        tab,
        `${found.length} elements are ${what}:${names.join("")}\nSay which: by a narrower selector, by its text, or by page.elements(…)[0].`,
        only,
      );
    }
    const near = nearest(tab.document, this.#selector, this.#text);
    const advice = near.length === 0 ? "" : `\nThe nearest:\n${near.map((name) => `  ${name}`).join("\n")}`;
    throw failure("testing.element", tab, `No element is ${what}.${advice}`);
  }

  #findFree(deed: string): Element {
    const element = this.#find();
    if (!isVisible(element)) throw this.#refuse(element, `it is hidden, so no user can ${deed} it.`);
    if (isDisabled(element)) throw this.#refuse(element, `it is disabled, so no user can ${deed} it.`);
    return element;
  }

  #refuseWaiting(element: Element): void {
    const target = closestBinding(element, "phx-click");
    if (target === undefined || !target.has(REF_SOURCE)) return;
    throw this.#refuse(
      target,
      "it waits for the answer to its last event, and the browser ignores clicks until then. Await the promise of what was done before.",
    );
  }

  #form(element: Element): Element {
    const form = element.name === "form" ? element : formOf(element);
    if (form === undefined) throw this.#refuse(element, "it is no form, and in none.");
    return form;
  }

  #fill(user: User, name: string, value: FieldValue | undefined): void {
    if (value === undefined) return;
    const { tab } = this.#page;
    enter(tab, user, findField(tab, this.#form(this.#find()), name), value);
  }

  #refuse(element: Element, why: string): Error {
    return refuse(this.#page.tab, element, why);
  }
}

/** The elements of a selector and a text: those whose text is just that, else those that contain it, the innermost. */
export function matching(document: Element, selector: string, text: string | undefined): Element[] {
  const found = select(document, selector);
  if (text === undefined) return found;
  const same = found.filter((element) => readableText(element) === text);
  const containing = same.length > 0 ? same : found.filter((element) => readableText(element).includes(text));
  return containing.filter((element) => !containing.some((other) => other !== element && element.contains(other)));
}

function isOneFile(files: UserFile | readonly UserFile[]): files is UserFile {
  return !Array.isArray(files);
}

function isFields(entered: FieldValue | Fields): entered is Fields {
  return typeof entered === "object" && !Array.isArray(entered);
}

import { LiveError } from "../errors.ts";
import { checkAttributeName } from "./attribute-names.ts";
import { urlUse } from "./attributes.ts";
import { Command } from "./rendered.ts";
import { BLOCKED_URL, isDangerousUrl } from "./url.ts";

// What each method writes is defined by docs/protocol.md, section 19, and read by the client's js.js.

/** Which elements an operation works on: all that a CSS selector finds on the page, below the element, or the nearest around it. */
export type JSTarget = string | { readonly inner: string } | { readonly closest: string };

/** One class or several: as text with spaces between them, or as a list. */
export type ClassNames = string | readonly string[];

/**
 * Classes for the time of a transition: those that are there all the time, or three sets: for all of the time, for its
 * first frame, and from its second frame to its end. They are taken away at the end.
 */
export type Transition = string | readonly [during: ClassNames, first: ClassNames, then: ClassNames];

export interface TargetOptions {
  /** @default the element that has the command */
  readonly to?: JSTarget | undefined;
}

export interface TransitionOptions extends TargetOptions {
  /** @default no transition: at once */
  readonly transition?: Transition | undefined;
  /** How long the transition takes, in milliseconds. @default 200 */
  readonly time?: number | undefined;
  /** Whether changes by the server wait for the end of the transition. @default true */
  readonly blocking?: boolean | undefined;
}

export interface ShowOptions extends TransitionOptions {
  /** The value of the CSS property `display`. @default `"block"`; `"table-row"` and `"table-cell"` for a `<tr>` and a `<td>` */
  readonly display?: string | undefined;
}

export interface ToggleOptions extends TargetOptions {
  /** The transition when it is shown. @default none */
  readonly in?: Transition | undefined;
  /** The transition when it is hidden. @default none */
  readonly out?: Transition | undefined;
  /** As in `show`. */
  readonly time?: number | undefined;
  /** As in `show`. */
  readonly blocking?: boolean | undefined;
  /** As in `show`. */
  readonly display?: string | undefined;
}

export interface DispatchOptions extends TargetOptions {
  /** What listeners find in `event.detail`, beside `dispatcher`, the element that had the command. Must survive JSON. */
  readonly detail?: object | undefined;
  /** @default true */
  readonly bubbles?: boolean | undefined;
  /** Changes by the server wait until a listener calls `event.detail.done()`. @default false */
  readonly blocking?: boolean | undefined;
}

export interface NavigationOptions {
  /** Whether the address replaces the one before it in the browser's history. @default false */
  readonly replace?: boolean | undefined;
}

/** What a chain knows of an event when nothing was declared. */
interface AnyEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The fields of the events named `T`. */
type Fields<E extends { readonly type: string }, T extends string> = E extends unknown
  ? E["type"] extends T
    ? Omit<E, "type">
    : T extends E["type"]
      ? Omit<E, "type">
      : never
  : never;

/** Each field may be left to a form, to `phx-value-…` attributes, or to the element itself. */
type PushValue<F> = [keyof F] extends [never] ? undefined : Partial<F>;

export interface PushOptions<E extends { readonly type: string } = AnyEvent, T extends E["type"] = E["type"]> {
  /** Goes with the event, over what the element sends by itself. Must survive JSON. */
  readonly value?: PushValue<Fields<E, T>> | undefined;
  /** The live component that gets the event: a selector of an element in it. @default the view, or the element's `phx-target` */
  readonly target?: string | number | undefined;
  /** A selector of elements that get the `phx-…-loading` class too, until the answer is there. */
  readonly loading?: string | undefined;
  /** Whether the page's own loading indicator is told (`phx:page-loading-start` and `-stop`). @default false */
  readonly pageLoading?: boolean | undefined;
}

/**
 * What an attribute such as `phx-click` does in the browser, one thing after the other, at once and without asking the
 * server. Immutable: each method gives a new chain. What the operations change on classes, attributes and visibility
 * stays when the server changes the page.
 *
 * ```ts
 * html`<button phx-click="${meta.js.push("delete", { value: { id } }).hide({ to: `#row-${id}`, transition: "fade" })}">`
 * ```
 *
 * In the payload of `socket.pushEvent` it becomes the text that the client's `liveSocket.execJS(element, text)` takes.
 *
 * Every method throws a `LiveError` (`js.invalid-argument`) for what the client would ignore or stumble over.
 *
 * @typeParam E the events that `push` may send; any for the global `JS`
 */
export class JSCommands<E extends { readonly type: string } = AnyEvent> extends Command {
  readonly #component: number | undefined;

  /** @param component that gets what `push` sends, by its number; `undefined`: the view, or the element's `phx-target` */
  constructor(operations: Command["operations"], component?: number) {
    super(operations);
    this.#component = component;
  }

  #with(operation: string, args: object): JSCommands<E> {
    return new JSCommands<E>([...this.operations, [operation, args]], this.#component);
  }

  /** What this does, and then what `other` does. */
  concat(other: Command): JSCommands<E> {
    if (!(other instanceof Command))
      throw invalid("concat", "another chain", other, 'JS.push("save").concat(JS.hide())');
    return new JSCommands<E>([...this.operations, ...other.operations], this.#component);
  }

  // ── to the server, and to the page's own scripts ──

  /** Sends an event to the view. */
  push<T extends E["type"]>(event: T, options: PushOptions<E, T> = {}): JSCommands<E> {
    checkOptions("push", options, "{ value: { id: 1 } }");
    const { value, target = this.#component, loading, pageLoading } = options;
    checkName("push", event, 'JS.push("save")');
    return this.#with("push", {
      event,
      value: value === undefined ? undefined : plainObject("push", "value", value),
      target: typeof target === "string" ? selector("push", "target", target) : target,
      loading: optionalSelector("push", "loading", loading),
      page_loading: pageLoading || undefined,
    });
  }

  /**
   * Fires a DOM event on the elements. `"click"` is a real click; `"change"` and `"input"` on a field tell its form.
   * @param event for the page's own listeners, by convention `"app:name"`
   */
  dispatch(event: string, options: DispatchOptions = {}): JSCommands<E> {
    checkOptions("dispatch", options);
    const { detail, bubbles, blocking } = options;
    checkName("dispatch", event, 'JS.dispatch("app:copy")');
    if (event === "click" && (detail !== undefined || blocking === true)) {
      throw new LiveError(
        "js.invalid-argument",
        'JS.dispatch("click") takes neither `detail` nor `blocking`: browsers put the number of clicks into the detail of a click. Give the event a name of your own, such as "app:click".',
      );
    }
    return this.#with("dispatch", {
      event,
      to: targetOf("dispatch", options),
      detail: detail === undefined ? undefined : plainObject("dispatch", "detail", detail),
      bubbles: bubbles === false ? false : undefined,
      blocking: blocking || undefined,
    });
  }

  /** Does what an attribute of the elements says, such as `data-cancel` or `phx-remove`. It must be there when this runs. */
  exec(attribute: string, options: TargetOptions = {}): JSCommands<E> {
    return this.#with("exec", { attr: attributeName("exec", attribute), to: targetOf("exec", options) });
  }

  // ── visibility ──

  /** Shows what is hidden. Its listeners get `phx:show-start` and `phx:show-end`. */
  show(options: ShowOptions = {}): JSCommands<E> {
    return this.#with("show", {
      to: targetOf("show", options),
      display: options.display,
      ...timing("show", options),
    });
  }

  /** Hides what is visible. Its listeners get `phx:hide-start` and `phx:hide-end`. */
  hide(options: TransitionOptions = {}): JSCommands<E> {
    return this.#with("hide", { to: targetOf("hide", options), ...timing("hide", options) });
  }

  /** Hides what is visible, and shows what is hidden. */
  toggle(options: ToggleOptions = {}): JSCommands<E> {
    checkOptions("toggle", options);
    const { display, time, blocking } = options;
    return this.#with("toggle", {
      to: targetOf("toggle", options),
      display,
      ins: transitionOf("toggle", "in", options.in),
      outs: transitionOf("toggle", "out", options.out),
      time: timeOf("toggle", time),
      blocking: blocking === false ? false : undefined,
    });
  }

  // ── classes ──

  addClass(names: ClassNames, options: TransitionOptions = {}): JSCommands<E> {
    return this.#classes("addClass", "add_class", names, options);
  }

  removeClass(names: ClassNames, options: TransitionOptions = {}): JSCommands<E> {
    return this.#classes("removeClass", "remove_class", names, options);
  }

  /** Removes the classes that are there, and adds the others. */
  toggleClass(names: ClassNames, options: TransitionOptions = {}): JSCommands<E> {
    return this.#classes("toggleClass", "toggle_class", names, options);
  }

  #classes(method: string, operation: string, names: ClassNames, options: TransitionOptions): JSCommands<E> {
    const classes = classList(names);
    if (classes.length === 0) {
      throw invalid(method, "class names", names, `JS.${method}("open wide") or JS.${method}(["open", "wide"])`);
    }
    return this.#with(operation, { names: classes, to: targetOf(method, options), ...timing(method, options) });
  }

  /** Gives the elements classes for a time, to draw attention to them. */
  transition(transition: Transition, options: Omit<TransitionOptions, "transition"> = {}): JSCommands<E> {
    checkOptions("transition", options);
    const given: unknown = transition;
    if (given === undefined) throw noTransition("transition", "transition", given);
    return this.#with("transition", {
      to: targetOf("transition", options),
      ...timing("transition", { ...options, transition }),
    });
  }

  // ── attributes ──

  /** A `javascript:` address becomes `about:blank#blocked`, as in a template; attributes such as `onclick` are refused. */
  setAttribute(name: string, value: string | number | boolean, options: TargetOptions = {}): JSCommands<E> {
    const attr = attributePair("setAttribute", name, [value]);
    return this.#with("set_attr", { attr, to: targetOf("setAttribute", options) });
  }

  removeAttribute(name: string, options: TargetOptions = {}): JSCommands<E> {
    const attr = attributeName("removeAttribute", name);
    return this.#with("remove_attr", { attr, to: targetOf("removeAttribute", options) });
  }

  /**
   * With one value: sets the attribute, or removes it if it is there. With two: changes from one to the other, and sets the
   * first if it is not there, as in `JS.toggleAttribute("aria-expanded", ["true", "false"])`.
   */
  toggleAttribute(
    name: string,
    value: string | number | boolean | readonly [string | number | boolean, string | number | boolean],
    options: TargetOptions = {},
  ): JSCommands<E> {
    const attr = attributePair("toggleAttribute", name, typeof value === "object" ? value : [value]);
    return this.#with("toggle_attr", { attr, to: targetOf("toggleAttribute", options) });
  }

  /**
   * From now on the server does not change these attributes of the elements, as for `<details open>`, which browsers set
   * themselves: `phx-mounted="${JS.ignoreAttributes("open")}"`.
   * @param names a name may contain `*` for any letters: `"data-*"`
   */
  ignoreAttributes(names: string | readonly string[], options: TargetOptions = {}): JSCommands<E> {
    const attrs = textsOf(names);
    if (attrs.length === 0 || attrs.some((name) => !/^[\w:.*-]+$/.test(name))) {
      throw invalid("ignoreAttributes", "names of attributes", names, 'JS.ignoreAttributes(["open", "data-*"])');
    }
    return this.#with("ignore_attrs", { attrs, to: targetOf("ignoreAttributes", options) });
  }

  // ── the focus ──

  /** Moves the focus to an element that can have it. */
  focus(options: TargetOptions = {}): JSCommands<E> {
    return this.#with("focus", { to: targetOf("focus", options) });
  }

  /** Moves the focus to the first element within that can have it, one that a user works with before any other. */
  focusFirst(options: TargetOptions = {}): JSCommands<E> {
    return this.#with("focus_first", { to: targetOf("focusFirst", options) });
  }

  /** Remembers an element for `popFocus`. @param options by default the one that has the command */
  pushFocus(options: TargetOptions = {}): JSCommands<E> {
    return this.#with("push_focus", { to: targetOf("pushFocus", options) });
  }

  /** Moves the focus to the element that was remembered last, and forgets it. */
  popFocus(): JSCommands<E> {
    return this.#with("pop_focus", {});
  }

  // ── addresses ──

  /** Goes to another view over the same connection. @param path of this site, such as `"/rooms/42"` */
  navigate(path: string, options: NavigationOptions = {}): JSCommands<E> {
    checkOptions("navigate", options, "{ replace: true }");
    return this.#with("navigate", { href: localPath("navigate", path), replace: options.replace || undefined });
  }

  /** Goes to another address of the same view. @param path of this site, such as `"/rooms/42?tab=people"` */
  patch(path: string, options: NavigationOptions = {}): JSCommands<E> {
    checkOptions("patch", options, "{ replace: true }");
    return this.#with("patch", { href: localPath("patch", path), replace: options.replace || undefined });
  }
}

/** An empty chain to begin with. `push` takes any event; `meta.js` only those that the view declares. */
export const JS: JSCommands = new JSCommands([]);

// ── arguments ──

function invalid(method: string, what: string, value: unknown, example: string): LiveError {
  return new LiveError(
    "js.invalid-argument",
    `JS.${method} takes ${what}, and got ${shown(value)}. Write it like this: ${example}.`,
  );
}

function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return JSON.stringify(value) ?? String(value);
}

function timing(method: string, { transition, time, blocking }: TransitionOptions): object {
  return {
    transition: transitionOf(method, "transition", transition),
    time: timeOf(method, time),
    blocking: blocking === false ? false : undefined,
  };
}

function timeOf(method: string, time: number | undefined): number | undefined {
  if (time === undefined || (Number.isFinite(time) && time >= 0)) return time;
  throw invalid(method, "a `time` of 0 or more milliseconds", time, `JS.${method}(…, { time: 300 })`);
}

/** The client plays nothing, not even the end, for a transition whose first set is empty. */
function transitionOf(method: string, option: string, transition: Transition | undefined): string[][] | undefined {
  if (transition === undefined) return undefined;
  const sets = typeof transition === "string" ? [transition, "", ""] : Array.isArray(transition) ? transition : [];
  const lists = sets.map(classList);
  if (lists.length === 3 && lists[0] !== undefined && lists[0].length > 0) return lists;
  throw noTransition(method, option, transition);
}

function noTransition(method: string, option: string, transition: unknown): LiveError {
  return invalid(
    method,
    `classes as its ${option}, or three sets of them of which the first is not empty`,
    transition,
    `${option}: "fade-in" or ${option}: ["transition-opacity", "opacity-0", "opacity-100"]`,
  );
}

function classList(names: ClassNames): string[] {
  return textsOf(names)
    .flatMap((entry) => entry.split(/\s+/))
    .filter((name) => name !== "");
}

/** The one text, or those of a list; none of what is neither, as a program without types may give it. */
function textsOf(names: unknown): readonly string[] {
  if (typeof names === "string") return [names];
  return Array.isArray(names) && names.every((name): name is string => typeof name === "string") ? names : [];
}

function checkName(method: string, name: unknown, example: string): void {
  if (typeof name !== "string" || name === "") throw invalid(method, "an event's name", name, example);
}

/** Without it `JS.hide("#menu")` would be taken for one without a target, and hide what was clicked. */
function checkOptions(method: string, options: unknown, example = '{ to: "#menu" }'): void {
  if (typeof options !== "object" || options === null)
    throw invalid(method, "an object as its options", options, example);
}

function targetOf(method: string, options: TargetOptions): JSTarget | undefined {
  checkOptions(method, options);
  const { to } = options;
  if (to === undefined) return undefined;
  if (typeof to === "string") return selector(method, "to", to);
  if (typeof to !== "object" || to === null) throw noTarget(method, to);
  if ("inner" in to) return { inner: selector(method, "to.inner", to.inner) };
  if ("closest" in to) return { closest: selector(method, "to.closest", to.closest) };
  throw noTarget(method, to);
}

function noTarget(method: string, to: unknown): LiveError {
  return invalid(
    method,
    "a selector as its `to`",
    to,
    '{ to: "#menu" }, { to: { inner: "li" } } or { to: { closest: "tr" } }',
  );
}

function optionalSelector(method: string, option: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : selector(method, option, text);
}

function selector(method: string, option: string, text: string): string {
  if (typeof text === "string" && text.trim() !== "") return text;
  throw invalid(method, `a CSS selector as its \`${option}\``, text, '"#menu"');
}

function plainObject(method: string, option: string, value: unknown): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw invalid(method, `an object as its \`${option}\``, value, `{ ${option}: { id: 1 } }`);
}

function attributeName(method: string, name: string): string {
  const problem = checkAttributeName(name);
  if (problem === undefined) return name;
  throw new LiveError("js.invalid-argument", `JS.${method} cannot work on this attribute. ${problem}`);
}

function attributePair(method: string, name: string, values: readonly (string | number | boolean)[]): string[] {
  const isValue = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);
  if (values.length === 0 || values.length > 2 || !values.every(isValue)) {
    const [what, got] = method === "setAttribute" ? ["a value", values[0]] : ["one value or two", values];
    throw invalid(
      method,
      what,
      got,
      `JS.${method}("aria-expanded", ${method === "setAttribute" ? "true" : '["true", "false"]'})`,
    );
  }
  const attribute = attributeName(method, name).toLowerCase();
  // The element is not known here: an image may have a data: URL, and a page in a frame gains nothing by one.
  const use = attribute === "src" ? "media" : urlUse("", attribute);
  const texts = values.map((value) => {
    const text = String(value);
    return use !== undefined && isDangerousUrl(text, use) ? BLOCKED_URL : text;
  });
  return [name, ...texts];
}

/** Without a connection the client hands it to the browser as it is: `//host` is another site, `javascript:` a program. */
function localPath(method: string, path: string): string {
  // oxlint-disable-next-line no-control-regex -- browsers strip them anywhere, and read `\` as `/`
  if (/^\/(?!\/)/.test(path) && !/[\u0000-\u001f\u007f\\]/.test(path)) return path;
  throw invalid(method, "a path of this site that begins with a single /", path, `JS.${method}("/rooms/42")`);
}

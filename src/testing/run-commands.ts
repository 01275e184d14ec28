import type { Element } from "./dom.ts";
import { readEventAttribute, readOperations, type Operation } from "./event-attribute.ts";
import { firstFocusable, isTried } from "./focus.ts";
import { select } from "./selectors.ts";
import { changeAttributes, changeClasses, changeDisplay, stickyClasses } from "./sticky.ts";
import { hasBox, setStyle } from "./visibility.ts";

// What the operations of JS commands do to a page (phoenix_live_view: js.js), in the order of a browser: much of it waits
// for the next frame, so that one chain sees the page as it was before it. Transitions take no time: their end is there as
// soon as the chain is done.

/** The event that runs commands: `click`, `change`, …; `remove` for `phx-remove`, `null` for what no event runs. */
export type EventType = string | null;

/** What commands act upon beside the elements. */
export interface CommandHost {
  readonly document: Element;
  /** Moves the focus, if the element takes it. */
  tryFocus(element: Element): void;
  /** Sends an event for an element. `data` is what the event brings along. */
  pushEvent(element: Element, args: Operation["args"], type: EventType, data: object): void;
  /** Fires a DOM event. */
  dispatchEvent(element: Element, name: string, detail: object, bubbles: boolean): void;
  navigateTo(href: string, replace: boolean): void;
  patchTo(href: string, replace: boolean, element: Element): void;
  /** `phx:show-end` of an element. */
  shown(element: Element): void;
  /** A command that a browser stumbles over. */
  fail(element: Element, why: string): never;
}

type Transition = readonly [during: readonly string[], first: readonly string[], then: readonly string[]];
const NO_TRANSITION: Transition = [[], [], []];

export class CommandRunner {
  readonly #host: CommandHost;
  /** What waits for the next frame, and for the end of a transition. */
  #frames: (() => void)[] = [];
  readonly #ends: { readonly time: number; readonly run: () => void }[] = [];
  #depth = 0;
  readonly #rememberedFocus: Element[] = [];

  constructor(host: CommandHost) {
    this.#host = host;
  }

  /** Runs what an attribute for events says: the name of an event, or commands. */
  run(element: Element, attribute: string, type: EventType, data: object = {}): void {
    this.#runAll(element, readEventAttribute(attribute), type, data);
  }

  /** Runs what an attribute says that may hold commands only: `phx-mounted` and its like, and what `exec` names. */
  execute(element: Element, attribute: string, value: string, type: EventType): void {
    if (!value.startsWith("[")) {
      this.#host.fail(
        element,
        `its ${attribute} is ${JSON.stringify(value)}, and the client runs nothing but JS commands there: write ${attribute}="\${JS.push(${JSON.stringify(value)})}".`,
      );
    }
    this.#runAll(element, readOperations(value), type, {});
  }

  #runAll(element: Element, operations: readonly Operation[], type: EventType, data: object): void {
    this.#depth++;
    try {
      for (const { kind, args } of operations) {
        for (const target of this.#targets(element, args["to"])) this.#operate(kind, args, element, target, type, data);
      }
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0) this.#settle();
  }

  /** Frames first; the ends of transitions come later than any number of them. */
  #settle(): void {
    this.#depth++;
    try {
      for (;;) {
        const frames = this.#frames;
        this.#frames = [];
        for (const run of frames) run();
        if (this.#frames.length > 0) continue;
        this.#ends.sort((a, b) => a.time - b.time);
        const end = this.#ends.shift();
        if (end === undefined) return;
        end.run();
      }
    } finally {
      this.#depth--;
    }
  }

  #nextFrame(run: () => void): void {
    this.#frames.push(run);
  }

  #targets(element: Element, to: unknown): readonly Element[] {
    if (to === undefined || to === null || to === "") return [element];
    if (typeof to === "string") return select(this.#host.document, to);
    const { closest, inner } = to as { readonly [name: string]: unknown };
    if (typeof inner === "string") return select(element, inner);
    const matching = new Set(select(this.#host.document, String(closest)));
    const found = element.closest((each) => matching.has(each));
    return found === undefined ? [] : [found];
  }

  #operate(
    kind: string,
    args: Operation["args"],
    source: Element,
    element: Element,
    type: EventType,
    data: object,
  ): void {
    const { time: givenTime, transition, display } = args;
    const time = typeof givenTime === "number" ? givenTime : 200;
    switch (kind) {
      case "push":
        return this.#host.pushEvent(source, args, type, data);
      case "dispatch":
        return this.#host.dispatchEvent(
          element,
          String(args["event"]),
          typeof args["detail"] === "object" && args["detail"] !== null ? args["detail"] : {},
          args["bubbles"] !== false,
        );
      case "exec":
        return this.#exec(element, String(args["attr"]), type);
      case "show":
        if (!hasBox(element)) this.#toggle(element, type, display, transitionIn(transition), NO_TRANSITION, time);
        return;
      case "hide":
        if (hasBox(element)) this.#toggle(element, type, display, NO_TRANSITION, transitionIn(transition), time);
        return;
      case "toggle":
        return this.#toggle(element, type, display, transitionIn(args["ins"]), transitionIn(args["outs"]), time);
      case "add_class":
        return this.#changeClasses(element, namesIn(args["names"]), [], transitionIn(transition), time);
      case "remove_class":
        return this.#changeClasses(element, [], namesIn(args["names"]), transitionIn(transition), time);
      case "toggle_class":
        return this.#toggleClasses(element, namesIn(args["names"]), transitionIn(transition), time);
      case "transition":
        return this.#changeClasses(element, [], [], transitionIn(transition), time);
      case "set_attr": {
        const [name = "", value = ""] = namesIn(args["attr"]);
        return changeAttributes(element, [[name, value]], []);
      }
      case "remove_attr":
        return changeAttributes(element, [], [String(args["attr"])]);
      case "toggle_attr":
        return toggleAttribute(element, namesIn(args["attr"]));
      case "ignore_attrs":
        element.notes.ignoredAttributes = namesIn(args["attrs"]);
        return;
      case "focus":
        return this.#focus(() => (isTried(element, false) ? element : undefined));
      case "focus_first":
        return this.#focus(() => firstFocusable(element));
      case "push_focus":
        this.#rememberedFocus.push(element);
        return;
      case "pop_focus": {
        const remembered = this.#rememberedFocus.pop();
        return this.#focus(() => remembered);
      }
      case "navigate":
        return this.#host.navigateTo(String(args["href"]), args["replace"] === true);
      case "patch":
        return this.#host.patchTo(String(args["href"]), args["replace"] === true, source);
      default:
        this.#host.fail(source, `its commands contain ${JSON.stringify(kind)}, which the client does not know.`);
    }
  }

  #exec(element: Element, attribute: string, type: EventType): void {
    const value = element.get(attribute) ?? "";
    if (value === "")
      this.#host.fail(element, `JS.exec(${JSON.stringify(attribute)}) fails: it has no such attribute.`);
    this.execute(element, attribute, value, type);
  }

  /** Now, and once more when what the same chain shows is there. */
  #focus(find: () => Element | undefined): void {
    const focus = (): void => {
      const element = find();
      if (element !== undefined) this.#host.tryFocus(element);
    };
    focus();
    this.#nextFrame(() => this.#nextFrame(focus));
  }

  // ── visibility ──

  #toggle(element: Element, type: EventType, display: unknown, ins: Transition, outs: Transition, time: number): void {
    const isShown = hasBox(element);
    const value = typeof display === "string" && display !== "" ? display : defaultDisplay(element);
    if (ins[0].length === 0 && outs[0].length === 0) {
      this.#nextFrame(() => this.#setDisplay(element, isShown ? "none" : value));
    } else if (isShown) this.#fadeOut(element, ins, outs, time);
    // What is about to go is not shown.
    else if (type !== "remove") this.#fadeIn(element, ins, outs, value, time);
  }

  #fadeOut(element: Element, ins: Transition, [during, first, then]: Transition, time: number): void {
    this.#plainClasses(element, first, ins.flat());
    this.#nextFrame(() => {
      this.#plainClasses(element, during, []);
      this.#nextFrame(() => this.#plainClasses(element, then, first));
    });
    this.#atEnd(time, () => {
      this.#plainClasses(element, [], [...during, ...then]);
      this.#setDisplay(element, "none");
    });
  }

  #fadeIn(element: Element, [during, first, then]: Transition, outs: Transition, display: string, time: number): void {
    this.#plainClasses(element, first, outs.flat());
    this.#nextFrame(() => {
      this.#plainClasses(element, during, []);
      this.#nextFrame(() => {
        changeDisplay(element, (current) => setStyle(current, "display", display));
        this.#plainClasses(element, then, first);
      });
    });
    this.#atEnd(time, () => {
      this.#plainClasses(element, [], [...during, ...then]);
      this.#host.shown(element);
    });
  }

  #setDisplay(element: Element, display: string): void {
    changeDisplay(element, (current) => setStyle(current, "display", display));
    if (display !== "none") this.#host.shown(element);
  }

  #atEnd(time: number, run: () => void): void {
    this.#ends.push({ time, run });
  }

  // ── classes ──

  #plainClasses(element: Element, adds: readonly string[], removes: readonly string[]): void {
    this.#nextFrame(() => changeClasses(element, adds, removes));
  }

  #changeClasses(
    element: Element,
    adds: readonly string[],
    removes: readonly string[],
    [during, first, then]: Transition,
    time: number,
  ): void {
    if (during.length === 0) return this.#plainClasses(element, adds, removes);
    this.#plainClasses(element, first, [...during, ...then]);
    this.#nextFrame(() => {
      this.#plainClasses(element, during, []);
      this.#nextFrame(() => this.#plainClasses(element, then, first));
    });
    this.#atEnd(time, () => this.#plainClasses(element, [...adds, ...then], [...removes, ...during, ...first]));
  }

  #toggleClasses(element: Element, names: readonly string[], transition: Transition, time: number): void {
    this.#nextFrame(() => {
      const [added, removed] = stickyClasses(element);
      const { classes } = element;
      const adds = names.filter((name) => !added.includes(name) && !classes.includes(name));
      const removes = names.filter((name) => !removed.includes(name) && classes.includes(name));
      this.#changeClasses(element, adds, removes, transition, time);
    });
  }
}

function toggleAttribute(element: Element, [name = "", value = "", other]: readonly string[]): void {
  if (!element.has(name)) changeAttributes(element, [[name, value]], []);
  else if (other === undefined) changeAttributes(element, [], [name]);
  else changeAttributes(element, [[name, element.get(name) === value ? other : value]], []);
}

function defaultDisplay({ name }: Element): string {
  return name === "tr" ? "table-row" : name === "td" ? "table-cell" : "block";
}

function transitionIn(value: unknown): Transition {
  const sets = Array.isArray(value) ? (value as unknown[]).map(namesIn) : [];
  return [sets[0] ?? [], sets[1] ?? [], sets[2] ?? []];
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? (value as unknown[]).map(String) : [];
}

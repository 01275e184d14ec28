import { diff, fullTree } from "../diff/diff.ts";
import { LiveError } from "../errors.ts";
import { Rendered } from "../html/rendered.ts";
import { describeTemplate, toHtml } from "../html/to-html.ts";
import type { PreparedFrame } from "../transport/prepared-frame.ts";
import { sameValues } from "./context-values.ts";

type Values = Readonly<Record<string, unknown>>;
type Render = (context: never) => unknown;

/** One result of a shared render, and the context values it was made from. Immutable, but for what is encoded late. */
export class SharedTree {
  readonly context: Values;
  readonly rendered: Rendered;
  #json: string | undefined;
  constructor(context: Values, rendered: Rendered) {
    this.context = context;
    this.rendered = rendered;
  }

  /** The whole tree as JSON text, for joins. Encoded once. */
  get json(): string {
    return (this.#json ??= fullTree(this.rendered));
  }
}

/** What takes a client from one tree to another. Many clients take the same step. */
export interface SharedStep {
  readonly to: SharedTree;
  /** JSON text; `""` when both trees look the same. */
  readonly diff: string;
  /** The whole push message, once a view has needed it. */
  readonly shared: { frame: PreparedFrame | undefined };
}

/** How many trees are kept for views that join or lag. */
const RECENT_TREES = 16;
/** How many steps from one tree are kept: views whose contexts differ from each other gain nothing from a search. */
const STEPS_PER_TREE = 8;
/** How many steps one generation may hold before it grows old. */
const STEPS_PER_GENERATION = 256;

/**
 * What all views with one shared render have in common: its latest trees, and the steps between trees that views have
 * just taken. Views in lockstep find the step that the first of them made, and neither render nor diff nor encode.
 *
 * Trees do not know each other: a linked history would stay in memory for as long as one view lags behind it.
 */
export class SharedRender {
  readonly #render: (context: Values) => unknown;
  readonly #checks: boolean;
  /** Latest first. */
  readonly #recent: SharedTree[] = [];
  #steps = new Map<SharedTree, SharedStep[]>();
  #oldSteps = new Map<SharedTree, SharedStep[]>();
  #stepCount = 0;
  /** How many times the render function ran, its development checks not counted. */
  renders = 0;

  constructor(render: Render, checks: boolean) {
    // A shared render takes the view's context; `createLiveView` has tied the two types together.
    this.#render = render as (context: Values) => unknown;
    this.#checks = checks;
  }

  /** The tree for `context`: a recent one if its values are equal, else a new one. */
  enter(context: Values): SharedTree {
    const found = this.#recent.find((tree) => sameValues(tree.context, context));
    if (found !== undefined) {
      this.#refuseImpure(found, context);
      return found;
    }
    const tree = new SharedTree(context, this.#run(context));
    this.renders++;
    this.#recent.unshift(tree);
    if (this.#recent.length > RECENT_TREES) this.#recent.pop();
    return tree;
  }

  /** What a view that shows `from` has to send to show `context`. */
  step(from: SharedTree, context: Values): SharedStep {
    let steps = this.#steps.get(from);
    if (steps === undefined) {
      steps = this.#oldSteps.get(from) ?? [];
      this.#steps.set(from, steps);
    }
    for (const step of steps) {
      if (!sameValues(step.to.context, context)) continue;
      this.#refuseImpure(step.to, context);
      return step;
    }
    const to = this.enter(context);
    const step: SharedStep = {
      to,
      diff: to === from ? "" : diff(from.rendered, to.rendered),
      shared: { frame: undefined },
    };
    steps.push(step);
    if (steps.length > STEPS_PER_TREE) steps.shift();
    this.#stepCount++;
    if (this.#stepCount >= STEPS_PER_GENERATION) this.age();
    return step;
  }

  /** Forgets the steps that nobody has taken since the last call. */
  age(): void {
    this.#oldSteps = this.#steps;
    this.#steps = new Map();
    this.#stepCount = 0;
  }

  get isForgetful(): boolean {
    return this.#steps.size === 0 && this.#oldSteps.size === 0;
  }

  #run(context: Values): Rendered {
    const rendered = this.#render(context);
    if (rendered instanceof Rendered) return rendered;
    throw new LiveError(
      "render.impure-shared",
      `A shared render must return html\`…\` at once, but it returned ${rendered instanceof Promise ? "a promise: load data in mount or handleInfo and assign it" : typeof rendered}.`,
    );
  }

  /** In development: what is about to be shared must be what this context renders now. */
  #refuseImpure(tree: SharedTree, context: Values): void {
    if (!this.#checks) return;
    const fresh = this.#run(context);
    const expected = toHtml(fresh);
    const remembered = toHtml(tree.rendered);
    if (expected === remembered) return;
    throw new LiveError(
      "render.impure-shared",
      `
A render declared as shared(…) gave two results for equal contexts, so visitors would see each other's page. It reads
something besides its context (the clock, a module's variable), or a value of the context was mutated in place.

    template    ${describeTemplate(fresh)}
    remembered  ${remembered.slice(0, 300)}
    expected    ${expected.slice(0, 300)}

Put what the render needs into the context with socket.assign, make new objects instead of changing old ones, or take
shared(…) away.
`.trim(),
    );
  }
}

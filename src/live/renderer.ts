import { NO_COMPONENTS, type ComponentNumbers } from "../diff/component-numbers.ts";
import { diff, fullTree } from "../diff/diff.ts";
import { LiveError } from "../errors.ts";
import { withRenderChecks } from "../html/checks.ts";
import { Rendered } from "../html/rendered.ts";
import { isShared } from "../html/shared.ts";
import { toHtml, type ComponentHtml, type ViewHtml } from "../html/to-html.ts";
import type { PreparedFrame } from "../transport/prepared-frame.ts";
import type { ErasedDefinition } from "./live-view.ts";
import { explainNothingToMap } from "./nothing-to-map.ts";
import { SharedRender, SharedTree } from "./shared-renders.ts";
import { ViewMeta, type MetaSource } from "./view-meta.ts";

type Values = Readonly<Record<string, unknown>>;

/** What a client has been sent and shows. */
export type Shown = Rendered | SharedTree;

/** What takes a client to `to`. */
export interface Change {
  readonly to: Shown;
  /** JSON text; `""` when there is nothing to send. */
  readonly diff: string;
  /** Where several views may take this very step: the push message for all of them, made by the first that needs it. */
  readonly shared: { frame: PreparedFrame | undefined } | undefined;
}

/** The live components of the page that a diff is for. */
export interface PageComponents extends ComponentNumbers {
  /** The page gets a whole new tree, and with it forgets all components. */
  forgetShown(): void;
}

/** How one view's context becomes what is sent. One per view definition and app. */
export interface Renderer {
  /** The whole page. Throws what the render throws. */
  first(context: Values, source: MetaSource): Shown | Promise<Shown>;
  /** What brings `shown` up to `context`. Throws what the render throws. */
  next(shown: Shown, context: Values, source: MetaSource, components: PageComponents): Change | Promise<Change>;
  /** What `context` renders now, whatever was remembered: for the development check of unchanged views. */
  fresh(context: Values, source: MetaSource): Rendered | Promise<Rendered>;
  /** Forgets what no view has needed lately. */
  age(): void;
}

/** @param checks whether what is skipped is rendered once more and compared (development). */
export function createRenderer(render: ErasedDefinition["render"], checks: boolean): Renderer {
  if (!isShared(render)) return new OwnRenderer(render, checks);
  // A render made by `shared` has one parameter, whatever the type of the definition says.
  const sharedRender = render as (context: Values) => unknown;
  return new SharedRenderer(sharedRender, checks);
}

/** The tree as JSON text, for the join. */
export function shownJson(shown: Shown, components?: ComponentNumbers): string {
  return shown instanceof SharedTree ? shown.json : fullTree(shown, components);
}

/** @param components by default a comment stands for each, and for each of `views`, which will do for comparisons; a shared tree can have none. */
export function shownHtml(shown: Shown, components?: ComponentHtml, views?: ViewHtml): string {
  return shown instanceof SharedTree
    ? toHtml(shown.rendered, NO_COMPONENTS, NO_COMPONENTS)
    : toHtml(shown, components, views);
}

class SharedRenderer implements Renderer {
  readonly #render: (context: Values) => unknown;
  readonly #shared: SharedRender;
  readonly #checks: boolean;
  constructor(render: (context: Values) => unknown, checks: boolean) {
    this.#render = render;
    this.#shared = new SharedRender(render, checks);
    this.#checks = checks;
  }

  first(context: Values): SharedTree {
    return withRenderChecks(this.#checks, () => this.#shared.enter(context));
  }

  next(shown: Shown, context: Values): Change {
    // This renderer's `first` made what the view shows, so it is a tree.
    const from = shown as SharedTree;
    if (!this.#checks) return this.#shared.step(from, context);
    return withRenderChecks(true, () => this.#shared.step(from, context));
  }

  fresh(context: Values): Rendered {
    return withRenderChecks(this.#checks, () => refuseOther(this.#render(context)));
  }

  age(): void {
    if (!this.#shared.isForgetful) this.#shared.age();
  }
}

class OwnRenderer implements Renderer {
  readonly #render: ErasedDefinition["render"];
  readonly #checks: boolean;
  /** The latest diff. What is broadcast to many views, such as a row of a stream, often changes all of them alike. */
  #latest: { readonly diff: string; readonly shared: { frame: PreparedFrame | undefined } } | undefined;

  constructor(render: ErasedDefinition["render"], checks: boolean) {
    this.#render = render;
    this.#checks = checks;
  }

  first(context: Values, source: MetaSource): Rendered | Promise<Rendered> {
    return this.#call(context, new ViewMeta(source));
  }

  next(shown: Shown, context: Values, source: MetaSource, components: PageComponents): Change | Promise<Change> {
    const result = this.#call(context, new ViewMeta(source));
    if (result instanceof Promise) return result.then((to) => this.#change(shown, to, components));
    return this.#change(shown, result, components);
  }

  fresh(context: Values, source: MetaSource): Rendered | Promise<Rendered> {
    return this.#call(context, new ViewMeta(source));
  }

  age(): void {
    this.#latest = undefined;
  }

  #call(context: Values, meta: ViewMeta): Rendered | Promise<Rendered> {
    try {
      const result = this.#checks
        ? withRenderChecks(true, () => this.#render(context, meta))
        : this.#render(context, meta);
      if (!isThenable(result)) return refuseOther(result);
      return Promise.resolve(result).then(refuseOther, (error: unknown) => {
        throw this.#explained(error, context, meta);
      });
    } catch (error) {
      throw this.#explained(error, context, meta);
    }
  }

  #explained(error: unknown, context: Values, meta: ViewMeta): unknown {
    return explainNothingToMap(error, context, (noting) => this.#render(noting, meta));
  }

  #change(shown: Shown, to: Rendered, components: PageComponents): Change {
    // This renderer's `first` made what the view shows, so it is no shared tree.
    const from = shown as Rendered;
    if (from.template !== to.template) components.forgetShown();
    const text = this.#checks ? withRenderChecks(true, () => diff(from, to, components)) : diff(from, to, components);
    if (text === "") return { to, diff: text, shared: undefined };
    // The first goes out by itself: most diffs have no second.
    if (this.#latest?.diff === text) return { to, diff: text, shared: this.#latest.shared };
    this.#latest = { diff: text, shared: { frame: undefined } };
    return { to, diff: text, shared: undefined };
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function refuseOther(result: unknown): Rendered {
  if (result instanceof Rendered) return result;
  throw new LiveError(
    "template.not-renderable",
    `render must return html\`…\` (or a promise of it), but it returned ${result === null ? "null" : typeof result}.${result === undefined ? " A function with braces needs a `return`." : ""}`,
  );
}

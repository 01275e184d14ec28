import { ComponentEntries, type Donor } from "../../diff/component-entries.ts";
import { NO_COMPONENTS, type ComponentNumbers } from "../../diff/component-numbers.ts";
import { withRenderChecks } from "../../html/checks.ts";
import { placesOf, type FoundPlace } from "../../html/component-places.ts";
import { Rendered, type ComponentPlace, type ViewPlace } from "../../html/rendered.ts";
import { whyNotSingleRoot } from "../../html/single-root.ts";
import { refuseComponentRow, rowAt, type ComponentRow } from "../../html/stream-row.ts";
import type { Template } from "../../html/template.ts";
import { toHtml, type ComponentHtml, type ViewHtml } from "../../html/to-html.ts";
import { sameValues } from "../context-values.ts";
import type { ErasedContext } from "../live-view.ts";
import { explainNothingToMap } from "../nothing-to-map.ts";
import { mutatedInPlace } from "../view-errors.ts";
import { NO_HOOKS, type StageHooks } from "../hooks/stage-hooks.ts";
import type { AsyncWork } from "../async/async-work.ts";
import type { ViewUploads } from "../uploads/view-uploads.ts";
import type { Callback } from "../view-services.ts";
import { duplicateId, notRendered, notSingleRoot } from "./component-errors.ts";
import type { ComponentHost } from "./component-host.ts";
import { ComponentInstance, type InstanceWatcher } from "./component-instance.ts";
import { ComponentRegistry } from "./component-registry.ts";
import { InstanceMeta } from "./component-meta.ts";
import { holds, isInStream, MAX_DEPTH, parentsFirst } from "./component-whereabouts.ts";
import { kindOfPlace, type ComponentKind } from "./create-live-component.ts";
import { run, type Steps } from "./steps.ts";
import type { UpdateInfo } from "./update-info.ts";

/** How many instances are asked whether a new one may begin as a copy of theirs. */
const DONORS_TRIED = 8;

/** Where what a component's tree has become is written: into a message, or nowhere, for the HTML of a page. */
type Write = (instance: ComponentInstance, rendered: Rendered) => void;

/**
 * The live components of one view's page.
 *
 * While a message is written, `place` says which components its tree shows; `settle` then mounts and updates those that
 * need it, renders them, and so goes on with the components that they show, parents before children. A component that
 * the page no longer shows stays until the page says that it has forgotten it.
 *
 * Made when a view places its first.
 */
export class ComponentTable implements ComponentNumbers, InstanceWatcher {
  readonly #host: ComponentHost;
  readonly #views: Pick<ComponentNumbers, "viewHtmlOf">;
  readonly #instances = new ComponentRegistry();
  /** Placed by the message at hand, and to be mounted, updated or shown again. */
  #pending: ComponentInstance[] = [];
  /** Changed since the page got them. */
  readonly #changed = new Set<ComponentInstance>();
  /** Counts messages. */
  #message = 1;
  /** The view's own tree, as the page has it, and the message that brought it. */
  #tree: Rendered | undefined;
  #treeIn = 0;
  /** The message at hand changes the view's own tree. */
  #isTreeSent = false;
  /** It leaves changes to one that follows. */
  #hasPutOff = false;
  /** Whose tree is being written; `undefined`: the view's own. */
  #writing: ComponentInstance | undefined;
  /** The trees of the message at hand, for errors. */
  #trees: Rendered[] = [];
  /** In development: those that are rows of streams, by their numbers. */
  #rows: Map<number, ComponentRow> | undefined;
  /** What its instances have to tell their hooks. */
  #rendered: StageHooks[] = [];

  /** @param views the nested views of the page, which may stand in components too; by default there are none. */
  constructor(host: ComponentHost, views: Pick<ComponentNumbers, "viewHtmlOf"> = NO_COMPONENTS) {
    this.#host = host;
    this.#views = views;
  }

  // ── while a tree is written ──

  /**
   * The page is about to get a whole new tree, and with it forgets all components. The rows of streams stay on it, and no
   * tree places what stands in them: that is brought again by a message that follows.
   */
  forgetShown(): void {
    this.#changed.clear();
    for (const instance of this.#instances.all()) {
      if (instance.shown !== undefined && isInStream(instance)) this.#changed.add(instance);
      instance.shown = undefined;
    }
  }

  numberOf(place: ComponentPlace): number | undefined {
    return this.#find(place)?.number;
  }

  place(place: ComponentPlace, tree: Rendered, stream?: string): number {
    if (this.#trees.at(-1) !== tree) this.#trees.push(tree);
    const instance = this.#goingOn(place) ?? this.#create(place);
    if (instance.placedIn === this.#message) throw this.#placedTwice(place);
    if (this.#writing !== undefined) this.#writing.isAround = true;
    instance.placedIn = this.#message;
    instance.parent = this.#writing;
    instance.stream = stream;
    if (this.#host.services.checks) this.#noteRow(instance, rowAt(place));
    if (instance.isMarked) {
      instance.isMarked = false;
      instance.shown = undefined;
    }
    if (!sameValues(instance.placed, place.props)) {
      instance.placed = instance.props = place.props;
      instance.isOutdated = true;
    }
    if (!instance.isPending && (instance.isOutdated || instance.shown === undefined)) {
      instance.isPending = true;
      this.#pending.push(instance);
    }
    return instance.number;
  }

  /**
   * The instance that stands at the place. One that was away from the page goes on with its state, unless it has streams: their rows
   * went with its element, and no one else has them. Then it ends, and another one begins. What is around such a one is sent whole,
   * so that it is placed.
   */
  #goingOn(place: ComponentPlace): ComponentInstance | undefined {
    const instance = this.#find(place);
    if (instance === undefined || instance.placedIn === this.#message) return instance;
    const hasRows = instance.ownStreams?.areShown === true;
    if ((!hasRows && !instance.isAround) || !this.#wasAway(instance)) return instance;
    if (hasRows) return this.#retire(instance);
    instance.backIn = this.#message;
    instance.shown = undefined;
    return instance;
  }

  /** Whether the page has lost the element of an instance that is about to be placed. */
  #wasAway(instance: ComponentInstance): boolean {
    const { parent } = instance;
    if (instance.isMarked || parent?.isEnded === true) return true;
    // Of what had stood elsewhere the page may have kept the element, so it counts as there.
    if (parent !== this.#writing) return false;
    if (parent === undefined) return this.#tree !== undefined && !this.#isIn(undefined, instance);
    return parent.backIn === this.#message || (parent.shown !== undefined && !holds(parent.shown, instance));
  }

  #retire(instance: ComponentInstance): undefined {
    instance.isEnded = true;
    instance.shown = undefined;
    this.#instances.leave(instance);
    this.#changed.delete(instance);
    this.#host.componentEnded(instance);
  }

  #noteRow({ number }: ComponentInstance, row: ComponentRow | undefined): void {
    if (row === undefined) this.#rows?.delete(number);
    else (this.#rows ??= new Map()).set(number, row);
  }

  viewHtmlOf(place: ViewPlace, tree: Rendered): string {
    return this.#views.viewHtmlOf(place, tree);
  }

  #find({ component, id }: ComponentPlace): ComponentInstance | undefined {
    return this.#instances.find(kindOfPlace(component), id);
  }

  #create({ component, id, props }: ComponentPlace): ComponentInstance {
    const kind = kindOfPlace(component);
    const instance = new ComponentInstance(this.#instances.nextNumber(), { kind, id, props }, this, this.#host.socket);
    this.#instances.add(instance);
    return instance;
  }

  #placedTwice(place: ComponentPlace): Error {
    const places = this.#trees
      .flatMap((tree) => [...placesOf(tree)])
      .filter((found) => found.place.component === place.component && found.place.id === place.id);
    return duplicateId(place, places.slice(0, 2));
  }

  // ── once the view's own tree is written ──

  /** Whether a component has something new to show. */
  get isBehind(): boolean {
    return this.#changed.size > 0;
  }

  /** The last message had to leave something to one that follows at once: `settle` is to be called for that. */
  get needsAnotherMessage(): boolean {
    return this.#hasPutOff && this.#changed.size > 0;
  }

  /**
   * @param tree the view's own tree, if the view has rendered
   * @param isSent whether the message has something of that tree
   * @returns `"c":{…}` for the message at hand, `""` if it needs none
   */
  settle(tree?: Rendered, isSent = tree !== undefined): string | Promise<string> {
    if (tree !== undefined) {
      this.#tree = tree;
      this.#treeIn = this.#message;
    }
    this.#isTreeSent = isSent;
    this.#hasPutOff = false;
    const entries = new ComponentEntries(this);
    return run(this.#settleInto(entries), () => this.#host.isEnded);
  }

  *#settleInto(entries: ComponentEntries): Steps<string> {
    yield* this.#work((instance, rendered) => {
      const { number, shown } = instance;
      if (shown === undefined) entries.addNew(number, rendered, this.#donorFor(instance, rendered.template));
      else entries.addChange(number, shown, rendered);
      instance.ownStreams?.end();
    });
    return entries.toJson();
  }

  /** Places what stands in a tree of which nothing else is to be written. */
  placeAll(tree: Rendered): void {
    for (const { place } of placesOf(tree)) this.place(place, tree);
  }

  /** The HTML of a page's first request: of `tree`, whose components were placed. */
  settleHtml(tree: Rendered, views?: ViewHtml): string | Promise<string> {
    return run(this.#settleHtml(tree, views), () => this.#host.isEnded);
  }

  *#settleHtml(tree: Rendered, views: ViewHtml | undefined): Steps<string> {
    const writing: ComponentHtml = {
      htmlOf: (place) => {
        const shown = this.#find(place)?.shown;
        return shown === undefined ? "" : toHtml(shown, writing, views);
      },
    };
    yield* this.#work((_instance, rendered) => this.placeAll(rendered));
    return toHtml(tree, writing, views);
  }

  *#work(write: Write): Steps<void> {
    yield* this.#workPending(write);
    for (const instance of parentsFirst(this.#changed)) {
      // Its parent may have brought it meanwhile.
      if (!this.#changed.has(instance)) continue;
      if (this.#isOverlooked(instance)) {
        this.#hasPutOff = true;
        continue;
      }
      if (this.#isOnPage(instance)) {
        this.#render(instance, write);
        yield* this.#workPending(write);
        continue;
      }
      // What it places may stand elsewhere by now. Should it come back, it is brought whole.
      this.#changed.delete(instance);
      instance.shown = undefined;
    }
    this.#message++;
    this.#trees = [];
  }

  *#workPending(write: Write): Steps<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      for (const [kind, instances] of byKind(batch)) {
        for (const instance of instances) yield* this.#mount(instance);
        yield* this.#update(kind, instances.filter(takeOutdated));
        for (const instance of instances) {
          instance.isPending = false;
          if (instance.shown === undefined || this.#changed.has(instance)) this.#render(instance, write);
        }
      }
    }
  }

  *#mount(instance: ComponentInstance): Steps<void> {
    if (instance.isMounted) return;
    instance.isMounted = true;
    const { mount } = instance.kind.definition;
    if (mount !== undefined) yield this.#call(instance.name, "mount", () => mount(instance.socket));
  }

  *#update(kind: ComponentKind, instances: readonly ComponentInstance[]): Steps<void> {
    if (instances.length === 0) return;
    const { update, updateMany } = kind.definition;
    if (updateMany !== undefined) {
      const updates = instances.map(({ socket, props }) => ({ socket, props }));
      yield this.#call(kind.name, "updateMany", () => updateMany(updates));
      return;
    }
    for (const instance of instances) {
      const { socket, props } = instance;
      if (update === undefined) instance.assign(props);
      else yield this.#call(kind.name, "update", () => update(socket, props));
    }
  }

  #call(component: string, callback: Callback, work: () => unknown): unknown {
    this.#host.startCallback(callback, component);
    return withRenderChecks(this.#host.services.checks, work);
  }

  #render(instance: ComponentInstance, write: Write): void {
    // Of each component a message has one change. What came since is for the next.
    if (instance.renderedIn === this.#message) return;
    instance.renderedIn = this.#message;
    this.#changed.delete(instance);
    instance.ownStreams?.begin();
    if (instance.ownHooks?.has("afterRender") === true) this.#rendered.push(instance.ownHooks);
    this.#host.startCallback("render", instance.name);
    this.#writing = instance;
    withRenderChecks(this.#host.services.checks, () => {
      const rendered = this.#treeOf(instance);
      write(instance, rendered);
      instance.shown = rendered;
    });
    this.#writing = undefined;
  }

  #treeOf({ kind, context, name, number }: ComponentInstance): Rendered {
    const rendered = callRender(kind, context, new InstanceMeta(this.#host, number));
    if (!(rendered instanceof Rendered)) throw notRendered(name, rendered);
    const why = whyNotSingleRoot(rendered.template);
    if (why !== undefined) throw notSingleRoot(name, why);
    const row = this.#rows?.get(number);
    if (row !== undefined) refuseComponentRow(name, row, rendered);
    return rendered;
  }

  /** An instance of the same template that the page knows, and that this message does not change. */
  #donorFor({ kind }: ComponentInstance, template: Template): Donor | undefined {
    let tried = 0;
    for (const { number, shown, isMarked, renderedIn } of this.#instances.ofKind(kind)) {
      if (++tried > DONORS_TRIED) return undefined;
      if (shown?.template === template && !isMarked && renderedIn !== this.#message) return { number, rendered: shown };
    }
    return undefined;
  }

  /**
   * Whether the page would not show what the message at hand says of it. It patches the outermost of what a message
   * changes, and there the rows of a stream are those that have come with the message: it looks at no other.
   */
  #isOverlooked(instance: ComponentInstance): boolean {
    let isInOldRow = false;
    let around: ComponentInstance | undefined = instance;
    for (let depth = 0; around !== undefined && depth < MAX_DEPTH; depth++) {
      if (isInOldRow && around.renderedIn === this.#message) return true;
      isInOldRow ||= around.stream !== undefined && around.placedIn !== this.#message;
      around = around.parent;
    }
    return isInOldRow && this.#isTreeSent;
  }

  /** Whether the tree around it still shows it, and so on up to the view's own. */
  #isOnPage(instance: ComponentInstance): boolean {
    let inner = instance;
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const { parent } = inner;
      if (!this.#isIn(parent, inner)) return false;
      if (parent === undefined) return true;
      inner = parent;
    }
    return false;
  }

  /** @param parent `undefined` for the view itself */
  #isIn(parent: ComponentInstance | undefined, inner: ComponentInstance): boolean {
    const tree = parent === undefined ? this.#tree : parent.shown;
    const broughtIn = parent === undefined ? this.#treeIn : parent.renderedIn;
    if (tree === undefined || parent?.isEnded === true) return false;
    if (inner.placedIn >= broughtIn) return true;
    // What is around was rendered without coming by: it has skipped the place, or does not have it any more.
    if (!holds(tree, inner)) return false;
    inner.placedIn = broughtIn;
    return true;
  }

  // ── between messages ──

  /** What the page shows of the components that stand in `tree`, and of those that they show. */
  *treesIn(tree: Rendered): Generator<Rendered> {
    for (const { place } of placesOf(tree)) {
      const shown = this.#find(place)?.shown;
      if (shown === undefined) continue;
      yield shown;
      yield* this.treesIn(shown);
    }
  }

  get isEnded(): boolean {
    return this.#host.isEnded;
  }

  /** The afterRender hooks of what was rendered since this was asked last. */
  takeRendered(): readonly StageHooks[] {
    if (this.#rendered.length === 0) return NO_HOOKS;
    const rendered = this.#rendered;
    this.#rendered = [];
    return rendered;
  }

  /** What the page has of components in rows of streams, until it says that they have gone. */
  *treesInRows(): Generator<Rendered> {
    for (const instance of this.#instances.all()) {
      if (instance.shown !== undefined && !instance.isMarked && isInStream(instance)) yield instance.shown;
    }
  }

  get asyncWork(): AsyncWork {
    return this.#host.asyncWork;
  }

  get uploads(): ViewUploads {
    return this.#host.uploads;
  }

  instanceChanged(instance: ComponentInstance): void {
    // One that the page does not have is brought whole, should it be placed.
    if (instance.shown === undefined) return;
    this.#changed.add(instance);
    this.#host.componentChanged();
  }

  /** The instance that an event is for. */
  find(number: number): ComponentInstance | undefined {
    const instance = this.#instances.numbered(number);
    return instance?.isEnded === true ? undefined : instance;
  }

  /** What `sendUpdate` sent. @returns what has to be awaited, if anything has */
  update({ kind, id, props }: UpdateInfo): unknown {
    const instance = this.#instances.find(kind, id);
    if (instance === undefined || !instance.isMounted) return undefined;
    instance.props = { ...instance.props, ...props };
    return run(this.#update(kind, [instance]), () => this.#host.isEnded);
  }

  /** The page has no element of these any more. */
  mark(numbers: readonly number[]): void {
    for (const number of numbers) {
      const instance = this.#instances.numbered(number);
      if (instance === undefined) continue;
      // One that is there has come back by a message that the page did not have yet when it said so. Of rows of streams
      // the page alone knows.
      if (instance.isEnded || isInStream(instance) || !this.#isOnPage(instance)) instance.isMarked = true;
    }
  }

  /** The page wants to forget these. @returns those that are gone: they were not placed again since they were marked */
  remove(numbers: readonly number[]): readonly number[] {
    return numbers.filter((number) => {
      const instance = this.#instances.numbered(number);
      if (instance?.isMarked !== true) return false;
      if (!instance.isEnded) this.#retire(instance);
      this.#instances.forget(instance);
      this.#rows?.delete(number);
      return true;
    });
  }

  /** How many items of streams wait in components. */
  get waitingItems(): number {
    let waiting = 0;
    for (const { ownStreams, isEnded } of this.#instances.all()) waiting += isEnded ? 0 : (ownStreams?.waiting ?? 0);
    return waiting;
  }

  // ── in development ──

  /** No two places of what the page shows may have the same component with the same id, also where nothing changed. */
  checkPlaces(tree: Rendered): void {
    const seen = new Map<ComponentInstance, FoundPlace>();
    const visit = (shown: Rendered): void => {
      for (const found of placesOf(shown)) {
        const instance = this.#find(found.place);
        if (instance === undefined) continue;
        const first = seen.get(instance);
        if (first !== undefined) throw duplicateId(found.place, [first, found]);
        seen.set(instance, found);
        if (instance.shown !== undefined) visit(instance.shown);
      }
    };
    visit(tree);
  }

  /** What was not assigned must still render what the page shows. */
  checkUnchanged(instance: ComponentInstance): void {
    const { shown, ownStreams } = instance;
    if (shown === undefined || this.#changed.has(instance)) return;
    ownStreams?.open();
    try {
      const fresh = withRenderChecks(true, () => this.#treeOf(instance));
      if (toHtml(fresh) !== toHtml(shown)) this.#host.report(mutatedInPlace(`${instance.name} in ${this.#host.name}`));
    } catch (error) {
      this.#host.report(error);
    } finally {
      ownStreams?.close();
    }
  }
}

function callRender({ definition }: ComponentKind, context: ErasedContext, meta: InstanceMeta): unknown {
  try {
    return definition.render(context, meta);
  } catch (error) {
    throw explainNothingToMap(error, context, (noting) => definition.render(noting, meta));
  }
}

function takeOutdated(instance: ComponentInstance): boolean {
  const { isOutdated } = instance;
  instance.isOutdated = false;
  return isOutdated;
}

function byKind(instances: readonly ComponentInstance[]): Map<ComponentKind, ComponentInstance[]> {
  const groups = new Map<ComponentKind, ComponentInstance[]>();
  for (const instance of instances) {
    const group = groups.get(instance.kind);
    if (group === undefined) groups.set(instance.kind, [instance]);
    else group.push(instance);
  }
  return groups;
}

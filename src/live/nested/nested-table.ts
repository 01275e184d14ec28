import { escapeHtml } from "../../html/escape.ts";
import type { Rendered, ViewPlace } from "../../html/rendered.ts";
import { viewPlacesOf, type FoundView } from "../../html/view-places.ts";
import type { MountableView } from "../view-services.ts";
import type { ViewProcess } from "../view-process.ts";
import { duplicateNestedId, notRegistered, otherView, type OwnedPlace } from "./nested-errors.ts";
import { definitionAt, depthIn, identityOf, type Nesting, type PageOrigin } from "./nesting.ts";
import { stickySession } from "./sticky-session.ts";

/** What was placed and is not on the page any more is forgotten after so long, in milliseconds. */
const FORGOTTEN_AFTER_MS = 60_000;
/** Of those in rows of streams, which the page alone knows to be there or not, the latest so many are kept for longer. */
const MAX_IDLE_ROWS = 100;
/** How many places are kept before it is worth looking for some that can be forgotten. */
const FIRST_SWEEP = 16;
/** Longer addresses go into tokens without their query. */
const MAX_HREF_LENGTH = 1_500;

/** Who has placed which id on a page. */
const pages = new WeakMap<PageOrigin, Map<string, NestedTable>>();

/** One nested view that a connected view has placed: what it takes to mount it, as often as its page asks for it. */
export class NestedChild implements Nesting {
  readonly id: string;
  readonly place: ViewPlace;
  readonly view: MountableView;
  readonly parent: ViewProcess;
  readonly depth: number;
  /** For `data-phx-session`. */
  readonly token: string;
  /** While it is joined, or joins. */
  process: ViewProcess | undefined = undefined;
  /** When it was placed, or its process ended, by `services.now`. */
  idleSinceMs: number;
  /** It is in a row of a stream, which nobody here remembers. */
  isInRow = false;

  constructor(parent: ViewProcess, place: ViewPlace, view: MountableView, token: string) {
    this.id = place.id;
    this.place = place;
    this.view = view;
    this.parent = parent;
    this.depth = depthIn(place.id, parent.nesting);
    this.token = token;
    this.idleSinceMs = parent.services.now();
  }

  ended(process: ViewProcess): void {
    if (this.process !== process) return;
    this.process = undefined;
    this.idleSinceMs = this.parent.services.now();
  }
}

/**
 * The nested views of one connected view: which are on its page, and by which tokens they join.
 *
 * A child stays known when it crashes, because the browser then joins it again with the token that it has. One that was
 * taken from the page is forgotten some time later: the view does not know when the page has got that far. Of one in a row of a
 * stream it does not know at all whether it is there, so without a process the latest of them stay.
 *
 * Made when a view places its first.
 */
export class NestedTable {
  readonly #parent: ViewProcess;
  readonly #shownTrees: () => Iterable<Rendered>;
  readonly #rowTrees: () => Iterable<Rendered>;
  /** All that the page may still ask for, by the key in their tokens. */
  readonly #children = new Map<string, NestedChild>();
  /** Those that were placed last under their ids, sticky ones too. */
  readonly #latest = new Map<string, Pick<NestedChild, "place" | "token">>();
  /** The ids that the message at hand has placed, and the trees that it did so for. */
  readonly #placed = new Set<string>();
  #trees: Rendered[] = [];
  /** What it has made. */
  #created: NestedChild[] = [];
  /** Shared by the view of the page and all that are nested in it. */
  readonly #owners: Map<string, NestedTable>;
  #lastKey = 0;
  #sweepAt = FIRST_SWEEP;

  /**
   * @param shownTrees what the page shows of the view and its live components, before the message at hand
   * @param rowTrees what it has of live components in rows of streams, and may show: which rows are there it alone knows
   */
  constructor(
    parent: ViewProcess,
    shownTrees: () => Iterable<Rendered>,
    rowTrees: () => Iterable<Rendered> = () => [],
  ) {
    this.#parent = parent;
    this.#shownTrees = shownTrees;
    this.#rowTrees = rowTrees;
    let owners = pages.get(parent.origin);
    if (owners === undefined) pages.set(parent.origin, (owners = new Map<string, NestedTable>()));
    this.#owners = owners;
  }

  // ── while a message is written ──

  viewHtmlOf(place: ViewPlace, tree: Rendered): string {
    const { id } = place;
    if (this.#trees.at(-1) !== tree) this.#trees.push(tree);
    if (this.#placed.has(id)) throw this.#placedTwice(id);
    this.#placed.add(id);
    const latest = this.#latest.get(id);
    const shown = latest === undefined ? undefined : this.#findShown(id);
    if (shown !== undefined && shown.place.view !== place.view) throw otherView(id, this.#parent.name);
    // One that was taken away and comes back begins anew, because that is what the browser does with it.
    const { token } = latest === undefined || shown === undefined ? this.#create(place) : latest;
    return this.#elementOf(place, token);
  }

  #placedTwice(id: string): Error {
    return duplicateNestedId(id, this.#written(id));
  }

  /** Its places in the message at hand. */
  #written(id: string): readonly OwnedPlace[] {
    const places = this.#trees.flatMap((tree) => [...viewPlacesOf(tree)]);
    return places.filter(({ place }) => place.id === id).map((found) => this.#owned(found));
  }

  #elementOf({ id, tag, attributes, isSticky }: ViewPlace, token: string): string {
    const kind = isSticky ? "data-phx-sticky" : `data-phx-parent-id="${escapeHtml(this.#parent.elementId)}"`;
    return `<${tag} id="${escapeHtml(id)}" data-phx-session="${token}" data-phx-static="" ${kind}${attributes}></${tag}>`;
  }

  #create(place: ViewPlace): Pick<NestedChild, "place" | "token"> {
    this.#claim(place);
    this.#sweep();
    const created = place.isSticky ? { place, token: this.#stickyToken(place) } : this.#createChild(place);
    this.#latest.set(place.id, created);
    return created;
  }

  #createChild(place: ViewPlace): NestedChild {
    const parent = this.#parent;
    const { services, elementId, id: process } = parent;
    const key = String(++this.#lastKey);
    const token = services.nested.tokens.sign(place.id, identityOf(parent.origin), {
      kind: "child",
      parent: elementId,
      process,
      key,
    });
    const view = services.nested.views.mountable(definitionAt(place), `${parent.name} > ${place.id}`);
    const child = new NestedChild(parent, place, view, token);
    this.#children.set(key, child);
    this.#created.push(child);
    return child;
  }

  #stickyToken(place: ViewPlace): string {
    return stickyToken(this.#parent, place);
  }

  /** @throws {LiveError} `nested.duplicate-id` if another view of the page shows the id */
  #claim({ id }: ViewPlace): void {
    const owner = this.#owners.get(id);
    if (owner !== undefined && owner !== this) {
      const found = owner.#findShown(id);
      if (found !== undefined) throw duplicateNestedId(id, [owner.#owned(found), ...this.#written(id)]);
    }
    this.#owners.set(id, this);
  }

  #owned(found: FoundView): OwnedPlace {
    return { owner: this.#parent.name, found };
  }

  #findShown(id: string): FoundView | undefined {
    for (const tree of this.#shownTrees()) {
      for (const found of viewPlacesOf(tree)) if (found.place.id === id) return found;
    }
    return undefined;
  }

  /** What the page has, as far as that is known. */
  #shownIds(): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const trees of [this.#shownTrees(), this.#rowTrees()]) {
      for (const tree of trees) for (const { place } of viewPlacesOf(tree)) ids.add(place.id);
    }
    return ids;
  }

  #sweep(): void {
    if (this.#latest.size + this.#children.size < this.#sweepAt) return;
    const shown = this.#shownIds();
    const before = this.#parent.services.now() - FORGOTTEN_AFTER_MS;
    const idleRows: (readonly [key: string, child: NestedChild])[] = [];
    for (const [key, child] of this.#children) {
      if (child.process !== undefined || child.idleSinceMs > before) continue;
      const isLatest = this.#latest.get(child.id) === child;
      if (isLatest && shown.has(child.id)) continue;
      if (isLatest && child.isInRow) idleRows.push([key, child]);
      else this.#drop(key, child);
    }
    idleRows.sort(([, a], [, b]) => b.idleSinceMs - a.idleSinceMs);
    for (const [key, child] of idleRows.slice(MAX_IDLE_ROWS)) this.#drop(key, child);
    for (const [id, { place }] of this.#latest) if (place.isSticky && !shown.has(id)) this.#forget(id);
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * (this.#latest.size + this.#children.size));
  }

  #drop(key: string, child: NestedChild): void {
    this.#children.delete(key);
    if (this.#latest.get(child.id) === child) this.#forget(child.id);
  }

  #forget(id: string): void {
    this.#latest.delete(id);
    if (this.#owners.get(id) === this) this.#owners.delete(id);
  }

  /**
   * The message is written; the trees are what it shows.
   * @throws {LiveError} `nested.duplicate-id` in development, also where nothing has changed
   */
  endMessage(): void {
    this.#placed.clear();
    this.#trees = [];
    this.#markRows();
    if (!this.#parent.services.checks) return;
    const seen = new Map<string, FoundView>();
    for (const tree of this.#shownTrees()) {
      for (const found of viewPlacesOf(tree)) {
        const { id } = found.place;
        const first = seen.get(id);
        if (first !== undefined) throw duplicateNestedId(id, [this.#owned(first), this.#owned(found)]);
        seen.set(id, found);
      }
    }
  }

  /** What was placed and is nowhere in the trees is in rows, which are let go of once they were sent. */
  #markRows(): void {
    if (this.#created.length === 0) return;
    const shown = this.#shownIds();
    for (const child of this.#created) child.isInRow = !shown.has(child.id);
    this.#created = [];
  }

  // ── between messages ──

  /** The child of a token. */
  child(key: string): NestedChild | undefined {
    return this.#children.get(key);
  }

  /** The children that are joined, or join. */
  *processes(): Generator<ViewProcess> {
    for (const { process } of this.#children.values()) if (process !== undefined) yield process;
  }

  /** The view is over, and with it its children. */
  end(): void {
    for (const process of this.processes()) process.endWithParent();
    for (const id of this.#latest.keys()) if (this.#owners.get(id) === this) this.#owners.delete(id);
    this.#children.clear();
    this.#latest.clear();
  }
}

/** @throws {LiveError} `nested.not-registered`; `nested.invalid-option` for a session that no token can hold */
export function stickyToken(parent: ViewProcess, place: ViewPlace): string {
  const { services } = parent;
  const name = services.nested.views.nameOf(definitionAt(place));
  if (name === undefined) throw notRegistered(place.id, parent.name);
  const { url } = parent;
  const { href } = url.href.length > MAX_HREF_LENGTH ? new URL(url.pathname.slice(0, MAX_HREF_LENGTH), url) : url;
  const session = stickySession(place.id, place.session);
  return services.nested.tokens.sign(place.id, identityOf(parent.origin), { kind: "sticky", name, session, href });
}

import { escapeHtml } from "../../html/escape.ts";
import type { Rendered, ViewPlace } from "../../html/rendered.ts";
import type { ViewHtml } from "../../html/to-html.ts";
import { viewPlacesOf } from "../../html/view-places.ts";
import { randomId } from "../random-id.ts";
import type { Mounted, ViewProcess } from "../view-process.ts";
import { duplicateNestedId, type OwnedPlace } from "./nested-errors.ts";
import { stickyToken } from "./nested-table.ts";
import { identityOf, type PageOrigin } from "./nesting.ts";

/** Who has placed which id in the HTML of a page. */
const pages = new WeakMap<PageOrigin, Map<string, NestedHtml>>();

/** A nested view that has ended in its mount, and with it the page's first render: as an error, for whoever awaits that. */
export class NestedMountEnd extends Error {
  readonly mounted: Exclude<Mounted, { readonly outcome: "rendered" }>;
  readonly view: ViewProcess;
  constructor(mounted: NestedMountEnd["mounted"], view: ViewProcess) {
    super(`the mount of ${view.name} has ended`);
    this.mounted = mounted;
    this.view = view;
  }
}

/**
 * The nested views in the HTML of a page's first request. While that is written, marks stand for them; those that are in it
 * in the end are then mounted, all at once, and take the places of their marks.
 */
export class NestedHtml implements ViewHtml {
  readonly #parent: ViewProcess;
  readonly #shownTrees: () => Iterable<Rendered>;
  /** Nothing that a page shows can have it by chance or by intent. */
  readonly #mark = randomId(12);
  readonly #places: ViewPlace[] = [];

  constructor(parent: ViewProcess, shownTrees: () => Iterable<Rendered>) {
    this.#parent = parent;
    this.#shownTrees = shownTrees;
  }

  viewHtmlOf(place: ViewPlace): string {
    return `<!--${this.#mark} ${this.#places.push(place) - 1}-->`;
  }

  /**
   * Puts what nested views show in place of their marks. A promise only if a mount has to be awaited.
   * @throws {LiveError} `nested.duplicate-id`; {NestedMountEnd} if one of them redirects or fails
   */
  fill(html: string): string | Promise<string> {
    if (this.#places.length === 0) return html;
    // Texts at even positions, indexes at odd ones.
    const parts = html.split(new RegExp(`<!--${this.#mark} (\\d+)-->`));
    const places = parts.flatMap((part, index) => {
      const place = index % 2 === 1 ? this.#places[Number(part)] : undefined;
      return place === undefined ? [] : [place];
    });
    this.#claim(places);
    const elements = places.map((place) => this.#mount(place));
    const join = (filled: readonly string[]): string =>
      parts.map((part, index) => (index % 2 === 1 ? filled[(index - 1) / 2] : part)).join("");
    if (elements.every((element) => typeof element === "string")) return join(elements);
    return Promise.all(elements.map((element) => Promise.resolve(element))).then(join);
  }

  #claim(places: readonly ViewPlace[]): void {
    const { origin } = this.#parent;
    let owners = pages.get(origin);
    if (owners === undefined) pages.set(origin, (owners = new Map<string, NestedHtml>()));
    for (const { id } of places) {
      const owner = owners.get(id);
      if (owner === undefined) owners.set(id, this);
      else throw duplicateNestedId(id, [...(owner === this ? [] : owner.#owned(id)), ...this.#owned(id)]);
    }
  }

  #owned(id: string): readonly OwnedPlace[] {
    const places = [...this.#shownTrees()].flatMap((tree) => [...viewPlacesOf(tree)]);
    return places.filter(({ place }) => place.id === id).map((found) => ({ owner: this.#parent.name, found }));
  }

  /** The element with all that is in it. */
  #mount(place: ViewPlace): string | Promise<string> {
    const view = this.#parent.nest(place);
    let mounted: Mounted | undefined;
    let settle: ((mounted: Mounted) => void) | undefined;
    view.mount((outcome) => {
      mounted = outcome;
      settle?.(outcome);
    });
    if (mounted !== undefined) return this.#elementOf(place, view, mounted);
    return new Promise<Mounted>((resolve) => (settle = resolve)).then((outcome) =>
      this.#elementOf(place, view, outcome),
    );
  }

  #elementOf(place: ViewPlace, view: ViewProcess, mounted: Mounted): string {
    // As for the page's own view: it has no life after its HTML.
    view.end();
    if (mounted.outcome !== "rendered") throw new NestedMountEnd(mounted, view);
    const { id, tag, attributes, isSticky } = place;
    const parent = this.#parent;
    const flash = view.page.hasFlash ? view.page.flash : undefined;
    const staticToken = parent.services.nested.tokens.signStatic(id, identityOf(parent.origin), flash);
    const session = isSticky ? stickyToken(parent, place) : "";
    const kind = isSticky ? "data-phx-sticky" : `data-phx-parent-id="${escapeHtml(parent.elementId)}"`;
    return `<${tag} id="${escapeHtml(id)}" data-phx-session="${session}" data-phx-static="${staticToken}" ${kind}${attributes}>${mounted.content}</${tag}>`;
  }
}

import { localDestination } from "./destination.ts";
import type { Query } from "./query.ts";
import type { Navigation, ViewNavigation } from "./navigation.ts";
import { PageOutbox } from "./page-outbox.ts";
import type { Flash } from "./render-meta.ts";

const NO_FLASH: Flash = Object.freeze({});

/** What a view knows and wants of the page around it: its address, title, flash, where it shall go, what it shall be told. */
export class PageState {
  #href: string;
  /** Made when somebody asks: most views never look at their address, and a URL is a large object. */
  #url: URL | undefined;
  #title: string | undefined;
  #flash: Flash;
  /** What was put into the flash since the turn began. */
  #newFlash: Flash | undefined;
  #navigation: Navigation | undefined;
  #outbox: PageOutbox | undefined;
  #arrivedBy: ViewNavigation;

  constructor(href: string, flash: Flash | undefined, arrivedBy: ViewNavigation) {
    this.#href = href;
    this.#arrivedBy = arrivedBy;
    this.#flash = flash ?? NO_FLASH;
  }

  // ── address ──

  get url(): URL {
    return (this.#url ??= new URL(this.#href));
  }

  /** How it came to be there. */
  get arrivedBy(): ViewNavigation {
    return this.#arrivedBy;
  }

  moveTo(href: string, by: ViewNavigation): void {
    this.#href = href;
    this.#arrivedBy = by;
    this.#url = undefined;
  }

  /** The whole address of a path of this app. */
  resolve(path: string): string {
    return new URL(path, this.#href).href;
  }

  /** @throws {LiveError} `view.invalid-destination` */
  localPath(path: string, query: Query | undefined): string {
    return localDestination(path, query, this.url.pathname);
  }

  /** Notes where the page shall go once the callback is done. */
  go(navigation: Navigation): void {
    this.#navigation = navigation;
  }

  /** Where the callbacks wanted to go. They no longer do then. */
  takeNavigation(): Navigation | undefined {
    const navigation = this.#navigation;
    this.#navigation = undefined;
    return navigation;
  }

  get hasNavigation(): boolean {
    return this.#navigation !== undefined;
  }

  // ── flash ──

  get flash(): Flash {
    return this.#flash;
  }

  get hasFlash(): boolean {
    return Object.keys(this.#flash).length > 0;
  }

  /** @returns whether that changed anything */
  putFlash(kind: string, message: string): boolean {
    this.#newFlash = { ...this.#newFlash, [kind]: message };
    if (this.#flash[kind] === message) return false;
    this.#flash = { ...this.#flash, [kind]: message };
    return true;
  }

  /** @returns whether that changed anything */
  clearFlash(kind: string | undefined): boolean {
    if (kind === undefined ? !this.hasFlash : this.#flash[kind] === undefined) return false;
    const rest = kind === undefined ? [] : Object.entries(this.#flash).filter(([key]) => key !== kind);
    this.#flash = rest.length === 0 ? NO_FLASH : Object.fromEntries(rest);
    return true;
  }

  /** A patch by the server: of the flash, only what its very callback put survives. */
  keepNewFlash(): void {
    this.#flash = this.#newFlash ?? NO_FLASH;
  }

  endTurn(): void {
    this.#newFlash = undefined;
  }

  // ── title, events, replies ──

  get title(): string | undefined {
    return this.#title;
  }

  set title(title: string) {
    this.#title = title;
    this.outbox.title = title;
  }

  /** Made when there is something to put in. */
  get outbox(): PageOutbox {
    return (this.#outbox ??= new PageOutbox());
  }

  /** The whole answer to a push, with a diff (JSON text, `""` for none). Nothing is made for it: most pages never need an outbox. */
  answerWith(diff: string): string {
    if (this.#outbox !== undefined) return this.#outbox.takeAnswer(diff);
    return diff === "" ? "{}" : `{"diff":${diff}}`;
  }

  get hasNews(): boolean {
    return this.#outbox?.isEmpty === false;
  }
}

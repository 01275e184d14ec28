/** By what an entry came about: a patch of the view, or a live navigation. */
type Step = "patch" | "redirect";

interface Entry {
  readonly href: string;
  /** Entries of one page load have the same. */
  page: number;
  readonly type: Step | undefined;
  /** What led away from it. */
  backType: Step | undefined;
}

/** Where a step back or forward leads, and how the client goes there. */
export interface HistoryStep {
  readonly href: string;
  readonly kind: Step | "load";
}

/** The history of one tab, as browsers and the client keep it (phoenix_live_view: live_socket.ts, bindNav). */
export class TabHistory {
  readonly #entries: Entry[] = [];
  #at = -1;
  #page = 0;

  /** A page was loaded: at a new entry, unless it is at the address where the tab is already. */
  loaded(href: string): void {
    const page = ++this.#page;
    const current = this.#entries[this.#at];
    if (current?.href !== href) return this.#add({ href, page, type: undefined, backType: undefined });
    const { page: old } = current;
    // What the page had made of its address before belongs to it again.
    for (const entry of this.#entries) if (entry.page === old) entry.page = page;
  }

  /** The view has patched, or another one was entered. */
  went(type: Step, kind: string, href: string): void {
    const current = this.#entries[this.#at];
    if (current === undefined) return;
    current.backType = type;
    if (href === current.href) return;
    const entry: Entry = { href, page: current.page, type, backType: undefined };
    if (kind === "replace") this.#entries[this.#at] = entry;
    else this.#add(entry);
  }

  /** Goes one entry back (-1) or forward (1), if there is one. */
  step(by: -1 | 1): HistoryStep | undefined {
    const from = this.#entries[this.#at];
    const to = this.#entries[this.#at + by];
    if (from === undefined || to === undefined) return undefined;
    this.#at += by;
    if (from.page !== to.page) return { href: to.href, kind: "load" };
    const type = by === 1 ? to.type : (to.backType ?? to.type);
    return { href: to.href, kind: type === "patch" ? "patch" : "redirect" };
  }

  #add(entry: Entry): void {
    this.#entries.splice(++this.#at, Infinity, entry);
  }
}

import type { ViewCompanion } from "../view-life.ts";

/** The companions of one view. */
export class ViewCompanions {
  readonly #all = new Set<ViewCompanion>();

  add(companion: ViewCompanion): void {
    this.#all.add(companion);
  }

  viewEnded(): void {
    for (const companion of this.#all) companion.viewEnded();
    this.#all.clear();
  }

  renewalBegan(): void {
    for (const companion of this.#all) companion.renewalBegan();
  }

  renewalEnded(): void {
    for (const companion of this.#all) companion.renewalEnded();
  }
}

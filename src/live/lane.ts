const EMPTY: readonly never[] = [];

/**
 * A first-in first-out queue that costs nothing while it is empty: most views wait for most of their lives.
 * Amortised O(1); the storage is let go of whenever the queue runs empty.
 */
export class Lane<T> {
  #items: T[] | readonly never[] = EMPTY;
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    if (this.#items === EMPTY) this.#items = [item];
    // The line above made sure that the storage is this lane's own array.
    else (this.#items as T[]).push(item);
  }

  /** The item that `shift` would take. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined && this.length === 0) return undefined;
    this.#head++;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    } else {
      // The slot must not keep a handled message alive; the array is this lane's own, as it is not empty.
      (this.#items as (T | undefined)[])[this.#head - 1] = undefined;
    }
    return item;
  }

  clear(): void {
    this.#items = EMPTY;
    this.#head = 0;
  }
}

/** For how long a visitor may stay on a connection, and by which names it can be sent away. */
export class Ticket {
  /** Of its logins, and the names. */
  readonly ids: readonly string[];
  /** Those of the first ids, in their order, and one more; in milliseconds since 1970. */
  readonly #endsMs: number[];

  /**
   * @param logins the ids of cookie sessions, each with its end in milliseconds since 1970
   * @param names further names
   * @param endMs when the stay ends whatever the logins say; `Infinity` if it does not
   */
  constructor(logins: readonly (readonly [id: string, endMs: number])[], names: readonly string[], endMs: number) {
    this.ids = [...logins.map(([id]) => id), ...names];
    this.#endsMs = [...logins.map(([, loginEndMs]) => loginEndMs), endMs];
  }

  has(id: string): boolean {
    return this.ids.includes(id);
  }

  isOver(nowMs: number): boolean {
    for (const endMs of this.#endsMs) if (endMs <= nowMs) return true;
    return false;
  }

  /** The login with this id now ends then. */
  extend(id: string, endMs: number): void {
    const index = this.ids.indexOf(id);
    // The last end is of no login.
    if (index !== -1 && index < this.#endsMs.length - 1) this.#endsMs[index] = endMs;
  }
}

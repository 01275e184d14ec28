/** A promise that a test settles when it likes. */
export class Gate<T = void> {
  readonly promise: Promise<T>;
  #open: (value: T) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
  }

  open(value: T): void {
    this.#open(value);
  }

  fail(error: unknown): void {
    this.#fail(error);
  }
}

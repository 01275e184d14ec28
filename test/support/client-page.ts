import ClientRendered from "phoenix_live_view/rendered";

// The client asks `window` whether there is a structuredClone.
Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true });

/** What a browser shows, according to the merge code that the npm client ships. */
export class ClientPage {
  readonly #rendered: ClientRendered;
  #html = "";
  #streams: readonly unknown[] = [];

  /** @param join the whole tree, as JSON text */
  constructor(join: string) {
    this.#rendered = new ClientRendered("phx-main", JSON.parse(join));
    this.#render();
  }

  /** Merges a diff (JSON text; `""` is no message) and renders, as the client does for each message. */
  apply(diff: string): void {
    if (diff === "") return;
    this.#rendered.mergeDiff(JSON.parse(diff));
    this.#render();
  }

  #render(): void {
    const { buffer, streams } = this.#rendered.toString();
    this.#html = buffer;
    this.#streams = [...streams];
  }

  /** With the rows of streams that have come with the last message, and none of before. */
  get html(): string {
    return this.#html;
  }

  /** What the last message does to rows of streams, as it travels. */
  get streams(): readonly unknown[] {
    return this.#streams;
  }
}

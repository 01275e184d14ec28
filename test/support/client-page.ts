import ClientRendered from "phoenix_live_view/rendered";

// The client asks `window` whether there is a structuredClone.
Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true });

/** What a browser shows, according to the merge code that the npm client ships. */
export class ClientPage {
  readonly #rendered: ClientRendered;
  #html: string;

  /** @param join the whole tree, as JSON text */
  constructor(join: string) {
    this.#rendered = new ClientRendered("phx-main", JSON.parse(join));
    this.#html = this.#rendered.toString().buffer;
  }

  /** Merges a diff (JSON text; `""` is no message) and renders, as the client does for each message. */
  apply(diff: string): void {
    if (diff === "") return;
    this.#rendered.mergeDiff(JSON.parse(diff));
    this.#html = this.#rendered.toString().buffer;
  }

  get html(): string {
    return this.#html;
  }
}

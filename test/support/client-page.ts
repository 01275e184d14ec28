import ClientRendered from "phoenix_live_view/rendered";

// The client asks `window` whether there is a structuredClone.
Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true });

/** HTML without what the client adds to the elements of live components. */
export function withoutMarks(html: string): string {
  return html.replaceAll(/ data-phx-(?:component|view|id)="[^"]*"/g, "");
}

/** What a browser shows, according to the merge code that the npm client ships. */
export class ClientPage {
  readonly #rendered: ClientRendered;
  #html = "";
  #streams: readonly unknown[] = [];

  /** @param join the whole tree, as JSON text */
  constructor(join: string) {
    this.#rendered = new ClientRendered("phx-main", JSON.parse(join));
    this.render();
  }

  /** Merges a diff (JSON text; `""` is no message) and renders, as the client does for each message. */
  apply(diff: string): void {
    if (diff === "") return;
    this.merge(diff);
    this.render();
  }

  /** Merges a diff. For what then renders all, or single components. */
  merge(diff: string): void {
    this.#rendered.mergeDiff(JSON.parse(diff));
  }

  /** One live component, for a message that brings nothing else. */
  componentHtml(number: number): string {
    return this.#rendered.componentToString(number).buffer;
  }

  render(): void {
    const { buffer, streams } = this.#rendered.toString();
    this.#html = buffer;
    this.#streams = [...streams];
  }

  /** With the rows of streams that have come with the last message, and none of before. */
  get html(): string {
    return this.#html;
  }

  /** What it shows without the attributes that the client adds for itself. */
  get plainHtml(): string {
    return withoutMarks(this.#html);
  }

  /** The live components of which it shows an element. */
  get components(): ReadonlySet<number> {
    return new Set([...this.#html.matchAll(/ data-phx-component="(\d+)"/g)].map(([, number]) => Number(number)));
  }

  /** The elements of these components have left the page. */
  removed(components: readonly number[]): void {
    for (const number of components) this.#rendered.resetRender(number);
  }

  /** The server has forgotten these components. */
  forget(components: readonly number[]): void {
    this.#rendered.pruneCIDs(components);
  }

  /** What the last message does to rows of streams, as it travels. */
  get streams(): readonly unknown[] {
    return this.#streams;
  }
}

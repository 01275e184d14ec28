/** The cookies of one browser, for the one site that a test visits. Paths and domains are not told apart. */
export class BrowserCookies {
  readonly #values = new Map<string, string>();

  /** What a browser sends; `undefined` if it has none. */
  get header(): string | undefined {
    if (this.#values.size === 0) return undefined;
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** Takes the `cookie` header of a request as a test gives it. */
  takeSent(header: string): void {
    for (const pair of header.split(";")) this.#take(pair);
  }

  /** Takes a response's `set-cookie` headers. */
  takeSet(headers: readonly string[]): void {
    for (const header of headers) {
      const [pair = "", ...attributes] = header.split(";");
      const name = this.#take(pair);
      if (name !== undefined && attributes.some(isOver)) this.#values.delete(name);
    }
  }

  #take(pair: string): string | undefined {
    const equals = pair.indexOf("=");
    if (equals <= 0) return undefined;
    const name = pair.slice(0, equals).trim();
    this.#values.set(name, pair.slice(equals + 1).trim());
    return name;
  }
}

function isOver(attribute: string): boolean {
  const [name = "", value = ""] = attribute.split("=").map((part) => part.trim());
  if (name.toLowerCase() === "max-age") return Number(value) <= 0;
  return name.toLowerCase() === "expires" && Date.parse(value) <= Date.now();
}

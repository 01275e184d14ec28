/* oxlint-disable vitest/no-standalone-expect -- these expectations run in the tests of component-sequences.ts */

import { expect } from "vitest";
import type { Element } from "../../src/testing/dom.ts";
import { COMPONENT, type MergedPage } from "../../src/testing/merged-page.ts";
import { morph } from "../../src/testing/morph.ts";
import { parseFragment } from "../../src/testing/parse.ts";
import { innerHtml } from "../../src/testing/serialize.ts";
import { STREAM_REF, StreamPatch } from "../../src/testing/stream-patch.ts";
import { withoutMarks, type ClientPage } from "./client-page.ts";

/**
 * The document of a page with live components, which has the rows of streams. What the official client's merge code gives
 * goes into it as the client would put it there; the test kit's must give the same.
 */
export class ComponentDocument {
  readonly #client: ClientPage;
  readonly #kit: MergedPage;
  readonly #page: Element;

  /** @param client has joined, as has `kit` */
  constructor(client: ClientPage, kit: MergedPage) {
    this.#client = client;
    this.#kit = kit;
    this.#page = elementOf("<div></div>");
    this.#showAll();
  }

  /** Shows what a message changes. */
  show(message: string): void {
    this.#client.merge(message);
    const { isOfComponents, components } = this.#kit.merge(JSON.parse(message));
    if (!isOfComponents) {
      this.#client.render();
      return this.#showAll();
    }
    for (const number of this.#outermost(components)) {
      const html = this.#client.componentHtml(number);
      expect(this.#kit.renderComponent(number).html).toBe(html);
      const shown = this.#page.find((element) => element.get(COMPONENT) === String(number));
      shown?.parent?.replace(shown, elementOf(html));
    }
  }

  #showAll(): void {
    const { html, streams: news } = this.#kit.render();
    expect(withoutMarks(html)).toBe(this.#client.plainHtml);
    const streams = new StreamPatch(news);
    streams.prepare(this.#page, false);
    morph(this.#page, elementOf(`<div>${html}</div>`), { focused: undefined, streams });
  }

  /** Of the components that are on the page, those that stand in no other of them. */
  #outermost(numbers: readonly number[]): readonly number[] {
    const wanted = new Set(numbers);
    const isWanted = (element: Element): boolean => wanted.has(Number(element.get(COMPONENT) ?? "0"));
    return this.#page
      .all((element) => isWanted(element) && element.parent?.closest(isWanted) === undefined)
      .map((element) => Number(element.get(COMPONENT)));
  }

  /** The server has forgotten these components. */
  forget(components: readonly number[]): void {
    this.#client.forget(components);
    this.#kit.forget(components);
  }

  /** The live components that it shows. */
  get components(): ReadonlySet<number> {
    const shown = this.#page.all((element) => element.has(COMPONENT));
    return new Set(shown.map((element) => Number(element.get(COMPONENT))));
  }

  /** What it shows, without the attributes that the client adds for itself. */
  get html(): string {
    return plain(this.#page);
  }

  /** Markup as a document gives it back. */
  parsed(html: string): string {
    return plain(elementOf(`<div>${html}</div>`));
  }
}

function elementOf(html: string): Element {
  const [element] = parseFragment(html).children;
  if (element?.kind !== "element") throw new Error(`There is no element: ${html}`);
  return element;
}

function plain(page: Element): string {
  return withoutMarks(innerHtml(page)).replaceAll(new RegExp(` ${STREAM_REF}="[^"]*"`, "g"), "");
}

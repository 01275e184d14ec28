import type { ComponentPlace, Rendered, ViewPlace } from "../html/rendered.ts";
import type { Template } from "../html/template.ts";
import { TEMPLATES } from "../protocol/keys.ts";
import { NO_COMPONENTS, type ComponentNumbers } from "./component-numbers.ts";

/**
 * What the parts of one tree have in common while its message is written: whose components they show, which streams they
 * brought already, and the statics that the message names by number (`p` on the wire, docs/protocol.md section 8.2).
 *
 * Inside list rows the same template tends to come again for each row, so there statics are numbered; elsewhere a literal
 * array is shorter. Numbering starts afresh with every message, because the client forgets it when the message is rendered.
 */
export class SharedStatics {
  readonly components: ComponentNumbers;
  /** The whole tree. */
  readonly #tree: Rendered;
  #rowDepth = 0;
  #numbers: Map<Template, number> | undefined;
  #streams: Set<string> | undefined;
  #stream: string | undefined;

  constructor(tree: Rendered, components: ComponentNumbers = NO_COMPONENTS) {
    this.#tree = tree;
    this.components = components;
  }

  /** The number of a component that stands in the tree. */
  place(place: ComponentPlace): number {
    return this.components.place(place, this.#tree, this.#stream);
  }

  /** The element of a nested view that stands in the tree. */
  viewHtmlOf(place: ViewPlace): string {
    return this.components.viewHtmlOf(place, this.#tree);
  }

  /** Whether the tree that is compared with is another component's: what it remembers of its rows says nothing then. */
  get isOfAnother(): boolean {
    return false;
  }

  enterRow(): void {
    this.#rowDepth++;
  }

  leaveRow(): void {
    this.#rowDepth--;
  }

  /** From now on it is about rows of this stream, until `leaveStream`. @returns whose rows it was about before */
  enterStream(ref: string): string | undefined {
    const outer = this.#stream;
    this.#stream = ref;
    this.enterRow();
    return outer;
  }

  /** @param outer what `enterStream` returned */
  leaveStream(outer: string | undefined): void {
    this.#stream = outer;
    this.leaveRow();
  }

  /** The value of an `s` key: a number inside rows, else the array. */
  reference(template: Template): string {
    if (this.#rowDepth === 0) return template.staticsJson;
    this.#numbers ??= new Map();
    let number = this.#numbers.get(template);
    if (number === undefined) this.#numbers.set(template, (number = this.#numbers.size));
    return String(number);
  }

  /** Whether nothing was numbered so far. */
  get isEmpty(): boolean {
    return this.#numbers === undefined;
  }

  /** Those that were numbered so far, from 0. */
  get templates(): readonly Template[] {
    return this.#numbers === undefined ? [] : [...this.#numbers.keys()];
  }

  /** Gives numbers from 0 to templates of rows that were encoded before. To be called while nothing is numbered. */
  adopt(templates: readonly Template[]): void {
    if (templates.length > 0) this.#numbers = new Map(templates.map((template, number) => [template, number]));
  }

  /** Notes that the message has the stream's news. @returns whether it had them before */
  hasStream(ref: string): boolean {
    this.#streams ??= new Set();
    if (this.#streams.has(ref)) return true;
    this.#streams.add(ref);
    return false;
  }

  /** `"p":{…}`, or `""` if no statics were numbered. */
  toJson(): string {
    if (this.#numbers === undefined) return "";
    let entries = "";
    for (const [template, number] of this.#numbers) {
      entries += `${entries === "" ? "" : ","}"${number}":${template.staticsJson}`;
    }
    return `"${TEMPLATES}":{${entries}}`;
  }
}

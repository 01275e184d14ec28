import type { Rendered } from "../html/rendered.ts";
import type { Template } from "../html/template.ts";
import { COMPONENTS, ROOT, STATICS } from "../protocol/keys.ts";
import type { ComponentNumbers } from "./component-numbers.ts";
import { allDynamics, changedDynamics } from "./diff.ts";
import { SharedStatics } from "./shared-statics.ts";

/** A component whose tree the client copies for another one of the same template. */
export interface Donor {
  readonly number: number;
  readonly rendered: Rendered;
}

/**
 * Statics that are all written out. The client resolves numbers when it renders a component, which it puts off for one that
 * is not on the page at the time; those of a later message would then be mistaken for those of the earlier one. In an
 * entry that replaces whatever there was, numbers are safe.
 */
class LiteralStatics extends SharedStatics {
  readonly #isOfAnother: boolean;
  constructor(tree: Rendered, components: ComponentNumbers, isOfAnother: boolean) {
    super(tree, components);
    this.#isOfAnother = isOfAnother;
  }

  override get isOfAnother(): boolean {
    return this.#isOfAnother;
  }

  override reference(template: Template): string {
    return template.staticsJson;
  }

  override get isEmpty(): boolean {
    return false;
  }
}

/**
 * Writes what one message says of live components: the entries of `c` (docs/protocol.md, section 10). Each component is
 * added at most once.
 */
export class ComponentEntries {
  readonly #components: ComponentNumbers;
  #entries = "";
  /** Of this message, by their template: the others of that template are copies of it with changes. */
  readonly #donors = new Map<Template, number>();
  readonly #rendered = new Map<number, Rendered>();

  constructor(components: ComponentNumbers) {
    this.#components = components;
  }

  /**
   * A component that the client does not know, or is to forget what it knows of.
   * @param shown one of the same template that the client knew before this message
   */
  addNew(number: number, next: Rendered, shown: Donor | undefined): void {
    const { template } = next;
    const donor = this.#donors.get(template);
    const donated = donor === undefined ? undefined : this.#rendered.get(donor);
    if (donor !== undefined && donated !== undefined) return this.#addCopy(number, donor, donated, next);
    this.#donors.set(template, number);
    this.#rendered.set(number, next);
    if (shown !== undefined) return this.#addCopy(number, -shown.number, shown.rendered, next);
    const statics = new SharedStatics(next, this.#components);
    const body = allDynamics(next, statics);
    const templates = statics.toJson();
    this.#add(
      number,
      `${body}${body === "" ? "" : ","}"${STATICS}":${template.staticsJson},"${ROOT}":1${templates === "" ? "" : `,${templates}`}`,
    );
  }

  /** A component that the client shows as `previous`. */
  addChange(number: number, previous: Rendered, next: Rendered): void {
    if (previous.template !== next.template) return this.addNew(number, next, undefined);
    const body = changedDynamics(previous, next, new LiteralStatics(next, this.#components, false));
    if (body !== "") this.#add(number, body);
  }

  /** @param reference the donor's number, negative if it is as it was before this message */
  #addCopy(number: number, reference: number, donor: Rendered, next: Rendered): void {
    const body = changedDynamics(donor, next, new LiteralStatics(next, this.#components, true));
    this.#add(number, `${body}${body === "" ? "" : ","}"${STATICS}":${reference}`);
  }

  #add(number: number, body: string): void {
    this.#entries += `${this.#entries === "" ? "" : ","}"${number}":{${body}}`;
  }

  /** `"c":{…}`, or `""` if there is nothing to say. */
  toJson(): string {
    return this.#entries === "" ? "" : `"${COMPONENTS}":{${this.#entries}}`;
  }
}

import type { ComponentInstance } from "./component-instance.ts";
import type { ComponentKind } from "./create-live-component.ts";

/** The instances of one view's page: by the numbers that the page knows, and by what their places call them. */
export class ComponentRegistry {
  readonly #byNumber = new Map<number, ComponentInstance>();
  readonly #byKind = new Map<ComponentKind, Map<string, ComponentInstance>>();
  #lastNumber = 0;

  /** A number that no instance has had. */
  nextNumber(): number {
    return ++this.#lastNumber;
  }

  add(instance: ComponentInstance): void {
    const { kind, id, number } = instance;
    let instances = this.#byKind.get(kind);
    if (instances === undefined) this.#byKind.set(kind, (instances = new Map<string, ComponentInstance>()));
    instances.set(id, instance);
    this.#byNumber.set(number, instance);
  }

  find(kind: ComponentKind, id: string): ComponentInstance | undefined {
    return this.#byKind.get(kind)?.get(id);
  }

  /** Those that places can find. */
  ofKind(kind: ComponentKind): Iterable<ComponentInstance> {
    return this.#byKind.get(kind)?.values() ?? [];
  }

  /** Also one that has ended, for as long as the page may speak of it. */
  numbered(number: number): ComponentInstance | undefined {
    return this.#byNumber.get(number);
  }

  /** Likewise. */
  all(): Iterable<ComponentInstance> {
    return this.#byNumber.values();
  }

  /** It has ended: places with its id are another one's from now on. */
  leave({ kind, id }: ComponentInstance): void {
    const instances = this.#byKind.get(kind);
    instances?.delete(id);
    if (instances?.size === 0) this.#byKind.delete(kind);
  }

  /** The page has forgotten it. */
  forget({ number }: ComponentInstance): void {
    this.#byNumber.delete(number);
  }
}

import { LiveError } from "../../errors.ts";
import { definitionOf, type ErasedDefinition } from "../live-view.ts";
import { createRenderer, type Renderer } from "../renderer.ts";
import type { MountableView } from "../view-services.ts";

/** The views that an app nests in others. */
export class NestedViews {
  readonly #checks: boolean;
  readonly #names = new Map<ErasedDefinition, string>();
  readonly #named = new Map<string, MountableView>();
  /** Of all that was nested so far. */
  readonly #renderers = new Map<ErasedDefinition, Renderer>();

  /**
   * @param named the app's `views`
   * @param checks as for `createRenderer`
   * @throws {LiveError} `app.invalid-option`
   */
  constructor(named: { readonly [name: string]: unknown }, checks: boolean) {
    this.#checks = checks;
    for (const [name, value] of Object.entries(named)) {
      const definition = definitionOf(value);
      if (definition === undefined || !/^[\w.-]{1,64}$/.test(name)) throw invalidView(name, definition === undefined);
      const other = this.#names.get(definition);
      if (other !== undefined) throw namedTwice(name, other);
      this.#names.set(definition, name);
      this.#named.set(name, this.mountable(definition, name));
    }
  }

  /** The view with this name in the app's `views`. */
  named(name: string): MountableView | undefined {
    return this.#named.get(name);
  }

  nameOf(definition: ErasedDefinition): string | undefined {
    return this.#names.get(definition);
  }

  /** @param name for logs */
  mountable(definition: ErasedDefinition, name: string): MountableView {
    let renderer = this.#renderers.get(definition);
    if (renderer === undefined) {
      this.#renderers.set(definition, (renderer = createRenderer(definition.render, this.#checks)));
    }
    return { name, definition, renderer, liveSession: undefined };
  }

  /** Forgets what no view has needed lately. */
  age(): void {
    for (const renderer of this.#renderers.values()) renderer.age();
  }
}

function invalidView(name: string, isNoView: boolean): LiveError {
  return new LiveError(
    "app.invalid-option",
    isNoView
      ? `\`views\` has under ${JSON.stringify(name)} something that is no live view. Give what createLiveView({ … }) returned (from this copy of wingbeat).`
      : `\`views\` has a view under ${JSON.stringify(name)}. Its name goes into tokens: 1 to 64 letters, digits, "_", "-" and ".".`,
  );
}

function namedTwice(name: string, other: string): LiveError {
  return new LiveError(
    "app.invalid-option",
    `\`views\` has the same view under ${JSON.stringify(other)} and ${JSON.stringify(name)}. One name is enough: each place has an id of its own.`,
  );
}

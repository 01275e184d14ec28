import { LiveError } from "../errors.ts";
import type { Template } from "./template.ts";

/**
 * One evaluation of an `html` template: the template (statics, known by identity) and the values between them, raw.
 *
 * Values are neither escaped nor encoded here: a value that did not change since the last render never is.
 * Invariant: `template.statics.length === dynamics.length + 1`. Immutable once made.
 */
export class Rendered {
  readonly template: Template;
  readonly dynamics: readonly Renderable[];
  constructor(template: Template, dynamics: readonly Renderable[]) {
    this.template = template;
    this.dynamics = dynamics;
  }

  /** Of `rows.map((row) => html`…`).join("")`, of which nobody would see more than "[object Object]". */
  toString(): never {
    throw new LiveError(
      "template.not-renderable",
      "A template was made into a text, by join, + or `${…}`, which would show [object Object]. Put it into another template as it is: html`<ul>${rows.map((row) => html`<li>${row.name}</li>`)}</ul>`, without join.",
    );
  }
}

/** HTML that the application vouches for: it is written as it is. Made by `safe`. */
export class SafeHtml {
  /** Nothing but this class makes one: any object with a `text` would pass for safe otherwise. */
  declare private readonly nominal: never;
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What a `phx-…` attribute does in the browser. Rendered in attributes only: as the plain event name when that says it
 * all, else as the JSON list of operations of the client's JS commands (protocol.md, section 19).
 */
export class Command {
  /** As in `SafeHtml`. */
  declare private readonly nominal: never;
  readonly operations: readonly (readonly [operation: string, args: object])[];
  constructor(operations: readonly (readonly [operation: string, args: object])[]) {
    this.operations = operations;
  }

  /** The value of a `phx-…` or `data-…` attribute; `isBinding`: one whose value may be an event's name. */
  attributeText(isBinding: boolean): string {
    return (isBinding ? this.#onlyEvent : undefined) ?? this.toJSON();
  }

  /** The event's name, if sending it is all, and if the client does not take it for a list of operations. */
  get #onlyEvent(): string | undefined {
    const [only, ...rest] = this.operations;
    if (only === undefined || rest.length > 0 || only[0] !== "push") return undefined;
    const entries = Object.entries(only[1]).filter(([, argument]) => argument !== undefined);
    const [name, event] = entries.length === 1 ? (entries[0] ?? []) : [];
    return name === "event" && typeof event === "string" && event !== "" && !event.startsWith("[") ? event : undefined;
  }

  /** In a pushed event: the text that the client's `execJS` takes. */
  toJSON(): string {
    return JSON.stringify(this.operations);
  }
}

/** A class, or a list of them, nested at will; in a list, what is falsy is left out, and so is `true`. */
export type ClassValue = string | number | boolean | null | undefined | readonly ClassValue[];

/** What an attribute in `attrs` may be. A list is for `class` alone, and a command for `phx-…` and `data-…`. */
export type AttributeValue = ClassValue | bigint | Command;

/** Attributes by their names, as HTML writes them. */
export interface Attributes {
  readonly class?: ClassValue;
  readonly [name: string]: AttributeValue;
}

/** Attributes that a program has put together, for the place of an attribute in a tag. Made by `attrs`. */
export class AttributeSpread {
  /** As in `SafeHtml`. */
  declare private readonly nominal: never;
  /** The names are checked, and each is there once, whatever its letters' case. */
  readonly attributes: Attributes;
  constructor(attributes: Attributes) {
    this.attributes = attributes;
  }
}

/**
 * A list whose rows are known by key, so that moves and removals travel as such. Made by `each`.
 *
 * Rows may be made late: at first use, when the list that was shown before is at hand (`materialise`).
 */
export abstract class KeyedList {
  /** Unique in the list; `keys[i]` belongs to `rows[i]`. */
  abstract readonly keys: readonly (string | number)[];
  abstract readonly rows: readonly Rendered[];
  /** What all rows are of; `undefined` when they differ, or there are none. */
  abstract readonly template: Template | undefined;
  /**
   * The positions of the rows that differ from those of `previous`, if that is known and no row came, went or moved;
   * else `undefined`.
   */
  abstract changedPositions(previous: unknown): readonly number[] | undefined;
  /** Makes the rows, taking from `previous` those that are known to be the same. Does nothing the second time. */
  abstract materialise(previous: KeyedList | undefined): void;
}

/** What a context holds for a stream (`LiveStream`). It cannot be shown: what `map` makes of it can. */
export abstract class StreamValue {
  /** In the context; `undefined` where that is not known. */
  abstract readonly name: string | undefined;
}

/**
 * One place of a live component, and what it is given there. The same component with the same id is the same instance,
 * wherever it stands; which one that is, and what it shows, only a view's page knows.
 */
export class ComponentPlace {
  /** As in `SafeHtml`. */
  declare private readonly nominal: never;
  /** Known by identity. */
  readonly component: { readonly name: string };
  /** Unique among the instances of the component on one page. */
  readonly id: string;
  readonly props: Readonly<Record<string, unknown>>;
  constructor(component: { readonly name: string }, id: string, props: Readonly<Record<string, unknown>>) {
    this.component = component;
    this.id = id;
    this.props = props;
  }
}

/**
 * One place of a nested live view. Its element stands in the page around it, and is filled by a process of its own; by
 * which tokens it is joined, only the view around it knows.
 */
export class ViewPlace {
  /** As in `SafeHtml`. */
  declare private readonly nominal: never;
  /** Known by identity. */
  readonly view: object;
  /** Of its element; unique on the page. */
  readonly id: string;
  /** It outlives the view around it, for as long as the pages that follow have it too. */
  readonly isSticky: boolean;
  /** Of its element. */
  readonly tag: string;
  /** Further attributes of its element as HTML, each with a space before it. */
  readonly attributes: string;
  /** What it is given over the visitor's session. */
  readonly session: object | undefined;

  constructor(place: Omit<ViewPlace, "nominal" | "shows">) {
    this.view = place.view;
    this.id = place.id;
    this.isSticky = place.isSticky;
    this.tag = place.tag;
    this.attributes = place.attributes;
    this.session = place.session;
  }

  /** Whether the page has the same element for both. What it was given does not matter: the view that is there stays. */
  shows(other: ViewPlace): boolean {
    return (
      this.id === other.id &&
      this.view === other.view &&
      this.isSticky === other.isSticky &&
      this.tag === other.tag &&
      this.attributes === other.attributes
    );
  }
}

/** What may stand in a template. `null`, `undefined` and `false` render as nothing. */
export type Renderable =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Rendered
  | SafeHtml
  | KeyedList
  | Command
  | AttributeSpread
  | ComponentPlace
  | ViewPlace
  | readonly Renderable[];

/** `Array.isArray` does not narrow readonly arrays out of a union. */
export function isArray(value: Renderable): value is readonly Renderable[] {
  return Array.isArray(value);
}

/** The template that all entries of a list are evaluations of, if there is one. */
export function commonTemplate(entries: readonly Renderable[]): Template | undefined {
  const [first] = entries;
  if (!(first instanceof Rendered)) return undefined;
  const { template } = first;
  for (const entry of entries) if (!(entry instanceof Rendered) || entry.template !== template) return undefined;
  return template;
}

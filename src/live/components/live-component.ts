declare const brand: unique symbol; // phantom: exists for the checker only, never at run time

/**
 * A live component, as templates place it: by `meta.liveComponent`, or by `liveComponent` if it messages nobody.
 *
 * @typeParam Props what each place gives it.
 * @typeParam ToParent the infos that it sends to the view it is in.
 */
export interface LiveComponent<in Props, out ToParent = never> {
  readonly [brand]: { readonly props: (props: Props) => void; readonly toParent: ToParent };
}

/** A live component at run time: by identity, and frozen. */
export class ComponentHandle<Props, ToParent> implements LiveComponent<Props, ToParent> {
  declare readonly [brand]: LiveComponent<Props, ToParent>[typeof brand];
  readonly #kind: object;

  constructor(kind: object) {
    this.#kind = kind;
    Object.freeze(this);
  }

  /** What it was made with; `undefined` for anything else than a handle of this class. */
  static kindOf(component: unknown): object | undefined {
    return typeof component === "object" && component !== null && #kind in component ? component.#kind : undefined;
  }
}

/** What a live component's place gives it beside its props: unique among the instances of the component on one page. */
export interface ComponentId {
  /** A number is the same id as its decimal text. */
  readonly id: string | number;
}

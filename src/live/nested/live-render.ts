import { attrs } from "../../html/attrs.ts";
import { AttributesHole } from "../../html/attributes-hole.ts";
import { placeView } from "../../html/place-view.ts";
import { ViewPlace, type Attributes, type Rendered } from "../../html/rendered.ts";
import { definitionOf, type LiveView } from "../live-view.ts";
import { hasHandleParams, invalidContainer, invalidId, notAView } from "./nested-errors.ts";

/** How a nested view stands in the page. */
export interface NestedViewOptions {
  /** Of its element. Unique on the page, among all that is nested there: at most 200 characters, without white space. */
  readonly id: string | number;
  /**
   * Whether the view outlives the one around it: live navigation carries its element over to a next page that has it too,
   * with all that it shows. It must have a name in the app's `views`, and its `session` must be JSON, because the browser
   * keeps that, signed but readable. @default false
   */
  readonly sticky?: boolean | undefined;
  /** The element around what it shows: its tag, or its tag and attributes. @default "div" */
  readonly container?: string | readonly [tag: string, attributes: Attributes] | undefined;
}

/** What a nested view needs of its place: all of the session that it declares. */
type GivenSession<Session> = {} extends Session
  ? { readonly session?: Session | undefined }
  : { readonly session: Session };

/**
 * Places a live view in another one. It has a process of its own: a crash of it leaves the view around it alone, while the
 * end of that one ends it too. It is mounted once for its place: a later render that gives it another `session` changes
 * nothing, as a view that runs does not mount again.
 *
 * Its `mount` gets the session of the view around it (a sticky one, what the app's `session` made), with what `session`
 * gives here over it; and no params. A view with `handleParams` cannot be nested: the address belongs to the page's own view.
 *
 * ```ts
 * html`${liveRender(clock, { id: "clock", session: { zone: "Europe/Rome" } })}`;
 * ```
 *
 * @throws {LiveError} `nested.invalid-option`; `nested.duplicate-id` when the page has the id twice; `nested.not-registered`
 * for a sticky view without a name; `nested.no-view` in a render wrapped in `shared`, and in a layout.
 */
export function liveRender<Session extends object>(
  view: LiveView<{ session: Session; params: {} }>,
  options: NestedViewOptions & GivenSession<NoInfer<Session>>,
): Rendered {
  const definition = definitionOf(view);
  if (definition === undefined) throw notAView(view);
  const given: { readonly id?: unknown } | undefined = options;
  const givenId = given?.id;
  const id = String(givenId);
  if ((typeof givenId !== "string" && typeof givenId !== "number") || !/^\S{1,200}$/.test(id)) throw invalidId(id);
  if (definition.handleParams !== undefined) throw hasHandleParams(id);
  const { container = "div", sticky = false } = options;
  const [tag, attributes] = typeof container === "string" ? [container, undefined] : container;
  if (!isContainer(tag)) throw invalidContainer(id, tag);
  const ownSession: object | undefined = options.session;
  const session = ownSession === undefined ? undefined : { ...ownSession };
  return placeView(
    new ViewPlace({
      view: definition,
      id,
      isSticky: sticky,
      tag,
      attributes: attributes === undefined ? "" : attributesText(tag, attributes),
      session,
    }),
  );
}

/** What the element has already. */
const OWN_ATTRIBUTES: ReadonlySet<string> = new Set(
  ["id", "session", "static", "main", "sticky", "parent-id", "root-id"].map((name) =>
    name === "id" ? name : `data-phx-${name}`,
  ),
);

function attributesText(tag: string, attributes: Attributes): string {
  return new AttributesHole(tag, OWN_ATTRIBUTES).encode(attrs(attributes));
}

/** Elements that cannot have what a view shows inside them, or whose content is no markup. */
const NO_CONTAINERS = new Set(
  (
    "area base br col embed hr img input link meta param source track wbr html head body title script style template " +
    "textarea select option iframe noscript plaintext xmp svg math"
  ).split(" "),
);

function isContainer(tag: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(tag) && !NO_CONTAINERS.has(tag);
}

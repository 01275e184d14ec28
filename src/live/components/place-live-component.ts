import { placeComponent } from "../../html/place-component.ts";
import type { Rendered } from "../../html/rendered.ts";
import { withoutId } from "./component-errors.ts";
import { kindOf } from "./create-live-component.ts";
import type { ComponentId, LiveComponent } from "./live-component.ts";

/**
 * Places a live component in a template. Wherever it stands, the component with this `id` is the same instance: its state
 * stays when it moves, and is gone when it was away from the page.
 *
 * For components that message nobody; `meta.liveComponent` places any whose messages the view handles.
 *
 * @param props those that the component declares, and its `id`, unique among its instances on the page. Content may be
 * given as a `Renderable`: with it the component is rendered whenever its place is, because a template is made anew.
 * @throws {LiveError} `component.invalid-definition` if it is no live component, or has no `id`.
 */
export function liveComponent<Props>(component: LiveComponent<Props>, props: NoInfer<Props> & ComponentId): Rendered {
  return placeLiveComponent(component, props);
}

/** As `liveComponent`, for any component. */
export function placeLiveComponent(component: unknown, props: ComponentId): Rendered {
  const kind = kindOf(component);
  const given: { readonly id?: unknown } | undefined = props; // by a program without types
  const id = given?.id;
  if (typeof id !== "string" && typeof id !== "number") throw withoutId(kind.name, id);
  return placeComponent(kind, String(id), { ...props });
}

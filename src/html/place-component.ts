import { html } from "./html.ts";
import { ComponentPlace, Rendered, type Renderable } from "./rendered.ts";

function around(place: ComponentPlace | null): Rendered {
  return html`${place}`;
}

/** The template of all places of live components. Lists whose rows are components have it for their own. */
export const PLACE_TEMPLATE = around(null).template;

export function placeComponent(
  component: { readonly name: string },
  id: string,
  props: Readonly<Record<string, unknown>>,
): Rendered {
  return around(new ComponentPlace(component, id, props));
}

/** The place of a live component, if that is all that `value` is. */
export function placeIn(value: Renderable): ComponentPlace | undefined {
  if (!(value instanceof Rendered)) return value instanceof ComponentPlace ? value : undefined;
  if (value.template !== PLACE_TEMPLATE) return undefined;
  const [place] = value.dynamics;
  return place instanceof ComponentPlace ? place : undefined;
}

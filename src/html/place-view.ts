import { html } from "./html.ts";
import type { Rendered, ViewPlace } from "./rendered.ts";

function around(place: ViewPlace | null): Rendered {
  return html`${place}`;
}

/** The template of all places of nested views. */
export const VIEW_TEMPLATE = around(null).template;

export function placeView(place: ViewPlace): Rendered {
  return around(place);
}

import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Attributes, Renderable, Rendered } from "../html/rendered.ts";
import { refuseMissing } from "./missing-prop.ts";

/** `id` and `target`, and any other attributes of the element around the content. */
export type PortalProps = Attributes & {
  readonly id: string;
  /** A selector of the element that the content is put into, last. It may be outside of the view, such as `"body"`. */
  readonly target: string;
};

/**
 * Shows its content elsewhere on the page, where no overflow or stacking around the view cuts it off: a dialog, a tooltip.
 * It belongs to the view as before: events reach it, and changes too. Without the browser's client it is not shown.
 *
 * @throws {LiveError} `component.missing-prop` without `id` or `target`
 */
export function portal({ id, target, ...rest }: PortalProps, content: Renderable): Rendered {
  refuseMissing("portal", { id, target }, ["id", "target"], 'portal({ id: "dialog", target: "body" }, html`…`)');
  // The client wants one element with an id of its own; docs/protocol.md, section 20.
  return html`<template id="${id}" data-phx-portal="${target}"><div id="_lv_portal_wrap_${id}" ${attrs(rest)}>${content}</div></template>`;
}

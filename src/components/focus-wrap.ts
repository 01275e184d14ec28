import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Attributes, Renderable, Rendered } from "../html/rendered.ts";
import { refuseMissing } from "./missing-prop.ts";

/** `id`, and any other attributes of the element around the content. */
export type FocusWrapProps = Attributes & { readonly id: string };

/**
 * Keeps the focus within, as a dialog must: Tab at the end goes to the beginning, and back. When it appears the focus moves
 * to the first element in it that can have it; what had the focus before is for `JS.pushFocus` and `JS.popFocus`.
 *
 * @throws {LiveError} `component.missing-prop` without `id`
 */
export function focusWrap({ id, ...rest }: FocusWrapProps, content: Renderable): Rendered {
  refuseMissing("focusWrap", { id }, ["id"], 'focusWrap({ id: "dialog", role: "dialog" }, html`…`)');
  // The client's hook listens to the first and the last child; docs/protocol.md, section 19.
  return html`<div id="${id}" phx-hook="Phoenix.FocusWrap" ${attrs(rest)}><div id="${id}-start" tabindex="0" aria-hidden="true"></div>${content}<div id="${id}-end" tabindex="0" aria-hidden="true"></div></div>`;
}

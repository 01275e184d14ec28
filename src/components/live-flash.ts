import { LiveError } from "../errors.ts";
import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Attributes, Renderable, Rendered } from "../html/rendered.ts";
import type { Flash } from "../live/render-meta.ts";
import { isRecord } from "../protocol/decode.ts";

export interface LiveFlashProps {
  /** `meta.flash`. */
  readonly flash: Flash;
  /** Which message: the first argument of `socket.putFlash`. */
  readonly kind: string;
  /** How the message is shown. @default `<p>` with the text */
  readonly content?: ((message: string) => Renderable) | undefined;
  /** The name of the button that dismisses the message, for those who do not see it. @default "Close" */
  readonly closeLabel?: string | undefined;
  /** What the button shows. @default "×" */
  readonly close?: Renderable;
  /** Further attributes of the element, such as `class`. `id` and `role` may be given. @default none */
  readonly rest?: Attributes | undefined;
}

/**
 * The flash message of one kind, with a button that dismisses it.
 *
 * Its element is there without a message too: screen readers announce what appears in a live region that they know. Of the
 * kind `error` it is an alert, of all others a status. Put it where it stays while the page changes.
 */
export function liveFlash(props: LiveFlashProps): Rendered {
  const { flash, kind, content = paragraph, closeLabel = "Close", close = "×", rest } = props;
  checkProps(flash, kind);
  const message = flash[kind];
  const attributes = attrs({ id: `flash-${kind}`, role: kind === "error" ? "alert" : "status", ...rest });
  const shown =
    message === undefined
      ? null
      : html`${content(message)}<button type="button" aria-label="${closeLabel}" phx-click="lv:clear-flash" phx-value-key="${kind}">${close}</button>`;
  return html`<div ${attributes}>${shown}</div>`;
}

/** From a program that no compiler has read. */
function checkProps(flash: unknown, kind: unknown): void {
  if (isRecord(flash) && typeof kind === "string") return;
  throw new LiveError(
    "component.missing-prop",
    'liveFlash needs flash, the messages of the page, and kind, which of them it shows: liveFlash({ flash: meta.flash, kind: "info" }).',
  );
}

function paragraph(message: string): Rendered {
  return html`<p>${message}</p>`;
}

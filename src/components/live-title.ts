import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Rendered } from "../html/rendered.ts";
import type { TitleOptions } from "../live/app-options.ts";

export interface LiveTitleProps extends TitleOptions {
  /** What the view has set by `socket.pageTitle`: `page.viewTitle` of a layout. */
  readonly title: string | undefined;
}

/**
 * The `<title>` of a page, for the `<head>` of a layout. `socket.pageTitle` changes what stands between prefix and suffix.
 *
 * `page.titleElement` is the same with the app's `title` option; this one is for a layout with pieces of its own:
 * `liveTitle({ title: page.viewTitle, default: "Rooms", suffix: " · Chat" })`.
 */
export function liveTitle({ title, prefix, default: fallback, suffix }: LiveTitleProps): Rendered {
  const data = attrs({ "data-prefix": prefix, "data-default": fallback, "data-suffix": suffix });
  return html`<title ${data}>${fullTitle({ title, prefix, default: fallback, suffix })}</title>`;
}

/** The text of the element. */
export function fullTitle({ title, prefix = "", default: fallback = "", suffix = "" }: LiveTitleProps): string {
  return `${prefix}${title || fallback}${suffix}`;
}

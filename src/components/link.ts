import { LiveError } from "../errors.ts";
import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import { describeValue } from "../html/not-renderable.ts";
import { Command, type Attributes, type AttributeValue, type Renderable, type Rendered } from "../html/rendered.ts";
import { staysInSite } from "../live/destination.ts";

/** Where a link leads; exactly one of the three. */
export type LinkDestination =
  | {
      /** Another view, over the same connection. A path of this site. */
      readonly navigate: string;
      readonly patch?: undefined;
      readonly href?: undefined;
      /** Whether the address replaces the one before it in the browser's history. @default false */
      readonly replace?: boolean | undefined;
    }
  | {
      /** Another address of the same view, which gets it in `handleParams`. A path of this site. */
      readonly patch: string;
      readonly navigate?: undefined;
      readonly href?: undefined;
      /** As of `navigate`. */
      readonly replace?: boolean | undefined;
    }
  | {
      /** Any page, by a page load. `javascript:` becomes `about:blank#blocked`. */
      readonly href: string;
      readonly navigate?: undefined;
      readonly patch?: undefined;
      readonly replace?: undefined;
    };

/** A destination, and any other attributes of an `<a>`: `class`, `aria-current`, `phx-click`, … */
export type LinkProps = LinkDestination & Attributes;

/**
 * A link: `link({ navigate: "/rooms/42", class: "room" }, "Room 42")`. Where the page is not connected, and for a click that
 * opens a new tab, each of them is a plain link. So is one that would lead to another site, as `//host` does.
 *
 * @throws {LiveError} `component.missing-prop` without a destination
 */
export function link(props: LinkProps, content: Renderable): Rendered {
  const { navigate, patch, href, replace, "phx-click": click, ...rest } = props;
  checkDestination(navigate ?? patch ?? href);
  const to = navigate ?? patch;
  const destination =
    to === undefined || !staysInSite(to)
      ? { "phx-click": click, href: href ?? to }
      : {
          "phx-click": asOperations(click),
          href: to,
          "data-phx-link": navigate === undefined ? "patch" : "redirect",
          "data-phx-link-state": replace === true ? "replace" : "push",
        };
  return html`<a ${attrs({ ...rest, ...destination })}>${content}</a>`;
}

/** From a live link the client takes a list of operations alone, and throws at the mere name of an event. */
function asOperations(click: AttributeValue): AttributeValue {
  if (click instanceof Command) return click.toJSON();
  return typeof click === "string" && !click.startsWith("[") ? JSON.stringify([["push", { event: click }]]) : click;
}

/** From a program that no compiler has read. */
function checkDestination(to: unknown): void {
  if (typeof to === "string") return;
  throw new LiveError(
    "component.missing-prop",
    `link needs one of navigate, patch and href, a text, and got ${describeValue(to)}: link({ navigate: "/rooms" }, "Rooms"). What leads nowhere is a button: <button phx-click="save">Save</button>.`,
  );
}

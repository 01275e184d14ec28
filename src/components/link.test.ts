import { describe, expect, it } from "vitest";
import { JS } from "../html/js-commands.ts";
import { toHtml } from "../html/to-html.ts";
import { link, type LinkProps } from "./link.ts";

describe("link", () => {
  it.each<[name: string, props: LinkProps, html: string]>([
    [
      "a live navigation",
      { navigate: "/rooms/1" },
      '<a href="/rooms/1" data-phx-link="redirect" data-phx-link-state="push">x</a>',
    ],
    [
      "a patch",
      { patch: "/rooms?page=2" },
      '<a href="/rooms?page=2" data-phx-link="patch" data-phx-link-state="push">x</a>',
    ],
    [
      "a replaced address",
      { patch: "/", replace: true },
      '<a href="/" data-phx-link="patch" data-phx-link-state="replace">x</a>',
    ],
    ["a page load", { href: "https://example.com" }, '<a href="https://example.com">x</a>'],
    ["a program, which is blocked", { href: "javascript:alert(1)" }, '<a href="about:blank#blocked">x</a>'],
    ["a live program, which is blocked", { navigate: "javascript:alert(1)" }, '<a href="about:blank#blocked">x</a>'],
    ["another host, as a plain link", { navigate: "//evil.example/x" }, '<a href="//evil.example/x">x</a>'],
    ["one that browsers read so", { patch: "/\\evil.example" }, '<a href="/\\evil.example">x</a>'],
    ["one with a tab in it", { patch: "/\t/evil.example" }, '<a href="/\t/evil.example">x</a>'],
    ["another site", { navigate: "https://evil.example/" }, '<a href="https://evil.example/">x</a>'],
    [
      "a query alone",
      { patch: "?at=12:30" },
      '<a href="?at=12:30" data-phx-link="patch" data-phx-link-state="push">x</a>',
    ],
    [
      "other attributes",
      { href: "/", class: ["a", "b"], "aria-current": "page" },
      '<a class="a b" aria-current="page" href="/">x</a>',
    ],
    // From a live link's phx-click the client takes operations only, and throws at the mere name of an event.
    [
      "an event of a live link",
      { navigate: "/", "phx-click": "close" },
      '<a phx-click="[[&quot;push&quot;,{&quot;event&quot;:&quot;close&quot;}]]" href="/" data-phx-link="redirect" data-phx-link-state="push">x</a>',
    ],
    [
      "a command of a live link",
      { patch: "/", "phx-click": JS.push("close") },
      '<a phx-click="[[&quot;push&quot;,{&quot;event&quot;:&quot;close&quot;}]]" href="/" data-phx-link="patch" data-phx-link-state="push">x</a>',
    ],
    ["an event of a plain link", { href: "/", "phx-click": JS.push("close") }, '<a phx-click="close" href="/">x</a>'],
  ])("writes %s", (_name, props, html) => {
    expect(toHtml(link(props, "x"))).toBe(html);
  });
});

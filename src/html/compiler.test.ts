import { describe, expect, it } from "vitest";
import { LiveError } from "../errors.ts";
import { html } from "./html.ts";
import type { Rendered } from "./rendered.ts";

const x = "x";

describe("a value in an unsafe position", () => {
  it.each<[name: string, make: () => Rendered, message: RegExp]>([
    ["a script", () => html`<script>let user = ${x};</script>`, /inside <script>.*\n[^]*phx-hook/],
    ["a script in capitals", () => html`<SCRIPT>${x}</SCRIPT>`, /inside <script>/],
    ["a script that is not closed", () => html`<script>${x}`, /inside <script>/],
    ["a string in a script", () => html`<script>let a = "</p>${x}"</script>`, /inside <script>/],
    ["a style sheet", () => html`<style>p { color: ${x} }</style>`, /inside <style>.*\n[^]*custom property/],
    ["an iframe's content", () => html`<iframe>${x}</iframe>`, /inside <iframe>/],
    ["xmp", () => html`<xmp>${x}</xmp>`, /inside <xmp>/],
    ["noembed", () => html`<noembed>${x}</noembed>`, /inside <noembed>/],
    ["noframes", () => html`<noframes>${x}</noframes>`, /inside <noframes>/],
    ["plaintext", () => html`<plaintext>${x}`, /inside <plaintext>/],
    ["an event handler", () => html`<p onclick="go(${x})">`, /cannot stand in onclick[^]*phx-click/],
    ["an event handler in capitals", () => html`<p ONCLICK=${x}>`, /cannot stand in onclick/],
    ["srcdoc", () => html`<iframe srcdoc="${x}"></iframe>`, /cannot stand in srcdoc/],
    ["a tag's name", () => html`<${x}>`, /an element's name[^]*whole templates/],
    ["a part of a tag's name", () => html`<h${1}>`, /an element's name/],
    ["an end tag's name", () => html`<p></${x}>`, /an element's name/],
    ["a part of an end tag's name", () => html`</h${1}>`, /an element's name/],
    ["after a <", () => html`1 <${x}`, /an element's name[^]*&lt;/],
    ["an end tag within a text area", () => html`<textarea></text${"area"}></textarea>`, /an element's name/],
    ["after a < within a title", () => html`<title><${"/title"}></title>`, /an element's name/],
    ["directly after a quoted value", () => html`<p class="a"${x}>`, /an attribute's name is expected/],
    ["an attribute's name", () => html`<p ${x}="a">`, /an attribute's name is expected[^]*disabled=\$\{isBusy\}/],
    ["a part of an attribute's name", () => html`<p data-${x}="a">`, /an attribute's name is expected/],
    ["an end tag's attributes", () => html`</p ${x}>`, /an attribute's name is expected/],
    ["the doctype", () => html`<!doctype ${"html"}>`, /in the doctype/],
    ["a javascript: URL", () => html`<a href="javascript:go(${x})">`, /URL that runs programs/],
    ["a javascript: URL in disguise", () => html`<a href=" Java&#115;cript:${x}">`, /URL that runs programs/],
    ["a javascript: URL with its colon hidden", () => html`<a href="javascript&colon;${x}">`, /URL that runs programs/],
    ["the beginning of a javascript: URL", () => html`<a href="j${x}">`, /URL that runs programs/],
    ["a data: URL that becomes a part of the page", () => html`<iframe src="data:text/html,${x}"></iframe>`, /URL/],
    ["a URL with the rest of a scheme after it", () => html`<a href="${x}script:${x}">`, /together[^]*one value/],
    ["a URL with a colon after it", () => html`<a href="${x}://example.com">`, /together[^]*one value/],
    ["a URL with a hidden colon after it", () => html`<a href="${x}&#58;go()">`, /together[^]*one value/],
    [
      "the name of an animated attribute",
      () => html`<animate attributeName=${x} to="1">`,
      /which attribute is animated/,
    ],
    ["an animated URL", () => html`<set to="${x}" attributeName="href">`, /an animation of href/],
  ])("is refused: %s", (_name, make, message) => {
    expect(make).toThrow(LiveError);
    expect(make).toThrow(expect.objectContaining({ code: "template.unsafe-position" }));
    expect(make).toThrow(message);
  });
});

describe("a template that a browser would have to guess about", () => {
  it.each<[name: string, make: () => Rendered, message: RegExp]>([
    ["a tag without its end", () => html`<p`, /tag is never closed/],
    ["a tag without its end, after an attribute", () => html`<p class="a"`, /tag is never closed/],
    ["a tag without its end, in an unquoted value", () => html`<p class=${x}`, /tag is never closed/],
    ["a tag within a tag", () => html`<p <b>${x}</b>`, /tag is never closed/],
    ["a tag within a tag's name", () => html`<p<b>`, /tag is never closed/],
    ["a tag within an end tag", () => html`</p<b>`, /tag is never closed/],
    ["an end tag without its end", () => html`<p></p`, /end tag/],
    ["an end tag with attributes", () => html`</p class="a">`, /end tag/],
    ["an end tag without a name", () => html`</>`, /element's name/],
    ["two values for attributes in a tag", () => html`<p ${x} ${x}>`, /two values[^]*Join them/],
    ["a < at the end", () => html`${x} <`, /ends with </],
    ["a quote that is never closed", () => html`<p class="a>${x}</p>`, /value of class is never closed/],
    [
      "a quote that is closed by another's",
      () => html`<p class="a>${x}</p><p class="b">`,
      /attribute's name should be/,
    ],
    ["a quote in an unquoted value", () => html`<p class=a"b>`, /no quotes, but a "/],
    ["a tag in an unquoted value", () => html`<p class=a<b>`, /no quotes, but a </],
    ["a slash after an unquoted value", () => html`<input value=${x}/>`, /unclear[^]*value="\$\{…\}"/],
    ["an attribute without value", () => html`<p class=>`, /class= has no value/],
    ["a value without attribute", () => html`<p ="a">`, /without an attribute's name/],
    ["an attribute twice", () => html`<p class="a" CLASS="${x}">`, /class is written twice[^]*Join them/],
    ["a comment without its end", () => html`<!-- a`, /comment is never closed/],
    ["a comment that a value could end", () => html`<!-- ${x}-> -->`, /depends on the value/],
    ["a comment that an empty value would end", () => html`<!--${x}> -->`, /depends on the value/],
    ["a comment that a value of dashes would end", () => html`<!-- ${x}!> -->`, /depends on the value/],
    ["a CDATA section", () => html`<![CDATA[ a ]]>`, /neither a comment nor a doctype/],
    ["an XML declaration", () => html`<?xml version="1.0"?>`, /<\? begins nothing/],
    ["a doctype without its end", () => html`<!doctype html`, /doctype is never closed/],
    ["a script without its end", () => html`<script src="a" />`, /<script> is never closed/],
    ["a text area without its end", () => html`<textarea>${x}`, /<textarea> is never closed/],
    ["a script that hides its end", () => html`<script><!-- <script></script>${x}`, /<!-- in the script/],
    ["an invalid escape", () => html`<p>\u{zzz}${x}</p>`, /invalid escape/],
    ["U+0000", () => html`<p>\0</p>`, /U\+0000/],
  ])("is refused: %s", (_name, make, message) => {
    expect(make).toThrow(LiveError);
    expect(make).toThrow(expect.objectContaining({ code: "template.malformed" }));
    expect(make).toThrow(message);
  });
});

describe("the error", () => {
  it("shows the place in the template", () => {
    const make = () => html`
      <ul class="${x}">
        <li>${x}</li>
        <li onclick="remove(${x})">Remove</li>
      </ul>`;
    expect(make).toThrow(
      [
        '    <ul class="${…}"> <li>${…}</li> <li onclick="remove(${…})">Remove</li> </ul>',
        "                                                        ^",
      ].join("\n"),
    );
  });

  it("shortens a long template on both sides", () => {
    const make = () => html`
      <p>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</p>
      <${x}>bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`;
    expect(make).toThrow(
      [
        "    …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</p> <${…}>bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…",
        "                                                                     ^",
      ].join("\n"),
    );
  });
});

import { LiveError } from "../errors.ts";
import { renderChecksEnabled } from "./checks.ts";
import { describeValue } from "./not-renderable.ts";
import { Rendered, SafeHtml, type Renderable } from "./rendered.ts";
import { compileTemplate } from "./compile-template.ts";
import { refuseMisplacedStreams } from "./stream-container.ts";
import type { Template } from "./template.ts";

const templates = new WeakMap<TemplateStringsArray, Template>();

/**
 * HTML with values in it. Values are escaped for the place where they stand; `null`, `undefined` and `false` render as
 * nothing; arrays, nested templates and `each` lists are allowed in text.
 *
 * @throws {LiveError} `template.unsafe-position` or `template.malformed`, at the call site's first evaluation;
 * in development `stream.markup` for a stream whose place is not one for streams.
 */
export function html(strings: TemplateStringsArray, ...dynamics: readonly Renderable[]): Rendered {
  // Statics are known by identity: one template literal yields the same frozen array at every evaluation
  // (ECMA-262, GetTemplateObject).
  let template = templates.get(strings);
  if (template === undefined) {
    const given: unknown = strings; // by a program without types
    if (!Array.isArray(given) || !("raw" in given)) throw notATag(given);
    template = compileTemplate(strings);
    templates.set(strings, template);
  }
  if (renderChecksEnabled()) refuseMisplacedStreams(template, dynamics);
  return new Rendered(template, dynamics);
}

function notATag(given: unknown): LiveError {
  return new LiveError(
    "template.malformed",
    `html was called with ${describeValue(given)}. It is a tag: html\`<p>\${name}</p>\`, without parentheses. For HTML that is a text already: safe(text).`,
  );
}

/**
 * Marks text as HTML that is written as it is. Whoever calls it vouches for the text: what a user typed does not belong
 * in here. Allowed where text is, not in attributes.
 */
export function safe(trusted: string): SafeHtml {
  return new SafeHtml(trusted);
}

// Colours code, on the server.
import highlighter from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import elixir from "highlight.js/lib/languages/elixir";
import go from "highlight.js/lib/languages/go";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import plaintext from "highlight.js/lib/languages/plaintext";
import python from "highlight.js/lib/languages/python";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import html from "highlight.js/lib/languages/xml";

const languages = { bash, css, elixir, go, html, javascript, json, plaintext, python, rust, sql, typescript };
for (const [name, language] of Object.entries(languages)) highlighter.registerLanguage(name, language);

/** The time that some languages take grows with the square of such a run: 20 000 letters in one word keep everybody waiting for seconds. */
const NO_CODE = /\w{500}|\s{500}|[!-/:-@[-^`{-~]{500}/;

/** @returns HTML: the code escaped, with `<span class="hljs-…">` around its parts, if it looks like code */
export function highlight(code: string, language: string): string {
  const isKnown = highlighter.getLanguage(language) !== undefined && !NO_CODE.test(code);
  const known = isKnown ? language : "plaintext";
  return highlighter.highlight(code, { language: known, ignoreIllegals: true }).value;
}

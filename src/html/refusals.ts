import { LiveError, type LiveErrorCode } from "../errors.ts";
import { excerpt } from "./excerpt.ts";

/** `what` is wrong at `offset` of the template `source`; `mend` says what to write. */
export type Refuse = (offset: number, what: string, mend: string) => never;

export function refusal(code: LiveErrorCode, source: string, offset: number, what: string, mend: string): LiveError {
  return new LiveError(code, `${what}\n\n${excerpt(source, offset)}\n\n${mend}`);
}

/** What is wrong with a value in an element whose content is not HTML, and what to write. */
export function rawTextRefusal(element: string): readonly [what: string, mend: string] {
  if (element === "script") {
    return [
      "A value cannot stand inside <script>: it would become part of the program, and no escaping makes that safe.",
      'Put the value into an attribute, and read it there: <div id="chart" phx-hook="Chart" data-points="${…}">. Or send it with socket.pushEvent.',
    ];
  }
  if (element === "style") {
    return [
      "A value cannot stand inside <style>: it would become part of the style sheet, and no escaping makes that safe.",
      'Switch classes, or set a custom property on an element and use it in the sheet: <div style="--progress: ${…}">.',
    ];
  }
  return [
    `A value cannot stand inside <${element}>: its content is not HTML, so nothing in it can be escaped.`,
    "Put the value into an attribute, or use another element.",
  ];
}

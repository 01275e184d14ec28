/**
 * Stands for a hole where a template is handled as one text. HTML has no U+0000, and a template that contains one is
 * refused, so it cannot be mistaken for something that was written.
 */
export const HOLE_MARK = "\0";

const SHOWN_BEFORE = 64;
const SHOWN_AFTER = 40;

/** The template around `offset` on one line, holes as `${…}`, and below it a caret at the place. */
export function excerpt(source: string, offset: number): string {
  let before = oneLine(source.slice(0, offset)).trimStart();
  let after = oneLine(source.slice(offset)).trimEnd();
  if (before.length > SHOWN_BEFORE) before = `…${before.slice(-SHOWN_BEFORE)}`;
  if (after.length > SHOWN_AFTER) after = `${after.slice(0, SHOWN_AFTER)}…`;
  return `    ${before}${after}\n    ${" ".repeat(before.length)}^`;
}

function oneLine(source: string): string {
  return source.replaceAll(/\s+/g, " ").replaceAll(HOLE_MARK, "${…}");
}

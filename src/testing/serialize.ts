import type { ChildNode, Element } from "./dom.ts";

const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const RAW = new Set("style script xmp iframe noembed noframes plaintext noscript".split(" "));

/** The node as HTML, with its attributes as they are: what `outerHTML` gives. */
export function outerHtml(node: ChildNode): string {
  if (node.kind === "comment") return `<!--${node.data}-->`;
  if (node.kind === "text") return RAW.has(node.parent?.name ?? "") ? node.data : escapeText(node.data);
  if (node.name.startsWith("#")) return innerHtml(node);
  const start = `<${node.name}${attributesHtml(node)}>`;
  return VOID.has(node.name) ? start : `${start}${innerHtml(node)}</${node.name}>`;
}

export function innerHtml(element: Element): string {
  return (element.content ?? element).children.map(outerHtml).join("");
}

export function attributesHtml(element: Element): string {
  let text = "";
  for (const [name, value] of element.attributes) text += ` ${name}="${escapeAttribute(value)}"`;
  return text;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("\u00a0", "&nbsp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', "&quot;");
}

const SHOWN_TEXT = 80;

/**
 * The element as people like to read it, for failures: one element a line, without what only machines read. What lies
 * further from `around` than a few elements is left out.
 * @param around gets a mark, if it is given.
 */
export function pretty(element: Element, around?: Element, maxLines = 40): string {
  const lines: { readonly text: string; readonly isMarked: boolean }[] = [];
  print(element, 0, around, lines);
  const at = Math.max(
    0,
    lines.findIndex((line) => line.isMarked),
  );
  const start = Math.max(0, Math.min(at - Math.floor(maxLines / 2), lines.length - maxLines));
  const shown = lines.slice(start, start + maxLines).map(({ text, isMarked }) => `${isMarked ? "→ " : "  "}${text}`);
  if (start > 0) shown.unshift(`  … ${start} lines before`);
  const after = lines.length - start - maxLines;
  if (after > 0) shown.push(`  … ${after} lines after`);
  return shown.join("\n");
}

function print(
  node: Element,
  depth: number,
  around: Element | undefined,
  lines: { text: string; isMarked: boolean }[],
): void {
  const indent = "  ".repeat(depth);
  const isMarked = node === around;
  const start = `<${node.name}${shownAttributes(node)}>`;
  const children = node.children.filter(
    (child) => child.kind === "element" || (child.kind === "text" && child.data.trim() !== ""),
  );
  if (RAW.has(node.name)) return;
  if (VOID.has(node.name) || children.length === 0) {
    lines.push({ text: `${indent}${start}${VOID.has(node.name) ? "" : `</${node.name}>`}`, isMarked });
    return;
  }
  const only = children.length === 1 ? children[0] : undefined;
  if (only?.kind === "text") {
    lines.push({ text: `${indent}${start}${shorten(only.data)}</${node.name}>`, isMarked });
    return;
  }
  lines.push({ text: `${indent}${start}`, isMarked });
  for (const child of children) {
    if (child.kind === "element") print(child, depth + 1, around, lines);
    else if (child.kind === "text") lines.push({ text: `${indent}  ${shorten(child.data)}`, isMarked: false });
  }
  lines.push({ text: `${indent}</${node.name}>`, isMarked: false });
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > SHOWN_TEXT ? `${line.slice(0, SHOWN_TEXT)}…` : line;
}

function shownAttributes(element: Element): string {
  let text = "";
  for (const [name, value] of element.attributes) {
    if (name.startsWith("data-phx-")) continue;
    text += value === "" ? ` ${name}` : ` ${name}="${shorten(value)}"`;
  }
  return text;
}

/** A short name for people: `<button id="save" class="wide">`. */
export function nameOf(element: Element): string {
  return `<${element.name}${shownAttributes(element)}>`;
}

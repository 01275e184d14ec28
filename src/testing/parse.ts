import type { DefaultTreeAdapterTypes as Parsed } from "parse5";
import { Comment, Element, Text, type ChildNode } from "./dom.ts";
import { libraries } from "./libraries.ts";

/** A whole document, as a browser reads it. */
export function parseDocument(html: string): Element {
  const document = new Element("#document");
  take(document, libraries().parse5.parse(html).childNodes);
  return document;
}

/** What `html` is inside a `<template>`: the context in which the browser's client reads what it renders. */
export function parseFragment(html: string): Element {
  const fragment = new Element("#fragment");
  take(fragment, libraries().parse5.parseFragment(html).childNodes);
  return fragment;
}

function take(parent: Element, nodes: readonly Parsed.ChildNode[]): void {
  for (const node of nodes) {
    const child = toNode(node);
    if (child === undefined) continue;
    parent.children.push(child);
    child.parent = parent;
  }
}

function toNode(node: Parsed.ChildNode): ChildNode | undefined {
  if ("tagName" in node) {
    const element = new Element(node.tagName, node.namespaceURI);
    for (const { prefix, name, value } of node.attrs) {
      element.attributes.set(prefix === undefined || prefix === "" ? name : `${prefix}:${name}`, value);
    }
    take(element, node.childNodes);
    if ("content" in node) {
      element.content = new Element("#fragment");
      take(element.content, node.content.childNodes);
    }
    return element;
  }
  if (node.nodeName === "#text" && "value" in node) return new Text(node.value);
  if (node.nodeName === "#comment" && "data" in node) return new Comment(node.data);
  return undefined;
}

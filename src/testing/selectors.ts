import type { compile, Options } from "css-select";
import { LiveError } from "../errors.ts";
import { isCheckable, isChecked, isDisabled, isSelected, type ChildNode, type Element } from "./dom.ts";
import { libraries } from "./libraries.ts";

const compiled = new Map<string, ReturnType<typeof compile<ChildNode, Element>>>();

const options: Options<ChildNode, Element> = {
  // Documents change between queries.
  cacheResults: false,
  adapter: {
    isTag: (node): node is Element => node.kind === "element",
    getAttributeValue: (element, name) => element.get(name),
    getChildren: (node) => (node.kind === "element" ? node.children : []),
    getName: (element) => element.name,
    // The document stands for itself: it is no element's parent.
    getParent: (node) => (node.parent?.name === "#document" ? null : (node.parent ?? null)),
    getSiblings: (node) => node.parent?.children ?? [node],
    getText: (node) => (node.kind === "element" ? node.text : node.data),
    hasAttrib: (element, name) => element.has(name),
    removeSubsets: (nodes) =>
      nodes.filter(
        (node) => !nodes.some((other) => other !== node && other.kind === "element" && other.contains(node)),
      ),
  },
  // What users have typed and chosen counts, not what the HTML said.
  pseudos: {
    checked: (element) =>
      element.name === "option" ? isSelected(element) : isCheckable(element) && isChecked(element),
    disabled: (element) => isDisabled(element),
    enabled: (element) =>
      ["input", "select", "textarea", "button", "option", "fieldset"].includes(element.name) && !isDisabled(element),
  },
};

/**
 * All elements below `root` that a CSS selector names, in the order of the document.
 * @throws {LiveError} `testing.element` for what is no selector.
 */
export function select(root: Element, selector: string): Element[] {
  const { cssSelect } = libraries();
  let query = compiled.get(selector);
  if (query === undefined) {
    try {
      query = cssSelect.compile<ChildNode, Element>(selector, options);
    } catch (cause) {
      throw new LiveError("testing.element", `${JSON.stringify(selector)} is no CSS selector: ${String(cause)}`, {
        cause,
      });
    }
    compiled.set(selector, query);
  }
  return cssSelect.selectAll<ChildNode, Element>(query, root.children, options);
}

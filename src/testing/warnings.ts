import type { Element } from "./dom.ts";
import { pushesOf, type PushedEvent } from "./event-attribute.ts";
import { nameOf } from "./serialize.ts";
import { targetsOf } from "./targets.ts";

/** Whether the view that an element belongs to, or one of its live components, knows an event. */
type Handles = (event: string, component: number | undefined, element: Element) => boolean;

/** What the kit warns of, each to be turned off by `false`. All are mistakes that a browser keeps to itself. */
export interface WarningOptions {
  /** Two elements with one id: a patch then changes the wrong one. @default true */
  readonly duplicateIds?: boolean | undefined;
  /** A form with `phx-change` and no id: what was typed is lost when the page reconnects. @default true */
  readonly formsWithoutId?: boolean | undefined;
  /** An element with `phx-hook` and no id: the client does not run its hook. @default true */
  readonly hooksWithoutId?: boolean | undefined;
  /** An event in a template that the view has no handler or no schema for. @default true */
  readonly unknownEvents?: boolean | undefined;
}

const EVENT_ATTRIBUTES = [
  "click",
  "click-away",
  "change",
  "submit",
  "keydown",
  "keyup",
  "focus",
  "blur",
  "auto-recover",
  "mounted",
  "remove",
  "connected",
  "disconnected",
].flatMap((name) => [`phx-${name}`, `phx-window-${name}`]);

/**
 * The mistakes of a page, each as a sentence.
 * @param handles whether the view knows an event; `undefined` while there is no view.
 */
export function findMistakes(
  document: Element,
  view: Element | undefined,
  handles: Handles | undefined,
  options: WarningOptions,
): string[] {
  const found: string[] = [];
  const ids = new Set<string>();
  for (const element of document.descendants()) {
    if (element.id !== "") {
      if (ids.has(element.id) && options.duplicateIds !== false) {
        found.push(
          `The id ${JSON.stringify(element.id)} is there twice, the second time on ${nameOf(element)}: a patch may change the wrong one.`,
        );
      }
      ids.add(element.id);
    }
    if (view?.contains(element) !== true) continue;
    if (options.formsWithoutId !== false && element.name === "form" && element.has("phx-change") && element.id === "") {
      found.push(
        `${nameOf(element)} has phx-change and no id, so what was typed into it is lost when the page reconnects. Give it an id.`,
      );
    }
    if (options.hooksWithoutId !== false && element.has("phx-hook") && element.id === "") {
      found.push(`${nameOf(element)} has phx-hook and no id, so the client does not run its hook. Give it an id.`);
    }
    if (options.unknownEvents !== false && handles !== undefined)
      found.push(...unknownEvents(element, document, handles));
  }
  return found;
}

function unknownEvents(element: Element, document: Element, handles: Handles): string[] {
  return EVENT_ATTRIBUTES.flatMap((name) => {
    const attribute = element.get(name) ?? "";
    if (attribute === "" || (element.get("phx-auto-recover") === "ignore" && name === "phx-auto-recover")) return [];
    return (
      readable(attribute)
        // Those of the client itself: lv:clear-flash.
        .filter(({ event }) => !event.startsWith("lv:"))
        .flatMap(({ event, target }) =>
          targetsOf(element, target, document)
            .filter(({ component, found = element }) => !handles(event, component, found))
            .map(
              ({ component }) =>
                `${nameOf(element)} sends ${JSON.stringify(event)}, which its ${component === undefined ? "view" : "live component"} does not handle: it has no handleEvent, or \`events\` has no schema of that name.`,
            ),
        )
    );
  });
}

/** What cannot be read is for the one who runs it to complain about. */
function readable(attribute: string): readonly PushedEvent[] {
  try {
    return pushesOf(attribute);
  } catch {
    return [];
  }
}

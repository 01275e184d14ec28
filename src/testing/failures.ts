import { LiveError, type LiveErrorCode } from "../errors.ts";
import type { Element } from "./dom.ts";
import { nameOf, pretty } from "./serialize.ts";

/** What a failure shows of a page. */
export interface Scene {
  readonly document: Element;
  readonly href: string;
  readonly view: { readonly element: Element } | undefined;
  /** What the server logged, ready to be appended; empty if it logged nothing. */
  readonly logText: string;
}

/** A failure as somebody who looked at the page would write it: what is wrong, the page around the place, the log. */
export function failure(code: LiveErrorCode, scene: Scene, what: string, around?: Element): LiveError {
  const { pathname, search } = new URL(scene.href);
  const body = scene.document.find((element) => element.name === "body");
  const shown = scene.view?.element ?? body ?? scene.document;
  const root = around !== undefined && !shown.contains(around) ? (body ?? scene.document) : shown;
  return new LiveError(code, `${what}\n\nThe page at ${pathname}${search}:\n\n${pretty(root, around)}${scene.logText}`);
}

/** Why a user could not do something with an element. */
export function refuse(scene: Scene, element: Element, why: string): LiveError {
  return failure("testing.action", scene, `${nameOf(element)}: ${why}`, element);
}

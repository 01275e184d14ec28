import type { ViewPlace } from "../../html/rendered.ts";
import type { ErasedDefinition } from "../live-view.ts";
import type { ViewProcess } from "../view-process.ts";
import type { Visitor } from "../visitor.ts";
import { tooDeep } from "./nested-errors.ts";
import type { PageIdentity } from "./nested-tokens.ts";

/** The page load that a view is on, and whose it is. */
export interface PageOrigin {
  /** Random, of one page load. */
  readonly nonce: string;
  /** The id in the visitor's anonymous cookie. */
  readonly cookieId: string;
  readonly visitor: Visitor;
}

/** The same, as tokens have it. */
export function identityOf({ nonce, visitor }: PageOrigin): PageIdentity {
  return { nonce, sessionHash: visitor.sessionHash };
}

/** What a view that is no page's own is in. */
export interface Nesting {
  /** Of its element. */
  readonly id: string;
  /** The view around it; `undefined` for a sticky one, which outlives that. */
  readonly parent: ViewProcess | undefined;
  /** How many views are around it. */
  readonly depth: number;
  /** The process in it is over. */
  ended(process: ViewProcess): void;
}

const MAX_DEPTH = 20;

/** How many views are around one that `parent` nests. @throws {LiveError} `nested.invalid-option` for a view that nests itself */
export function depthIn(id: string, parent: Nesting | undefined): number {
  const depth = (parent?.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) throw tooDeep(id, depth);
  return depth;
}

/** The definition of the view at a place. */
export function definitionAt(place: ViewPlace): ErasedDefinition {
  // `liveRender` makes all places, of nothing else.
  return place.view as ErasedDefinition;
}

/** What its `mount` gets, given what it has from around it and what its place gives. */
export function nestedSession(session: object, given: object | undefined): object {
  return given === undefined ? session : { ...session, ...given };
}

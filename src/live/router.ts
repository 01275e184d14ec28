import { addRoute, createRouter, findRoute } from "rou3";
import { LiveError } from "../errors.ts";
import { decodeForm } from "../protocol/form.ts";
import type { ParamLimits } from "../protocol/params.ts";
import type { LiveSessionDefinition, RouteSession } from "./live-session.ts";
import { definitionOf, type Params } from "./live-view.ts";
import { createRenderer } from "./renderer.ts";
import type { MountableView } from "./view-services.ts";

/** A live route that an address leads to. */
export interface Located {
  readonly view: MountableView;
  readonly href: string;
  /** The query's parameters and the captures of the path; no parameter has the name of a capture. */
  readonly params: Params;
  /** Why the page is not shown: its query has more to it than the limits allow. */
  readonly excess: string | undefined;
}

const NO_PARAMS: Params = Object.freeze({});

/** Which view an address leads to. */
export class LiveRouter {
  readonly #router = createRouter<MountableView>();
  readonly #views: MountableView[] = [];
  readonly #paramLimits: ParamLimits;

  /**
   * @param sessions the app's own routes first.
   * @throws {LiveError} `app.invalid-route` for a path that does not begin with "/", or that is there twice, or a value that
   * is no view.
   */
  constructor(sessions: readonly LiveSessionDefinition[], checks: boolean, paramLimits: ParamLimits) {
    this.#paramLimits = paramLimits;
    for (const { routes, ...liveSession } of sessions) this.#add(routes, liveSession, checks);
  }

  #add(routes: { readonly [path: string]: unknown }, liveSession: RouteSession, checks: boolean): void {
    for (const [path, value] of Object.entries(routes)) {
      const definition = definitionOf(value);
      if (!path.startsWith("/") || definition === undefined) throw invalidRoute(path, definition === undefined);
      const other = this.#views.find(({ name }) => shapeOf(name) === shapeOf(path));
      if (other !== undefined) throw routedTwice(path, other.name);
      const renderer = createRenderer(definition.render, checks);
      const view: MountableView = { name: path, definition, renderer, liveSession };
      this.#views.push(view);
      addRoute(this.#router, "GET", path, view);
    }
  }

  get views(): readonly MountableView[] {
    return this.#views;
  }

  /** The live route for an address of this app, whatever its origin. */
  locate(url: URL): Located | undefined {
    const match = findRoute(this.#router, "GET", url.pathname);
    if (match === undefined) return undefined;
    const { data: view, params: captures } = match;
    if (url.search === "" || url.search === "?") {
      return { view, href: url.href, params: decoded(captures), excess: undefined };
    }
    const query = decodeForm(url.search.slice(1), this.#paramLimits);
    if (!query.ok) return { view, href: url.href, params: NO_PARAMS, excess: query.reason };
    const params = { ...query.value };
    // One that the path leaves open, as "/page/:slug?" may, is not for the query to give.
    for (const name of capturesIn(view.name)) delete params[name];
    return { view, href: url.href, params: { ...params, ...decoded(captures) }, excess: undefined };
  }

  /** As `locate`, for an address as a client gives it, which may be anything. */
  locateAddress(address: string): Located | undefined {
    if (!URL.canParse(address)) return undefined;
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? this.locate(url) : undefined;
  }
}

function decoded(captures: { readonly [name: string]: string } | undefined): Params {
  if (captures === undefined) return NO_PARAMS;
  return Object.fromEntries(Object.entries(captures).map(([name, value]) => [name, decodeSegment(value)]));
}

/** What is no percent code, or no UTF-8, stays as it is. */
function decodeSegment(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The names of what a path may capture. */
function capturesIn(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** Whether a view goes on where the other was, on another route of one live session. */
export function isSameView(a: MountableView, b: MountableView): boolean {
  return a.definition === b.definition && a.liveSession === b.liveSession;
}

/** Whatever its captures are called. */
function shapeOf(path: string): string {
  return path.replaceAll(/:\w+/g, ":");
}

function routedTwice(path: string, other: string): LiveError {
  return new LiveError(
    "app.invalid-route",
    `The routes ${JSON.stringify(other)} and ${JSON.stringify(path)} take the same addresses, so that it would be chance which view, and which hooks, a visitor gets. Keep one of them.`,
  );
}

function invalidRoute(path: string, isNoView: boolean): LiveError {
  return new LiveError(
    "app.invalid-route",
    isNoView
      ? `The route "${path}" is no live view. Give what createLiveView({ … }) returned (from this copy of wingbeat), and serve other things through the \`fetch\` option.`
      : `The route "${path}" must begin with "/", such as "/rooms/:id".`,
  );
}

import { addRoute, createRouter, findRoute } from "rou3";
import { LiveError } from "../errors.ts";
import { decodeForm } from "../protocol/form.ts";
import type { ParamLimits } from "../protocol/params.ts";
import { definitionOf, type Params } from "./live-view.ts";
import { createRenderer } from "./renderer.ts";
import type { MountableView } from "./view-services.ts";

/** A live route that an address leads to. */
export interface Located {
  readonly view: MountableView;
  readonly href: string;
  /** The query's parameters and the captures of the path; a capture wins over a parameter of its name. */
  readonly params: Params;
}

const NO_PARAMS: Params = Object.freeze({});

/** Which view an address leads to. */
export class LiveRouter {
  readonly #router = createRouter<MountableView>();
  readonly #views: MountableView[] = [];
  readonly #paramLimits: ParamLimits;

  /** @throws {LiveError} `app.invalid-route` for a path that does not begin with "/" or a value that is no view. */
  constructor(routes: { readonly [path: string]: unknown }, checks: boolean, paramLimits: ParamLimits) {
    this.#paramLimits = paramLimits;
    for (const [path, value] of Object.entries(routes)) {
      const definition = definitionOf(value);
      if (!path.startsWith("/") || definition === undefined) throw invalidRoute(path, definition === undefined);
      const view: MountableView = { name: path, definition, renderer: createRenderer(definition.render, checks) };
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
    return { view: match.data, href: url.href, params: this.#params(url.search, match.params) };
  }

  /** As `locate`, for an address as a client gives it, which may be anything. */
  locateAddress(address: string): Located | undefined {
    if (!URL.canParse(address)) return undefined;
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? this.locate(url) : undefined;
  }

  #params(search: string, captures: { readonly [name: string]: string } | undefined): Params {
    if (search === "" || search === "?") return captures ?? NO_PARAMS;
    const query = decodeForm(search.slice(1), this.#paramLimits);
    // A query beyond the limits is as good as none: the page it asks for is still there.
    return { ...(query.ok ? query.value : undefined), ...captures };
  }
}

function invalidRoute(path: string, isNoView: boolean): LiveError {
  return new LiveError(
    "app.invalid-route",
    isNoView
      ? `The route "${path}" is no live view. Give what createLiveView({ … }) returned (from this copy of wingbeat), and serve other things through the \`fetch\` option.`
      : `The route "${path}" must begin with "/", such as "/rooms/:id".`,
  );
}

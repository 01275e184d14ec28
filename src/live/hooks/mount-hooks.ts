import { checkFlash } from "../argument-checks.ts";
import { externalDestination } from "../destination.ts";
import type { Params } from "../live-view.ts";
import type { Leaving } from "../navigation.ts";
import type { PageState } from "../page-state.ts";
import { isThenable } from "../renderer.ts";
import type { MountableView, ViewServices } from "../view-services.ts";
import { haltReturned, invalidMountResult, redirectInCircles, redirectNotReturned } from "./hook-errors.ts";
import { MountHalt, type MountHook, type Mounting } from "./mounting.ts";
import type { StageHooks } from "./stage-hooks.ts";

/** What mount hooks need of the view that is about to be mounted. */
export interface HookedView {
  readonly view: MountableView;
  readonly services: ViewServices;
  readonly page: PageState;
  readonly url: URL;
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  /** Those of its stages. Made for the first. */
  readonly stageHooks: StageHooks;
  subscribe(topic: string): Promise<void>;
}

/** What the hooks have come to: the session that `mount` gets, or where the visitor goes instead. */
export type Admission = object | MountHalt;

/**
 * Runs the mount hooks of a view's live session, in their order.
 * @param session what the first of them gets
 * @returns a promise only if one of them did
 * @throws {LiveError} `hook.invalid-result`, `hook.redirect-loop`, and what the hooks throw
 */
export function runMountHooks(view: HookedView, session: object, params: Params): Admission | Promise<Admission> {
  return runFrom(0, view, session, params);
}

function runFrom(index: number, view: HookedView, session: object, params: Params): Admission | Promise<Admission> {
  const hook = view.view.liveSession?.onMount[index];
  if (hook === undefined || view.isEnded) return session;
  const call = new HookCall(hook, view, session, params);
  const goOn = (result: unknown): Admission | Promise<Admission> => {
    const next = call.take(result);
    return next instanceof MountHalt ? next : runFrom(index + 1, view, next, params);
  };
  const result = call.run();
  return isThenable(result) ? Promise.resolve(result).then(goOn) : goOn(result);
}

/** One hook, called once. */
class HookCall {
  readonly #hook: (mounting: Mounting<object>) => unknown;
  readonly #view: HookedView;
  readonly #session: object;
  readonly #params: Params;
  #hasRedirected = false;

  constructor(hook: MountHook, view: HookedView, session: object, params: Params) {
    // That the session has what it reads was checked by the type of `createLiveApp`.
    this.#hook = hook as (mounting: Mounting<object>) => unknown;
    this.#view = view;
    this.#session = session;
    this.#params = params;
  }

  run(): unknown {
    const view = this.#view;
    return this.#hook({
      session: this.#session,
      params: this.#params,
      url: view.url,
      connected: view.isConnected,
      redirect: (to) => {
        const halt = new MountHalt(leavingTo(to, view));
        this.#hasRedirected = true;
        return halt;
      },
      putFlash: (kind, message) => {
        checkFlash(kind, message);
        view.page.putFlash(kind, message);
      },
      subscribe: (topic) => view.subscribe(topic),
      attachHook: (stage, id, hook) => view.stageHooks.attachEarly(stage, id, hook),
    });
  }

  /** @returns the session with what the hook has added, or the halt that it returned */
  take(result: unknown): Admission {
    const { name = "" } = this.#view.view.liveSession ?? {};
    if (result instanceof MountHalt) {
      if (leadsBack(result, this.#view)) throw redirectInCircles(this.#name, name, this.#view.url.pathname);
      return result;
    }
    if (this.#hasRedirected) throw redirectNotReturned(this.#name, name);
    if (result === undefined) return this.#session;
    // Most likely something else was meant by it, such as a Response that redirects, and the visitor would come in.
    if (!isPlainObject(result)) throw invalidMountResult(this.#name, name, result);
    if (Object.hasOwn(result, "halt")) throw haltReturned(this.#name, name);
    return { ...this.#session, ...result };
  }

  /** For messages. */
  get #name(): string {
    return this.#hook.name === "" ? "without a name" : this.#hook.name;
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** On a connected page it is a page load, which may find something else. */
function leadsBack({ navigation }: MountHalt, { page, url, isConnected }: HookedView): boolean {
  return !isConnected && page.resolve(navigation.to) === url.href;
}

/** Live navigation keeps the connection, but only within a live session. */
function leavingTo(to: string, { view, services, page }: HookedView): Leaving {
  const destination = externalDestination(to);
  const isNear = destination.startsWith("/") && services.sharesSession(page.resolve(destination), view);
  return isNear ? { kind: "navigate", to: destination, replace: false } : { kind: "redirect", to: destination };
}

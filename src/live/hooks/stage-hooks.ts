import type { DecodeResult } from "../../decode-result.ts";
import type { ClientEvent } from "../../protocol/payloads.ts";
import { toUncheckedEvent, toViewEvent, type ViewEvent } from "../client-message.ts";
import type { Schemas } from "../messages.ts";
import { isThenable } from "../renderer.ts";
import { duplicateHook, invalidHookResult, notAHook, paramsOfNested, unknownStage } from "./hook-errors.ts";
import type { EventHookHalt } from "./stages.ts";

export type Stage = "handleParams" | "handleEvent" | "handleInfo" | "handleAsync" | "afterRender";

/** Where mount hooks attach to `handleEvent`: before the view's schemas have looked at the event. */
type InnerStage = Stage | "anyEvent";

const VIEW_STAGES: readonly Stage[] = ["handleParams", "handleEvent", "handleInfo", "handleAsync", "afterRender"];
const COMPONENT_STAGES: readonly Stage[] = ["handleEvent", "handleAsync", "afterRender"];

/** An event as the browser sent it that is to be handled, or not, or that a mount hook has answered. */
export type CheckedEvent = DecodeResult<ViewEvent> | EventHookHalt;

/** A hook of any view; its stage says what it is called with. */
export type ErasedHook = (...given: never[]) => unknown;

interface Attached {
  readonly id: string;
  readonly hook: ErasedHook;
}

/** Whose hooks they are. */
export interface HookOwner {
  /** For messages. */
  readonly name: string;
  /** What hooks get last. */
  readonly socket: object;
}

const NONE: readonly Attached[] = [];
export const NO_HOOKS: readonly StageHooks[] = [];

/**
 * The hooks of one view or one live component. Made for its first.
 *
 * Hooks run in the order attached; those that are attached or detached while a stage runs do not change that run. What is
 * synchronous costs no promise.
 */
export class StageHooks {
  readonly #owner: HookOwner;
  readonly #kind: "view" | "nested view" | "component";
  readonly #isOver: () => boolean;
  readonly #attached = new Map<InnerStage, readonly Attached[]>();
  /** There was a render that no afterRender hook has seen. */
  #isRendered = false;

  /** @param isOver whether nobody is there any more: then what an asynchronous hook comes back with changes nothing. */
  constructor(owner: HookOwner, kind: "view" | "nested view" | "component", isOver: () => boolean) {
    this.#owner = owner;
    this.#kind = kind;
    this.#isOver = isOver;
  }

  /** As `Hookable.attachHook`. */
  attach(stage: string, id: string, hook: unknown): void {
    this.#attach(this.#checked(stage, id), stage, id, hook);
  }

  /** As `attach`, for a mount hook, which knows nothing of the view's schemas. */
  attachEarly(stage: string, id: string, hook: unknown): void {
    const checked = this.#checked(stage, id);
    this.#attach(checked === "handleEvent" ? "anyEvent" : checked, stage, id, hook);
  }

  #checked(stage: string, id: string): Stage {
    const { name } = this.#owner;
    const kind = this.#kind;
    const stages = kind === "component" ? COMPONENT_STAGES : VIEW_STAGES;
    const known = stages.find((each) => each === stage);
    if (known === undefined) throw unknownStage(stage, name, stages);
    if (known === "handleParams" && kind === "nested view") throw paramsOfNested(name);
    if (this.#find(known, id) || (known === "handleEvent" && this.#find("anyEvent", id)))
      throw duplicateHook(stage, id, name);
    return known;
  }

  #find(stage: InnerStage, id: string): boolean {
    return this.#of(stage).some((attached) => attached.id === id);
  }

  #attach(inner: InnerStage, stage: string, id: string, hook: unknown): void {
    if (typeof hook !== "function") throw notAHook(stage, id);
    // What it is called with was checked where it was attached, by the types of its stage.
    this.#attached.set(inner, [...this.#of(inner), { id, hook: hook as ErasedHook }]);
  }

  detach(stage: string, id: string): void {
    for (const [inner, attached] of this.#attached) {
      if (inner !== stage && !(inner === "anyEvent" && stage === "handleEvent")) continue;
      this.#attached.set(
        inner,
        attached.filter((each) => each.id !== id),
      );
    }
  }

  #of(stage: InnerStage): readonly Attached[] {
    return this.#attached.get(stage) ?? NONE;
  }

  has(stage: InnerStage): boolean {
    return this.#of(stage).length > 0;
  }

  // ── before a callback ──

  /**
   * Runs a stage's hooks with what its callback gets before the socket, then the callback, unless one of them halts.
   * @returns what the callback returned, or the hook that halted; a promise only if one of them did
   */
  through(stage: Stage, given: readonly unknown[], run: () => unknown): unknown {
    const halted = this.#run(stage, stage, [...given, this.#owner.socket]);
    if (!isThenable(halted)) return halted ?? run();
    return halted.then((settled) => settled ?? (this.#isOver() ? undefined : run()));
  }

  /**
   * What an event becomes for `handleEvent`: by the schemas, once the mount hooks have let it pass.
   * @returns a promise only if a hook or a schema did
   */
  admitEvent(event: ClientEvent, schemas: Schemas | undefined): CheckedEvent | Promise<CheckedEvent> {
    if (!this.has("anyEvent")) return toViewEvent(event, schemas);
    const halted = this.#run("anyEvent", "handleEvent", [toUncheckedEvent(event), this.#owner.socket]);
    if (!isThenable(halted)) return halted ?? toViewEvent(event, schemas);
    return Promise.resolve(halted).then((settled) => settled ?? toViewEvent(event, schemas));
  }

  /** @param attached those that have not run yet */
  #run(
    inner: InnerStage,
    stage: string,
    given: readonly unknown[],
    attached = this.#of(inner),
  ): EventHookHalt | undefined | PromiseLike<EventHookHalt | undefined> {
    for (const [index, { id, hook }] of attached.entries()) {
      // As in `#attach`.
      const result = hook(...(given as never[]));
      if (isThenable(result)) {
        return Promise.resolve(result).then((settled) => {
          const halt = toHalt(settled, stage, id);
          if (halt !== undefined || this.#isOver()) return halt;
          return this.#run(inner, stage, given, attached.slice(index + 1));
        });
      }
      const halt = toHalt(result, stage, id);
      if (halt !== undefined) return halt;
    }
    return undefined;
  }

  // ── after a render ──

  noteRender(): void {
    this.#isRendered = this.has("afterRender");
  }

  get isRendered(): boolean {
    return this.#isRendered;
  }

  /** Runs the hooks of the render that was noted. @returns a promise only if one of them did */
  afterRender(): unknown {
    this.#isRendered = false;
    return this.#run("afterRender", "afterRender", [this.#owner.socket]);
  }
}

function toHalt(result: unknown, stage: string, id: string): EventHookHalt | undefined {
  if (result === undefined) return undefined;
  if (isHalt(result)) return result;
  throw invalidHookResult(stage, id, result);
}

function isHalt(value: unknown): value is EventHookHalt {
  return typeof value === "object" && value !== null && "halt" in value && value.halt === true;
}

/**
 * Runs the hooks of all that was rendered, one after the other.
 * @returns a promise only if one of them did
 */
export function runAfterRender(rendered: readonly StageHooks[], from = 0): unknown {
  for (let index = from; index < rendered.length; index++) {
    const result = rendered[index]?.afterRender();
    if (isThenable(result)) return Promise.resolve(result).then(() => runAfterRender(rendered, index + 1));
  }
  return undefined;
}

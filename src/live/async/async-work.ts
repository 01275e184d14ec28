import { LiveError } from "../../errors.ts";
import { withRenderChecks } from "../../html/checks.ts";
import { describeValue } from "../../html/not-renderable.ts";
import type { Activity } from "../activity.ts";
import type { StageHooks } from "../hooks/stage-hooks.ts";
import type { ErasedContext } from "../live-view.ts";
import type { Awaitable } from "../messages.ts";
import { OwnWork } from "../own-work.ts";
import { AsyncResult } from "./async-result.ts";
import { AsyncTask, type TaskListener } from "./async-task.ts";
import type { Eventually, Outcome } from "./outcome.ts";

/** What async work needs of the view in which it was begun. */
export interface AsyncHost {
  /** For messages. */
  readonly name: string;
  /** What is the owner of the view's own work. */
  readonly display: AsyncOwner;
  /** `false` in the render of the HTTP response, where no work runs. */
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  /** Of the view itself, if it has any. */
  readonly ownHooks: StageHooks | undefined;
  readonly services: { readonly activity: Activity; readonly checks: boolean };
  /** Into the mailbox. */
  receiveOwnInfo(work: OwnWork): void;
  report(error: unknown): void;
}

/** Whose work it is: the view itself, or a live component in it. */
export interface AsyncOwner {
  /** For messages. */
  readonly name: string;
  readonly context: ErasedContext;
  /** Of a live component, if it has any. */
  readonly ownHooks?: StageHooks | undefined;
  assign(values: ErasedContext): void;
}

export type Work<T = unknown> = (signal: AbortSignal) => Eventually<T>;
export type Done<T> = (outcome: Outcome<T>) => Awaitable<void>;

export interface LoadOptions {
  readonly reset?: boolean | readonly string[] | undefined;
}

// What signals are aborted with, as `fetch` and its like reject with it. One of each for all: an exception that was made
// where it is needed would hold, by its stack, the view that has just ended, for as long as anybody has the signal.
const aborted = (why: string): DOMException => new DOMException(why, "AbortError");
const BEGUN_ANEW = aborted("The same work has been begun anew, and the latest wins.");
const CANCELLED = aborted("cancelAsync has ended this work.");
const COMPONENT_LEFT = aborted("The live component has left the page.");
const VIEW_ENDED = aborted("The view has ended.");

/** What one owner has under way. */
interface Tasks {
  /** By name. */
  readonly started: Map<string, AsyncTask>;
  /** By key. One that loads several keys stands under each that nothing newer loads. */
  readonly loading: Map<string, AsyncTask>;
}

/**
 * The work of one view and its live components that they do not wait for.
 *
 * Of work under one name, or for one key, the latest is the only one whose outcome anybody sees. How work has ended is put
 * into the view's mailbox, so that it is handled in the order in which things happened, and never while a callback runs.
 *
 * Made when a view begins its first.
 */
export class AsyncWork {
  readonly #view: AsyncHost;
  readonly #tasks = new Map<AsyncOwner, Tasks>();

  constructor(view: AsyncHost) {
    this.#view = view;
  }

  start<T>(owner: AsyncOwner, name: string, work: Work<T>, done: Done<T>): void {
    if (typeof work !== "function" || typeof done !== "function") throw notCallable(`startAsync("${name}", …)`);
    if (!this.#runs) return;
    const { started } = this.#tasksOf(owner);
    const task: AsyncTask<T> = new AsyncTask(
      [name],
      this.#listenerFor("startAsync", owner, () => {
        if (started.get(name) !== task || task.outcome === undefined) return undefined;
        started.delete(name);
        this.#forgetIdle(owner);
        const { outcome } = task;
        const hooks = owner === this.#view.display ? this.#view.ownHooks : owner.ownHooks;
        return hooks === undefined ? done(outcome) : hooks.through("handleAsync", [name, outcome], () => done(outcome));
      }),
    );
    const former = started.get(name);
    started.set(name, task);
    if (former !== undefined) this.#drop(former, BEGUN_ANEW);
    this.#begin(task, work);
  }

  load(
    owner: AsyncOwner,
    keyOrKeys: string | readonly string[],
    load: Work,
    { reset = false }: LoadOptions = {},
  ): void {
    const isOne = typeof keyOrKeys === "string";
    checkKeys(keyOrKeys);
    const keys = isOne ? [keyOrKeys] : keyOrKeys;
    if (typeof load !== "function") throw notCallable(`assignAsync("${keys.join('", "')}", …)`);
    const isReset = (key: string): boolean => (typeof reset === "boolean" ? reset : reset.includes(key));
    owner.assign(valuesOf(keys, (key) => loadingAfter(isReset(key) ? undefined : owner.context[key])));
    if (!this.#runs) return;
    const { loading } = this.#tasksOf(owner);
    const task: AsyncTask = new AsyncTask(
      keys,
      this.#listenerFor("assignAsync", owner, () => {
        const { outcome } = task;
        const own = keys.filter((key) => loading.get(key) === task);
        if (own.length === 0 || outcome === undefined) return;
        for (const key of own) loading.delete(key);
        this.#forgetIdle(owner);
        const results = isOne ? outcome : eachOf(keys, outcome);
        if (!results.ok) this.#view.report(results.error);
        owner.assign(valuesOf(own, (key) => resultOf(results, isOne ? undefined : key, owner.context[key])));
      }),
    );
    const former = new Set(keys.flatMap((key) => loading.get(key) ?? []));
    for (const key of keys) loading.set(key, task);
    // One that still loads another key for somebody goes on.
    for (const other of former) {
      if (other.names.some((key) => loading.get(key) === other)) continue;
      this.#drop(other, BEGUN_ANEW);
    }
    this.#begin(task, load);
  }

  /** Ends what runs under that name, and what loads that key. */
  cancel(owner: AsyncOwner, name: string, reason: unknown = CANCELLED): void {
    const tasks = this.#tasks.get(owner);
    if (tasks === undefined) return;
    const { started, loading } = tasks;
    started.get(name)?.cancel(reason);
    const task = loading.get(name);
    if (task === undefined) return;
    // What was loaded together ends together.
    const own = task.names.filter((key) => loading.get(key) === task);
    for (const key of own) loading.delete(key);
    this.#forgetIdle(owner);
    owner.assign(valuesOf(own, (key) => AsyncResult.failed(reason, asResult(owner.context[key]))));
    this.#drop(task, reason);
  }

  /** A live component has left the page. */
  ownerEnded(owner: AsyncOwner): void {
    const tasks = this.#tasks.get(owner);
    if (tasks === undefined) return;
    this.#tasks.delete(owner);
    this.#dropAll(tasks, COMPONENT_LEFT);
  }

  /** The view is over, or begins anew. */
  end(): void {
    if (this.#tasks.size === 0) return;
    const all = [...this.#tasks.values()];
    this.#tasks.clear();
    for (const tasks of all) this.#dropAll(tasks, VIEW_ENDED);
  }

  get #runs(): boolean {
    return this.#view.isConnected && !this.#view.isEnded;
  }

  #begin<T>(task: AsyncTask<T>, work: Work<T>): void {
    // A signal that has fired for it may have begun something newer, or have ended the view.
    if (!task.isWanted) return;
    this.#view.services.activity.working.add(task);
    task.run(work);
  }

  #listenerFor(callback: "startAsync" | "assignAsync", owner: AsyncOwner, finish: () => unknown): TaskListener {
    const view = this.#view;
    const component = owner === view.display ? undefined : owner.name;
    return {
      describe: ({ names }) => {
        const place = component === undefined ? view.name : `${component} in ${view.name}`;
        return `${callback} of "${names.join('", "')}" in ${place}`;
      },
      taskEnded: (task) => {
        view.services.activity.working.delete(task);
        const run = (): unknown => withRenderChecks(view.services.checks, finish);
        view.receiveOwnInfo(new EndOfWork(callback, task.names.join(", "), component, run));
      },
    };
  }

  #drop(task: AsyncTask, reason: unknown): void {
    this.#view.services.activity.working.delete(task);
    task.drop(reason);
  }

  #dropAll({ started, loading }: Tasks, reason: DOMException): void {
    const all = new Set([...started.values(), ...loading.values()]);
    // Also for those that have ended, and wait in the mailbox: they find that they are nobody's.
    started.clear();
    loading.clear();
    for (const task of all) this.#drop(task, reason);
  }

  #tasksOf(owner: AsyncOwner): Tasks {
    let tasks = this.#tasks.get(owner);
    if (tasks === undefined) this.#tasks.set(owner, (tasks = { started: new Map(), loading: new Map() }));
    return tasks;
  }

  #forgetIdle(owner: AsyncOwner): void {
    const tasks = this.#tasks.get(owner);
    if (tasks?.started.size === 0 && tasks.loading.size === 0) this.#tasks.delete(owner);
  }
}

/** How a piece of work has ended, on its way through the mailbox of its view. */
class EndOfWork extends OwnWork {
  readonly type = "async";
  readonly callback: "startAsync" | "assignAsync";
  override readonly message: string;
  override readonly component: string | undefined;
  readonly #run: () => unknown;

  constructor(
    callback: "startAsync" | "assignAsync",
    message: string,
    component: string | undefined,
    run: () => unknown,
  ) {
    super();
    this.callback = callback;
    this.message = message;
    this.component = component;
    this.#run = run;
  }

  run(): unknown {
    return this.#run();
  }
}

function valuesOf(keys: readonly string[], valueOf: (key: string) => AsyncResult<unknown>): ErasedContext {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)]));
}

/** What a key of a context holds, if it was loaded before. */
function asResult(value: unknown): AsyncResult<unknown> | undefined {
  if (typeof value !== "object" || value === null || !("status" in value)) return undefined;
  // The types of `assignAsync` have it that such a key holds nothing else.
  return value as AsyncResult<unknown>;
}

/** The same as before where nothing changes, so that nothing is rendered. */
function loadingAfter(before: unknown): AsyncResult<unknown> {
  const result = asResult(before);
  return result?.status === "loading" ? result : AsyncResult.loading(result);
}

/** @param key of several that were loaded together */
function resultOf(outcome: Outcome<unknown>, key: string | undefined, before: unknown): AsyncResult<unknown> {
  if (!outcome.ok) return AsyncResult.failed(outcome.error, asResult(before));
  // `eachOf` has seen that it is an object with all of the keys.
  return AsyncResult.ok(key === undefined ? outcome.value : (outcome.value as ErasedContext)[key]);
}

/** Of several keys that are loaded together, each must be there. */
function eachOf(keys: readonly string[], outcome: Outcome<unknown>): Outcome<unknown> {
  if (!outcome.ok) return outcome;
  const { value } = outcome;
  const isObject = typeof value === "object" && value !== null;
  const missing = keys.filter((key) => !isObject || !Object.hasOwn(value, key));
  if (missing.length === 0) return outcome;
  return {
    ok: false,
    error: new LiveError(
      "async.missing-value",
      `assignAsync loads the keys "${keys.join('", "')}" together, so its function must return an object with all of them; what it returned has no "${missing.join('", "')}".`,
    ),
  };
}

/** From a program that no compiler has read. */
function checkKeys(keys: unknown): void {
  if (typeof keys === "string" || Array.isArray(keys)) return;
  throw new LiveError(
    "async.invalid-argument",
    `socket.assignAsync got ${describeValue(keys)} for the key. It takes a key of the context, or a list of them, and the work: socket.assignAsync("quote", (signal) => loadQuote(signal)).`,
  );
}

function notCallable(call: string): LiveError {
  return new LiveError(
    "async.invalid-argument",
    `socket.${call} takes functions: the work, which gets an AbortSignal and may return a promise, and for startAsync then what is to be done with its outcome. Pass () => load(), not load().`,
  );
}

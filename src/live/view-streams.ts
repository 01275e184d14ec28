import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { isFree, PendingStream, type StreamAccess } from "../html/live-stream.ts";
import type { ErasedContext } from "./live-view.ts";
import { assignedStream } from "./view-errors.ts";

/** What streams need of the view or the component whose context they are in. */
export interface StreamOwner {
  /** For messages. */
  readonly name: string;
  readonly context: ErasedContext;
  /** Something new is in the stream: puts it into the context if it is not there, and has it rendered. */
  streamChanged(stream: PendingStream): void;
  /** A render is done, and has not shown what was new in the stream. */
  streamLost?(stream: PendingStream): void;
}

export interface StreamOptions {
  readonly at?: number | undefined;
  readonly limit?: number | undefined;
}

/** What is known of a stream: nothing of what it has shown. */
interface Stream {
  readonly ref: string;
  /** Whether `stream` was called for it since the last mount. */
  isBegun: boolean;
  /** Whether the page may have rows of it. */
  isShown: boolean;
  domId: (item: unknown) => string;
  /** What the next render has to show of it. */
  pending: PendingStream | undefined;
}

/**
 * The streams of one context: what each of them has to show in the next render, and how items become ids.
 *
 * A render shows what was there when it began; what comes while it is awaited is for the next one. Once it was sent, or
 * was not shown, it is gone.
 */
export class ViewStreams implements StreamAccess {
  readonly #owner: StreamOwner;
  readonly #refPrefix: string;
  readonly #streams = new Map<string, Stream>();
  /** Those with something new. */
  #pending: PendingStream[] = [];
  /** Those that the render at hand shows. */
  #rendering: PendingStream[] = [];
  #openRenders = 0;

  /** @param refPrefix makes the streams' refs unique in the view: "" for the view itself, `<cid>-` for a component */
  constructor(owner: StreamOwner, refPrefix: string) {
    this.#owner = owner;
    this.#refPrefix = refPrefix;
  }

  // ── what a socket calls ──

  stream(
    name: string,
    items: Iterable<unknown>,
    options: StreamOptions & {
      readonly reset?: boolean | undefined;
      readonly domId?: ((item: never) => string) | undefined;
    } = {},
  ): void {
    const given: Partial<Iterable<unknown>> | null | undefined = items; // by a program without types
    if (typeof given?.[Symbol.iterator] !== "function") {
      throw invalidOption(name, `items: ${describeValue(given)}`, "a list, or [] for none");
    }
    const stream = this.#begun(name);
    // The function takes the items of this stream, as the type of `socket.stream` has it.
    if (options.domId !== undefined) stream.domId = options.domId as (item: unknown) => string;
    if (options.reset === true) this.#pendingOf(name, stream).changes.reset();
    this.#insertAll(name, stream, items, options, false);
    this.#changed(stream);
  }

  insert(
    name: string,
    items: Iterable<unknown>,
    options: StreamOptions & { readonly updateOnly?: boolean | undefined } = {},
  ): void {
    const stream = this.#find(name, "streamInsert");
    this.#insertAll(name, stream, items, options, options.updateOnly === true);
    this.#changed(stream);
  }

  delete(name: string, item: unknown): void {
    const stream = this.#find(name, "streamDelete");
    this.#pendingOf(name, stream).changes.delete(idOf(name, stream, item));
    this.#changed(stream);
  }

  deleteByDomId(name: string, domId: string): void {
    const stream = this.#find(name, "streamDeleteByDomId");
    this.#pendingOf(name, stream).changes.delete(checkedId(name, domId));
    this.#changed(stream);
  }

  /** @throws {LiveError} `stream.unknown` if a key of `values` is a stream, which `assign` cannot change. */
  refuseAssigned(values: ErasedContext): void {
    for (const key in values) {
      if (this.#streams.get(key)?.isBegun === true) throw assignedStream(this.#owner.name, key);
    }
  }

  /** The view mounts anew on the page as it is: what the page has of streams goes with the next render. */
  restart(): void {
    for (const [name, stream] of this.#streams) {
      stream.isBegun = false;
      this.#pendingOf(name, stream).changes.reset();
    }
  }

  /** Whether the page may have rows of any of them. */
  get areShown(): boolean {
    for (const { isShown } of this.#streams.values()) if (isShown) return true;
    return false;
  }

  /** How many rows the changes concern that no render has begun to show. */
  get waiting(): number {
    return this.#pending.reduce((sum, { changes }) => sum + changes.size, 0);
  }

  // ── around a render ──

  get isOpen(): boolean {
    return this.#openRenders > 0;
  }

  /** From now on streams may be read. To be followed by a `close` for each. */
  open(): void {
    this.#openRenders++;
  }

  close(): void {
    this.#openRenders--;
  }

  /** A render begins: it shows what there is now, and what comes from now on is for the next. */
  begin(): void {
    this.open();
    if (this.#pending.length === 0) return;
    for (const pending of this.#pending) {
      const stream = this.#streams.get(pending.name);
      if (stream === undefined) continue;
      stream.pending = undefined;
      pending.isFirst = !stream.isShown;
    }
    this.#rendering.push(...this.#pending);
    this.#pending = [];
  }

  /** What the render has shown was sent; what it has not shown is forgotten as well. */
  end(): void {
    this.close();
    if (this.#rendering.length === 0) return;
    for (const pending of this.#rendering) {
      const stream = this.#streams.get(pending.name);
      if (stream !== undefined && pending.wasShown) stream.isShown = true;
      if (!pending.wasShown && pending.changes.inserts.size > 0) this.#owner.streamLost?.(pending);
      pending.release();
    }
    this.#rendering = [];
  }

  // ── inside ──

  /** The stream, which is in the context from now on, though it may be empty. */
  #begun(name: string): Stream {
    const known = this.#streams.get(name);
    if (known?.isBegun === true) return known;
    if (!isFree(this.#owner.context[name])) {
      throw new LiveError(
        "stream.unknown",
        `socket.stream("${name}", …) of ${this.#owner.name} found another value in context.${name}. A key of the context is either a stream or assigned: declare it as LiveStream<…>, or give the stream another name.`,
      );
    }
    const stream: Stream = known ?? {
      ref: `${this.#refPrefix}${this.#streams.size}`,
      isBegun: true,
      isShown: false,
      domId: (item) => defaultId(name, item),
      pending: undefined,
    };
    stream.isBegun = true;
    this.#streams.set(name, stream);
    this.#pendingOf(name, stream);
    return stream;
  }

  #find(name: string, method: string): Stream {
    const stream = this.#streams.get(name);
    if (stream?.isBegun === true) return stream;
    throw new LiveError(
      "stream.unknown",
      `
socket.${method}("${name}", …) of ${this.#owner.name} found no stream of that name. A stream begins with its first items, if
only with none; do that in mount, which also runs when the page has lost its connection and comes back:

    mount: (socket) => socket.stream(${JSON.stringify(name)}, [])
`.trim(),
    );
  }

  #pendingOf(name: string, stream: Stream): PendingStream {
    if (stream.pending !== undefined) return stream.pending;
    const pending = new PendingStream(name, stream.ref, this);
    stream.pending = pending;
    this.#pending.push(pending);
    return pending;
  }

  #changed({ pending }: Stream): void {
    if (pending !== undefined) this.#owner.streamChanged(pending);
  }

  #insertAll(
    name: string,
    stream: Stream,
    items: Iterable<unknown>,
    { at = -1, limit }: StreamOptions,
    updateOnly: boolean,
  ): void {
    if (!Number.isInteger(at) || at < -1) {
      throw invalidOption(name, `at: ${shown(at)}`, "-1 for the end, 0 for the start, or the index of the new row");
    }
    if (limit !== undefined && (!Number.isInteger(limit) || limit === 0)) {
      throw invalidOption(name, `limit: ${shown(limit)}`, "n to keep the first n rows, or -n to keep the last n");
    }
    for (const item of items) {
      const domId = idOf(name, stream, item);
      this.#pendingOf(name, stream).changes.insert({ domId, item, at, limit, updateOnly });
    }
  }
}

function idOf(name: string, stream: Stream, item: unknown): string {
  return checkedId(name, stream.domId(item));
}

function checkedId(name: string, domId: unknown): string {
  if (typeof domId === "string" && domId !== "") return domId;
  throw new LiveError(
    "stream.no-id",
    `The id of a row of the stream "${name}" must be a string that is not empty, but it is ${JSON.stringify(domId) ?? typeof domId}. It is what domId returns for the item, and must be unique on the page.`,
  );
}

function defaultId(name: string, item: unknown): string {
  const id: unknown = typeof item === "object" && item !== null && "id" in item ? item.id : undefined;
  if ((typeof id === "string" && id !== "") || typeof id === "number" || typeof id === "bigint") return `${name}-${id}`;
  throw new LiveError(
    "stream.no-id",
    `
An item of the stream "${name}" has ${id === "" ? 'the id ""' : "no id"}: expected an object whose field id is a number, or a string that is not empty, got ${describe(item)}.
The id makes the row's DOM id (${name}-<id>). Give the items one, or say what to use instead:

    socket.stream(${JSON.stringify(name)}, items, { domId: (item) => \`${name}-\${item.key}\` })
`.trim(),
  );
}

function describe(item: unknown): string {
  if (typeof item !== "object" || item === null) return item === null ? "null" : typeof item;
  if (Array.isArray(item)) return "an array";
  const fields = Object.keys(item);
  return fields.length === 0
    ? "an object without fields"
    : `an object with the fields ${fields.slice(0, 8).join(", ")}`;
}

/** For messages: a text differs from the number that it reads as. */
function shown(option: unknown): string {
  return typeof option === "string" ? JSON.stringify(option) : String(option);
}

function invalidOption(name: string, got: string, expected: string): LiveError {
  return new LiveError("stream.invalid-option", `The stream "${name}" got ${got}; expected ${expected}.`);
}

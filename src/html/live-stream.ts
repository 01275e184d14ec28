import { LiveError } from "../errors.ts";
import { renderChecksEnabled } from "./checks.ts";
import { commonTemplate, KeyedList, StreamValue, type Rendered } from "./rendered.ts";
import { insertsOnEmptyPage, StreamChanges, type StreamInsert } from "./stream-changes.ts";
import { refuseRowWithoutId } from "./stream-row.ts";
import type { Template } from "./template.ts";

declare const streams: unique symbol; // phantom: exists for the checker only, never at run time

/**
 * A list that lives on the page alone: `socket.stream` and its kin send what is new, and once it was shown the server
 * keeps none of it. A render shows it by `map`, and nobody else can read it.
 *
 * ```ts
 * html`<ul id="messages" phx-update="stream">
 *   ${context.messages.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}
 * </ul>`;
 * ```
 */
export interface LiveStream<Item> {
  readonly [streams]: Item;
  /**
   * The rows of the items that are new since the last render, for the place where the whole list is shown: the
   * immediate parent has an `id` and `phx-update="stream"`, each row is one element with `domId` as its `id`.
   *
   * Call it in every render that shows the list: what one render does not show, the page will never get.
   *
   * @throws {LiveError} `stream.outside-render` when it is called by anything but a render; in development
   * `stream.markup` for a row without its `id`.
   */
  map(render: (domId: string, item: Item) => Rendered): KeyedList;
}

/** The keys of a context that are streams. */
export type StreamKey<C> = {
  [K in keyof C]-?: C[K] extends { readonly [streams]: unknown } ? K : never;
}[keyof C] &
  string;

/** What a stream is a list of. */
export type ItemOf<S> = S extends { readonly [streams]: infer Item } ? Item : never;

/** A stream was shown before it began. */
export class StreamNotBegun extends LiveError {
  /** @param names of the streams in the context, if they are known */
  constructor(names: readonly string[] = [], options?: ErrorOptions) {
    const [name = "messages"] = names;
    const subject =
      names.length === 0 ? "A stream" : names.map((each) => `The stream ${JSON.stringify(each)}`).join(", or ");
    super(
      "stream.unknown",
      `
${subject} that initial names by liveStream() was shown before it began. Begin it in mount, if only with no item:

    mount: (socket) => socket.stream(${JSON.stringify(name)}, [])
`.trim(),
      options,
    );
  }

  /** Whether a value of a context is a stream that has not begun. */
  static isAbout(value: unknown): boolean {
    return value === FUTURE_STREAM;
  }
}

/** What `liveStream` puts into a context: holds the place until the stream begins. */
class FutureStream extends StreamValue implements LiveStream<never> {
  declare readonly [streams]: never;
  readonly name = undefined;

  map(): never {
    throw new StreamNotBegun();
  }
}

const FUTURE_STREAM = new FutureStream();

/**
 * Names a stream in `initial`, so that the context's type is inferred with it. It begins, as any stream, by `socket.stream`.
 *
 * ```ts
 * initial: { draft: "", messages: liveStream<Message>() }
 * ```
 */
export function liveStream<Item>(): LiveStream<Item> {
  // `Item` is a phantom, and no row is ever made of it: `map` throws.
  return FUTURE_STREAM as LiveStream<unknown> as LiveStream<Item>;
}

/** Whether `socket.stream` may begin a stream in the place of this value of a context. */
export function isFree(value: unknown): boolean {
  return value === undefined || value === FUTURE_STREAM;
}

/** What a list of one render is made from. */
export interface StreamSource {
  readonly name: string;
  readonly ref: string;
  readonly changes: StreamChanges;
  /** The page has no row of it yet. */
  readonly isFirst: boolean;
}

/** Whether the streams of a view may be read: while it renders. */
export interface StreamAccess {
  readonly isOpen: boolean;
}

/** What a client has of a stream's list: nothing but the statics of its rows, "mixed" if they were of several templates. */
export type ShownStream = Template | "mixed" | undefined;

/**
 * What one render shows of a stream: the rows that are new. `rows[i]` belongs to `inserts[i]`, in the order of insertion.
 * Lets go of them once they were sent.
 */
export class StreamList extends KeyedList {
  readonly name: string;
  /** Known to the client. Unique in its view. */
  readonly ref: string;
  readonly isReset: boolean;
  #inserts: readonly StreamInsert[];
  #deletes: readonly string[];
  #rows: readonly Rendered[];
  #template: Template | undefined;
  #shown: ShownStream;
  #isPlaced = false;

  constructor(stream: StreamSource, render: (domId: string, item: unknown) => Rendered) {
    super();
    const { name, ref, changes, isFirst } = stream;
    this.name = name;
    this.ref = ref;
    const checks = renderChecksEnabled();
    this.isReset = changes.isReset;
    const inserts = [...changes.inserts.values()];
    // Where there are no rows, the outcome is known here, and the client has nothing to work out.
    this.#inserts = isFirst || changes.isReset ? insertsOnEmptyPage(inserts) : inserts;
    this.#deletes = isFirst ? [] : [...changes.deletes];
    this.#rows = this.#inserts.map(({ domId, item }) => {
      const row = render(domId, item);
      if (checks) refuseRowWithoutId(name, domId, row);
      return row;
    });
    this.#template = commonTemplate(this.#rows);
  }

  override get keys(): readonly string[] {
    return this.#inserts.map(({ domId }) => domId);
  }

  override get rows(): readonly Rendered[] {
    return this.#rows;
  }

  override get template(): Template | undefined {
    return this.#template;
  }

  get inserts(): readonly StreamInsert[] {
    return this.#inserts;
  }

  get deletes(): readonly string[] {
    return this.#deletes;
  }

  /** Whether there is something to tell the client. */
  get isNews(): boolean {
    return this.isReset || this.#inserts.length > 0 || this.#deletes.length > 0;
  }

  /** What the client has of it once this list was sent. */
  get shown(): ShownStream {
    return this.#shown;
  }

  override changedPositions(): undefined {
    return undefined;
  }

  /** @param previous what the client has at this place */
  override materialise(previous: KeyedList | undefined): void {
    if (this.#isPlaced) return;
    this.#isPlaced = true;
    const before = previous instanceof StreamList && previous.ref === this.ref ? previous.shown : undefined;
    if (this.#rows.length > 0) this.#shown = this.#template ?? "mixed";
    else this.#shown = this.isNews ? (before ?? "mixed") : before;
  }

  /** It was sent. */
  release(): void {
    this.#inserts = this.#deletes = this.#rows = [];
    this.#template = undefined;
  }
}

const NO_CHANGES = new StreamChanges();

/**
 * What a context holds for a stream, with what the next render has to show. There is a new one for each render that has
 * something to show, so that whoever compares values of a context sees that.
 */
export class PendingStream extends StreamValue implements LiveStream<unknown>, StreamSource {
  declare readonly [streams]: unknown;
  readonly name: string;
  readonly ref: string;
  readonly #access: StreamAccess;
  #changes: StreamChanges = new StreamChanges();
  readonly #lists: StreamList[] = [];
  isFirst = false;

  constructor(name: string, ref: string, access: StreamAccess) {
    super();
    this.name = name;
    this.ref = ref;
    this.#access = access;
  }

  get changes(): StreamChanges {
    return this.#changes;
  }

  map(render: (domId: string, item: unknown) => Rendered): KeyedList {
    if (!this.#access.isOpen) throw outsideRender(this.name);
    const list = new StreamList(this, render);
    if (list.isNews) this.#lists.push(list);
    return list;
  }

  /** The render is done, and what it showed was sent: from now on there is nothing to show. */
  release(): void {
    this.#changes = NO_CHANGES;
    for (const list of this.#lists.splice(0)) list.release();
  }

  /** Whether the render has shown what is new. */
  get wasShown(): boolean {
    return this.#lists.length > 0;
  }
}

function outsideRender(name: string): LiveError {
  return new LiveError(
    "stream.outside-render",
    `
The stream "${name}" was read outside of a render. The server keeps no item of a stream once the page has it, so there
is nothing to read: only render may call context.${name}.map(…), which gives it what is new.

Keep what callbacks need (a count, the last id) in a key of the context of its own, or load it from where it is stored.
`.trim(),
  );
}

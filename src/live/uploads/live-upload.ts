import type { Awaitable } from "../messages.ts";

declare const uploads: unique symbol; // phantom: exists for the checker only, never at run time

/** What is wrong with a file that a user has chosen, or with how many. `code` tells them apart. */
export type UploadError =
  /** It has more bytes than `maxFileSize`, or sent more than it had said. */
  | { readonly code: "too_large"; readonly maxFileSize: number }
  /** Neither its name nor its type is among `accept`. */
  | { readonly code: "not_accepted"; readonly accept: readonly string[] }
  /** Of the upload: more files than `maxEntries` are chosen. */
  | { readonly code: "too_many_files"; readonly maxEntries: number }
  /**
   * Of the upload: so many files that were chosen, on their way or waiting to be consumed are gone, since the connection broke, the
   * server was restarted or the view crashed. Shown until the user chooses again; it keeps no form from being sent.
   */
  | { readonly code: "interrupted"; readonly count: number }
  /** The app's `verify` or `external` does not want it, and why, in the app's words. */
  | { readonly code: "refused"; readonly reason: string }
  /** This visitor, or all together, upload as much as the app's limits allow (`limits.uploadBytesPerConnection` and others). */
  | { readonly code: "quota_exceeded" }
  /** Nothing of it has come for `chunkTimeoutMs`, also if it never began to. */
  | { readonly code: "timeout" }
  /** The app's writer failed, which is in the app's log. */
  | { readonly code: "writer_failure" }
  /** The browser gave up: its own uploader failed, or could not read the file. Its words are for the log, not for people. */
  | { readonly code: "external_client_failure"; readonly reason: string };

/** A file that a user has chosen, as the server knows it at a moment. It never changes: what changes is another one. */
export interface UploadEntry {
  /** By which the page knows it: for `cancelUpload`. */
  readonly ref: string;
  /** Unique and impossible to guess: what a file may well be named by on the server. */
  readonly uuid: string;
  /** The name of the upload: the key of the context. */
  readonly upload: string;
  /**
   * What the file is called on the user's machine, without folders and controls. Show it; never make a path of it, because
   * whoever sends it may choose it: name files by `uuid`.
   */
  readonly clientName: string;
  /** In bytes, as the browser says; not one byte more is taken. */
  readonly clientSize: number;
  /** The type that the browser makes of the name, such as `image/png`: a claim, and no more. May be empty. */
  readonly clientType: string;
  /** Where it stands in the folder that was chosen (`webkitdirectory`): `photos/a.png`. Empty for a file that was chosen alone. */
  readonly clientRelativePath: string;
  /** When it was last changed, if the browser tells. */
  readonly clientLastModified: Date | undefined;
  /** What the page's own JavaScript says about it: a method `meta` on the `File`. `undefined` without. */
  readonly clientMeta: unknown;
  /** In percent, whole. Of what has come here, or, with `external`, of what the browser says. */
  readonly progress: number;
  /** All of it has come and been written: it may be consumed. */
  readonly isDone: boolean;
  /** It is being uploaded, or was. */
  readonly isStarted: boolean;
  /** Nothing is wrong with it. */
  readonly isValid: boolean;
  readonly errors: readonly UploadError[];
}

/**
 * The files of one `<input type="file">`, in a view's context: declared there as a key, made by `socket.allowUpload`, shown by
 * `liveFileInput`.
 *
 * ```ts
 * createLiveView<{ avatar: LiveUpload }>({
 *   mount: (socket) => socket.allowUpload("avatar", { accept: ["image/*"] }),
 *   render: ({ avatar }) => html`<form id="profile" phx-change="check" phx-submit="save">${liveFileInput({ upload: avatar })}</form>`,
 * });
 * ```
 *
 * @typeParam Uploaded what becomes of a file, and what `consumeUploadedEntries` so gets: by default a file on the server's disk.
 */
export interface LiveUpload<Uploaded = UploadedFile> {
  readonly [uploads]: Uploaded;
  /** The key of the context. */
  readonly name: string;
  /** The id of its input: for a `<label for>`, and for `phx-drop-target`. */
  readonly ref: string;
  readonly accept: readonly string[] | "any";
  readonly maxEntries: number;
  readonly maxFileSize: number;
  readonly autoUpload: boolean;
  /** The files that are chosen, in their order. */
  readonly entries: readonly UploadEntry[];
  /** What is wrong with them together. */
  readonly errors: readonly UploadError[];
}

/** An upload as it is at a moment. */
export class UploadSnapshot implements LiveUpload<unknown> {
  declare readonly [uploads]: unknown;
  readonly name: string;
  readonly ref: string;
  readonly accept: readonly string[] | "any";
  readonly maxEntries: number;
  readonly maxFileSize: number;
  readonly autoUpload: boolean;
  readonly entries: readonly UploadEntry[];
  readonly errors: readonly UploadError[];

  constructor(values: Omit<LiveUpload<unknown>, typeof uploads>) {
    this.name = values.name;
    this.ref = values.ref;
    this.accept = values.accept;
    this.maxEntries = values.maxEntries;
    this.maxFileSize = values.maxFileSize;
    this.autoUpload = values.autoUpload;
    this.entries = values.entries;
    this.errors = values.errors;
  }
}

/** The keys of a context that are uploads. */
export type UploadKey<C> = {
  [K in keyof C]-?: C[K] extends { readonly [uploads]: unknown } ? K : never;
}[keyof C] &
  string;

/** What becomes of the files of an upload. */
export type UploadedOf<U> = U extends { readonly [uploads]: infer Uploaded } ? Uploaded : never;

/** A file that was uploaded, on the disk of the server. It is removed when it was consumed, unless it was moved away. */
export interface UploadedFile {
  /** Where it is: a random name in the app's `uploads.directory`, readable by this user alone. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Moves it, also to another file system. A file that is there is replaced.
   * @param path one of your own, which nothing that a client has said is part of: `join(folder, entry.uuid)`
   */
  moveTo(path: string): Promise<void>;
}

/**
 * Where the bytes of one file go. Its methods are called one after the other, each when the one before is done (but `abort`,
 * for which nobody waits), and the browser is asked for more when `write` is done: whoever is slow slows the browser down, and
 * nothing piles up.
 *
 * One that throws or rejects ends the upload with `writer_failure`, and is reported to the app's `onError`.
 */
export interface UploadWriter<Uploaded> {
  /** @param chunk of at most `chunkSize` bytes. It may be kept. */
  write(chunk: Uint8Array): Awaitable<unknown>;
  /** All of it was written. @returns what `consumeUploadedEntries` gets */
  close(): Awaitable<Uploaded>;
  /** It will not be completed: cancelled, failed, or its view is gone. To be undone. Also called when `write` or `close` has failed. */
  abort?(): Awaitable<unknown>;
  /** Was complete, and is over: it was consumed, cancelled, or its view is gone. What is not wanted any more can go. */
  dispose?(uploaded: Uploaded): Awaitable<unknown>;
}

/** What an `external` says of a file that it does not want. */
export interface Refusal {
  /** For the user: the entry's error is `{ code: "refused", reason }`. */
  readonly refused: string;
}

/** What the browser's own uploader gets, besides whatever else it needs: it must survive JSON. */
export interface ExternalUpload {
  /** Its name among the `uploaders` that the app's `clientModule` exports. */
  readonly uploader: string;
}

interface CommonUploadOptions {
  /** Name extensions (`.pdf`) and media types (`image/png`, `image/*`), or `"any"`. What is claimed, not what is in the file. */
  readonly accept: readonly string[] | "any";
  /** How many files at a time. @default 1 */
  readonly maxEntries?: number | undefined;
  /** In bytes, of each. @default 8_000_000 */
  readonly maxFileSize?: number | undefined;
  /** Begins when files are chosen, not when the form is submitted. @default false */
  readonly autoUpload?: boolean | undefined;
  /**
   * Runs as a callback of the view does, whenever an entry is further by at least a percent, and when it is done (`isDone`):
   * a good time to consume it, if nobody submits the form.
   */
  readonly progress?: ((entry: UploadEntry) => Awaitable<void>) | undefined;
}

interface ServerUploadOptions extends CommonUploadOptions {
  readonly external?: undefined;
  /** How many bytes the browser sends at a time. At most `limits.maxMessageBytes` less 1 024. @default 64_000 */
  readonly chunkSize?: number | undefined;
  /** How long the next chunk may take, in milliseconds, while no file of this visitor comes along. @default 10_000 */
  readonly chunkTimeoutMs?: number | undefined;
  /**
   * Looks into a file before any of it is written, and says why it is not wanted, for the user: `"That is no image."`
   * @param start its first `chunkSize` bytes, or all of it
   */
  readonly verify?: ((start: Uint8Array, entry: UploadEntry) => Awaitable<string | undefined>) | undefined;
}

/** To a file on the server's disk. */
interface FileUploadOptions extends ServerUploadOptions {
  readonly writer?: undefined;
}

/** To wherever the app says. */
interface WriterUploadOptions<Uploaded> extends ServerUploadOptions {
  /** Called when the file begins to come. A `WritableStream` is closed when all of it is there, and aborted when it will never be. */
  readonly writer: (
    entry: UploadEntry,
  ) => Awaitable<
    UploadWriter<Uploaded> | (undefined extends Uploaded ? WritableStream<Uint8Array> : UploadWriter<Uploaded>)
  >;
}

/** From the browser to somewhere else, of which this server hears only how far it is. */
interface ExternalUploadOptions<Uploaded> extends CommonUploadOptions {
  /**
   * Runs for each file when it is to be uploaded, as a callback of the view does. @returns what the browser's uploader gets,
   * and later `consumeUploadedEntries`: `{ uploader: "S3", url }`; or that this file is not wanted
   */
  readonly external: (entry: UploadEntry) => Awaitable<Uploaded | Refusal>;
  readonly writer?: undefined;
  readonly verify?: undefined;
  readonly chunkSize?: undefined;
  readonly chunkTimeoutMs?: undefined;
}

/** What `socket.allowUpload` takes: by what the context says that becomes of the files. */
export type UploadOptions<Uploaded = UploadedFile> =
  | ([UploadedFile] extends [Uploaded] ? FileUploadOptions : never)
  | WriterUploadOptions<Uploaded>
  | ([Uploaded] extends [ExternalUpload] ? ExternalUploadOptions<Uploaded> : never);

/** An upload's entries, those that are done apart. */
export interface UploadedEntries {
  readonly completed: readonly UploadEntry[];
  readonly inProgress: readonly UploadEntry[];
}

/** What the work of a consumption returns when the entry shall stay: see `postpone`. */
export class Postponed<Result> {
  readonly result: Result;
  constructor(result: Result) {
    this.result = result;
  }
}

/** To be returned to `consumeUploadedEntries`: the entry stays, to be consumed later. */
export function postpone<Result>(result: Result): Postponed<Result> {
  return new Postponed(result);
}

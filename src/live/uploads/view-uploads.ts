import type { Channel } from "../../channel/channel.ts";
import { withRenderChecks } from "../../html/checks.ts";
import { isRecord } from "../../protocol/decode.ts";
import type { InputFiles, LostFiles, Preflight, Progress } from "../../protocol/uploads.ts";
import type { ViewCompanion } from "../../view-life.ts";
import type { Activity } from "../activity.ts";
import type { Limits } from "../limits.ts";
import type { OwnWork } from "../own-work.ts";
import { randomId } from "../random-id.ts";
import type { Callback } from "../view-services.ts";
import {
  Postponed,
  type UploadEntry,
  type UploadedEntries,
  type UploadError,
  type UploadWriter,
} from "./live-upload.ts";
import { ChunkDeadline } from "./chunk-deadline.ts";
import { lostUploadsOf } from "./lost-uploads.ts";
import { ProgressWork } from "./progress-work.ts";
import { streamWriter } from "./stream-writer.ts";
import { Upload, type FileEntry, type UploadOwner } from "./upload.ts";
import { activeUpload, invalidExternal, unknownUpload, uploadInProgress } from "./upload-errors.ts";
import { uploadSettings, type ErasedUploadOptions } from "./upload-options.ts";
import type { ConnectionUploads } from "./upload-quota.ts";
import type { UploadServices } from "./upload-services.ts";
import { UploadTransfer, type TransferHost } from "./upload-transfer.ts";

/** What uploads need of the view that they are in. */
export interface UploadsHost {
  readonly id: string;
  /** For messages. */
  readonly name: string;
  /** The id of the view's element. */
  readonly elementId: string;
  /** `false` in the render of the HTTP response, where nothing can be chosen. */
  readonly isConnected: boolean;
  readonly isEnded: boolean;
  readonly origin: { readonly visitor: object };
  readonly services: {
    readonly uploads: UploadServices;
    readonly limits: Limits;
    readonly activity: Activity;
    readonly checks: boolean;
    now(): number;
    warn(message: string): void;
  };
  accompany(companion: ViewCompanion): void;
  /** Says for the log what runs now. */
  startCallback(callback: Callback, component: string | undefined): void;
  /** Into the mailbox, unless the same waits there. */
  receiveTick(work: OwnWork): void;
  report(error: unknown): void;
}

/** What a view does with the result of a consumption. */
export type ConsumeWork = (uploaded: never, entry: UploadEntry) => unknown;

/**
 * The uploads of one view and its live components. Made when it allows its first.
 *
 * What the page says of files, and how far they are, is taken in by turns of the view, like events; the bytes themselves go
 * from their channels to their writers without it.
 */
export class ViewUploads implements ViewCompanion {
  readonly #view: UploadsHost;
  readonly #byRef = new Map<string, Upload>();
  /** Files of the view that the page had before, until their uploads are allowed again. */
  readonly #lost: LostFiles[];
  /** Those that are told in a turn to come. */
  readonly #progress = new WeakMap<FileEntry, ProgressWork>();

  constructor(view: UploadsHost) {
    this.#view = view;
    this.#lost = [...lostUploadsOf(view)];
    view.accompany(this);
  }

  // ── for the app ──

  /** @throws {LiveError} `upload.invalid-option`, `upload.active` */
  allow(owner: UploadOwner, name: string, options: ErasedUploadOptions): void {
    const settings = uploadSettings(name, options, this.#view.services.limits);
    const former = this.#find(owner, name);
    if (former !== undefined) {
      if (former.entries.length > 0) throw activeUpload(owner.name, name, "allow anew");
      this.#byRef.delete(former.ref);
    }
    const upload = new Upload(
      owner,
      name,
      `phx-${randomId(15)}`,
      settings,
      former === undefined ? this.#takeLost(name) : 0,
    );
    // Nobody uploads to the render of the HTTP response, and it is not told its end.
    if (this.#view.isConnected && !this.#view.isEnded) this.#byRef.set(upload.ref, upload);
    upload.show();
  }

  /** Live components may have uploads of one name: they are allowed in the order in which they stand on the page. */
  #takeLost(name: string): number {
    const index = this.#lost.findIndex((each) => each.name === name);
    return index < 0 ? 0 : (this.#lost.splice(index, 1)[0]?.count ?? 0);
  }

  /** @throws {LiveError} `upload.unknown`, `upload.active` */
  disallow(owner: UploadOwner, name: string): void {
    if (!this.#isLive) return;
    const upload = this.#get(owner, name);
    if (upload.entries.length > 0) throw activeUpload(owner.name, name, "disallow");
    this.#byRef.delete(upload.ref);
  }

  /** Does nothing for a file that is gone already: the user may have been faster. */
  cancel(owner: UploadOwner, name: string, ref: string): void {
    if (!this.#isLive) return;
    const upload = this.#get(owner, name);
    const entry = upload.find(ref);
    if (entry !== undefined) this.#remove(entry);
  }

  entries(owner: UploadOwner, name: string): UploadedEntries {
    const entries = this.#isLive ? this.#get(owner, name).entries.map(({ shown }) => shown) : [];
    return {
      completed: entries.filter(({ isDone }) => isDone),
      inProgress: entries.filter(({ isDone }) => !isDone),
    };
  }

  async consumeAll(owner: UploadOwner, name: string, work: ConsumeWork): Promise<unknown[]> {
    if (!this.#isLive) return [];
    const entries = this.#get(owner, name).entries.slice();
    const unfinished = entries.find(({ shown }) => !shown.isDone);
    if (unfinished !== undefined) throw uploadInProgress(owner.name, name, unfinished.shown.clientName);
    const results: unknown[] = [];
    // All at once: the view may end while the first is being consumed, and the user has been promised each of them.
    for (const entry of entries) entry.hold();
    try {
      for (const entry of entries) results.push(await this.#consume(entry, work));
    } finally {
      for (const entry of entries) entry.letGo();
    }
    return results;
  }

  /** @returns `undefined` for one that is gone already */
  async consumeOne(owner: UploadOwner, name: string, { ref }: UploadEntry, work: ConsumeWork): Promise<unknown> {
    if (!this.#isLive) return undefined;
    const entry = this.#get(owner, name).find(ref);
    if (entry === undefined) return undefined;
    if (!entry.shown.isDone) throw uploadInProgress(owner.name, name, entry.shown.clientName);
    return this.#consume(entry, work);
  }

  /** One whose work fails is consumed all the same: its file must not stay for ever. */
  async #consume(entry: FileEntry, work: ConsumeWork): Promise<unknown> {
    const uploaded = entry.transfer === undefined ? entry.external : entry.transfer.uploaded;
    let result: unknown;
    entry.hold();
    try {
      // The context says what becomes of the files, and `allowUpload` took only what makes that of them.
      result = await work(uploaded as never, entry.shown);
    } catch (error) {
      this.#remove(entry);
      throw error;
    } finally {
      entry.letGo();
    }
    if (result instanceof Postponed) return (result as Postponed<unknown>).result;
    this.#remove(entry);
    return result;
  }

  #remove(entry: FileEntry): void {
    entry.upload.remove(entry);
    if (this.#isLive) entry.upload.show();
  }

  /** After the end of the view, and before the page has joined, there is nothing to do. */
  get #isLive(): boolean {
    return this.#view.isConnected && !this.#view.isEnded;
  }

  #find(owner: UploadOwner, name: string): Upload | undefined {
    for (const upload of this.#byRef.values()) if (upload.owner === owner && upload.name === name) return upload;
    return undefined;
  }

  #get(owner: UploadOwner, name: string): Upload {
    const upload = this.#find(owner, name);
    if (upload === undefined) throw unknownUpload(owner.name, name);
    return upload;
  }

  // ── from the page ──

  /** The upload that the page names, if it is one of that component, or of the view itself. */
  #named(ref: string, cid: number | undefined, what: string): Upload | undefined {
    const upload = this.#byRef.get(ref);
    if (upload !== undefined && upload.owner.number === cid) return upload;
    const why = upload === undefined ? "this view has no such upload" : "it is an upload of another component";
    this.#warn(
      `refused ${what} of the upload ${JSON.stringify(ref.slice(0, 50))} from the page of ${this.#view.name}: ${why}`,
    );
    return undefined;
  }

  /** A form has changed: these are the files of its inputs. */
  choose(inputs: readonly InputFiles[], cid: number | undefined): void {
    for (const { upload: ref, files } of inputs) {
      const upload = this.#named(ref, cid, "the files");
      if (upload !== undefined) this.#choose(upload, files);
    }
  }

  #choose(upload: Upload, files: InputFiles["files"]): void {
    const left = upload.choose(files, () => randomId(16));
    if (left > 0) {
      this.#warn(
        `left out ${left} files that the page of ${this.#view.name} has chosen for ${JSON.stringify(upload.name)}, which takes ${upload.settings.maxEntries}`,
      );
    }
    upload.show();
  }

  /**
   * The page asks whether it may upload these files.
   * @returns the members of the answer, as JSON text
   */
  preflight({ upload: ref, files, cid }: Preflight): string | Promise<string> {
    const upload = this.#named(ref, cid, "files");
    if (upload === undefined) return answer(ref, [[ref, "disallowed"]]);
    this.#choose(upload, files);
    const { settings } = upload;
    const asked = files.flatMap((file) => upload.find(file.ref) ?? []).filter(({ shown }) => !shown.isStarted);
    let room = settings.maxEntries - upload.entries.filter(({ shown }) => shown.isStarted).length;
    const wanted = asked.filter(({ shown }) => shown.isValid && room-- > 0);
    for (const entry of wanted) if (settings.external === undefined) this.#reserve(entry);
    const allowed = wanted.filter(({ shown }) => shown.isValid);
    upload.show();
    // A form is submitted with all of its files or not at all; files that go by themselves go as far as they may.
    const isRefused = !settings.autoUpload && (upload.isTooMany || upload.entries.some(({ shown }) => !shown.isValid));
    if (isRefused || allowed.length === 0) {
      for (const { reservation } of allowed) reservation?.release();
      return answer(ref, errorsOf(upload));
    }
    if (settings.external !== undefined) return this.#allowExternal(upload, allowed);
    const { tokens } = this.#view.services.uploads;
    const { elementId: element, id: process } = this.#view;
    for (const entry of allowed) this.#expect(entry);
    return this.#allow(upload, allowed, ({ shown }) => tokens.sign({ element, process, upload: ref, file: shown.ref }));
  }

  #reserve(entry: FileEntry): void {
    entry.reservation = this.#connection.reserve(entry.shown.clientSize);
    if (entry.reservation !== undefined) return;
    entry.addError({ code: "quota_exceeded" });
    this.#warn(
      `refused ${this.#placeOf(entry)}: what is being uploaded has reached limits.uploadsPerConnection, limits.uploadBytesPerConnection, limits.maxUploads or limits.maxUploadBytes`,
    );
  }

  /** What was allowed and never comes must not keep its room for as long as the view lives. */
  #expect(entry: FileEntry): void {
    const { chunkTimeoutMs } = entry.upload.settings;
    entry.deadline = new ChunkDeadline(
      chunkTimeoutMs,
      () => this.#sinceChunkMs(),
      () => {
        this.#warn(`gave up ${this.#placeOf(entry)}: it was allowed, and nothing has come for ${chunkTimeoutMs} ms`);
        this.#failed(entry, { code: "timeout" });
      },
    );
    entry.deadline.start();
  }

  async #allowExternal(upload: Upload, wanted: readonly FileEntry[]): Promise<string> {
    const { external, autoUpload } = upload.settings;
    const allowed: FileEntry[] = [];
    for (const entry of wanted) {
      this.#startCallback("external", upload.owner);
      const meta: unknown = await withRenderChecks(this.#view.services.checks, () => external?.(entry.shown));
      if (!isRecord(meta)) throw invalidExternal(upload.owner.name, upload.name);
      if (typeof meta["refused"] === "string") {
        entry.addError({ code: "refused", reason: meta["refused"] });
        continue;
      }
      if (typeof meta["uploader"] !== "string") throw invalidExternal(upload.owner.name, upload.name);
      entry.external = meta;
      allowed.push(entry);
    }
    if (allowed.length === 0 || (!autoUpload && allowed.length < wanted.length)) {
      upload.show();
      return answer(upload.ref, errorsOf(upload));
    }
    return this.#allow(upload, allowed, ({ external: meta }) => meta);
  }

  #allow(upload: Upload, entries: readonly FileEntry[], ticket: (entry: FileEntry) => unknown): string {
    for (const entry of entries) entry.change({ isStarted: true });
    upload.show();
    const { maxFileSize, maxEntries, chunkSize, chunkTimeoutMs } = upload.settings;
    // For the client it is how long the answer to a chunk may take, after which it would wait for ever. Ours is the timeout.
    const config = {
      max_file_size: maxFileSize,
      max_entries: maxEntries,
      chunk_size: chunkSize,
      chunk_timeout: chunkTimeoutMs * 100,
    };
    const tickets = Object.fromEntries(entries.map((entry) => [entry.shown.ref, ticket(entry)]));
    return `"ref":${JSON.stringify(upload.ref)},"config":${JSON.stringify(config)},"entries":${JSON.stringify(tickets)},"errors":{}`;
  }

  /**
   * Takes what the page says of an upload's progress, if it needs no turn of the view: all but its end and its errors. Of
   * files that come here, what has come says how far they are.
   */
  notes({ upload: ref, file, progress }: Progress): boolean {
    if (typeof progress !== "number" || progress === 100) return false;
    const entry = this.#byRef.get(ref)?.find(file);
    if (entry?.external !== undefined) this.#advance(entry, progress);
    return true;
  }

  /** The page says that an upload is at its end, or that it gave up. @returns what has to be awaited, if anything has */
  progress({ upload: ref, file, progress, cid }: Progress): unknown {
    const entry = this.#named(ref, cid, "the progress")?.find(file);
    // It may have been cancelled meanwhile.
    if (entry === undefined || entry.shown.isDone || !entry.shown.isValid) return undefined;
    if (typeof progress !== "number") return this.#clientFailed(entry, progress.error);
    if (entry.external === undefined && entry.transfer?.isComplete !== true) {
      this.#warn(`refused the end of ${this.#placeOf(entry)}: the page says so, and not all of it has come`);
      return undefined;
    }
    entry.change({ progress: 100, isDone: true });
    return this.#tell(entry);
  }

  #clientFailed(entry: FileEntry, reason: string): void {
    this.#warn(`the browser gave up ${this.#placeOf(entry)}: ${JSON.stringify(reason)}`);
    this.#failed(entry, { code: "external_client_failure", reason });
  }

  #failed(entry: FileEntry, error: UploadError): void {
    entry.end();
    if (!entry.upload.entries.includes(entry)) return;
    if (entry.shown.isValid) entry.addError(error);
    if (this.#isLive) entry.upload.show();
  }

  #advance(entry: FileEntry, percent: number): void {
    if (percent <= entry.percent || !entry.shown.isValid) return;
    entry.percent = percent;
    let work = this.#progress.get(entry);
    if (work === undefined) {
      work = new ProgressWork(entry, (each) => this.#showProgress(each));
      this.#progress.set(entry, work);
    }
    this.#view.receiveTick(work);
  }

  #showProgress(entry: FileEntry): unknown {
    const { shown, percent, upload } = entry;
    if (shown.isDone || percent <= shown.progress || !upload.entries.includes(entry)) return undefined;
    entry.change({ progress: percent });
    return this.#tell(entry);
  }

  #tell(entry: FileEntry): unknown {
    const { upload, shown } = entry;
    upload.show();
    const { progress } = upload.settings;
    if (progress === undefined) return undefined;
    this.#startCallback("progress", upload.owner);
    return withRenderChecks(this.#view.services.checks, () => progress(shown));
  }

  #startCallback(callback: "progress" | "external", owner: UploadOwner): void {
    this.#view.startCallback(callback, owner.number === undefined ? undefined : owner.name);
  }

  // ── from the channels of uploads ──

  /** @returns why not, if the file may not be uploaded on this channel */
  receive(ref: string, file: string, channel: Channel): "disallowed" | "already_registered" | undefined {
    const upload = this.#byRef.get(ref);
    const entry = upload?.find(file);
    if (upload === undefined || entry === undefined || !entry.shown.isStarted || !entry.shown.isValid)
      return "disallowed";
    if (entry.transfer !== undefined || entry.external !== undefined) return "already_registered";
    entry.deadline?.stop();
    entry.transfer = new UploadTransfer(channel, this.#hostOf(entry));
    channel.member = entry.transfer;
    return undefined;
  }

  #hostOf(entry: FileEntry): TransferHost {
    const { settings } = entry.upload;
    const { services } = this.#view;
    const { clientSize: size } = entry.shown;
    return {
      place: this.#placeOf(entry),
      size,
      maxFileSize: settings.maxFileSize,
      chunkSize: settings.chunkSize,
      chunkTimeoutMs: settings.chunkTimeoutMs,
      activity: services.activity,
      verify: async (start) => settings.verify?.(start, entry.shown),
      openWriter: () => this.#openWriter(entry),
      // At its end it is when the page says so: until then the page would take its end for a cancellation.
      advanced: (bytes) => this.#advance(entry, Math.min(99, Math.floor((bytes / size) * 100))),
      failed: (error) => this.#failed(entry, error),
      chunkCame: () => (this.#connection.lastChunkMs = services.now()),
      sinceChunkMs: () => this.#sinceChunkMs(),
      report: (error) => this.#view.report(error),
      warn: (message) => this.#warn(message),
    };
  }

  async #openWriter(entry: FileEntry): Promise<UploadWriter<unknown>> {
    const { writer } = entry.upload.settings;
    if (writer === undefined) return this.#view.services.uploads.files.create();
    const given = await writer(entry.shown);
    return "getWriter" in given ? streamWriter(given) : given;
  }

  // ── the end ──

  /** A live component has left the page for good. */
  ownerEnded(owner: object): void {
    for (const upload of this.#byRef.values()) if (upload.owner === owner) this.#end(upload);
  }

  viewEnded(): void {
    for (const upload of this.#byRef.values()) this.#end(upload);
  }

  renewalBegan(): void {
    for (const upload of this.#byRef.values()) {
      if (upload.owner.number !== undefined) continue;
      const count = upload.entries.filter(({ shown }) => shown.isValid).length;
      if (count > 0) this.#lost.push({ name: upload.name, count });
      this.#end(upload);
    }
  }

  renewalEnded(): void {
    // What the new mount has allowed is its own.
  }

  #end(upload: Upload): void {
    this.#byRef.delete(upload.ref);
    upload.end();
  }

  // ── words ──

  get #connection(): ConnectionUploads {
    return this.#view.services.uploads.quota.of(this.#view.origin.visitor);
  }

  /** How long ago a chunk came, of any file on the connection. */
  #sinceChunkMs(): number {
    return this.#view.services.now() - this.#connection.lastChunkMs;
  }

  #placeOf({ shown, upload }: FileEntry): string {
    return `the upload ${JSON.stringify(shown.clientName)} of ${JSON.stringify(upload.name)} in ${upload.owner.name}`;
  }

  #warn(message: string): void {
    this.#view.services.warn(message);
  }
}

/** The members of a refusal: each error as a ref and a code. */
function answer(ref: string, errors: readonly (readonly [string, string])[]): string {
  return `"ref":${JSON.stringify(ref)},"error":${JSON.stringify(errors)}`;
}

function errorsOf(upload: Upload): readonly (readonly [string, string])[] {
  const own = upload.isTooMany ? [[upload.ref, "too_many_files"] as const] : [];
  return [...own, ...upload.entries.flatMap(({ shown }) => shown.errors.map(({ code }) => [shown.ref, code] as const))];
}

import { displayName, displayPath } from "./client-name.ts";
import { isAccepted } from "./accepts.ts";
import type { ChunkDeadline } from "./chunk-deadline.ts";
import { UploadSnapshot, type LiveUpload, type UploadEntry, type UploadError } from "./live-upload.ts";
import type { ClientFile } from "../../protocol/uploads.ts";
import type { Reservation } from "./upload-quota.ts";
import type { UploadSettings } from "./upload-options.ts";
import type { UploadTransfer } from "./upload-transfer.ts";

/** Whose upload it is: the view itself, or a live component in it. */
export interface UploadOwner {
  /** For messages. */
  readonly name: string;
  /** By which the page knows a component; `undefined`: the view itself. */
  readonly number: number | undefined;
  /** Puts it into the context, and has it rendered. */
  showUpload(name: string, upload: LiveUpload<unknown>): void;
}

/** One chosen file. */
export class FileEntry {
  readonly upload: Upload;
  #shown: UploadEntry;
  #isHeld = false;
  #isOver = false;
  /** Once its upload was allowed. */
  reservation: Reservation | undefined;
  /** From then on, until its channel has joined. */
  deadline: ChunkDeadline | undefined;
  /** Once its channel has joined. */
  transfer: UploadTransfer | undefined;
  /** What the app's `external` said. */
  external: unknown;
  /** How far it is, by what has come; shown when the view has its turn. */
  percent = 0;

  constructor(upload: Upload, shown: UploadEntry) {
    this.upload = upload;
    this.#shown = shown;
  }

  get shown(): UploadEntry {
    return this.#shown;
  }

  change(values: Partial<UploadEntry>): void {
    this.#shown = Object.freeze({ ...this.#shown, ...values });
  }

  addError(error: UploadError): void {
    this.change({ errors: [...this.#shown.errors, error], isValid: false });
  }

  /** It is being consumed: what has come of it stays until that is done, also if the view ends meanwhile. */
  hold(): void {
    this.#isHeld = true;
  }

  letGo(): void {
    this.#isHeld = false;
    if (this.#isOver) this.end();
  }

  /** It is not here any more. */
  end(): void {
    this.#isOver = true;
    this.deadline?.stop();
    if (this.#isHeld) return;
    this.transfer?.end();
    this.reservation?.release();
  }
}

/** The files of one input, and what is allowed there. */
export class Upload {
  readonly name: string;
  readonly ref: string;
  readonly owner: UploadOwner;
  readonly settings: UploadSettings;
  readonly entries: FileEntry[] = [];
  /** How many files it had when the page lost it, until others are chosen. */
  #lost: number;
  /** How many files beyond those that may be chosen are kept, to be shown as too many. */
  static readonly #surplus = 100;

  constructor(owner: UploadOwner, name: string, ref: string, settings: UploadSettings, lost: number) {
    this.owner = owner;
    this.name = name;
    this.ref = ref;
    this.settings = settings;
    this.#lost = lost;
  }

  get isTooMany(): boolean {
    return this.entries.length > this.settings.maxEntries;
  }

  find(ref: string): FileEntry | undefined {
    return this.entries.find(({ shown }) => shown.ref === ref);
  }

  /**
   * Takes in the files that the page has; of those that are known nothing changes.
   * @returns how many could not even be shown as too many
   */
  choose(files: readonly ClientFile[], newId: () => string): number {
    const chosen = files.filter((file) => this.find(file.ref) === undefined);
    if (chosen.length > 0) this.#lost = 0;
    const [only] = this.entries;
    if (this.settings.maxEntries === 1 && this.entries.length === 1 && chosen.length === 1 && only !== undefined) {
      this.remove(only);
    }
    const room = this.settings.maxEntries + Upload.#surplus - this.entries.length;
    for (const file of chosen.slice(0, Math.max(0, room))) this.entries.push(this.#entryOf(file, newId()));
    return Math.max(0, chosen.length - room);
  }

  #entryOf(file: ClientFile, uuid: string): FileEntry {
    const { accept, maxFileSize } = this.settings;
    const clientName = displayName(file.name);
    const errors: UploadError[] = [];
    if (file.size > maxFileSize || file.size === 0) errors.push({ code: "too_large", maxFileSize });
    else if (!isAccepted(accept, { name: clientName, type: file.type }))
      errors.push({ code: "not_accepted", accept: accept === "any" ? [] : accept });
    return new FileEntry(
      this,
      Object.freeze({
        ref: file.ref,
        uuid,
        upload: this.name,
        clientName,
        clientSize: file.size,
        clientType: file.type,
        clientRelativePath: displayPath(file.relativePath),
        clientLastModified: file.lastModified === undefined ? undefined : new Date(file.lastModified),
        clientMeta: file.meta,
        progress: 0,
        isDone: false,
        isStarted: false,
        isValid: errors.length === 0,
        errors,
      }),
    );
  }

  remove(entry: FileEntry): void {
    const index = this.entries.indexOf(entry);
    if (index < 0) return;
    this.entries.splice(index, 1);
    entry.end();
  }

  /** Removes all of them. */
  end(): void {
    for (const entry of this.entries.splice(0)) entry.end();
  }

  /** Shows how it is now. */
  show(): void {
    const { accept, maxEntries, maxFileSize, autoUpload } = this.settings;
    const errors: UploadError[] = this.isTooMany ? [{ code: "too_many_files", maxEntries }] : [];
    if (this.#lost > 0) errors.push({ code: "interrupted", count: this.#lost });
    const entries = this.entries.map(({ shown }) => shown);
    const shown = { name: this.name, ref: this.ref, accept, maxEntries, maxFileSize, autoUpload, entries, errors };
    this.owner.showUpload(this.name, new UploadSnapshot(shown));
  }
}

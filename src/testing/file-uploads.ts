import {
  CHUNK_EVENT,
  JOIN_EVENT,
  LEAVE_EVENT,
  ALLOW_UPLOAD_EVENT,
  PROGRESS_EVENT,
  UPLOAD_TOPIC_PREFIX,
} from "../protocol/keys.ts";
import { fieldsOf, type ClientView, type Received } from "./client-view.ts";
import { controlsOf, typeOf, type Element } from "./dom.ts";
import { toPageFile, type PageFile, type UserFile } from "./user-files.ts";

// What the client makes of file inputs (phoenix_live_view: live_uploader.js, upload_entry.js, entry_uploader.js, view.ts).

const ACTIVE = "data-phx-active-refs";
const DONE = "data-phx-done-refs";
const PREFLIGHTED = "data-phx-preflighted-refs";
const ERRORS = "data-phx-error-refs";
const AUTO = "data-phx-auto-upload";
const UPLOAD_REF = "data-phx-upload-ref";

/** What an uploader of the page's own JavaScript has of a file: as in the browser. */
export interface ExternalEntry {
  readonly ref: string;
  readonly file: { readonly name: string; readonly size: number; readonly type: string; readonly bytes: Uint8Array };
  /** What the view's `external` has returned. */
  readonly meta: { readonly [name: string]: unknown };
  /** In percent; 100 is the end. */
  progress(percent: number): void;
  error(reason?: string): void;
  onCancel(callback: () => void): void;
}

/** The page's own uploaders, by the names that views give: what the app's `clientModule` exports, for tests. */
export type Uploaders = { readonly [name: string]: (entries: ExternalEntry[]) => void };

/** What is needed of the tab. */
export interface UploadingTab {
  readonly document: Element;
  readonly uploaders: Uploaders;
  newRef(): string;
  send(data: string | Uint8Array): void;
  fail(message: string): void;
}

interface Where {
  readonly view: ClientView;
  readonly cid: number | undefined;
}

/** The uploads of a tab. */
export class FileUploads {
  readonly #tab: UploadingTab;
  readonly #channels = new Map<string, UploadChannel>();
  readonly #entries = new Set<Entry>();
  /** Forms that were submitted while files were coming by themselves. */
  #submits: { readonly form: Element; readonly unlock: () => void; readonly submit: () => void }[] = [];
  #lastFile = -1;

  constructor(tab: UploadingTab) {
    this.#tab = tab;
  }

  // ── files of an input ──

  /** A user has chosen files for an input. */
  track(input: Element, files: readonly UserFile[]): void {
    const added = files.map(toPageFile);
    input.notes.files = input.has("multiple") ? [...(input.notes.files ?? []), ...added] : added;
  }

  /** What a change event says of the files of its input. */
  serialize(input: Element): { readonly [ref: string]: readonly object[] } {
    const upload = input.get(UPLOAD_REF);
    const files = activeFiles(input);
    if (upload === undefined || files.length === 0) return {};
    return { [upload]: files.map((file) => ({ path: input.get("name"), ...this.#describe(file) })) };
  }

  #describe(file: PageFile): object {
    file.ref ??= String(++this.#lastFile);
    return {
      ref: file.ref,
      last_modified: file.lastModified,
      name: file.name,
      relative_path: file.relativePath,
      type: file.type,
      size: file.bytes.length,
    };
  }

  // ── uploading ──

  /** Whether a form has files that are wrong: it is not sent then. */
  hasErrors(form: Element): boolean {
    return inputsOf(form).some((input) => (input.get(ERRORS) ?? "") !== "");
  }

  isUploading(form: Element): boolean {
    return inputsOf(form).some((input) => input.get(PREFLIGHTED) !== input.get(DONE));
  }

  isAwaiting(form: Element): boolean {
    return inputsOf(form).some((input) => awaiting(input).length > 0);
  }

  /** The answer to a change has come: files that go by themselves go. */
  changed(input: Element, form: Element, where: Where): void {
    if (!input.has(AUTO) || awaiting(input).length === 0) return;
    this.start(form, where, () => this.#submitWaiting(form));
  }

  /** A form that was submitted while files are coming is sent when they are there. */
  submitLater(form: Element, unlock: () => void, submit: () => void): void {
    if (this.#submits.some((each) => each.form === form)) return unlock();
    this.#submits.push({ form, unlock, submit });
  }

  #submitWaiting(form: Element): void {
    const waiting = this.#submits.find((each) => each.form === form);
    this.cancelSubmit(form);
    waiting?.submit();
  }

  cancelSubmit(form: Element | undefined): void {
    const cancelled = this.#submits.filter((each) => each.form === form);
    this.#submits = this.#submits.filter((each) => each.form !== form);
    for (const { unlock } of cancelled) unlock();
  }

  /** Uploads what is chosen in a form. `done` is called when all of it is there or was cancelled, and not when it is refused. */
  start(form: Element, where: Where, done: () => void, refused: () => void = () => {}): void {
    const inputs = inputsOf(form).filter((input) => activeFiles(input).length > 0);
    let left = inputs.length;
    const inputDone = (): void => {
      if (--left === 0) done();
    };
    for (const input of inputs) {
      const files = awaiting(input);
      if (files.length === 0) left--;
      else this.#startInput(input, files, where, inputDone, refused);
    }
  }

  #startInput(input: Element, files: readonly PageFile[], where: Where, done: () => void, refused: () => void): void {
    let left = files.length;
    const entryDone = (): void => {
      if (--left === 0) done();
    };
    const entries = files.map((file) => new Entry(this.#entries, { input, file, where, done: entryDone }));
    const upload = input.get(UPLOAD_REF);
    where.view.push(
      { ref: upload, entries: files.map((file) => this.#describe(file)), cid: where.cid },
      {
        event: ALLOW_UPLOAD_EVENT,
        onAnswer: (response) => this.#preflighted(entries, response, refused),
      },
    );
  }

  #preflighted(entries: readonly Entry[], response: { readonly [key: string]: unknown }, refused: () => void): void {
    const tickets = fieldsOf(response["entries"]);
    const isAuto = entries.some(({ isAuto: auto }) => auto);
    if (response["error"] !== undefined || Object.keys(tickets).length === 0) {
      refused();
      for (const entry of entries) entry.cancel();
      return;
    }
    const byUploader = new Map<string, Entry[]>();
    for (const entry of entries) {
      const ticket = tickets[entry.ref];
      if (ticket === undefined) {
        if (isAuto) entry.cancel();
        else for (const each of entries) each.cancel();
        continue;
      }
      if (entry.isOver) continue;
      if (typeof ticket === "string") this.#open(entry, ticket, fieldsOf(response["config"]));
      else {
        const name = String(fieldsOf(ticket)["uploader"]);
        entry.meta = fieldsOf(ticket);
        byUploader.set(name, [...(byUploader.get(name) ?? []), entry]);
      }
    }
    for (const [name, each] of byUploader) this.#external(name, each);
  }

  #external(name: string, entries: readonly Entry[]): void {
    const uploader = this.#tab.uploaders[name];
    if (uploader === undefined) {
      return this.#tab.fail(
        `A view wants the uploader ${JSON.stringify(name)} for ${JSON.stringify(entries[0]?.file.name)}, and the page has none of that name. Give the test one: visit(app, path, { uploaders: { ${name}: (entries) => … } }).`,
      );
    }
    uploader(entries.map((entry) => entry.forUploader()));
  }

  #open(entry: Entry, token: string, config: { readonly [key: string]: unknown }): void {
    const channel = new UploadChannel(this.#tab, entry, Number(config["chunk_size"]), () => {
      this.#channels.delete(channel.topic);
      this.cancelSubmit(entry.form);
    });
    this.#channels.set(channel.topic, channel);
    channel.join(token);
  }

  // ── from the server ──

  /** @returns whether the message was for an upload */
  receive(topic: unknown, message: Received): boolean {
    if (typeof topic !== "string" || !topic.startsWith(UPLOAD_TOPIC_PREFIX)) return false;
    const channel = this.#channels.get(topic);
    if (message.event === "phx_close") this.#channels.delete(topic);
    else channel?.receive(message);
    return true;
  }

  /** The page has changed: files that it does not have any more are cancelled, and forms with wrong ones do not wait. */
  pageChanged(): void {
    for (const entry of this.#entries) entry.pageChanged();
    for (const { form } of this.#submits) if (this.hasErrors(form)) this.cancelSubmit(form);
  }

  /** The connection is gone, and with it all views and channels. */
  connectionLost(): void {
    this.#channels.clear();
    this.#entries.clear();
    this.#submits = [];
  }
}

/** One file on its way: upload_entry.js. */
class Entry {
  readonly #all: Set<Entry>;
  readonly input: Element;
  readonly file: PageFile;
  readonly #where: Where;
  readonly #done: () => void;
  meta: { readonly [name: string]: unknown } = {};
  #lastProgress = -1;
  #onCancel: () => void = () => {};
  isOver = false;

  constructor(
    all: Set<Entry>,
    {
      input,
      file,
      where,
      done,
    }: { readonly input: Element; readonly file: PageFile; readonly where: Where; readonly done: () => void },
  ) {
    this.#all = all;
    this.input = input;
    this.file = file;
    this.#where = where;
    this.#done = done;
    file.isPreflighting = true;
    all.add(this);
  }

  get ref(): string {
    return this.file.ref ?? "";
  }

  get isAuto(): boolean {
    return this.input.has(AUTO);
  }

  get form(): Element | undefined {
    return this.input.closest(({ name }) => name === "form");
  }

  progress(percent: number): void {
    const whole = Math.min(100, Math.floor(percent));
    if (whole <= this.#lastProgress) return;
    this.#lastProgress = whole;
    this.#tell(whole, () => {
      if (whole !== 100) return;
      this.#untrack();
      this.#end();
    });
  }

  error(reason = "failed"): void {
    this.#all.delete(this);
    this.#tell({ error: reason });
    if (!this.isAuto) this.input.notes.files = [];
  }

  cancel(): void {
    if (this.isOver) return;
    this.file.isPreflighting = false;
    try {
      this.#onCancel();
    } finally {
      this.#end();
    }
  }

  /** What the page shows of the file's input is other than before. */
  pageChanged(): void {
    if (refsIn(this.input, ACTIVE).includes(this.ref)) return;
    this.#untrack();
    this.cancel();
  }

  #untrack(): void {
    this.input.notes.files = this.input.notes.files?.filter((file) => file !== this.file);
  }

  #end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#all.delete(this);
    this.#done();
  }

  #tell(progress: number | { readonly error: string }, onAnswer: () => void = () => {}): void {
    const { view, cid } = this.#where;
    const upload = this.input.get(UPLOAD_REF);
    view.push({ event: null, ref: upload, entry_ref: this.ref, progress, cid }, { event: PROGRESS_EVENT, onAnswer });
  }

  forUploader(): ExternalEntry {
    const { name, type, bytes } = this.file;
    return {
      ref: this.ref,
      file: { name, type, size: bytes.length, bytes },
      meta: this.meta,
      progress: (percent) => this.progress(percent),
      error: (reason) => this.error(reason),
      onCancel: (callback) => {
        this.#onCancel = callback;
      },
    };
  }
}

/** The channel of one file: entry_uploader.js. */
class UploadChannel {
  readonly topic: string;
  readonly #tab: UploadingTab;
  readonly #entry: Entry;
  readonly #chunkSize: number;
  readonly #failed: () => void;
  #joinRef = "";
  #offset = 0;

  constructor(tab: UploadingTab, entry: Entry, chunkSize: number, failed: () => void) {
    this.topic = `${UPLOAD_TOPIC_PREFIX}${entry.ref}`;
    this.#tab = tab;
    this.#entry = entry;
    this.#chunkSize = chunkSize;
    this.#failed = failed;
  }

  join(token: string): void {
    this.#joinRef = this.#tab.newRef();
    this.#tab.send(JSON.stringify([this.#joinRef, this.#joinRef, this.topic, JOIN_EVENT, { token }]));
  }

  receive({ event, payload }: Received): void {
    if (event !== "phx_reply") return;
    if (payload["status"] !== "ok") return this.#fail(String(fieldsOf(payload["response"])["reason"]));
    const { file } = this.#entry;
    if (this.#offset > 0) this.#entry.progress((this.#offset / file.bytes.length) * 100);
    this.#sendNext();
  }

  #sendNext(): void {
    const { file, input } = this.#entry;
    const next = Math.min(this.#offset + this.#chunkSize, file.bytes.length);
    if (this.#entry.isOver || this.#offset >= file.bytes.length) return;
    const { pace } = input.notes;
    if (pace !== undefined && (next / file.bytes.length) * 100 > pace.stopAt) {
      pace.held.push(() => this.#sendNext());
      return;
    }
    const chunk = file.bytes.subarray(this.#offset, next);
    this.#offset = next;
    this.#tab.send(binaryPush(this.#joinRef, this.#tab.newRef(), this.topic, CHUNK_EVENT, chunk));
  }

  #fail(reason: string): void {
    this.#failed();
    this.#tab.send(JSON.stringify([this.#joinRef, this.#tab.newRef(), this.topic, LEAVE_EVENT, {}]));
    // What the server knows already, it shows.
    if (reason !== "writer_error") this.#entry.error(reason);
  }
}

function binaryPush(joinRef: string, ref: string, topic: string, event: string, data: Uint8Array): Uint8Array {
  const names = [joinRef, ref, topic, event].map((name) => new TextEncoder().encode(name));
  return Uint8Array.from([0, ...names.map(({ length }) => length), ...names.flatMap((name) => [...name]), ...data]);
}

/** The inputs of a form whose files a view takes. */
function inputsOf(form: Element): Element[] {
  return controlsOf(form).filter((control) => typeOf(control) === "file" && control.has(UPLOAD_REF));
}

function refsIn(input: Element, attribute: string): readonly string[] {
  return (input.get(attribute) ?? "").split(",");
}

/** Those that the server has not cancelled. */
function activeFiles(input: Element): readonly PageFile[] {
  const active = refsIn(input, ACTIVE);
  const isActive = ({ ref, bytes }: PageFile): boolean =>
    bytes.length > 0 && (ref === undefined || active.includes(ref));
  return (input.notes.files ?? []).filter(isActive);
}

/** Those of which the server has not been asked whether they may be uploaded. */
function awaiting(input: Element): readonly PageFile[] {
  const preflighted = refsIn(input, PREFLIGHTED);
  return activeFiles(input).filter(({ ref, isPreflighting }) => !isPreflighting && !preflighted.includes(ref ?? "-"));
}

import { OwnWork } from "../own-work.ts";
import type { FileEntry } from "./upload.ts";

/** An entry is further: shown, and told to the app, in a turn of the view. One for each entry, so that many count as one. */
export class ProgressWork extends OwnWork {
  readonly type = "wingbeat.upload-progress";
  readonly callback = "progress";
  override readonly message: string;
  override readonly component: string | undefined;
  readonly #entry: FileEntry;
  readonly #show: (entry: FileEntry) => unknown;

  constructor(entry: FileEntry, show: (entry: FileEntry) => unknown) {
    super();
    const { owner, name } = entry.upload;
    this.message = name;
    this.component = owner.number === undefined ? undefined : owner.name;
    this.#entry = entry;
    this.#show = show;
  }

  run(): unknown {
    return this.#show(this.#entry);
  }
}

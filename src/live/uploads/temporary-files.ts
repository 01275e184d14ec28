import { lstat, mkdir, open, readdir, rename, rm, copyFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LiveError } from "../../errors.ts";
import { randomId } from "../random-id.ts";
import type { UploadedFile, UploadWriter } from "./live-upload.ts";

/** Where an app keeps what comes in. */
export interface TemporaryFilesOptions {
  /**
   * The folder for files that are coming or wait to be consumed. It is made if it is not there.
   * @default a folder of this app and user in the system's folder for temporary files
   */
  readonly directory?: string | undefined;
  /**
   * How old a file in it must be, in milliseconds, before the start of the app removes it as left behind by a process that
   * was killed. Files that are coming are young: each chunk makes them so. @default 86_400_000, a day
   */
  readonly leftoverAgeMs?: number | undefined;
}

/** What our files are named: nothing else in the folder is ever touched. */
const OUR_FILE = /^wingbeat-upload-[\w-]{24}$/;
const A_DAY_MS = 24 * 60 * 60_000;

/** The folder of an app's uploads. Nothing is made in it, or of it, before the first file comes. */
export class TemporaryFiles {
  readonly #directory: string;
  /** Whether others have a say in where it stands, so that it has to be looked at. */
  readonly #isShared: boolean;
  readonly #leftoverAgeMs: number;
  #made: Promise<void> | undefined;

  /** @param app its name, for the default folder */
  constructor(app: string, { directory, leftoverAgeMs = A_DAY_MS }: TemporaryFilesOptions) {
    this.#isShared = directory === undefined;
    this.#directory = directory ?? join(tmpdir(), `${app}-uploads-${process.getuid?.() ?? "user"}`);
    this.#leftoverAgeMs = leftoverAgeMs;
  }

  get directory(): string {
    return this.#directory;
  }

  /** A file of a random name, for this user alone. */
  async create(): Promise<UploadWriter<UploadedFile>> {
    const path = join(this.#directory, `wingbeat-upload-${randomId(18)}`);
    try {
      await (this.#made ??= this.#make());
      return new FileWriter(path, await open(path, "wx", 0o600));
    } catch (error) {
      // What failed may be mended when the next file comes, and systems clean up among their temporary files.
      this.#made = undefined;
      if (!isMissing(error)) throw error;
      await this.#make();
      return new FileWriter(path, await open(path, "wx", 0o600));
    }
  }

  async #make(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    if (!this.#isShared) return;
    // Anybody may have made a folder of this name among the system's temporary files, to read along.
    const found = await lstat(this.#directory);
    const isOwn = process.getuid === undefined || found.uid === process.getuid();
    if (found.isDirectory() && isOwn && (process.getuid === undefined || (found.mode & 0o077) === 0)) return;
    throw new LiveError(
      "upload.directory",
      `${this.#directory} is not a folder of this user alone, so uploads must not be kept in it. Remove it, or give the app a folder of its own: createLiveApp({ uploads: { directory } }).`,
    );
  }

  /**
   * Removes what a process that was killed has left behind.
   * @param nowMs since 1970
   * @returns how many files
   */
  async removeLeftovers(nowMs: number): Promise<number> {
    const names = await readdir(this.#directory).catch(() => []);
    let removed = 0;
    for (const name of names) {
      if (!OUR_FILE.test(name)) continue;
      const path = join(this.#directory, name);
      // Another process may be removing it too.
      const found = await lstat(path).catch(() => undefined);
      if (found === undefined || !found.isFile() || nowMs - found.mtimeMs < this.#leftoverAgeMs) continue;
      await rm(path, { force: true });
      removed++;
    }
    return removed;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

class FileWriter implements UploadWriter<UploadedFile> {
  readonly #path: string;
  readonly #handle: FileHandle;
  #size = 0;
  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let written = 0; written < chunk.length;) {
      const { bytesWritten } = await this.#handle.write(chunk, written, chunk.length - written, this.#size + written);
      written += bytesWritten;
    }
    this.#size += chunk.length;
  }

  async close(): Promise<UploadedFile> {
    await this.#handle.close();
    return new StoredFile(this.#path, this.#size);
  }

  async abort(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#path, { force: true });
  }

  async dispose(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

class StoredFile implements UploadedFile {
  readonly path: string;
  readonly size: number;
  constructor(path: string, size: number) {
    this.path = path;
    this.size = size;
  }

  async moveTo(path: string): Promise<void> {
    try {
      await rename(this.path, path);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
      await copyFile(this.path, path);
      await rm(this.path, { force: true });
    }
  }
}

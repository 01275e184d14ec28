/** How much may be uploaded at a time. */
export interface UploadLimits {
  readonly uploadsPerConnection: number;
  readonly uploadBytesPerConnection: number;
  readonly maxUploads: number;
  readonly maxUploadBytes: number;
}

/** Room for one file: taken when its upload is allowed, given back when the file is gone from here. */
export interface Reservation {
  /** Twice is once. */
  release(): void;
}

/** How many files are on their way or kept, and how many bytes these are, as declared. */
class Account {
  readonly #maxUploads: number;
  readonly #maxBytes: number;
  uploads = 0;
  bytes = 0;
  constructor(maxUploads: number, maxBytes: number) {
    this.#maxUploads = maxUploads;
    this.#maxBytes = maxBytes;
  }

  hasRoom(bytes: number): boolean {
    return this.uploads < this.#maxUploads && this.bytes + bytes <= this.#maxBytes;
  }

  add(uploads: 1 | -1, bytes: number): void {
    this.uploads += uploads;
    this.bytes += uploads * bytes;
  }
}

/** What one connection uploads. */
export class ConnectionUploads {
  readonly #app: Account;
  readonly #own: Account;
  /** When a chunk of any of its files came, by the app's clock. */
  lastChunkMs = 0;
  constructor(app: Account, limits: UploadLimits) {
    this.#app = app;
    this.#own = new Account(limits.uploadsPerConnection, limits.uploadBytesPerConnection);
  }

  /** @returns `undefined` if there is no room for it */
  reserve(bytes: number): Reservation | undefined {
    const [app, own] = [this.#app, this.#own];
    if (!app.hasRoom(bytes) || !own.hasRoom(bytes)) return undefined;
    app.add(1, bytes);
    own.add(1, bytes);
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        app.add(-1, bytes);
        own.add(-1, bytes);
      },
    };
  }
}

/** Keeps what an app's visitors upload within the app's limits. */
export class UploadQuota {
  readonly #limits: UploadLimits;
  readonly #app: Account;
  readonly #connections = new WeakMap<object, ConnectionUploads>();
  constructor(limits: UploadLimits) {
    this.#limits = limits;
    this.#app = new Account(limits.maxUploads, limits.maxUploadBytes);
  }

  /** @param visitor what is known of who sits at the connection: an object of its own for each */
  of(visitor: object): ConnectionUploads {
    let uploads = this.#connections.get(visitor);
    if (uploads === undefined)
      this.#connections.set(visitor, (uploads = new ConnectionUploads(this.#app, this.#limits)));
    return uploads;
  }

  /** Files and their bytes, of all connections. */
  get held(): { readonly uploads: number; readonly bytes: number } {
    return { uploads: this.#app.uploads, bytes: this.#app.bytes };
  }
}

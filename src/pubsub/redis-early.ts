interface Early {
  readonly sent: Promise<void>;
  readonly channel: string;
  readonly frame: string;
  readonly resolve: (sent: Promise<void>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What is published while the first connection is being made, so that a script can publish in its first line. Kept until
 * that connection is up or has failed, no longer: nothing is ever sent late.
 */
export class EarlyPublishes {
  #queue: Early[] = [];
  #size = 0;

  get count(): number {
    return this.#queue.length;
  }

  /** In characters. */
  get size(): number {
    return this.#size;
  }

  /** Settles as what `sendAll` is given does, or rejects by `failAll`. */
  add(channel: string, frame: string): Promise<void> {
    const { promise: sent, resolve, reject } = deferred();
    this.#queue.push({ sent, channel, frame, resolve, reject });
    this.#size += frame.length;
    return sent;
  }

  /** Sends them in the order in which they came. */
  sendAll(send: (channel: string, frame: string) => Promise<void>): void {
    for (const { channel, frame, resolve } of this.#take()) resolve(send(channel, frame));
  }

  failAll(error: () => Error): void {
    for (const { reject } of this.#take()) reject(error());
  }

  /** Resolves when all that wait now have settled. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#queue.map(({ sent }) => sent));
  }

  #take(): readonly Early[] {
    const queue = this.#queue;
    this.#queue = [];
    this.#size = 0;
    return queue;
  }
}

function deferred() {
  let resolve: Early["resolve"] = () => {};
  let reject: Early["reject"] = () => {};
  const promise = new Promise<void>((whenResolved, whenRejected) => {
    [resolve, reject] = [whenResolved, whenRejected];
  });
  return { promise, resolve, reject };
}

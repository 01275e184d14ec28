import type { Backplane, BackplaneEvents } from "../../src/pubsub/backplane.ts";

/** What a wire needs of time. The default is the turn of microtasks: frames arrive after the code at hand. */
export interface WireOptions {
  /** Runs a delivery. Deliveries run in the order given. @default queueMicrotask */
  readonly schedule?: ((deliver: () => void) => void) | undefined;
  /** @default Date.now */
  readonly wall?: (() => number) | undefined;
  /** Told of each frame that comes to an end, and whether it loses it by `loseNext`. */
  readonly onFrame?: ((end: MemoryBackplane, frame: string, isLost: boolean) => void) | undefined;
}

/** A backplane in memory, for tests: what is published through one of its ends arrives at all that subscribed. */
export class MemoryWire {
  readonly ends = new Set<MemoryBackplane>();
  readonly schedule: (deliver: () => void) => void;
  readonly wall: () => number;
  readonly onFrame: (end: MemoryBackplane, frame: string, isLost: boolean) => void;
  /** Channels that are refused to whoever subscribes. */
  readonly refused = new Set<string>();
  /** Every frame that was taken, in order. */
  readonly frames: { readonly channel: string; readonly frame: string }[] = [];

  constructor(options: WireOptions = {}) {
    this.schedule = options.schedule ?? queueMicrotask;
    this.wall = options.wall ?? (() => Date.now());
    this.onFrame = options.onFrame ?? (() => {});
  }

  /** As a program would that knows nothing of us. */
  publish(channel: string, frame: string): void {
    this.frames.push({ channel, frame });
    for (const end of this.ends) end.deliver(channel, frame);
  }

  /** Cuts every end off, as a restart of a server does. */
  disconnect(): void {
    for (const end of this.ends) end.disconnect();
  }

  reconnect(): void {
    for (const end of this.ends) end.reconnect();
  }
}

/** One process's end of a `MemoryWire`. */
export class MemoryBackplane implements Backplane {
  readonly #wire: MemoryWire;
  readonly #channels = new Set<string>();
  readonly #asked: string[] = [];
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  readonly #acknowledges: boolean;
  #events: BackplaneEvents | undefined;
  #isConnected: boolean;
  #isClosed = false;
  #wellUntil = 0;
  /** So many of the next frames do not arrive here, and nobody is told. */
  loseNext = 0;
  /** So many of the next frames arrive here twice. */
  repeatNext = 0;
  /** So many of the next frames of this end are refused, though it is connected. */
  refuseNext = 0;

  /**
   * @param options.acknowledges whether each publish returns a promise, as over a network, or `undefined`
   * @param options.isConnected whether it connects at once. @default true
   */
  constructor(wire: MemoryWire, options: { acknowledges?: boolean; isConnected?: boolean } = {}) {
    this.#wire = wire;
    this.#acknowledges = options.acknowledges ?? false;
    this.#isConnected = options.isConnected ?? true;
    wire.ends.add(this);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** What was asked of it, in order: `subscribe room`, `unsubscribe room`. */
  get asked(): readonly string[] {
    return this.#asked;
  }

  start(events: BackplaneEvents): void {
    this.#events = events;
    if (this.#isConnected) events.status("connected");
  }

  publish(channel: string, frame: string): Promise<void> | undefined {
    if (!this.#isConnected || this.#isClosed) return Promise.reject(new Error("the wire is cut"));
    if (this.refuseNext > 0) {
      this.refuseNext -= 1;
      return Promise.reject(new Error("the wire is busy"));
    }
    this.#wire.publish(channel, frame);
    return this.#acknowledges ? new Promise((resolve) => this.#wire.schedule(resolve)) : undefined;
  }

  subscribe(channel: string): Promise<void> {
    this.#asked.push(`subscribe ${channel}`);
    if (this.#isClosed) return Promise.reject(new Error("the wire was closed"));
    if (this.#channels.has(channel)) return Promise.reject(new Error(`"${channel}" was subscribed to already`));
    if (this.#wire.refused.has(channel)) return Promise.reject(new Error(`no permission for "${channel}"`));
    this.#channels.add(channel);
    // After the frames that are on their way already, as an answer over the same connection would come.
    if (this.#isConnected) return new Promise((resolve) => this.#wire.schedule(resolve));
    return new Promise((resolve, reject) => this.#waiting.set(channel, { resolve, reject }));
  }

  unsubscribe(channel: string): Promise<void> {
    this.#asked.push(`unsubscribe ${channel}`);
    this.#channels.delete(channel);
    this.#waiting.get(channel)?.resolve();
    this.#waiting.delete(channel);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#wire.ends.delete(this);
    for (const { reject } of this.#waiting.values()) reject(new Error("the wire was closed"));
    this.#waiting.clear();
    return Promise.resolve();
  }

  /** A frame on its way to this end. */
  deliver(channel: string, frame: string): void {
    if (!this.#isConnected || !this.#channels.has(channel)) return;
    const isLost = this.loseNext > 0;
    this.#wire.onFrame(this, frame, isLost);
    if (isLost) {
      this.loseNext -= 1;
      return;
    }
    const times = this.repeatNext > 0 ? 2 : 1;
    if (this.repeatNext > 0) this.repeatNext -= 1;
    for (let time = 0; time < times; time++) {
      this.#wire.schedule(() => {
        if (!this.#isClosed && this.#channels.has(channel)) this.#events?.frame(channel, frame);
      });
    }
  }

  /** As a driver reports what somebody should read about. */
  fail(error: Error): void {
    this.#events?.error(error);
  }

  disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#wellUntil = this.#wire.wall();
    this.#events?.status("down");
  }

  reconnect(): void {
    if (this.#isConnected || this.#isClosed) return;
    this.#isConnected = true;
    const wasWell = this.#wellUntil > 0;
    for (const channel of this.#wire.refused) {
      this.#waiting.get(channel)?.reject(new Error(`no permission for "${channel}"`));
      this.#waiting.delete(channel);
    }
    for (const { resolve } of this.#waiting.values()) resolve();
    this.#waiting.clear();
    this.#events?.status("connected");
    if (wasWell) this.#events?.gap("reconnect", this.#wellUntil);
  }
}

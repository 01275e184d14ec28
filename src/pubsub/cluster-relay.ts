import cluster from "node:cluster";
import { clusterMessage, readClusterMessage, type ClusterMessage } from "./cluster-message.ts";
import { portToWorker, type IpcPort } from "./ipc-port.ts";
import { IpcOutbox } from "./ipc-outbox.ts";

/** Whoever gets frames from the relay: a backplane of a worker, or one of the primary itself. */
export interface RelayMember {
  /** Returns at once, and does not throw. */
  receive(channel: string, frame: string): void;
}

/** In the primary: passes frames on to those who subscribed to their channel, the sender excepted. Does not read them. */
export class ClusterRelay {
  readonly #channels = new Map<string, Set<RelayMember>>();

  /** Channels that somebody has subscribed to. */
  get channelCount(): number {
    return this.#channels.size;
  }

  publish(from: RelayMember, channel: string, frame: string): void {
    const members = this.#channels.get(channel);
    if (members === undefined) return;
    for (const member of members) if (member !== from) member.receive(channel, frame);
  }

  subscribe(member: RelayMember, channel: string): void {
    const members = this.#channels.get(channel);
    if (members === undefined) this.#channels.set(channel, new Set([member]));
    else members.add(member);
  }

  unsubscribe(member: RelayMember, channel: string): void {
    const members = this.#channels.get(channel);
    if (members === undefined) return;
    members.delete(member);
    if (members.size === 0) this.#channels.delete(channel);
  }

  /** Serves a worker until it is gone. @param options.maxWaitingCharacters for each of its lines. Default: 8 MB */
  addWorker(port: IpcPort, options: { readonly maxWaitingCharacters?: number } = {}): void {
    const lines = new Map<number, Line>();
    const end = (number: number): void => {
      lines.get(number)?.end();
      lines.delete(number);
    };
    const onMessage = (value: unknown): void => {
      const message = readClusterMessage(value);
      if (message === undefined) return;
      if (message.hello) {
        end(message.line);
        lines.set(message.line, new Line(this, port, message.line, options.maxWaitingCharacters));
      }
      lines.get(message.line)?.read(message);
      if (message.bye) end(message.line);
    };
    const stopListening = port.listen(onMessage, () => {
      stopListening();
      for (const number of lines.keys()) end(number);
    });
  }
}

/**
 * The primary's end of one line. If the worker does not read, a bounded amount waits for it; past that, what is for this
 * worker is dropped until all that waits has gone out, and then the worker is told since when.
 */
class Line implements RelayMember {
  readonly #relay: ClusterRelay;
  readonly #outbox: IpcOutbox;
  readonly #subscribed = new Set<string>();
  /** When the first frame was dropped that the worker does not know of. */
  #lostSinceMs: number | undefined;

  constructor(relay: ClusterRelay, port: IpcPort, number: number, maxWaitingCharacters: number | undefined) {
    this.#relay = relay;
    this.#outbox = new IpcOutbox(port, number, { onEmpty: this.#onEmpty, maxWaitingCharacters });
  }

  receive(channel: string, frame: string): void {
    if (this.#lostSinceMs === undefined && this.#outbox.addFrame(channel, frame)) return;
    this.#lostSinceMs ??= Date.now();
  }

  read({ hello, asks = [], upTo, frames = [] }: ClusterMessage): void {
    if (hello) this.#outbox.addHead({ welcome: true });
    for (const ask of asks) {
      if (ask.startsWith("+")) this.#subscribe(ask.slice(1));
      else this.#unsubscribe(ask.slice(1));
    }
    if (upTo !== undefined) this.#outbox.addHead({ upTo });
    for (let index = 0; index < frames.length; index += 2) {
      this.#relay.publish(this, frames[index] ?? "", frames[index + 1] ?? "");
    }
  }

  end(): void {
    for (const channel of this.#subscribed) this.#relay.unsubscribe(this, channel);
    this.#subscribed.clear();
    this.#outbox.close();
  }

  #subscribe(channel: string): void {
    this.#subscribed.add(channel);
    this.#relay.subscribe(this, channel);
  }

  #unsubscribe(channel: string): void {
    this.#subscribed.delete(channel);
    this.#relay.unsubscribe(this, channel);
  }

  readonly #onEmpty = (): void => {
    if (this.#lostSinceMs === undefined) return;
    this.#outbox.addHead({ lostSinceMs: this.#lostSinceMs });
    this.#lostSinceMs = undefined;
  };
}

let started: ClusterRelay | undefined;

/** The relay of this process, which is the primary. Begins at the first call; serves the workers that are there and that come. */
export function clusterRelay(): ClusterRelay {
  if (started !== undefined) return started;
  const relay = new ClusterRelay();
  started = relay;
  cluster.on("fork", (worker) => relay.addWorker(portToWorker(worker)));
  for (const worker of Object.values(cluster.workers ?? {})) {
    if (worker === undefined) continue;
    const port = portToWorker(worker);
    relay.addWorker(port);
    // It may have said hello when nobody listened.
    port.send(clusterMessage(0, { started: true }), () => {});
  }
  return relay;
}

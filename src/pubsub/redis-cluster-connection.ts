import { connected, destroyed, type RedisConnection, type RedisConnectionEvents } from "./redis-connection.ts";
import type { RedisClusterClient, RedisLibrary, RedisListener } from "./redis-library.ts";
import { toError } from "./redis-reason.ts";

/** How often the cluster is asked whether slots have moved, in milliseconds. */
const LOOK_EVERY_MS = 5_000;

/**
 * A connection to each master of a cluster. When one of them is lost, all are: the cluster is learned anew.
 *
 * Slots that move take their channels with them. The library follows, but what was sent meanwhile is lost and it tells
 * nobody; so we look at the slots ourselves, and hold the connection for lost when they are not what they were.
 */
export class ClusterConnection implements RedisConnection {
  readonly ready: Promise<void>;
  readonly #client: RedisClusterClient;
  readonly #listener: RedisListener;
  readonly #events: RedisConnectionEvents;
  #timer: NodeJS.Timeout | undefined;
  #isDestroyed = false;

  constructor(
    library: RedisLibrary,
    options: Parameters<RedisLibrary["createCluster"]>[0],
    events: RedisConnectionEvents,
  ) {
    this.#client = library.createCluster(options);
    this.#events = events;
    this.#listener = (message, channel) => events.frame(channel, message);
    // "error" while it learns the cluster is about one node of several: if none answers, `connect` rejects.
    let isReady = false;
    const lost = (error: Error) => isReady && events.lost(error);
    this.#client.on("error", lost);
    this.#client.on("node-error", lost);
    this.#client.on("sharded-channel-moved-error", lost);
    this.ready = connected(this.#client).then(async () => {
      isReady = true;
      this.#lookAgain(await this.#slots());
    });
    this.ready.catch(() => {});
  }

  publish(channel: string, frame: string): Promise<unknown> {
    return this.#client.sendCommand(channel, false, ["SPUBLISH", channel, frame]);
  }

  subscribe(channel: string): Promise<void> {
    return this.#client.sSubscribe(channel, this.#listener);
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#client.sUnsubscribe(channel, this.#listener);
  }

  destroy(): Promise<void> {
    this.#isDestroyed = true;
    clearTimeout(this.#timer);
    return destroyed(this.#client, this.ready);
  }

  async #slots(): Promise<string> {
    return whoHasWhat(await this.#client.sendCommand(undefined, true, ["CLUSTER", "SLOTS"]));
  }

  #lookAgain(before: string): void {
    if (this.#isDestroyed) return;
    this.#timer = setTimeout(() => {
      this.#slots().then(
        (slots) => {
          if (slots === before) this.#lookAgain(before);
          else this.#events.lost(new Error("The slots of the cluster have moved."));
        },
        (error: unknown) => this.#events.lost(toError(error)),
      );
    }, LOOK_EVERY_MS);
  }
}

/**
 * Which node has which slots, as text to compare, from the reply to CLUSTER SLOTS: a list of
 * `[first, last, [host, port, id, …], …replicas]`. By id, for nodes name each other differently; sorted, for each has its own order.
 */
export function whoHasWhat(reply: unknown): string {
  if (!Array.isArray(reply)) return "";
  const ranges = reply.map((range: unknown) => {
    const [first, last, master] = listOf(range);
    return `${String(first)}-${String(last)} ${String(listOf(master)[2])}`;
  });
  return ranges.toSorted().join("\n");
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

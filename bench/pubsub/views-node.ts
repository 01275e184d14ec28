/**
 * A node with 1 000 joined views, whose clients are in memory: what a view costs the server is measured, not what a load
 * generator costs the machine. Each view renders a table by itself.
 */
import { createLiveApp, createLiveView, each, html, topic, type LiveApp, type Peer, type PubSub } from "wingbeat";
import { RedisPubSub } from "wingbeat/pubsub/redis";
import { serveCommands } from "../rpc.ts";
import { nowMicros } from "../stamp.ts";

export interface JoinOrder {
  readonly redisUrl: string;
  readonly views: number;
  /** `"shared"`: all views subscribe to one. A number: the views take turns to subscribe, until each topic has one. */
  readonly topics: number | "shared";
  /** How many frames the node sends before it tells the publisher so. */
  readonly framesPerBatch: number;
}

export interface BatchesOrder {
  readonly batches: number;
  readonly topics: number | "shared";
  /** Broadcasts in each. The next batch follows when the nodes have delivered this one, so no two share a frame. */
  readonly broadcastsPerBatch: number;
  /** How many nodes have to say that they have. */
  readonly nodes: number;
}

export interface ViewsNodeCommands {
  join(order: JoinOrder): Promise<void>;
  publish(order: BatchesOrder): Promise<{ readonly seconds: number }>;
  usage(input: null): Promise<{ readonly frames: number; readonly cpuMicros: number }>;
}

/** Of the table that each view renders. */
const ROWS = 20;
type Line = { readonly id: number; readonly text: string };
type Said = { readonly type: "said"; readonly row: number; readonly text: string };
const ORIGIN = "http://localhost";
const ALL = topic<Said>("all");
const DELIVERED = "delivered";
const one = (index: number) => topic<Said>(`topic:${index}`);

let pubSub: PubSub | undefined;
let frames = 0;
/** Over all orders: a message that says what the last one said would change nothing. */
let sequence = 0;
let perBatch = Number.POSITIVE_INFINITY;

class CountingPeer implements Peer {
  readonly bufferedAmount = 0;
  readonly remoteAddress = undefined;
  joined: () => void = () => {};
  connected: { ponged(payload: string): void } | undefined;
  #hasJoined = false;
  sendText(text: string): void {
    if (this.#hasJoined) this.#count();
    else if (text.includes("phx_reply")) {
      this.#hasJoined = true;
      this.joined();
    }
  }
  sendPrepared(): void {
    if (this.#hasJoined) this.#count();
  }
  ping(payload: string): void {
    setImmediate(() => this.connected?.ponged(payload));
  }
  close(): void {}
  terminate(): void {}
  #count(): void {
    if (++frames % perBatch === 0) void pubSub?.broadcast(DELIVERED, 1);
  }
}

serveCommands<ViewsNodeCommands>({
  join: async ({ redisUrl, views, topics, framesPerBatch }) => {
    perBatch = framesPerBatch;
    const bus = new RedisPubSub({ url: redisUrl });
    pubSub = bus;
    let mounts = 0;
    const view = createLiveView<{ rows: readonly Line[] }, never, Said>({
      initial: { rows: Array.from({ length: ROWS }, (_, id) => ({ id, text: "" })) },
      mount: async (socket) => {
        if (!socket.connected) return;
        const index = mounts++;
        if (topics === "shared") return socket.subscribe(ALL);
        for (let next = index; next < topics; next += views) await socket.subscribe(one(next));
      },
      handleInfo: ({ row, text }, socket) => {
        socket.assign({ rows: socket.context.rows.map((line) => (line.id === row ? { ...line, text } : line)) });
      },
      render: ({ rows }) => html`
        <h1>Now</h1>
        <table>
          ${each(
            rows,
            ({ id }) => id,
            ({ id, text }) => html`<tr><th>${id}</th><td>${text}</td></tr>`,
          )}
        </table>`,
    });
    const app = createLiveApp({
      secret: "a secret for benchmarks that is long enough",
      origins: [ORIGIN],
      development: false,
      pubSub: bus,
      routes: { "/": view },
      logger: { info() {}, warn: console.error, error: console.error },
    });
    for (let joined = 0; joined < views; joined++) await visit(app);
  },
  publish: async ({ batches, topics, broadcastsPerBatch, nodes }) => {
    const bus = pubSub;
    if (bus === undefined) throw new Error("join first");
    let acknowledged = 0;
    let wake: () => void = () => {};
    const end = await bus.subscribe(DELIVERED, () => {
      if (++acknowledged % nodes === 0) wake();
    });
    const startMicros = nowMicros();
    for (let batch = 0; batch < batches; batch++) {
      const delivered = new Promise<void>((resolve) => (wake = resolve));
      for (let index = batch * broadcastsPerBatch; index < (batch + 1) * broadcastsPerBatch; index++) {
        void bus.broadcast(topics === "shared" ? ALL : one(index % topics), {
          type: "said",
          row: index % ROWS,
          text: `message ${++sequence}`,
        });
      }
      await delivered;
    }
    const seconds = (nowMicros() - startMicros) / 1_000_000;
    await end();
    return { seconds };
  },
  usage: async () => {
    const { user, system } = process.cpuUsage();
    return { frames, cpuMicros: user + system };
  },
});

/** Loads the page, opens its socket, and joins: as a browser does, but for the network. */
async function visit(app: LiveApp): Promise<void> {
  const response = await app.fetch(new Request(`${ORIGIN}/`));
  const page = await response.text();
  const find = (pattern: RegExp): string => pattern.exec(page)?.[1] ?? "";
  const cookie = response.headers
    .getSetCookie()
    .map((header) => header.slice(0, header.indexOf(";")))
    .join("; ");
  const headers = { origin: ORIGIN, cookie };
  const admission = await app.upgrade(new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers }));
  if (admission instanceof Response) throw new Error(`the socket was refused with ${admission.status}`);
  const peer = new CountingPeer();
  const joined = new Promise<void>((resolve) => (peer.joined = resolve));
  const connected = admission.open(peer);
  peer.connected = connected;
  const payload = {
    url: `${ORIGIN}/`,
    params: { _csrf_token: find(/<meta name="csrf-token" content="([^"]*)"/), _mounts: 0 },
    session: find(/data-phx-session="([^"]*)"/),
    static: find(/data-phx-static="([^"]*)"/),
  };
  connected.receive(JSON.stringify(["1", "1", "lv:phx-main", "phx_join", payload]));
  await joined;
}

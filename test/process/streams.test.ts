import { describe, expect, it } from "vitest";
import {
  createLiveApp,
  createLiveView,
  html,
  SingleProcessPubSub,
  topic,
  type Connected,
  type LiveStream,
  type Peer,
} from "wingbeat";
import { loadForJoin } from "../support/mounting.ts";

const ORIGIN = "http://localhost:4000";
const VIEWS = 5;
const ITEMS_PER_BROADCAST = 100;
const BROADCASTS = 1_000;
/** What the engine needs more or less of from one measurement to the next: two bytes for an item in a view, not even a pointer. */
const NOISE_BYTES = 1_000_000;

type Lines = { readonly type: "lines"; readonly lines: readonly Line[] };
interface Line {
  readonly id: number;
  readonly text: string;
}
const log = topic<Lines>("log");

const tail = createLiveView<{ lines: LiveStream<Line>; first: LiveStream<Line> }, never, Lines>({
  mount: async (socket) => {
    socket.stream("lines", []);
    socket.stream("first", []);
    await socket.subscribe(log);
  },
  handleInfo: ({ lines }, socket) => {
    socket.streamInsert("lines", lines, { limit: -100 });
    const [first] = lines;
    if (first !== undefined) socket.streamInsert("first", first, { at: 0, limit: 10 });
  },
  render: ({ lines, first }) =>
    html`<ol id="first" phx-update="stream">${first.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ol>
      <ol id="lines" phx-update="stream">${lines.map((domId, { text }) => html`<li id="${domId}">${text}</li>`)}</ol>`,
});

/** A browser that reads at once, and of which nothing is kept but how much it has read. */
class Reader implements Peer {
  readonly bufferedAmount = 0;
  readonly remoteAddress = "192.0.2.7";
  connected: Connected | undefined;
  bytes = 0;
  sendText(text: string): void {
    this.bytes += text.length;
  }
  sendPrepared(frame: { readonly text: string }): void {
    this.bytes += frame.text.length;
  }
  ping(payload: string): void {
    queueMicrotask(() => this.connected?.ponged(payload));
  }
  close(): void {}
  terminate(): void {}
}

async function heap(): Promise<number> {
  for (let turns = 0; turns < 5; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

describe("a view", () => {
  it("holds as much after 100 000 streamed items as after 100, and none of the items", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const app = createLiveApp({
      secret: "a secret of the tests, long enough to sign",
      pubSub,
      development: false,
      origins: [ORIGIN],
      routes: { "/": tail },
    });
    const page = await loadForJoin(app, "/");
    const open = async (): Promise<Reader> => {
      const reader = new Reader();
      const decision = await app.upgrade(
        new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers: { origin: ORIGIN, cookie: page.cookie } }),
      );
      if (decision instanceof Response) throw new Error(`The socket was refused with ${decision.status}.`);
      reader.connected = decision.open(reader);
      reader.connected.receive(page.join);
      return reader;
    };
    let sent = 0;
    let latest = new WeakRef<object>({});
    const broadcast = async (times: number): Promise<void> => {
      for (let count = 0; count < times; count++) {
        const lines = Array.from({ length: ITEMS_PER_BROADCAST }, () => ({ id: sent, text: `line ${sent++}` }));
        latest = new WeakRef(lines[7] ?? {});
        await pubSub.broadcast(log, { type: "lines", lines });
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    // Until the engine has compiled what it will, memory grows for reasons of its own.
    const early = await open();
    await broadcast(BROADCASTS / 2);
    early.connected?.closed();

    const readers = await Promise.all(Array.from({ length: VIEWS }, open));
    sent = 0;
    await broadcast(1);
    const after100 = await heap();
    await broadcast(BROADCASTS - 1);
    const after100000 = await heap();
    expect(sent).toBe(100_000);
    // Each view has sent every item.
    for (const { bytes } of readers) expect(bytes).toBeGreaterThan(sent * 40);
    expect(latest.deref()).toBeUndefined();
    expect(after100000 - after100).toBeLessThan(NOISE_BYTES);
    await app.close();
  });
});

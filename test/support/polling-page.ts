import { TestClient, TestPeer, type LoadedPage } from "./client.ts";
import type { LongPollLine } from "./long-poll-line.ts";

/** A page whose socket is a line that polls all the time, and how the session has ended, if it has. */
export class PollingPage {
  readonly client: TestClient;
  readonly line: LongPollLine;
  /** Resolves with the status that ended it. */
  readonly ended: Promise<number>;

  constructor(page: LoadedPage, line: LongPollLine) {
    const peer = new TestPeer();
    this.line = line;
    this.client = new TestClient(page, peer, {
      receive: (data) => void line.post(data),
      tooLarge: () => {},
      ponged: () => {},
      flushed: () => {},
      closed: () => {},
    });
    this.ended = this.#run(peer);
  }

  async #run(peer: TestPeer): Promise<number> {
    for (;;) {
      const { status, messages } = await this.line.poll();
      if (status !== 200 && status !== 204) return status;
      for (const message of messages) peer.sendText(message);
    }
  }
}

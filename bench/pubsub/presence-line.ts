/** Listens to what presences send each other through Redis: how much it is. */
import { createClient } from "redis";

const CHANNELS = "wingbeat:wingbeat:presence:*";

export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
  readonly largestBytes: number;
}

export class PresenceLine {
  readonly #client: ReturnType<typeof createClient>;
  #messages = 0;
  #bytes = 0;
  #largestBytes = 0;

  private constructor(client: ReturnType<typeof createClient>) {
    this.#client = client;
  }

  static async open(url: string): Promise<PresenceLine> {
    const client = createClient({ url });
    client.on("error", (error) => console.error(error));
    await client.connect();
    const line = new PresenceLine(client);
    await client.pSubscribe(CHANNELS, (message) => line.#heard(message.byteLength), true);
    return line;
  }

  /** Since the last call. */
  take(): Traffic {
    const traffic = { messages: this.#messages, bytes: this.#bytes, largestBytes: this.#largestBytes };
    [this.#messages, this.#bytes, this.#largestBytes] = [0, 0, 0];
    return traffic;
  }

  async close(): Promise<void> {
    await this.#client.disconnect();
  }

  #heard(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
  }
}

import { once } from "node:events";
import { WebSocket } from "ws";

/** One message of the server, as it stands on the wire. */
export type WireFrame = [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: Record<string, unknown>,
];

/** A page that was loaded over the network. */
export interface NetworkPage {
  readonly url: string;
  readonly cookie: string;
  readonly csrfToken: string;
  readonly session: string;
  readonly static: string;
}

/** @param cookie what the browser has already: `name=value` */
export async function loadPage(url: string, cookie?: string): Promise<NetworkPage> {
  const response = await fetch(url, cookie === undefined ? {} : { headers: { cookie } });
  const html = await response.text();
  const find = (pattern: RegExp): string => pattern.exec(html)?.[1] ?? "";
  return {
    url,
    cookie: response.headers
      .getSetCookie()
      .map((header) => header.slice(0, header.indexOf(";")))
      .concat(cookie ?? [])
      .join("; "),
    csrfToken: find(/<meta name="csrf-token" content="([^"]*)"/),
    session: find(/data-phx-session="([^"]*)"/),
    static: find(/data-phx-static="([^"]*)"/),
  };
}

/** A page with a socket of the network. */
export class NetworkClient {
  readonly page: NetworkPage;
  readonly webSocket: WebSocket;
  readonly frames: WireFrame[] = [];
  /** Resolves with the code when the connection has closed. */
  readonly closed: Promise<number>;
  #lastRef = 0;
  #waiting: (() => void)[] = [];

  private constructor(page: NetworkPage, webSocket: WebSocket) {
    this.page = page;
    this.webSocket = webSocket;
    this.closed = new Promise((resolve) => webSocket.once("close", resolve));
    webSocket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) throw new Error("The browser client reads no binary frame.");
      // Every frame of the server is an array of five (docs/protocol.md, section 4).
      this.frames.push(JSON.parse(data.toString("utf8")) as WireFrame);
      for (const check of this.#waiting) check();
    });
    webSocket.on("error", () => {});
  }

  /** Opens the socket of a page. */
  static async open(page: NetworkPage): Promise<NetworkClient> {
    const { origin } = new URL(page.url);
    const webSocket = new WebSocket(`${origin.replace("http", "ws")}/live/websocket?vsn=2.0.0`, {
      origin,
      headers: { cookie: page.cookie },
    });
    const client = new NetworkClient(page, webSocket);
    await once(webSocket, "open");
    return client;
  }

  /** Loads a page, opens its socket, joins. */
  static async visit(url: string, cookie?: string): Promise<NetworkClient> {
    const client = await NetworkClient.open(await loadPage(url, cookie));
    const { status, response } = await client.join();
    if (status !== "ok") throw new Error(`The join of ${url} was refused: ${JSON.stringify(response)}`);
    return client;
  }

  /** @param changes what is other in it than the page says */
  join(changes: object = {}): Promise<{ status: string; response: Record<string, unknown> }> {
    const { url, session, static: staticToken, csrfToken } = this.page;
    this.#lastRef++;
    const ref = String(this.#lastRef);
    this.webSocket.send(
      JSON.stringify([
        ref,
        ref,
        "lv:phx-main",
        "phx_join",
        {
          url,
          session,
          static: staticToken,
          params: { _csrf_token: csrfToken, _mounts: 0 },
          sticky: false,
          ...changes,
        },
      ]),
    );
    return this.#reply(ref);
  }

  /** Sends an event as a click does; resolves with the reply's response. */
  async event(event: string, value: unknown = {}): Promise<Record<string, unknown>> {
    this.#lastRef++;
    const ref = String(this.#lastRef);
    this.webSocket.send(JSON.stringify(["1", ref, "lv:phx-main", "event", { type: "click", event, value }]));
    return (await this.#reply(ref)).response;
  }

  async #reply(ref: string): Promise<{ status: string; response: Record<string, unknown> }> {
    const isReply = ([, own, , event]: WireFrame): boolean => event === "phx_reply" && own === ref;
    await this.until(() => this.frames.some(isReply));
    // `until` has found it, and every reply has this payload.
    return this.frames.find(isReply)![4] as { status: string; response: Record<string, unknown> };
  }

  /** Resolves as soon as the condition holds; asked again with each frame. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!condition()) return;
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve();
      };
      this.#waiting.push(check);
      void this.closed.then((code) => reject(new Error(`The connection was closed with ${code}.`)));
      check();
    });
  }
}

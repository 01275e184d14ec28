const ORIGIN = "http://localhost:4000";

/** Answers requests: an app, or something that chooses among several. */
export type Send = (request: Request) => Promise<Response>;

/** What a request of a long-polling client is answered with, as it reads it. */
export interface PollAnswer {
  readonly status: number;
  readonly token?: string;
  readonly messages: readonly string[];
}

/** A browser that polls, as far as the server can tell: what `LongPoll` of the npm client sends, one request at a time. */
export class LongPollLine {
  readonly cookie: string;
  token = "";
  readonly #send: Send;
  #posting: Promise<unknown> = Promise.resolve();

  constructor(send: Send, cookie: string) {
    this.#send = send;
    this.cookie = cookie;
  }

  /** Begins a session. */
  static async open(send: Send, cookie: string): Promise<LongPollLine> {
    const line = new LongPollLine(send, cookie);
    const { status } = await line.poll();
    if (status !== 410) throw new Error(`The session was refused with ${status}.`);
    return line;
  }

  async poll(init: RequestInit = {}): Promise<PollAnswer> {
    const answer = await this.ask({ method: "GET", ...init });
    if (answer.token !== undefined) this.token = answer.token;
    return answer;
  }

  /** Frames of text, or binary ones. Sent after those of earlier calls. */
  post(...frames: readonly (string | Uint8Array)[]): Promise<PollAnswer> {
    const body = frames
      .map((frame) => (typeof frame === "string" ? frame : Buffer.from(frame).toString("base64")))
      .join("\n");
    const answer = this.#posting.then(() => this.postBody(body));
    this.#posting = answer.catch(() => {});
    return answer;
  }

  postBody(body: RequestInit["body"]): Promise<PollAnswer> {
    return this.ask({ method: "POST", body: body ?? "", headers: { "content-type": "application/x-ndjson" } });
  }

  async ask(init: RequestInit, token = this.token): Promise<PollAnswer> {
    const { status, headers, body } = await this.respond(init, token);
    if (status !== 200 || headers.get("cache-control") !== "no-store") throw new Error(`HTTP says ${status}.`);
    return JSON.parse(body) as PollAnswer;
  }

  /** The response as HTTP has it. */
  async respond(init: RequestInit, token = this.token): Promise<{ status: number; headers: Headers; body: string }> {
    const headers = new Headers(init.headers);
    if (!headers.has("cookie") && this.cookie !== "") headers.set("cookie", this.cookie);
    // Browsers name it with every request but a GET of the same origin.
    if (!headers.has("origin") && init.method !== "GET") headers.set("origin", ORIGIN);
    const url = `${ORIGIN}/live/longpoll?vsn=2.0.0${token === "" ? "&" : `&token=${encodeURIComponent(token)}`}`;
    const request = new Request(url, { ...init, headers, ...(init.body && { duplex: "half" }) });
    const response = await this.#send(request);
    return { status: response.status, headers: response.headers, body: await response.text() };
  }
}

import { HttpConnection } from "./load/http-connection.ts";
import { visitPhoenix } from "./load/phoenix-visitor.ts";
import type { Child } from "./rpc.ts";
import type { ServerCommands } from "./servers/commands.ts";

/** What Wingbeat was seen to send for one page: the bytes that the bare server repeats. */
export interface Capture {
  readonly page: { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  readonly joinReply: string;
  /** A push that carries a mark (stamp.ts), if something was published. */
  readonly push?: string;
  /** The reply to a click, if there was one. */
  readonly reply?: string;
}

export interface CaptureOrder {
  readonly path: string;
  readonly publishes?: { readonly padding: number };
  readonly clicks?: { readonly event: string; readonly value: string };
}

/** Headers that belong to the connection, not to the page: the server that repeats the page sets its own. */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "date", "content-length", "transfer-encoding"]);

/** Visits a page as a browser does and keeps what the server sends. */
export async function capture(server: Child<ServerCommands>, port: number, order: CaptureOrder): Promise<Capture> {
  const http = new HttpConnection(port);
  const { head, body } = await http.get(order.path);
  const visitor = await visitPhoenix({ dialect: "phoenix", port, path: order.path }, http);
  http.close();
  const texts: string[] = [];
  visitor.socket.onText = (bytes, start, end) => texts.push(bytes.toString("utf8", start, end));
  const next = async (act: () => unknown): Promise<string> => {
    const before = texts.length;
    await act();
    for (let tries = 0; texts.length === before; tries++) {
      if (tries > 200) throw new Error(`${order.path} sent nothing within 2 s`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return texts.at(-1) ?? "";
  };
  const { publishes, clicks } = order;
  let push: string | undefined;
  // The third one: the first into an empty list also carries the list's statics.
  const sequences = publishes === undefined ? [] : [1, 2, 3];
  for (const sequence of sequences) {
    push = await next(() =>
      server.call("publish", {
        path: order.path,
        mode: "burst",
        firstSequence: sequence,
        count: 1,
        padding: publishes?.padding ?? 0,
      }),
    );
  }
  let reply: string | undefined;
  if (clicks) reply = await next(() => visitor.socket.sendText(visitor.event(clicks.event, clicks.value)));
  visitor.socket.destroy();
  return {
    page: { headers: headersOf(head), body: body.toString() },
    joinReply: visitor.joinReply,
    ...(push === undefined ? {} : { push }),
    ...(reply === undefined ? {} : { reply }),
  };
}

function headersOf(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split("\r\n").slice(1)) {
    const [, name = "", value = ""] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** A visitor who speaks as the npm packages `phoenix` and `phoenix_live_view` do in a browser. docs/protocol.md, 2 to 6. */
import { RawWebSocket } from "./raw-web-socket.ts";
import type { HttpConnection, Page } from "./http-connection.ts";
import type { Target, Visitor } from "./visitor.ts";

const JOIN_REF = "4";

export async function visitPhoenix(target: Target, http: HttpConnection): Promise<Visitor> {
  const page = readPage(await http.get(target.path, target.cookie));
  const cookies = [target.cookie, page.cookies].filter(Boolean).join("; ");
  const origin = `http://127.0.0.1:${target.port}`;
  const socket = await RawWebSocket.open({
    port: target.port,
    path: `/live/websocket?_csrf_token=${encodeURIComponent(page.csrfToken)}&vsn=2.0.0`,
    headers: [`origin: ${origin}`, ...(cookies === "" ? [] : [`cookie: ${cookies}`])],
  });
  const topic = `lv:${page.id}`;
  const join = {
    url: `${origin}${target.path}`,
    params: { _csrf_token: page.csrfToken, _mounts: 0, _mount_attempts: 0 },
    session: page.session,
    static: page.static === "" ? null : page.static,
    sticky: false,
  };
  const joinReply = await ask(socket, JSON.stringify([JOIN_REF, JOIN_REF, topic, "phx_join", join]), JOIN_REF);
  if (!joinReply.includes('"rendered"')) throw new Error(`the join was refused: ${joinReply.slice(0, 300)}`);
  let ref = Number(JOIN_REF);
  for (const { id, ...tokens } of page.sticky) {
    const joinRef = String(++ref);
    const payload = { params: join.params, ...tokens, sticky: true };
    const reply = await ask(socket, JSON.stringify([joinRef, joinRef, `lv:${id}`, "phx_join", payload]), joinRef);
    if (!reply.includes('"rendered"')) throw new Error(`the join of ${id} was refused: ${reply.slice(0, 300)}`);
  }
  return {
    socket,
    joinReply,
    event: (name, value) =>
      `["${JOIN_REF}","${++ref}","${topic}","event",{"type":"click","event":"${name}","value":${value}}]`,
    heartbeat: () => socket.sendText(`[null,"${++ref}","phoenix","heartbeat",{}]`),
  };
}

/** Sends a join and resolves with its reply. */
function ask(socket: RawWebSocket, text: string, ref: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const beginning = `["${ref}","${ref}"`;
    socket.onText = (bytes, start, end) => {
      // Those who have joined before are sent what changes meanwhile.
      if (bytes.toString("latin1", start, start + beginning.length) === beginning)
        resolve(bytes.toString("utf8", start, end));
    };
    socket.onClose = (code) => reject(new Error(`closed with ${code} while joining`));
    socket.sendText(text);
  });
}

interface LivePage {
  readonly id: string;
  readonly session: string;
  readonly static: string;
  /** The sticky views on it. */
  readonly sticky: readonly { readonly id: string; readonly session: string; readonly static: string }[];
  readonly csrfToken: string;
  readonly cookies: string;
}

function readPage({ head, body }: Page): LivePage {
  const text = body.toString();
  const root = /<[a-z]+\s[^>]*data-phx-session="[^"]*"[^>]*>/.exec(text)?.[0];
  const meta = /<meta\s[^>]*name="csrf-token"[^>]*>/.exec(text)?.[0];
  if (root === undefined) throw new Error(`the page has no live view:\n${text.slice(0, 500)}`);
  return {
    id: attribute(root, "id"),
    session: attribute(root, "data-phx-session"),
    static: attribute(root, "data-phx-static"),
    sticky: [...text.matchAll(/<[a-z]+\s[^>]*data-phx-sticky[^>]*>/g)].map(([tag]) => ({
      id: attribute(tag, "id"),
      session: attribute(tag, "data-phx-session"),
      static: attribute(tag, "data-phx-static"),
    })),
    csrfToken: meta === undefined ? "" : attribute(meta, "content"),
    cookies: [...head.matchAll(/\r\nset-cookie: *([^;\r]+)/gi)].map(([, cookie]) => cookie).join("; "),
  };
}

function attribute(tag: string, name: string): string {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
}

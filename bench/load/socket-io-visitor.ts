/** A visitor who speaks as `socket.io-client` does with `transports: ["websocket"]`. There is no page. */
import type { HttpConnection } from "./http-connection.ts";
import { RawWebSocket } from "./raw-web-socket.ts";
import type { Target, Visitor } from "./visitor.ts";

export async function visitSocketIo(target: Target, _http: HttpConnection): Promise<Visitor> {
  const socket = await RawWebSocket.open({
    port: target.port,
    path: "/socket.io/?EIO=4&transport=websocket",
    headers: [`origin: http://127.0.0.1:${target.port}`],
  });
  const joinReply = await new Promise<string>((resolve, reject) => {
    socket.onClose = (code) => reject(new Error(`closed with ${code} while connecting`));
    socket.onText = (bytes, start, end) => {
      const text = bytes.toString("utf8", start, end);
      if (text.startsWith("0")) socket.sendText("40");
      else resolve(text);
    };
  });
  if (!joinReply.startsWith("40")) throw new Error(`not connected: ${joinReply.slice(0, 300)}`);
  let id = 0;
  return {
    socket,
    joinReply,
    event: (name, value) => `42${++id}["${name}",${value}]`,
    // The server asks; the client answers `3`. It may do so unasked, which engine.io takes as a sign of life too.
    heartbeat: () => socket.sendText("3"),
  };
}

import type { LiveApp } from "wingbeat";

/** What a page was loaded with. */
interface Page {
  readonly cookie: string;
  readonly join: string;
}

const ORIGIN = "http://localhost:4000";

export async function loadForJoin(app: LiveApp, path: string): Promise<Page> {
  const url = `${ORIGIN}${path}`;
  const response = await app.fetch(new Request(url));
  const html = await response.text();
  const find = (pattern: RegExp): string => pattern.exec(html)?.[1] ?? "";
  const [cookie = ""] = (response.headers.getSetCookie()[0] ?? "").split(";");
  const payload = {
    url,
    session: find(/data-phx-session="([^"]*)"/),
    static: find(/data-phx-static="([^"]*)"/),
    params: { _csrf_token: find(/<meta name="csrf-token" content="([^"]*)"/), _mounts: 0 },
  };
  return { cookie, join: JSON.stringify(["1", "1", "lv:phx-main", "phx_join", payload]) };
}

/**
 * Opens a socket in memory, joins, clicks once, and closes it.
 * @param impatient closes at once, while the mount may still wait for its subscriptions
 */
export async function mountAndUnmount(app: LiveApp, page: Page, impatient: boolean): Promise<void> {
  const decision = await app.upgrade(
    new Request(`${ORIGIN}/live/websocket?vsn=2.0.0`, { headers: { origin: ORIGIN, cookie: page.cookie } }),
  );
  if (decision instanceof Response) throw new Error(`The socket was refused with ${decision.status}.`);
  await new Promise<void>((resolve, reject) => {
    let replies = 0;
    const connected = decision.open({
      bufferedAmount: 0,
      remoteAddress: undefined,
      sendText: (text) => {
        if (text.includes('"status":"error"')) reject(new Error(text));
        if (!text.includes('"status":"ok"') || ++replies < 2 || impatient) return;
        connected.closed();
        resolve();
      },
      sendPrepared: () => {},
      ping: () => {},
      close: () => {},
      terminate: () => {},
    });
    connected.receive(page.join);
    connected.receive('["1","2","lv:phx-main","event",{"type":"click","event":"inc","value":{}}]');
    if (!impatient) return;
    connected.closed();
    resolve();
  });
}

import { connectionNoticeScript, inScript, type ConnectionNoticeOptions } from "./connection-notice.ts";
import { NO_RELOAD_OFFLINE_SCRIPT, PAGE_SOCKET_SCRIPT } from "./page-socket.ts";
import { LOST_UPLOADS_SCRIPT } from "./uploads/lost-uploads.ts";

/** What the default page's inline module needs to know. */
export interface BootOptions {
  readonly socketPath: string;
  /** In development: identifies this start of the server, so that an open page knows when it is not the same any more. */
  readonly bootId: string | undefined;
  /** The address of the app's own module. */
  readonly modulePath: string | undefined;
  /** How long a WebSocket may take before the page polls instead, in milliseconds; `undefined`: it never does. */
  readonly longPollFallbackMs: number | undefined;
  /** `undefined`: the page shows none. */
  readonly connectionNotice: ConnectionNoticeOptions | undefined;
}

/** The topic of messages to the page itself, which no channel of the client listens to. Development only. */
export const PAGE_TOPIC = "wingbeat";

/** The module that connects a page. */
export function bootScript(options: BootOptions): string {
  const { socketPath, bootId, modulePath, longPollFallbackMs, connectionNotice } = options;
  const development = bootId === undefined ? "" : developmentScript(bootId);
  const own = modulePath === undefined ? "" : ownModuleScript(modulePath);
  const fallback = longPollFallbackMs === undefined ? "" : fallbackScript;
  const fallbackOption = longPollFallbackMs === undefined ? "" : `, longPollFallbackMs: ${longPollFallbackMs}`;
  const notice = connectionNotice === undefined ? "" : connectionNoticeScript(connectionNotice);
  const ownOptions = modulePath === undefined ? "" : ", hooks, dom, metadata, uploaders";
  return `${own}
const csrfToken = document.querySelector("meta[name='csrf-token']")?.content;
${PAGE_SOCKET_SCRIPT}${LOST_UPLOADS_SCRIPT}
const joinParams = (view) => {
  const lost = lostUploads(view);
  return { _csrf_token: csrfToken, ...(lost.length > 0 && { _lost_uploads: lost }) };
};
const liveSocket = new LiveView.LiveSocket(${JSON.stringify(socketPath)}, PageSocket, { params: joinParams${ownOptions}${fallbackOption} });
${NO_RELOAD_OFFLINE_SCRIPT}${fallback}${development}${notice}liveSocket.connect();
window.liveSocket = liveSocket;
`;
}

/**
 * A page that has had a WebSocket never polls: when its server restarts, the next one is refused for a moment, and the client
 * would poll from then on, for as long as the page is open.
 */
const fallbackScript = `
liveSocket.socket.onMessage(() => {
  if (liveSocket.socket.transport === window.WebSocket) liveSocket.socket.longPollFallbackMs = undefined;
});
`;

/** The page lives without the module if that cannot be loaded. */
function ownModuleScript(path: string): string {
  return `
const failed = (error) => { console.error("The page's own client module failed: ", error); return {}; };
const { hooks, dom, metadata, uploaders } = await import(${inScript(path)}).catch(failed);`;
}

/** Reloads the page once the server has restarted, and shows the errors of its views. */
function developmentScript(bootId: string): string {
  return `
liveSocket.socket.onMessage(({ topic, event, payload }) => {
  if (topic !== ${JSON.stringify(PAGE_TOPIC)}) return;
  if (event === "boot" && payload.id !== ${JSON.stringify(bootId)}) location.reload();
  if (event === "error") showError(payload);
});
function showError({ title, text }) {
  document.getElementById("wingbeat-error")?.remove();
  const panel = document.createElement("section");
  panel.id = "wingbeat-error";
  panel.setAttribute("role", "alert");
  panel.style.cssText = "position:fixed;inset:auto 0 0 0;max-height:60vh;overflow:auto;z-index:2147483647;margin:0;padding:1rem 1.25rem;background:#2b0a0e;color:#ffe9ea;font:14px/1.5 ui-monospace,monospace;border-top:4px solid #e5484d";
  const heading = document.createElement("strong");
  heading.textContent = title;
  const details = document.createElement("pre");
  details.textContent = text;
  details.style.cssText = "white-space:pre-wrap;overflow-wrap:anywhere;margin:.75rem 0 0;font:inherit";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.style.cssText = "float:right;font:inherit;padding:.25rem .75rem;color:inherit;background:none;border:1px solid currentColor;border-radius:4px;cursor:pointer";
  close.onclick = () => panel.remove();
  panel.append(close, heading, details);
  document.body.append(panel);
}
`;
}

/** How long an answer may take before the line is asked for a sign of life, in milliseconds. */
const SILENCE_MS = 4_000;
/** How long that sign may take, and how long a new connection. A server that is only busy answers in that time. */
const PATIENCE_MS = 8_000;

/**
 * Client code: the socket class of a page, `PageSocket`.
 *
 * The token goes into the joins and not into the socket's URL, where logs would keep it: the client gives one set of params to
 * both, so that the class takes them away.
 *
 * A line that is dead without a word (the other network, the tunnel, the sleeping laptop) is noticed by the client's heartbeat only,
 * after up to a minute; by then what the user has done meanwhile makes it load the page, with all that was typed. So whoever sends
 * something and hears nothing asks for a sign of life, and without one connects anew. Nothing is sent while nobody does anything,
 * and nothing is tried while the page is hidden.
 */
export const PAGE_SOCKET_SCRIPT = `
class PageSocket extends Phoenix.Socket {
  #watch;
  constructor(url, options) {
    super(url, { ...options, params: {} });
    this.onOpen(() => this.#heard());
    this.onMessage(() => this.#heard());
    document.addEventListener("visibilitychange", () => document.hidden || this.ping(() => {}));
  }
  connect(params) {
    super.connect(params);
    if (this.isConnected()) return;
    clearTimeout(this.#watch);
    this.#giveUpLater();
  }
  disconnect(...how) {
    this.#heard();
    super.disconnect(...how);
  }
  push(message) {
    super.push(message);
    if (this.isConnected() && !this.conn.skipHeartbeat) this.#watch ??= setTimeout(() => { this.ping(() => {}); this.#giveUpLater(); }, ${SILENCE_MS});
  }
  #heard() {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }
  #giveUpLater() {
    const line = this.conn;
    this.#watch = setTimeout(() => {
      if (document.hidden) return this.#giveUpLater();
      this.#watch = undefined;
      if (line && line === this.conn && !line.skipHeartbeat) this.disconnect(() => this.connect());
    }, ${PATIENCE_MS});
  }
}`;

/**
 * Client code for a page's `liveSocket`: 30 s after a push that nobody has answered the client loads the page again. While there is
 * no connection that would trade all that was typed for the browser's own error page; the join after the outage mends it.
 */
export const NO_RELOAD_OFFLINE_SCRIPT = `
const reloadWithJitter = liveSocket.reloadWithJitter.bind(liveSocket);
liveSocket.reloadWithJitter = (...why) => { if (liveSocket.isConnected()) reloadWithJitter(...why); };
`;

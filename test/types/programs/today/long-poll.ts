// Long-polling: what its option accepts; a line with ✗ must be refused with the text after it.
import { createLiveApp, createLiveView, html, type LongPollOptions } from "wingbeat";

const routes = { "/": createLiveView({ render: () => html`<p>here</p>` }) };
const patient: LongPollOptions = { fallbackAfterMs: 5_000, windowMs: undefined };

export const apps = [
  createLiveApp({ routes, longPoll: true, limits: { longPollSessions: 100, longPollSessionsPerAddress: 10 } }),
  createLiveApp({ routes, longPoll: false }),
  createLiveApp({ routes, longPoll: patient }),
];

export const refusedApps = [
  createLiveApp({ routes, longPoll: { windowMs: "10s" } }), // ✗ 'string' is not assignable to type 'number'
  createLiveApp({ routes, longPoll: { window: 10_000 } }), // ✗ 'window' does not exist in type 'LongPollOptions'
];

// The WebSocket close codes that we send, and what the browser client does on each (docs/protocol.md, section 23).
// Every code but 1000 makes it show the error classes, reconnect with its backoff (10 ms, 50 ms, … 5 s) and rejoin its views.

/**
 * "Normal closure". We never send it: the client takes it for "the server has gone for good", disconnects, and loads
 * the page again after 5 to 10 s. It is named here so that it is recognised when a peer sends it.
 */
export const NORMAL_CLOSURE = 1000;

/** This client is sent away (its session was ended). It reconnects, and joins as whoever its cookies then say it is. */
export const GOING_AWAY = 1001;

/** It broke a rule of ours: too many events, no join in time, a message that is no frame. It reconnects, so say it in the log. */
export const POLICY_VIOLATION = 1008;

/** A message was longer than the limit. `ws` closes with it by itself when its `maxPayload` is passed. */
export const MESSAGE_TOO_BIG = 1009;

/** A failure of ours outside any view. Details go to `onError`, never into the close reason. */
export const INTERNAL_ERROR = 1011;

/** This server stops, or the client lags too far behind. It reconnects, perhaps elsewhere, and recovers its forms. */
export const SERVICE_RESTART = 1012;

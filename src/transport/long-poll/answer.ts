import { FastResponse } from "srvx";

/**
 * What a request of a long-polling client is answered with. HTTP's own status is always 200: the client looks for this one
 * in the body, and takes any other that it does not know for a mistake of its own program.
 */
export interface Answer {
  /**
   * 200: frames, or a POST was taken. 204: no frames yet. 403: forbidden. 410: there is no such session, or, with a token,
   * a new one. 405, 413, 415, 500: as in HTTP.
   */
  readonly status: 200 | 204 | 403 | 405 | 410 | 413 | 415 | 500;
  /** For the client's next request. */
  readonly token?: string | undefined;
  /** Frames, each as a JSON string, with commas between them. */
  readonly messages?: string | undefined;
}

/** What a session answers. */
export interface SessionAnswer extends Answer {
  readonly status: 200 | 204 | 403 | 410;
}

/** `headers` are further ones. */
export function respond({ status, token, messages = "" }: Answer, headers: Record<string, string>): Response {
  const named = token === undefined ? "" : `,"token":${JSON.stringify(token)}`;
  return new FastResponse(`{"status":${status}${named},"messages":[${messages}]}`, {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}

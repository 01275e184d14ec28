import { refuse, type DecodeResult } from "../decode-result.ts";
import { isRecord } from "../protocol/decode.ts";
import type { PubSub } from "../pubsub/pubsub.ts";
import {
  LongPollEndpoint,
  type LongPollClaims,
  type LongPollEndpointOptions,
} from "../transport/long-poll/long-poll-endpoint.ts";
import type { Limits } from "./limits.ts";
import type { LongPollSettings } from "./long-poll-options.ts";
import { refuseOrigin, type OriginRules } from "./origin.ts";
import { randomId } from "./random-id.ts";
import type { TokenSigner } from "./tokens.ts";
import { browserIdOf, type Visitors } from "./visitor.ts";

/** Every answer brings a new token, and without a request a session lives for seconds: in milliseconds. */
const TOKEN_MAX_AGE_MS = 10 * 60_000;

/** What long-polling needs of its app. */
export interface LongPollHost extends Pick<LongPollEndpointOptions, "refuseVersion" | "admit" | "warn" | "report"> {
  readonly socketPath: string;
  readonly limits: Limits;
  readonly origins: OriginRules;
  readonly pubSub: PubSub;
  readonly signer: TokenSigner;
  readonly visitors: Visitors;
}

/** The endpoint of an app that has switched long-polling on. */
export function openLongPoll({ windowMs }: LongPollSettings, host: LongPollHost): LongPollEndpoint {
  const { socketPath, limits, origins, pubSub, signer, visitors, refuseVersion, admit, warn, report } = host;
  return new LongPollEndpoint({
    path: `${socketPath}/longpoll`,
    windowMs,
    maxMessageBytes: limits.maxMessageBytes,
    maxSessions: limits.longPollSessions,
    maxSessionsPerAddress: limits.longPollSessionsPerAddress,
    pubSub,
    node: randomId(12),
    newId: () => randomId(16),
    sign: (claims) => signer.sign("long-poll", claims),
    verify: (token) => readClaims(signer.verify("long-poll", token, TOKEN_MAX_AGE_MS)),
    refuseVersion,
    refuseOrigin: (origin) => refuseOrigin(origin, origins),
    // Scripts can read the token, and must not learn the cookie by it.
    visitorOf: (request) => signer.mac("long-poll", browserIdOf(visitors.cookieIdOf(request) ?? "")),
    admit,
    warn,
    report,
  });
}

function readClaims(verified: DecodeResult<unknown>): DecodeResult<LongPollClaims> {
  if (!verified.ok) return verified;
  if (!isRecord(verified.value)) return refuse("the token holds something else");
  const { node, session, sequence, visitor } = verified.value;
  const isWhole =
    typeof node === "string" &&
    typeof session === "string" &&
    typeof sequence === "number" &&
    typeof visitor === "string";
  return isWhole ? { ok: true, value: { node, session, sequence, visitor } } : refuse("the token holds something else");
}

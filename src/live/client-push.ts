import { isRecord, refuse, type DecodeResult } from "../protocol/decode.ts";
import { CLEAR_FLASH_EVENT, LIVE_PATCH_EVENT, VIEW_EVENT } from "../protocol/keys.ts";
import type { ParamLimits } from "../protocol/params.ts";
import type { ViewEvent } from "./client-message.ts";
import { decodeEvent, decodeLivePatch, type ClientEvent } from "../protocol/payloads.ts";

/** What the page asks of its view. Each is answered by exactly one reply to its `ref`. */
export type ClientPush =
  | {
      readonly kind: "event";
      readonly ref: string;
      readonly event: ClientEvent;
      /** What its schema said, if that had to be awaited. */
      readonly checked?: DecodeResult<ViewEvent>;
    }
  | { readonly kind: "patch"; readonly ref: string; readonly url: string }
  | { readonly kind: "clear-flash"; readonly ref: string; readonly key: string | undefined };

/** Decodes a message on a view's channel. Never throws. */
export function decodeClientPush(
  event: string,
  ref: string,
  payload: unknown,
  limits: ParamLimits,
): DecodeResult<ClientPush> {
  if (event === LIVE_PATCH_EVENT) {
    const decoded = decodeLivePatch(payload);
    return decoded.ok ? { ok: true, value: { kind: "patch", ref, url: decoded.value.url } } : decoded;
  }
  if (event !== VIEW_EVENT) return refuse("a view knows no such message");
  const decoded = decodeEvent(payload, limits);
  if (!decoded.ok) return decoded;
  const { value } = decoded;
  // A click on a component may cross the diff that has just removed it.
  if (value.cid !== undefined) return refuse("the component is not on the page");
  if (value.event === CLEAR_FLASH_EVENT)
    return { ok: true, value: { kind: "clear-flash", ref, key: flashKey(value.value) } };
  if (value.event.startsWith("lv:")) return refuse('event names that begin with "lv:" are reserved');
  return { ok: true, value: { kind: "event", ref, event: value } };
}

function flashKey(value: unknown): string | undefined {
  return isRecord(value) && typeof value["key"] === "string" ? value["key"] : undefined;
}

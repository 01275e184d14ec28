import { refuse, type DecodeResult } from "../decode-result.ts";
import { isRecord } from "../protocol/decode.ts";
import {
  ALLOW_UPLOAD_EVENT,
  CLEAR_FLASH_EVENT,
  COMPONENTS_GONE_EVENT,
  COMPONENTS_WILL_GO_EVENT,
  LIVE_PATCH_EVENT,
  PROGRESS_EVENT,
  VIEW_EVENT,
} from "../protocol/keys.ts";
import type { ParamLimits } from "../protocol/params.ts";
import type { CheckedEvent } from "./hooks/stage-hooks.ts";
import { decodePreflight, decodeProgress, type Preflight, type Progress } from "../protocol/uploads.ts";
import { decodeComponents, decodeEvent, decodeLivePatch, type ClientEvent } from "../protocol/payloads.ts";

/** What the page asks of its view. Each is answered by exactly one reply to its `ref`. */
export type ClientPush =
  | {
      readonly kind: "event";
      readonly ref: string;
      readonly event: ClientEvent;
      /** What mount hooks and its schema said, if that had to be awaited. */
      readonly checked?: CheckedEvent;
    }
  | { readonly kind: "patch"; readonly ref: string; readonly url: string }
  | { readonly kind: "clear-flash"; readonly ref: string; readonly key: string | undefined }
  | {
      /** The page has no elements of these live components any more; and then: it wants to forget them. */
      readonly kind: "components-will-go" | "components-gone";
      readonly ref: string;
      readonly numbers: readonly number[];
    }
  | { readonly kind: "allow-upload"; readonly ref: string; readonly preflight: Preflight }
  | { readonly kind: "progress"; readonly ref: string; readonly progress: Progress };

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
  if (event === COMPONENTS_WILL_GO_EVENT || event === COMPONENTS_GONE_EVENT) {
    const decoded = decodeComponents(payload);
    if (!decoded.ok) return decoded;
    const kind = event === COMPONENTS_GONE_EVENT ? "components-gone" : "components-will-go";
    return { ok: true, value: { kind, ref, numbers: decoded.value } };
  }
  if (event === ALLOW_UPLOAD_EVENT) {
    const decoded = decodePreflight(payload, limits);
    return decoded.ok ? { ok: true, value: { kind: "allow-upload", ref, preflight: decoded.value } } : decoded;
  }
  if (event === PROGRESS_EVENT) {
    const decoded = decodeProgress(payload);
    return decoded.ok ? { ok: true, value: { kind: "progress", ref, progress: decoded.value } } : decoded;
  }
  if (event !== VIEW_EVENT) return refuse("a view knows no such message");
  const decoded = decodeEvent(payload, limits);
  if (!decoded.ok) return decoded;
  const { value } = decoded;
  if (value.event === CLEAR_FLASH_EVENT)
    return { ok: true, value: { kind: "clear-flash", ref, key: flashKey(value.value) } };
  if (value.event.startsWith("lv:")) return refuse('event names that begin with "lv:" are reserved');
  return { ok: true, value: { kind: "event", ref, event: value } };
}

function flashKey(value: unknown): string | undefined {
  return isRecord(value) && typeof value["key"] === "string" ? value["key"] : undefined;
}

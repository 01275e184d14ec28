import { type DecodeResult, refuse } from "../decode-result.ts";
import { isList, isRecord } from "./decode.ts";
import { decodeForm, decodeTarget, type FormParams } from "./form.ts";
import { boundValue, DEFAULT_PARAM_LIMITS, type ParamLimits } from "./params.ts";
import { decodeUploads, type InputFiles } from "./uploads.ts";

/** What a view's `phx_join` carries; docs/protocol.md, section 6. The tokens are not verified yet. */
export type JoinPayload = {
  /** The page's address, unless the view was reached by live navigation. Never present together with `redirect`. */
  readonly url: string | undefined;
  /** The page's address if the view was reached by live navigation, on rejoins too. Nested and sticky views have neither. */
  readonly redirect: string | undefined;
  /** The parameters of the page's LiveSocket, with those that the client adds (`_mounts` and others). */
  readonly params: { readonly [name: string]: unknown };
  /** `params._csrf_token`, if it is a string. */
  readonly csrfToken: string | undefined;
  /** How often this client has joined this view before: 0 for the first time. */
  readonly mounts: number;
  /** The address that a live navigation came from. */
  readonly referer: string | undefined;
  /** The absolute URLs of the elements with `phx-track-static`. */
  readonly trackStatic: readonly string[];
  /** The signed token of the view's element. Empty for a nested view of a dead render. */
  readonly session: string;
  /** What the client sends for an element whose `data-phx-static` is empty is `null`. */
  readonly static: string | null;
  /** The signed flash of a live navigation. */
  readonly flash: string | undefined;
  readonly sticky: boolean;
};

/** An event from the page; docs/protocol.md, sections 12 and 13. */
export type ClientEvent = {
  /** `click`, `form`, `hook`, …; `null` for what `phx-mounted` pushes. */
  readonly type: string | null;
  readonly event: string;
  /**
   * Bounded, and without keys that could reach a prototype. For a form: its fields as an object without prototype,
   * with the `meta` of the event merged over them and `_target`, if there is one, as a path of names.
   */
  readonly value: unknown;
  /** The component that the event is for; `undefined`: the view itself. */
  readonly cid: number | undefined;
  /** Of a form's change: the files that its changed input has now. */
  readonly uploads?: readonly InputFiles[];
};

const MAX_URL_LENGTH = 8 * 1024;
const MAX_TOKEN_LENGTH = 8 * 1024;
const MAX_EVENT_NAME_LENGTH = 255;

/** Decodes the payload of a view's `phx_join`. Never throws. */
export function decodeJoin(payload: unknown, limits: ParamLimits = DEFAULT_PARAM_LIMITS): DecodeResult<JoinPayload> {
  if (!isRecord(payload)) return refuse("the join's payload is not an object");
  const { url, redirect, session, static: staticToken, flash, sticky } = payload;
  if (!isOptionalText(url, MAX_URL_LENGTH)) return refuse("the join's url is not a string of at most 8192 characters");
  if (!isOptionalText(redirect, MAX_URL_LENGTH)) {
    return refuse("the join's redirect is not a string of at most 8192 characters");
  }
  if (isText(url, MAX_URL_LENGTH) && isText(redirect, MAX_URL_LENGTH))
    return refuse("the join has both url and redirect");
  if (!isText(session, MAX_TOKEN_LENGTH))
    return refuse("the join's session is not a string of at most 8192 characters");
  if (!isOptionalText(staticToken, MAX_TOKEN_LENGTH)) {
    return refuse("the join's static is neither null nor a string of at most 8192 characters");
  }
  if (!isOptionalText(flash, MAX_TOKEN_LENGTH))
    return refuse("the join's flash is not a string of at most 8192 characters");
  const params = boundValue(payload["params"] ?? {}, limits);
  if (!params.ok) return refuse(`the join's params: ${params.reason}`);
  if (!isRecord(params.value)) return refuse("the join's params are not an object");
  const {
    _csrf_token: csrfToken,
    _mounts: mounts = 0,
    _live_referer: referer,
    _track_static: trackStatic,
  } = params.value;
  if (!isCount(mounts)) return refuse("the join's _mounts is not a whole number of 0 or more");
  return {
    ok: true,
    value: {
      url: url ?? undefined,
      redirect: redirect ?? undefined,
      params: params.value,
      csrfToken: isText(csrfToken, MAX_TOKEN_LENGTH) ? csrfToken : undefined,
      mounts,
      referer: isUrl(referer) ? referer : undefined,
      trackStatic: isList(trackStatic) ? trackStatic.filter(isUrl) : [],
      session,
      static: staticToken || null,
      flash: flash ?? undefined,
      sticky: sticky === true,
    },
  };
}

/** Decodes the payload of an `event`, and the form in it. Never throws. */
export function decodeEvent(payload: unknown, limits: ParamLimits = DEFAULT_PARAM_LIMITS): DecodeResult<ClientEvent> {
  if (!isRecord(payload)) return refuse("the event's payload is not an object");
  const { type, event, cid } = payload;
  if (!isOptionalText(type, MAX_EVENT_NAME_LENGTH))
    return refuse("the event's type is neither null nor a short string");
  if (!isText(event, MAX_EVENT_NAME_LENGTH) || event === "") {
    return refuse("the event's name is not a string of 1 to 255 characters");
  }
  if (cid !== undefined && cid !== null && !isCount(cid))
    return refuse("the event's cid is not a whole number of 0 or more");
  const value = type === "form" ? decodeFormEvent(payload, limits) : boundValue(payload["value"], limits);
  if (!value.ok) return refuse(`the event's value: ${value.reason}`);
  const decoded = { type: type ?? null, event, value: value.value, cid: cid ?? undefined };
  if (type !== "form") return { ok: true, value: decoded };
  const uploads = decodeUploads(payload["uploads"], limits);
  if (!uploads.ok) return uploads;
  return { ok: true, value: uploads.value === undefined ? decoded : { ...decoded, uploads: uploads.value } };
}

function decodeFormEvent(payload: { readonly [key: string]: unknown }, limits: ParamLimits): DecodeResult<unknown> {
  const { value, meta } = payload;
  if (typeof value !== "string") return refuse("a form's value must be a string");
  const fields = decodeForm(value, limits, "refuse");
  if (!fields.ok) return fields;
  const bounded = boundValue(meta ?? {}, limits);
  if (!bounded.ok) return refuse(`meta: ${bounded.reason}`);
  if (!isRecord(bounded.value)) return refuse("meta is not an object");
  return { ok: true, value: mergeMeta(fields.value, bounded.value) };
}

function mergeMeta(fields: FormParams, meta: { readonly [key: string]: unknown }): { readonly [key: string]: unknown } {
  const merged: { [key: string]: unknown } = { __proto__: null, ...fields, ...meta };
  const target = merged["_target"];
  if (typeof target === "string") merged["_target"] = decodeTarget(target);
  return merged;
}

/** Decodes the payload of a `live_patch` of the client. Never throws. Whether the URL is one of ours is for the router. */
export function decodeLivePatch(payload: unknown): DecodeResult<{ readonly url: string }> {
  if (!isRecord(payload)) return refuse("the patch's payload is not an object");
  const { url } = payload;
  if (!isUrl(url)) return refuse("the patch's url is not a string of at most 8192 characters");
  return { ok: true, value: { url } };
}

/** Decodes the payload of `cids_will_destroy` and `cids_destroyed`: numbers of components. Never throws. */
export function decodeComponents(payload: unknown): DecodeResult<readonly number[]> {
  const numbers = isRecord(payload) ? payload["cids"] : undefined;
  if (!isList(numbers) || !numbers.every(isCount)) return refuse("the cids are no list of whole numbers");
  return { ok: true, value: numbers };
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.length <= maxLength;
}

function isOptionalText(value: unknown, maxLength: number): value is string | null | undefined {
  return value === undefined || value === null || isText(value, maxLength);
}

function isUrl(value: unknown): value is string {
  return isText(value, MAX_URL_LENGTH);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

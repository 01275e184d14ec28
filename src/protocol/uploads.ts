import { type DecodeResult, refuse } from "../decode-result.ts";
import { isList, isRecord } from "./decode.ts";
import { boundValue, type ParamLimits } from "./params.ts";

/** A file as the browser describes it; docs/protocol.md, section 18. Nothing of it is true because it says so. */
export type ClientFile = {
  /** The number that the client has given to the file, as text. */
  readonly ref: string;
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** What the browser makes of the name, such as `image/png`; may be empty. */
  readonly type: string;
  /** The path within the folder that was chosen; empty for a single file. */
  readonly relativePath: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number | undefined;
  /** What the page's own JavaScript says about the file. */
  readonly meta: unknown;
};

/** The files that one input of a form has: those of a change event, or those that are to be uploaded now. */
export type InputFiles = { readonly upload: string; readonly files: readonly ClientFile[] };

/** The page asks whether it may upload these files. */
export type Preflight = InputFiles & { readonly cid: number | undefined };

/** How many files an input had when its page lost the view. */
export type LostFiles = { readonly name: string; readonly count: number };

/** How far the page says that an upload is. */
export type Progress = {
  readonly upload: string;
  readonly file: string;
  /** In percent, whole; or why the page has given up. */
  readonly progress: number | { readonly error: string };
  readonly cid: number | undefined;
};

/** As in other tokens. */
const MAX_TOKEN_LENGTH = 8 * 1024;
const MAX_REF_LENGTH = 255;
const MAX_NAME_LENGTH = 4 * 1024;
/** The client counts from 0. */
const FILE_REF = /^\d{1,15}$/;

/** Decodes the `uploads` of a form's change event. Never throws. @returns `undefined` if it names no file */
export function decodeUploads(value: unknown, limits: ParamLimits): DecodeResult<readonly InputFiles[] | undefined> {
  if (value === undefined || value === null) return { ok: true, value: undefined };
  if (!isRecord(value)) return refuse("the event's uploads are not an object");
  const inputs: InputFiles[] = [];
  for (const [upload, files] of Object.entries(value)) {
    const decoded = decodeFiles(files, limits);
    if (!decoded.ok) return decoded;
    inputs.push({ upload, files: decoded.value });
  }
  return { ok: true, value: inputs.length === 0 ? undefined : inputs };
}

/** Decodes the payload of `allow_upload`. Never throws. */
export function decodePreflight(payload: unknown, limits: ParamLimits): DecodeResult<Preflight> {
  if (!isRecord(payload)) return refuse("its payload is not an object");
  const { ref, entries, cid } = payload;
  if (!isUploadRef(ref)) return refuse("its ref is not a short string");
  if (!isOptionalCount(cid)) return refuse("its cid is not a whole number of 0 or more");
  const files = decodeFiles(entries, limits);
  return files.ok ? { ok: true, value: { upload: ref, files: files.value, cid: cid ?? undefined } } : files;
}

/** Decodes the payload of `progress`. Never throws. */
export function decodeProgress(payload: unknown): DecodeResult<Progress> {
  if (!isRecord(payload)) return refuse("its payload is not an object");
  const { ref, entry_ref: file, progress, cid } = payload;
  if (!isUploadRef(ref)) return refuse("its ref is not a short string");
  if (!isFileRef(file)) return refuse("its entry_ref is not a number as text");
  if (!isOptionalCount(cid)) return refuse("its cid is not a whole number of 0 or more");
  const base = { upload: ref, file, cid: cid ?? undefined };
  if (isCount(progress) && progress <= 100) return { ok: true, value: { ...base, progress } };
  const error = isRecord(progress) ? progress["error"] : undefined;
  if (typeof error !== "string") return refuse("its progress is neither a whole number from 0 to 100 nor an error");
  return { ok: true, value: { ...base, progress: { error: error.slice(0, MAX_REF_LENGTH) } } };
}

/** Decodes the payload of the join of an upload's channel: its token. Never throws. */
export function decodeUploadJoin(payload: unknown): DecodeResult<string> {
  const token = isRecord(payload) ? payload["token"] : undefined;
  if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) return refuse("it has no token");
  return { ok: true, value: token };
}

function decodeFiles(value: unknown, limits: ParamLimits): DecodeResult<readonly ClientFile[]> {
  if (!isList(value)) return refuse("the files of an upload are not a list");
  if (value.length > limits.maxKeys) return refuse(`an upload has more than ${limits.maxKeys} files`);
  const files: ClientFile[] = [];
  const seen = new Set<string>();
  for (const each of value) {
    const decoded = decodeFile(each, limits);
    if (!decoded.ok) return decoded;
    const { ref } = decoded.value;
    if (seen.has(ref)) return refuse("an upload has two files of the same ref");
    seen.add(ref);
    files.push(decoded.value);
  }
  return { ok: true, value: files };
}

const MAX_LOST = 100;

/** The parameter `_lost_uploads` of a join; section 18. What is none of it is left out: it only says what the page's own user reads. */
export function decodeLostUploads(value: unknown): readonly LostFiles[] {
  if (!isList(value)) return [];
  return value.slice(0, MAX_LOST).flatMap((each) => {
    if (!isRecord(each)) return [];
    const { name, count } = each;
    return isName(name) && isCount(count) && count > 0 ? [{ name, count }] : [];
  });
}

function decodeFile(value: unknown, limits: ParamLimits): DecodeResult<ClientFile> {
  if (!isRecord(value)) return refuse("a file is not an object");
  const { ref, name, size, type = "", relative_path: relativePath = "", last_modified: lastModified, meta } = value;
  if (!isFileRef(ref)) return refuse("a file's ref is not a number as text");
  if (!isName(name)) return refuse("a file's name is not a string of at most 4096 characters");
  if (!isCount(size)) return refuse("a file's size is not a whole number of 0 or more");
  if (!isName(type)) return refuse("a file's type is not a string of at most 4096 characters");
  if (!isName(relativePath)) return refuse("a file's relative_path is not a string of at most 4096 characters");
  const bounded = boundValue(meta, limits);
  if (!bounded.ok) return refuse(`a file's meta: ${bounded.reason}`);
  const time = typeof lastModified === "number" && Number.isFinite(lastModified) ? lastModified : undefined;
  return { ok: true, value: { ref, name, size, type, relativePath, lastModified: time, meta: bounded.value } };
}

function isUploadRef(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_REF_LENGTH;
}

function isFileRef(value: unknown): value is string {
  return typeof value === "string" && FILE_REF.test(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_NAME_LENGTH;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isOptionalCount(value: unknown): value is number | null | undefined {
  return value === undefined || value === null || isCount(value);
}

import { strangeOption } from "../../argument-kinds.ts";
import { LiveError } from "../../errors.ts";
import type { Awaitable } from "../messages.ts";
import { checkAccept, type Accept } from "./accepts.ts";
import type { UploadEntry, UploadWriter } from "./live-upload.ts";
import type { UploadLimits } from "./upload-quota.ts";

/** What `allowUpload` was given, whatever its context says that becomes of the files. */
export interface ErasedUploadOptions {
  readonly accept: readonly string[] | "any";
  readonly maxEntries?: number | undefined;
  readonly maxFileSize?: number | undefined;
  readonly autoUpload?: boolean | undefined;
  readonly progress?: ((entry: UploadEntry) => Awaitable<void>) | undefined;
  readonly chunkSize?: number | undefined;
  readonly chunkTimeoutMs?: number | undefined;
  readonly verify?: ((start: Uint8Array, entry: UploadEntry) => Awaitable<string | undefined>) | undefined;
  readonly writer?: ((entry: UploadEntry) => Awaitable<UploadWriter<unknown> | WritableStream<Uint8Array>>) | undefined;
  readonly external?: ((entry: UploadEntry) => Awaitable<unknown>) | undefined;
}

const OPTIONS: readonly (keyof ErasedUploadOptions)[] = [
  "accept",
  "maxEntries",
  "maxFileSize",
  "autoUpload",
  "progress",
  "chunkSize",
  "chunkTimeoutMs",
  "verify",
  "writer",
  "external",
];

/** The same, complete and checked. */
export interface UploadSettings extends Pick<ErasedUploadOptions, "progress" | "verify" | "writer" | "external"> {
  readonly accept: Accept;
  readonly maxEntries: number;
  readonly maxFileSize: number;
  readonly autoUpload: boolean;
  readonly chunkSize: number;
  readonly chunkTimeoutMs: number;
}

/** What a binary message holds besides its data, at most. */
const FRAME_BYTES = 1_024;

/** @throws {LiveError} `upload.invalid-option` */
export function uploadSettings(
  name: string,
  options: ErasedUploadOptions,
  limits: UploadLimits & { readonly maxMessageBytes: number },
): UploadSettings {
  const given: unknown = options;
  if (typeof given !== "object" || given === null) {
    throw invalid(
      `allowUpload(${JSON.stringify(name)}) got no options. Say at least which files it takes: socket.allowUpload(${JSON.stringify(name)}, { accept: ["image/*"] }).`,
    );
  }
  const strange = strangeOption(`allowUpload(${JSON.stringify(name)})`, given, OPTIONS);
  if (strange !== undefined) throw invalid(strange);
  const { maxEntries = 1, maxFileSize = 8_000_000, chunkSize = 64_000, chunkTimeoutMs = 10_000 } = options;
  for (const [option, value] of Object.entries({ maxEntries, maxFileSize, chunkSize, chunkTimeoutMs })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw invalid(`allowUpload(${JSON.stringify(name)}) got ${option}: ${value}. It must be a whole number above 0.`);
  }
  const largest = limits.maxMessageBytes - FRAME_BYTES;
  if (options.external === undefined && chunkSize > largest) {
    throw invalid(
      `allowUpload(${JSON.stringify(name)}) got chunkSize: ${chunkSize}, and the app takes no message of that many bytes. Make it at most ${largest}, or raise limits.maxMessageBytes, which is ${limits.maxMessageBytes}.`,
    );
  }
  // Of what is sent elsewhere, this server holds nothing.
  if (options.external === undefined) checkRoom(name, { maxEntries, maxFileSize }, limits);
  if (options.external !== undefined && (options.writer !== undefined || options.verify !== undefined)) {
    throw invalid(
      `allowUpload(${JSON.stringify(name)}) got external and ${options.writer === undefined ? "verify" : "writer"}. With external no byte of a file comes to this server; leave one of the two out.`,
    );
  }
  const { progress, verify, writer, external, autoUpload = false } = options;
  const accept = checkAccept(name, options.accept);
  return { accept, maxEntries, maxFileSize, autoUpload, chunkSize, chunkTimeoutMs, progress, verify, writer, external };
}

/** What no user could ever upload is a mistake. */
function checkRoom(
  name: string,
  { maxEntries, maxFileSize }: Pick<UploadSettings, "maxEntries" | "maxFileSize">,
  limits: UploadLimits,
): void {
  const checked = [
    ["maxEntries", maxEntries, "uploadsPerConnection"],
    ["maxFileSize", maxFileSize, "uploadBytesPerConnection"],
    ["maxFileSize", maxFileSize, "maxUploadBytes"],
  ] as const;
  for (const [option, value, limit] of checked) {
    if (value <= limits[limit]) continue;
    throw invalid(
      `allowUpload(${JSON.stringify(name)}) got ${option}: ${value}, and the app takes no more than limits.${limit}, which is ${limits[limit]}. Make it smaller, or raise that: createLiveApp({ limits: { ${limit}: ${value} } }).`,
    );
  }
}

function invalid(message: string): LiveError {
  return new LiveError("upload.invalid-option", message);
}

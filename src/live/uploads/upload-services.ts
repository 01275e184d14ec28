import type { TemporaryFiles } from "./temporary-files.ts";
import type { UploadQuota } from "./upload-quota.ts";
import type { UploadTokens } from "./upload-tokens.ts";

/** What the uploads of all views share: one per app. */
export interface UploadServices {
  readonly quota: UploadQuota;
  readonly tokens: UploadTokens;
  readonly files: TemporaryFiles;
}

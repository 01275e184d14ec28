/** A file on the disk of a user. */
export interface UserFile {
  /** As the user's machine names it: `"holiday.png"`. */
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What the browser makes of the name. @default "" */
  readonly type?: string | undefined;
  /** Where it stands in a folder that is chosen as a whole. @default "" */
  readonly relativePath?: string | undefined;
  /** Milliseconds since 1970. @default 0 */
  readonly lastModified?: number | undefined;
}

/** A file that was given to an input. */
export interface PageFile {
  readonly name: string;
  readonly type: string;
  readonly relativePath: string;
  readonly lastModified: number;
  readonly bytes: Uint8Array;
  /** The client's number for it, once it has told the server. */
  ref: string | undefined;
  isPreflighting: boolean;
}

/** How the bytes of an input's files go. */
export interface UploadPace {
  /** No chunk is sent that would bring a file beyond this percent of its bytes. */
  stopAt: number;
  /** What goes on when that changes. */
  readonly held: (() => void)[];
}

/** A file that a user has chosen. */
export function toPageFile({ name, content, type = "", relativePath = "", lastModified = 0 }: UserFile): PageFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { name, type, relativePath, lastModified, bytes, ref: undefined, isPreflighting: false };
}

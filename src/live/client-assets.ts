import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { FastResponse } from "srvx";
import { LiveError } from "../errors.ts";
import { escapeHtml } from "../html/escape.ts";

/** A file of the browser client, under a name that changes with its content. */
interface Asset {
  readonly body: Buffer;
  /** Compressed at first use, once. */
  readonly encoded: Map<"br" | "gzip", Promise<Buffer>>;
}

const compressors = {
  br: (body: Buffer): Promise<Buffer> =>
    promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body: Buffer): Promise<Buffer> => promisify(gzip)(body, { level: 9 }),
} as const;

/**
 * The prebuilt files of the official client, as their npm packages bring them, so that a page needs no bundler. They are
 * served with a hash in their names and may be cached for ever.
 */
export class ClientAssets {
  readonly #assets = new Map<string, Asset>();
  readonly #basePath: string;
  /** Paths of the two classic scripts, in the order in which they must run. */
  readonly scriptPaths: readonly string[];
  /** Where the browser finds the app's own client module; `undefined` if it has none. */
  readonly modulePath: string | undefined;

  /**
   * @param basePath such as `/_wingbeat`, without a slash at the end
   * @param clientModule the app's own: an address as the browser asks for it, or a file, which is then served here
   * @throws {LiveError} `app.invalid-option` for a file that cannot be read
   */
  constructor(basePath: string, clientModule?: string | URL) {
    this.#basePath = basePath;
    this.modulePath =
      typeof clientModule === "object" ? this.#add("client", moduleFile(clientModule)) : moduleAddress(clientModule);
    this.scriptPaths = [
      this.#add("phoenix", packageFile("phoenix", "phoenix.min.js")),
      this.#add("phoenix_live_view", packageFile("phoenix_live_view", "phoenix_live_view.min.js")),
    ];
  }

  /** Whether the path is one of the client's files, of this version or another. */
  owns(pathname: string): boolean {
    return pathname.startsWith(`${this.#basePath}/`);
  }

  /** Whether the path is one of the files of this very version. */
  isCurrent(pathname: string): boolean {
    return this.#assets.has(pathname);
  }

  /** Has the browser ask for the app's own module at once; empty if there is none. */
  get moduleLink(): string {
    const { modulePath } = this;
    if (modulePath === undefined) return "";
    // Of a file that we serve, an open page knows when it has changed since.
    const tracked = this.#assets.has(modulePath) ? " phx-track-static" : "";
    return `<link rel="modulepreload"${tracked} href="${escapeHtml(modulePath)}">`;
  }

  /** Answers a request for one of the files; `undefined` if the path is not below the base path. */
  respond(request: Request, pathname: string): Response | Promise<Response> | undefined {
    if (!this.owns(pathname)) return undefined;
    const asset = this.#assets.get(pathname);
    if (asset === undefined) return new FastResponse("Not found", { status: 404 });
    const encoding = acceptedEncoding(request.headers.get("accept-encoding") ?? "");
    if (encoding === undefined) return script(asset.body, {});
    let encoded = asset.encoded.get(encoding);
    if (encoded === undefined) asset.encoded.set(encoding, (encoded = compressors[encoding](asset.body)));
    return encoded.then((body) => script(body, { "content-encoding": encoding }));
  }

  #add(name: string, body: Buffer): string {
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
    const path = `${this.#basePath}/${name}-${hash}.js`;
    this.#assets.set(path, { body, encoded: new Map() });
    return path;
  }
}

/** The version of the client that pages get: join replies name it, or the client warns of a mismatch. */
export function clientVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(join(packageDirectory("phoenix_live_view"), "..", "..", "package.json"), "utf8"),
  );
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "";
}

function moduleAddress(address: string | undefined): string | undefined {
  if (address === undefined || /^(?:\/(?!\/)|https?:\/\/)/.test(address)) return address;
  throw new LiveError(
    "app.invalid-option",
    `\`clientModule\` is ${JSON.stringify(address)}; it must be an address as the browser asks for it ("/client.mjs"), or a file: new URL("./client.mjs", import.meta.url).`,
  );
}

function moduleFile(file: URL): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new LiveError(
      "app.invalid-option",
      `\`clientModule\` is the file ${file.href}, which cannot be read: ${String(error)}. Give a file beside the program, new URL("./client.mjs", import.meta.url), or the address under which your server has it ("/client.mjs").`,
      { cause: error },
    );
  }
}

function packageFile(name: string, file: string): Buffer {
  return readFileSync(join(packageDirectory(name), file));
}

/** Both packages export nothing but their main file, which stands beside the others in `priv/static`. */
function packageDirectory(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(name));
}

function acceptedEncoding(header: string): "br" | "gzip" | undefined {
  if (/\bbr\b(?!;q=0(?:[,\s]|$))/.test(header)) return "br";
  return /\bgzip\b(?!;q=0(?:[,\s]|$))/.test(header) ? "gzip" : undefined;
}

function script(body: Buffer, headers: Record<string, string>): Response {
  return new FastResponse(new Uint8Array(body), {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      vary: "accept-encoding",
      ...headers,
    },
  });
}

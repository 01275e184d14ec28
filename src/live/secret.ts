import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LiveError } from "../errors.ts";

const MIN_SECRET_BYTES = 32;

const HOW_TO_MAKE_ONE = `
Make one, keep it outside of the repository, and give it to the app:

    node -p "crypto.randomBytes(32).toString('base64url')"
    createLiveApp({ secret: process.env.WINGBEAT_SECRET })`;

/**
 * The secrets that sign tokens, the first one for signing, from the `secret` option. Without the option a development
 * server makes one and keeps it in `<directory>/.wingbeat/secret`, so that restarts and workers share it.
 *
 * @throws {LiveError} `app.secret` if a secret has less than 32 bytes, if there is none in production, or if the kept
 * one cannot be made or read.
 */
export function resolveSecrets(
  option: string | readonly string[] | undefined,
  environment: { readonly production: boolean; readonly directory: string },
): readonly string[] {
  if (option !== undefined) return checkSecrets(typeof option === "string" ? [option] : option);
  if (environment.production) {
    throw new LiveError(
      "app.secret",
      `In production the app needs the option "secret", and it has none.${HOW_TO_MAKE_ONE}`,
    );
  }
  return [keptSecret(join(environment.directory, ".wingbeat"))];
}

function checkSecrets(secrets: readonly string[]): readonly string[] {
  if (Array.isArray(secrets) && secrets.length === 0) {
    throw new LiveError(
      "app.secret",
      `The option "secret" is an empty list; the first secret signs.${HOW_TO_MAKE_ONE}`,
    );
  }
  const given: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  const wrong = given.find((each) => typeof each !== "string");
  if (wrong !== undefined) {
    throw new LiveError(
      "app.secret",
      `The option "secret" takes a text or a list of texts, and got ${typeof wrong === "object" ? "an object" : `a ${typeof wrong}`}.${HOW_TO_MAKE_ONE}`,
    );
  }
  for (const [index, secret] of secrets.entries()) {
    const bytes = Buffer.byteLength(secret);
    if (bytes >= MIN_SECRET_BYTES) continue;
    const which = secrets.length === 1 ? 'The option "secret"' : `Number ${index + 1} of the option "secret"`;
    throw new LiveError("app.secret", `${which} has ${bytes} bytes; at least 32 are needed.${HOW_TO_MAKE_ONE}`);
  }
  return [...secrets];
}

function keptSecret(directory: string): string {
  const path = join(directory, "secret");
  const kept = readSecret(path);
  if (kept !== undefined) return kept;
  makeSecret(directory, path);
  // Read back, not remembered: another process may have been first, and then its secret is everybody's.
  const made = readSecret(path);
  if (made === undefined)
    throw new LiveError("app.secret", `The development secret ${path} vanished while it was made.`);
  return made;
}

function readSecret(path: string): string | undefined {
  let secret: string;
  try {
    secret = readFileSync(path, "utf8").trim();
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw new LiveError("app.secret", `The development secret ${path} cannot be read. ${mend(cause)}`, { cause });
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes >= MIN_SECRET_BYTES) return secret;
  throw new LiveError(
    "app.secret",
    `The development secret ${path} has ${bytes} bytes; at least 32 are needed. Delete the file and a new one is made.`,
  );
}

function makeSecret(directory: string, path: string): void {
  const temporary = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, ".gitignore"), "*\n");
    writeFileSync(temporary, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    // A link appears with all of its content and never replaces a file: of several processes exactly one wins.
    linkSync(temporary, path);
  } catch (cause) {
    if (errorCode(cause) === "EEXIST") return;
    throw new LiveError("app.secret", `The development secret ${path} cannot be made. ${mend(cause)}`, { cause });
  } finally {
    rmSync(temporary, { force: true });
  }
}

function mend(cause: unknown): string {
  const what = cause instanceof Error ? cause.message : String(cause);
  return `(${what}) Make the folder readable and writable for this user, or give the option "secret".${HOW_TO_MAKE_ONE}`;
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

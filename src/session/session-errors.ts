import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";

export function invalidOption(text: string): LiveError {
  return new LiveError("session.invalid-option", text);
}

export function secretIsMissing(): LiveError {
  return new LiveError(
    "app.secret",
    `
In production a cookie session needs the option "secret", of at least 32 bytes, and it has none. The app's own will do:

    cookieSession({ secret: process.env.WINGBEAT_SECRET })
`.trim(),
  );
}

export function dataIsNoJson(path: string): LiveError {
  return new LiveError(
    "session.invalid-data",
    `The data of the session is no JSON at ${path}, so it would come back as something else. Give plain objects, lists, strings, finite numbers, booleans and null: of a Date its getTime(), of a user the id.`,
  );
}

export function dataDoesNotFit(why: string): LiveError {
  return new LiveError(
    "session.invalid-data",
    `The data given for the session does not fit its schema: ${why}. Without this error it would be refused when it comes back.`,
  );
}

export function schemaIsAsync(): LiveError {
  return new LiveError(
    "session.invalid-option",
    "The schema of a cookie session is asynchronous. Cookies are read at once: give a schema that checks the shape only, and look up the rest in the app's `session`.",
  );
}

export function sessionIsNoJson(cause: unknown): LiveError {
  return new LiveError(
    "session.invalid-data",
    `
What the app's \`session\` returned is no JSON (${cause instanceof Error ? cause.message.split("\n", 1)[0] : "no reason was given"}).
By its JSON a page and its socket are known to be of the same visitor. Return plain data: of an entity the fields that views need, of a bigint String(id).

    session: async (request) => { const { id, name } = await users.find(…); return { user: { id: String(id), name } }; }
`.trim(),
    { cause },
  );
}

export function expiryIsNoTime(ms: number): LiveError {
  const seconds = Number.isNaN(ms) ? "" : ", which looks like seconds";
  return new LiveError(
    "session.invalid-option",
    `The \`expiresAt\` that the app's \`sessionInfo\` returned is ${ms}${seconds}. It takes a Date, or milliseconds since 1970: of the \`exp\` of a token, exp * 1000.`,
  );
}

export function idsAreNoList(ids: unknown): LiveError {
  return new LiveError(
    "session.invalid-option",
    `The \`ids\` that the app's \`sessionInfo\` returned are ${describeValue(ids)}. They are a list of names for app.disconnect: { ids: [\`user:\${session.userId}\`] }.`,
  );
}

export function tooLarge(name: string, bytes: number, limit: number): LiveError {
  return new LiveError(
    "session.too-large",
    `
The cookie "${name}" would take ${bytes} bytes, and browsers keep none above ${limit}: they would drop it without a word.
Keep an id in the session and the rest in your database, which the app's \`session\` can read:

    createLiveApp({ session: async (request) => ({ user: await users.find(login(request).userId) }) })
`.trim(),
  );
}

/** What the app's `session` should have given, instead of `value`. */
export function sessionIsNoObject(value: unknown): LiveError {
  return new LiveError(
    "session.invalid-data",
    `The app's \`session\` gave ${describeValue(value)}. It gives an object, whose keys views read: {} for who is nobody, { userId } for who is logged in.`,
  );
}

import { LiveError } from "../errors.ts";

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

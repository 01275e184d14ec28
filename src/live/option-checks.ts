import { LiveError } from "../errors.ts";
import { describeValue } from "../html/not-renderable.ts";
import { isRecord } from "../protocol/decode.ts";
import type { AppOptions, AppRoutes } from "./app-options.ts";
import { definitionOf } from "./live-view.ts";

// What a program that no compiler has read may get wrong in the options of an app. Looked at once.

type Name = keyof AppOptions | keyof AppRoutes<object, string> | "session" | "sessionInfo";
type Kind = "function" | "list" | "object";

/** All options, and of those where a wrong one would be noticed late or not at all, what they must be. */
const KINDS: { readonly [N in Name]: readonly [kind: Kind, example: string] | undefined } = {
  name: undefined,
  secret: undefined,
  routes: ["object", 'routes: { "/": counter }'],
  liveSessions: ["list", 'liveSessions: [liveSession("members", { onMount: [requireUser] }, { "/": home })]'],
  views: ["object", "views: { player }"],
  session: ["function", "session: (request) => ({ … })"],
  sessionInfo: ["function", "sessionInfo: (session) => ({ ids: [session.userId] })"],
  pubSub: undefined,
  origins: ["list", 'origins: ["https://app.example"]'],
  allowMissingOrigin: undefined,
  trustProxy: undefined,
  layout: ["function", "layout: (content, page) => html`…`"],
  errorPage: ["function", "errorPage: ({ status, title }) => html`<h1>${title}</h1>`"],
  title: ["object", 'title: { suffix: " · Shop" }'],
  headers: ["function", "headers: (page) => ({ \"content-security-policy\": `script-src 'nonce-${page.nonce}'` })"],
  clientModule: undefined,
  connectionNotice: undefined,
  fetch: ["function", "fetch: (request) => new Response(…)"],
  socketPath: undefined,
  longPoll: undefined,
  assetsPath: undefined,
  staticPaths: ["list", 'staticPaths: ["/assets/app-3f2a.js"]'],
  development: undefined,
  onError: ["function", "onError: (error, details) => { … }"],
  logger: undefined,
  tokenMaxAgeMs: undefined,
  uploads: ["object", 'uploads: { directory: "/var/tmp" }'],
  limits: ["object", "limits: { maxMessageBytes: 1_000_000 }"],
};

/**
 * @returns what to tell of options that there are not, for the log
 * @throws {LiveError} `app.invalid-option`
 */
export function checkOptions(options: unknown): readonly string[] {
  if (typeof options !== "object" || options === null || definitionOf(options) !== undefined) {
    const got = definitionOf(options) === undefined ? describeValue(options) : "a view";
    throw invalid(`createLiveApp takes its options, and got ${got}: createLiveApp({ routes: { "/": counter } }).`);
  }
  const given: { readonly [name: string]: unknown } = { ...options };
  for (const [name, kindOf] of Object.entries(KINDS)) {
    const value = given[name];
    if (value === undefined || kindOf === undefined) continue;
    const [kind, example] = kindOf;
    if (isOf(kind, value)) continue;
    const what = kind === "function" ? "a function" : kind === "list" ? "a list" : "an object";
    throw invalid(`The option \`${name}\` is ${describeValue(value)}, and must be ${what}: ${example}.`);
  }
  checkPubSub(given["pubSub"]);
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(KINDS, name))
    .map((name) => `createLiveApp got \`${name}\`, which is none of its options${suggestion(name)}`);
}

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === "function") return typeof value === "function";
  if (kind === "list") return Array.isArray(value);
  return isRecord(value);
}

function checkPubSub(pubSub: unknown): void {
  if (pubSub === undefined) return;
  const isOne =
    typeof pubSub === "object" &&
    pubSub !== null &&
    ["subscribe", "broadcast", "broadcastFrom", "localBroadcast"].every(
      (method) => typeof Reflect.get(pubSub, method) === "function",
    );
  if (isOne) return;
  throw invalid(
    `The option \`pubSub\` is ${describeValue(pubSub)}, which has not the methods of a Pub/Sub. Give createPubSub(), new RedisPubSub({ url }) or another one, or leave it out.`,
  );
}

/** Of names that are a letter or two away. */
function suggestion(name: string): string {
  const meant = Object.keys(KINDS).find(
    (known) => known.toLowerCase() === name.toLowerCase() || known === `${name}s` || `${known}s` === name,
  );
  return meant === undefined ? "" : `: \`${meant}\` is`;
}

function invalid(text: string): LiveError {
  return new LiveError("app.invalid-option", text);
}

/** What the `fetch` option should have given, instead of `value`. */
export function isNoResponse(value: unknown): LiveError {
  return invalid(
    `The \`fetch\` option returned ${describeValue(value)}. It returns a Response, or a promise of one: new Response("text"), Response.json({ … }); nothing for a page that says 404.`,
  );
}

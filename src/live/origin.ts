/** Which pages may open the socket. */
export interface OriginRules {
  /** Exact origins; `undefined` in a development server that gave none: local ones at any port. */
  readonly origins: readonly string[] | undefined;
  readonly allowMissing: boolean;
}

const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Why a page of this origin may not open the socket, with the mend; `undefined` if it may. */
export function refuseOrigin(origin: string | null, rules: OriginRules): string | undefined {
  if (origin === null) {
    if (rules.allowMissing) return undefined;
    return "the request has no Origin header, so it comes from no browser page. For tools, set the app's option `allowMissingOrigin: true`.";
  }
  const { origins } = rules;
  if (origins === undefined) {
    if (isLocal(origin)) return undefined;
    return `its origin is ${JSON.stringify(origin.slice(0, 200))}, and without the app's option \`origins\` only localhost, 127.0.0.1 and [::1] may open the socket. Set \`origins: [${JSON.stringify(origin.slice(0, 200))}]\` if that is your site.`;
  }
  if (origins.includes(origin)) return undefined;
  return `its origin is ${JSON.stringify(origin.slice(0, 200))}, and the app's option \`origins\` is ${JSON.stringify(origins)}. Add it there if that is your site.`;
}

function isLocal(origin: string): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  // Extensions of a browser have schemes of their own, and may call their hosts anything.
  return (url?.protocol === "http:" || url?.protocol === "https:") && LOCAL_HOSTS.has(url.hostname);
}

/** The showcase, as `npm start` runs it, with people who have logged in already. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { register } from "tsx/esm/api";
import type { LiveApp } from "wingbeat";
import { serve } from "wingbeat/serve";
import { freePort } from "../free-port.ts";
import { serveCommands } from "../rpc.ts";
import type { Usage } from "./commands.ts";
import { usage } from "./usage.ts";

export interface SnippetboxCommands {
  /** Starts listening, and signs up `people`: their cookies. */
  listen(input: { readonly people: number }): Promise<{ readonly port: number; readonly cookies: readonly string[] }>;
  usage(input: { readonly collect: boolean }): Promise<Usage>;
}

/** What is used of the application's modules, which are no part of this build. */
interface Modules {
  readonly app: { createSnippetbox(options: object): LiveApp };
  readonly session: { readonly login: { start(request: Request, data: { userId: string }): string } };
  readonly accounts: { createGuest(): Promise<{ readonly id: string }> };
}

async function load(): Promise<Modules> {
  const directory = mkdtempSync(path.join(tmpdir(), "snippetbox-bench-"));
  process.env["DATABASE_URL"] = path.join(directory, "snippetbox.db");
  process.env["WINGBEAT_SECRET"] = "only-for-benchmarks-0123456789-0123456789";
  register();
  const from = (file: string): Promise<unknown> =>
    import(new URL(`../../../examples/snippetbox/${file}`, import.meta.url).href);
  const [app, session, accounts] = await Promise.all([
    from("web/app.ts"),
    from("web/session.ts"),
    from("contexts/accounts.ts"),
  ]);
  // The files themselves are checked with the examples.
  return { app, session, accounts } as Modules;
}

serveCommands<SnippetboxCommands>({
  async listen({ people }) {
    const { app, session, accounts } = await load();
    const { withCookies } = await import("wingbeat");
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const limits = { joinsPerSecond: 1e6, maxConcurrentRenders: 1e6 };
    await serve(
      app.createSnippetbox({ development: false, secret: process.env["WINGBEAT_SECRET"], origins: [url], limits }),
      {
        port,
        hostname: "127.0.0.1",
      },
    );
    const cookies: string[] = [];
    for (let index = 0; index < people; index++) {
      const request = new Request(url);
      session.login.start(request, { userId: (await accounts.createGuest()).id });
      const [cookie = ""] = withCookies(request, new Response()).headers.getSetCookie();
      cookies.push(cookie.split(";")[0] ?? "");
    }
    return { port, cookies };
  },
  usage: ({ collect }) => usage(collect),
});

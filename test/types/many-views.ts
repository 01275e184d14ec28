import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReports, ROOT, tsc, withoutSource } from "./check.ts";

/** What it costs to check a program. */
export interface Cost {
  /** How often the checker filled in type parameters: the same at every run, unlike time. */
  readonly instantiations: number;
  /** For people to read only: it depends on the machine and on what else runs on it. */
  readonly seconds: number;
}

/** How a generated view says its types. */
export type Form = "written out" | "inferred";

/** Type-checks a program of so many views, each in a file of its own, with a route table and five live sessions. */
export async function costOf(views: number, form: Form): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), "wingbeat-types-"));
  try {
    writeProgram(folder, views, form);
    // In one thread, so that the count does not depend on how files are shared out among checkers.
    const output = await tsc("-p", folder, "--extendedDiagnostics", "--singleThreaded");
    const wrong = withoutSource(parseReports(output));
    if (wrong.length > 0) throw new Error(`The generated program must compile: ${JSON.stringify(wrong[0])}`);
    return {
      instantiations: figure(output, "Instantiations"),
      seconds: figure(output, "Total time"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figure(output: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+([\\d.]+)s?$`, "m").exec(output)?.[1];
  if (found === undefined) throw new Error(`tsc printed no "${name}":\n${output}`);
  return Number(found);
}

function writeProgram(folder: string, views: number, form: Form): void {
  // As an application has them: found by name, and the package through its `exports`.
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/wingbeat"), "dir");
  symlinkSync(join(ROOT, "node_modules/zod"), join(folder, "node_modules/zod"), "dir");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")] },
      include: ["*.ts"],
      exclude: [],
      files: [join(ROOT, "test/types/programs/upcoming/upcoming.ts")],
    }),
  );
  const numbers = Array.from({ length: views }, (_, index) => index);
  const view = form === "inferred" ? inferredView : writtenView;
  for (const n of numbers) writeFileSync(join(folder, `view-${n}.ts`), view(n));
  writeFileSync(join(folder, "app.ts"), app(numbers));
}

const writtenView = (n: number): string => `
import { createLiveView, html, Presence, topic } from "wingbeat";
import type { LiveStream, PresenceDiff, Presences } from "wingbeat";

export type Who${n} = { name: string; typing${n}: boolean };
export type Item${n} = { id: string; text${n}: string };
export type Context${n} = { count${n}: number; name: string; who: Presences<Who${n}>; items: LiveStream<Item${n}> };
export type Events${n} =
  | { type: "increment" } | { type: "decrement" } | { type: "rename${n}"; name: string } | { type: "typing" }
  | { type: "send"; text: string } | { type: "move"; from: number; to: number } | { type: "remove"; id: string };
export type Room${n} = { type: "said${n}"; item: Item${n} } | { type: "left"; id: string } | PresenceDiff<Who${n}>;
const room = (id: string) => topic<Room${n}>("room${n}:" + id);
const presence = new Presence<Who${n}>();

export const view${n} = createLiveView<
  Context${n}, Events${n}, Room${n} | { type: "tick" }, { currentUser: { id: string; name: string } }, { id: string }
>({
  mount: async (socket, session, params) => {
    const here = room(params.id);
    await socket.subscribe(here);
    await presence.track(socket, here, session.currentUser.id, { name: session.currentUser.name, typing${n}: false });
    socket.assign({ count${n}: 0, name: session.currentUser.name });
    socket.assign({ who: presence.list(here) });
    socket.stream("items", [{ id: "1", text${n}: "hello" }], { limit: -50 });
    socket.sendInfoEvery(5_000, "tick");
  },
  handleEvent: async (event, socket) => {
    switch (event.type) {
      case "increment": socket.assign({ count${n}: socket.context.count${n} + 1 }); break;
      case "decrement": socket.assign({ count${n}: socket.context.count${n} - 1 }); break;
      case "rename${n}": socket.assign({ name: event.name }); break;
      case "send": await socket.broadcast(room("1"), { type: "said${n}", item: { id: "2", text${n}: event.text } }); break;
      case "remove": await socket.broadcastFrom(room("1"), { type: "left", id: event.id }); break;
    }
  },
  handleInfo: (info, socket) => {
    if (info.type === "said${n}") socket.streamInsert("items", info.item, { at: -1 });
    else if (info.type === "presence_diff") socket.assign({ who: presence.syncDiff(socket.context.who, info) });
  },
  render: (context, meta) => html\`
    <form phx-submit="\${meta.event("send")}"><input name="text" phx-focus="\${meta.js.push("typing").addClass("busy")}"></form>
    <button phx-click="\${meta.event("increment")}">\${context.count${n}}</button>
    <button phx-click="\${meta.event("rename${n}", { name: "Ada" })}">\${context.name}</button>
    <button phx-click="\${meta.event("move", { from: 1, to: 2 })}">Move</button>
    \${context.items.map((domId, item) => html\`<p id="\${domId}">\${item.text${n}}</p>\`)}\`,
});
`;

const inferredView = (n: number): string => `
import { createLiveView, html, message, topic } from "wingbeat";
import { z } from "zod";

type Said${n} = { type: "said${n}"; id: string; text${n}: string } | { type: "left"; id: string } | { type: "cleared${n}" };
const room = (id: string) => topic<Said${n}>("room${n}:" + id);

export const view${n} = createLiveView({
  initial: { count${n}: 0, name: "", since: new Date(0), items: [] as { id: string; text${n}: string }[] },
  events: {
    increment: z.object({}),
    decrement: z.object({}),
    rename${n}: z.object({ name: z.string().min(1) }),
    typing: z.object({}),
    send: z.object({ text: z.string() }),
    move: z.object({ from: z.coerce.number(), to: z.coerce.number() }),
    since: z.object({ at: z.string().transform((text) => new Date(text)) }),
  },
  infos: [room("lobby"), message<{ type: "tick" }>()],
  mount: async (socket, session: { currentUser: { id: string; name: string } }, params: { id: string }) => {
    await socket.subscribe(room(params.id));
    socket.assign({ count${n}: 0, name: session.currentUser.name });
    socket.sendInfoEvery(5_000, "tick");
  },
  handleEvent: async (event, socket) => {
    switch (event.type) {
      case "increment": socket.assign({ count${n}: socket.context.count${n} + 1 }); break;
      case "decrement": socket.assign({ count${n}: socket.context.count${n} - 1 }); break;
      case "rename${n}": socket.assign({ name: event.name }); break;
      case "since": socket.assign({ since: event.at }); break;
      case "send": await socket.broadcast(room("1"), { type: "said${n}", id: "2", text${n}: event.text }); break;
    }
  },
  handleInfo: (info, socket) => {
    if (info.type === "said${n}") socket.assign({ items: [...socket.context.items, info] });
    else if (info.type === "tick") socket.sendInfo("cleared${n}");
  },
  render: (context, meta) => html\`
    <form phx-submit="\${meta.event("send")}"><input name="text"></form>
    <button phx-click="\${meta.event("increment")}">\${context.count${n}}</button>
    <button phx-click="\${meta.event("rename${n}", { name: "Ada" })}">\${context.name}</button>
    <button phx-click="\${meta.event("since", { at: "2026-01-01" })}">\${context.since.toISOString()}</button>
    \${context.items.map((item) => html\`<p id="\${item.id}">\${item.text${n}}</p>\`)}\`,
});
`;

function app(numbers: readonly number[]): string {
  const routes = (chosen: readonly number[]): string =>
    `{ ${chosen.map((n) => `"/view-${n}/:id": view${n}`).join(", ")} }`;
  const sessions = [0, 1, 2, 3, 4].map((session) => {
    const chosen = numbers.filter((n) => n % 10 === session);
    return `liveSession("session-${session}", { onMount: [requireUser] }, ${routes(chosen)})`;
  });
  return `
import { createLiveApp, liveSession } from "wingbeat";
import type { Mounting } from "wingbeat";
${numbers.map((n) => `import { view${n} } from "./view-${n}.ts";`).join("\n")}
const requireUser = ({ session, redirect }: Mounting<{ userId?: string }>) =>
  session.userId ? { currentUser: { id: session.userId, name: "Ada" } } : redirect("/login");
export const app = createLiveApp({
  session: () => ({ userId: "1", currentUser: { id: "1", name: "Ada" } }),
  routes: ${routes(numbers.filter((n) => n % 10 > 4))},
  liveSessions: [${sessions.join(",\n    ")}],
});
`;
}

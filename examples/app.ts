// The app: which view answers which path, and the document and the files around them.
import { readFileSync } from "node:fs";
import { createLiveApp, type AppOptions, type LiveApp } from "wingbeat";
import { boardDoneLiveView } from "./board-done.ts";
import { boardLiveView } from "./board.ts";
import { rtCounterLiveView } from "./counter.ts";
import { dashboardLiveView } from "./dashboard.ts";
import { deployLiveView } from "./deploy.ts";
import { homeLiveView } from "./home.ts";
import { layout } from "./layout.ts";
import { reportLiveView } from "./report.ts";
import { rowsLiveView } from "./rows.ts";
import { searchLiveView } from "./search.ts";
import { timerLiveView } from "./timer.ts";
import { hello, session } from "./visitor.ts";
import { whoLiveView } from "./who.ts";

const files = new Map([
  ["/style.css", file("style.css", "text/css; charset=utf-8")],
  ["/icon.svg", file("icon.svg", "image/svg+xml")],
]);

/** Without the list of them at "/". */
export const exampleRoutes = {
  "/counter": rtCounterLiveView,
  "/deploy": deployLiveView,
  "/search": searchLiveView,
  "/dashboard": dashboardLiveView,
  "/rows": rowsLiveView,
  "/who": whoLiveView,
  "/report": reportLiveView,
  "/board": boardLiveView,
  "/board/done": boardDoneLiveView,
};

/** Sticky views, by the names that their tokens have. */
export const exampleViews = { timer: timerLiveView };
export const exampleClient = new URL("client.mjs", import.meta.url);

/** What is no live route: files, a REST API, another framework's handler. */
export function exampleFiles(request: Request): Response | undefined {
  const { pathname } = new URL(request.url);
  if (pathname === "/hello") return hello(request);
  const found = files.get(pathname);
  return found === undefined ? undefined : new Response(found.body, found);
}

export function createExamples(options: AppOptions = {}): LiveApp {
  return createLiveApp({
    ...options,
    layout,
    session,
    views: exampleViews,
    clientModule: exampleClient,
    routes: { "/": homeLiveView, ...exampleRoutes },
    fetch: exampleFiles,
  });
}

function file(name: string, type: string): { body: string; headers: Record<string, string> } {
  const body = readFileSync(new URL(name, import.meta.url), "utf8");
  return { body, headers: { "content-type": type, "cache-control": "no-cache" } };
}

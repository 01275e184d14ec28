/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import {
  AsyncResult,
  asyncResult,
  createLiveComponent,
  createLiveView,
  html,
  link,
  liveComponent,
  type LiveStream,
} from "wingbeat";
import { Gate } from "../../support/gate.ts";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario, type Side } from "./both.ts";

// What a page shows while it loads something, and what becomes of that: when it is answered is up to the scenario.

const tools = useBrowser();

/** What the views of one side have asked for last, by question. */
const asked = new WeakMap<Side, Map<string, Gate<string>>>();

function questionsOf(side: Side): Map<string, Gate<string>> {
  const questions = asked.get(side) ?? new Map<string, Gate<string>>();
  asked.set(side, questions);
  return questions;
}

function ask(side: Side, question: string): Promise<string> {
  const answer = new Gate<string>();
  questionsOf(side).set(question, answer);
  return answer.promise;
}

const answer = (question: string, text: string) => (side: Side) => questionsOf(side).get(question)?.open(text);
const fail = (question: string) => (side: Side) => questionsOf(side).get(question)?.fail(new Error("on purpose"));

interface Row {
  readonly id: string;
}
interface Context {
  readonly query: string;
  readonly found: AsyncResult<string>;
  readonly rows: LiveStream<Row>;
  readonly loads: number;
}
type Events = { type: "search"; query: string } | { type: "fill" } | { type: "stop" } | { type: "save" };

const scene: Scenario = {
  visit: { asyncWork: false },
  routes: (side) => {
    const card = createLiveComponent<{ query: string }, { found: AsyncResult<string> }>({
      initial: { found: AsyncResult.loading() },
      update: (socket, { query }) =>
        socket.assignAsync("found", () => ask(side, `card ${query}`), { reset: query === "reset" }),
      render: ({ found }) => html`<aside class="${found.status}">${found.value}</aside>`,
    });
    const page = createLiveView<Context, Events>({
      initial: { query: "", found: AsyncResult.loading(), loads: 0 },
      mount: (socket) => {
        socket.stream("rows", []);
        socket.assignAsync("found", () => ask(side, "all"));
      },
      handleEvent: (event, socket) => {
        if (event.type === "stop") return socket.cancelAsync("found", new Error("stopped"));
        if (event.type === "search") {
          socket.assign({ query: event.query });
          return socket.assignAsync("found", () => ask(side, event.query));
        }
        return socket.startAsync(
          event.type,
          () => ask(side, event.type),
          (outcome) => {
            if (!outcome.ok) throw outcome.error;
            if (event.type === "save") return socket.pushNavigate("/saved");
            socket.stream(
              "rows",
              outcome.value.split(" ").map((id) => ({ id })),
              { reset: true },
            );
            return socket.assign({ loads: socket.context.loads + 1 });
          },
        );
      },
      render: ({ query, found, rows, loads }) => html`
        <form id="search" phx-change="search"><input name="query" value="${query}"></form>
        <p>${asyncResult(found, {
          loading: html`<i>…</i>`,
          ok: (text, status) => html`<b class="${status}">${text}</b>`,
          failed: (error, previous) => html`<u>${String(error)}</u>${previous}`,
        })}</p>
        <button id="fill" phx-click="fill">Fill ${loads}</button> <button id="stop" phx-click="stop">Stop</button>
        <button id="save" phx-click="save">Save</button> ${link({ patch: "/?x=1", id: "patch" }, "Patch")}
        <ul id="rows" phx-update="stream">${rows.map((domId, { id }) => html`<li id="${domId}">${id}</li>`)}</ul>
        ${query !== "" && liveComponent(card, { id: 1, query })}`,
    });
    return { "/": page, "/saved": createLiveView<{}>({ initial: {}, render: () => html`<h1>Saved</h1>` }) };
  },
};

describe("what is loaded in the background", () => {
  it("is loading, then there, loading again, failed, and stopped", async () => {
    const [page] = await openBoth(tools, scene, "/");
    await page!.server(answer("all", "everything"));
    await page!.fill("input", "owl");
    await page!.server(answer("card owl", "card of owl"));
    await page!.server(answer("owl", "four owls"));
    await page!.fill("input", "ow");
    await page!.fill("input", "o");
    // Outdated: nothing changes.
    await page!.server(answer("ow", "five owls"));
    await page!.server(fail("o"));
    await page!.server(answer("card o", "card of o"));
    await page!.fill("input", "reset");
    await page!.click("#stop");
    await page!.server(answer("reset", "too late"));
    await page!.server(answer("card reset", "in time"));
  });

  it("fills a stream, goes on through a patch, and begins anew after a reconnect", async () => {
    const [page] = await openBoth(tools, scene, "/");
    await page!.click("#fill");
    await page!.click("#patch");
    await page!.server(answer("fill", "a b c"));
    await page!.click("#fill");
    await page!.server(answer("fill", "c d"));
    await page!.server(answer("all", "everything"));
    await page!.disconnect();
    await page!.reconnect();
    await page!.server(answer("all", "everything anew"));
  });

  it("takes the page elsewhere", async () => {
    const [page] = await openBoth(tools, scene, "/");
    await page!.click("#save");
    await page!.server(answer("save", ""));
  });
});

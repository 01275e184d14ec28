import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  AsyncResult,
  asyncResult,
  createLiveApp,
  createLiveComponent,
  createLiveView,
  html,
  link,
  liveComponent,
} from "wingbeat";
import { createExamples } from "../../examples/app.ts";
import { Gate } from "../support/gate.ts";
import { joinsAgain } from "./moments.ts";
import { expectText, record, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

/** What a page has asked for: the test answers, in whatever order. */
interface Asked {
  readonly query: string;
  readonly signal: AbortSignal;
  readonly answer: Gate<string>;
}

let asked: Asked[] = [];
let found: Set<Asked>;
beforeEach(() => {
  asked = [];
  found = new Set();
});

function ask(query: string, signal: AbortSignal): Promise<string> {
  const answer = new Gate<string>();
  asked.push({ query, signal, answer });
  return answer.promise;
}

/** The next question of that text: none is given twice. */
async function question(query: string): Promise<Asked> {
  const next = (): Asked | undefined => asked.find((each) => each.query === query && !found.has(each));
  await expect.poll(next, { message: `somebody asks for "${query}"` }).toBeDefined();
  const question = next()!;
  found.add(question);
  return question;
}

const card = createLiveComponent<{ query: string }, { found: AsyncResult<string> }>({
  initial: { found: AsyncResult.loading() },
  update: (socket, { query }) => socket.assignAsync("found", (signal) => ask(`card ${query}`, signal)),
  render: ({ found }) => html`<aside>${asyncResult(found, { loading: "…", ok: (text) => text })}</aside>`,
});

const search = createLiveView<
  { query: string; found: AsyncResult<string>; saved: string },
  { type: "search"; query: string } | { type: "again" } | { type: "stop" } | { type: "save" }
>({
  initial: { query: "all", found: AsyncResult.loading(), saved: "" },
  mount: (socket) => socket.assignAsync("found", (signal) => ask("all", signal)),
  handleEvent: (event, socket) => {
    if (event.type === "stop") return socket.cancelAsync("found");
    if (event.type === "save") {
      return socket.startAsync(
        "save",
        (signal) => ask("save", signal),
        (outcome) => {
          if (!outcome.ok) throw outcome.error;
          socket.assign({ saved: outcome.value });
        },
      );
    }
    const query = event.type === "search" ? event.query : socket.context.query;
    socket.assign({ query });
    return socket.assignAsync("found", (signal) => ask(query, signal));
  },
  render: ({ query, found, saved }, meta) => html`
    <form phx-change="search"><input name="query" aria-label="Query" value="${query}"></form>
    <p>${asyncResult(found, {
      loading: "Searching…",
      ok: (text, status) => html`<b aria-busy="${status === "loading"}">${text}</b>`,
      failed: (error) => html`<i>${error instanceof Error ? error.name : String(error)}</i>
        <button id="again" phx-click="${meta.event("again")}">Try again</button>`,
    })}</p>
    <button id="stop" phx-click="stop">Stop</button> <button id="save" phx-click="save">Save</button>
    <output>${saved}</output>
    ${link({ navigate: "/elsewhere", id: "elsewhere" }, "Elsewhere")}
    ${query !== "" && liveComponent(card, { id: "card", query })}`,
});

const app = () =>
  createLiveApp({
    logger: rememberingLogger(),
    onError: () => {},
    routes: { "/": search, "/elsewhere": createLiveView<{}>({ initial: {}, render: () => html`<h1>Elsewhere</h1>` }) },
  });

describe("what a page loads without waiting for it", () => {
  it("is shown when it is there; the latest question wins, a failure can be tried again, and nothing asks twice", async () => {
    const { url } = await start(app());
    const html = await (await fetch(url)).text();
    expect(html).toContain("<p>Searching…</p>");
    expect(asked).toEqual([]);

    const { page, problems } = await visit(url);
    await expectText(page, "p", "Searching…");
    const all = await question("all");
    await page.fill("input", "o");
    await page.fill("input", "ow");
    const [o, ow] = [await question("o"), await question("ow")];
    expect([all, o, ow].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    const shown = await record(page, "p");
    ow.answer.open("four owls");
    await expectText(page, "p", "four owls");
    o.answer.open("nine o's");
    all.answer.open("everything");

    await page.fill("input", "owl");
    await page.waitForSelector("b[aria-busy=true]");
    (await question("owl")).answer.fail(new TypeError("down"));
    await page.waitForSelector("text=TypeError");
    await page.click("#again");
    await page.waitForSelector("b[aria-busy=true]");
    (await question("owl")).answer.open("one owl");
    await expectText(page, "p", "one owl");
    expect((await shown()).some((text) => /nine|everything/.test(text))).toBe(false);

    await page.fill("input", "owls");
    await question("owls");
    await page.click("#stop");
    await page.waitForSelector("text=AbortError");
    const everything = asked.map(({ query }) => query).join(", ");
    expect(everything).toBe("all, card all, o, card o, ow, card ow, owl, card owl, owl, owls, card owls");
    expect(problems).toEqual([]);
  });

  it("is given up when the page leaves, when a component goes, when a callback throws, and when the server stops", async () => {
    const served = app();
    const server = await start(served);
    const { page, loads } = await visit(server.url);
    const [first, cardOfFirst] = [await question("all"), await question("card all")];
    await page.click("#elsewhere");
    await expectText(page, "h1", "Elsewhere");
    await expect.poll(() => [first.signal.aborted, cardOfFirst.signal.aborted]).toEqual([true, true]);

    await page.goBack();
    await page.waitForSelector("#save");
    await question("all");
    const cardOfSecond = await question("card all");
    // The page forgets the component, and nothing else.
    await page.fill("input", "");
    await expect.poll(() => cardOfSecond.signal.aborted).toBe(true);
    const empty = await question("");
    expect(empty.signal.aborted).toBe(false);

    await page.click("#save");
    const save = await question("save");
    await joinsAgain(page, async () => save.answer.fail(new Error("on purpose")));
    expect(empty.signal.aborted).toBe(true);
    await page.click("#save");
    (await question("save")).answer.open("kept");
    await expectText(page, "output", "kept");
    expect(loads()).toBe(1);

    const last = asked.filter(({ signal }) => !signal.aborted);
    await server.close();
    expect(last.length).toBeGreaterThan(0);
    expect(last.every(({ query, signal }) => signal.aborted || query === "save")).toBe(true);
    expect(served.stats().views).toBe(0);
  });
});

describe("/report", () => {
  /** How long the thread rests in each of its twenty steps. */
  const restFor = (ms: number): void => void (process.env["REPORT_REST_MS"] = String(ms));
  afterEach(() => delete process.env["REPORT_REST_MS"]);

  it("shows its progress to who makes it, and how far it is to everybody else, until it is done", async () => {
    const { url } = await start(createExamples());
    restFor(50);
    const [ada, grace] = await Promise.all([visit(`${url}report`), visit(`${url}report`)]);
    const heard = await record(grace.page, "#others");
    const percents = await ada.page.locator("progress").evaluateHandle((bar: HTMLProgressElement) => {
      const seen: number[] = [];
      new MutationObserver(() => seen.push(bar.value)).observe(bar, { attributeFilter: ["value"] });
      return seen;
    });
    await ada.page.getByRole("button", { name: "Make the report" }).click();
    await expect
      .poll(() => ada.page.textContent("#status"), { timeout: 60_000 })
      .toBe("There are 78498 primes below a million");
    await expect.poll(async () => (await heard()).at(-1)?.trim()).toBe("");
    // Several steps, even if a busy machine has made some of them one.
    const steps = (await heard()).filter((text) => text.includes("Somebody else’s report"));
    expect(new Set(steps).size).toBeGreaterThan(2);
    expect(new Set((await percents.jsonValue()).filter((percent) => percent > 0)).size).toBeGreaterThan(2);
    expect(await grace.page.textContent("#status")).toBe("Ready");
    expect(await ada.page.locator("#others li").count()).toBe(0);
    expect([...ada.problems, ...grace.problems]).toEqual([]);
  });

  it("ends the thread when it is cancelled, and when its page is left", async () => {
    const { url } = await start(createExamples());
    // Longer than anything here takes.
    restFor(2_000);
    const [ada, grace] = await Promise.all([visit(`${url}report`), visit(`${url}report`)]);
    const make = ada.page.getByRole("button", { name: "Make the report" });
    // That nothing is heard of it any more says that its thread has ended.
    const others = async (count: number): Promise<void> => {
      await expect.poll(() => grace.page.locator("#others li").count(), { timeout: 60_000 }).toBe(count);
    };
    await make.click();
    await others(1);
    await ada.page.getByRole("button", { name: "Cancel" }).click();
    await expectText(ada.page, "#status", "Cancelled");
    await others(0);
    await make.click();
    await others(1);
    await ada.page.close();
    await others(0);
    expect(grace.problems).toEqual([]);
  });
});

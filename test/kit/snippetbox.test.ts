import { rmSync } from "node:fs";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { closePages, visit, type Page } from "wingbeat/testing";
import { createGuest, signUp, type User } from "../../examples/snippetbox/contexts/accounts.ts";
import { recentActivities } from "../../examples/snippetbox/contexts/activities.ts";
import { sendMessage } from "../../examples/snippetbox/contexts/chat.ts";
import { deploysDone, startDeploy } from "../../examples/snippetbox/contexts/deploys.ts";
import { archiveOf, exportsDone, latestExport, startExport } from "../../examples/snippetbox/contexts/exports.ts";
import { presence } from "../../examples/snippetbox/contexts/presence.ts";
import { createSnippet, snippetFields } from "../../examples/snippetbox/contexts/snippets.ts";
import { closeStore, db } from "../../examples/snippetbox/contexts/store.ts";
import { createSnippetbox } from "../../examples/snippetbox/web/app.ts";
import { highlight } from "../../examples/snippetbox/web/highlight.ts";
import { login } from "../../examples/snippetbox/web/session.ts";
import { presence as whoIsHere } from "../../examples/who.ts";

// What two do in the very same moment, and how far something is while it goes on: a browser shows neither reliably.

const folder = vi.hoisted(() => {
  // Read once, when the modules below are loaded.
  const place = `${process.env["TMPDIR"] ?? "/tmp"}/snippetbox-kit-${process.pid}`;
  Object.assign(process.env, { DATABASE_URL: `${place}/box.db`, DEPLOY_STEP_MS: "100", EXPORT_PACE_MS: "100" });
  return place;
});

const app = createSnippetbox();
const enter = (user: User, path: string): Promise<Page> =>
  visit(app, path, { login: (request) => login.start(request, { userId: user.id }) });

afterEach(closePages);
afterAll(async () => {
  await Promise.all([deploysDone(), exportsDone()]);
  await Promise.all([presence.close(), whoIsHere.close()]);
  await closeStore();
  rmSync(folder, { recursive: true });
});

it("of two who press Deploy in the same moment one is refused, and both see the same deployment", async () => {
  const pages = await Promise.all([
    enter(await createGuest(), "/deployments"),
    enter(await createGuest(), "/deployments"),
  ]);
  await Promise.all(pages.map((page) => page.element("#deploy").submit()));
  const refused = pages.filter((page) => page.flash["error"] === "A deployment is running. Wait until it is done.");
  expect(refused).toHaveLength(1);
  await deploysDone();
  await Promise.all(pages.map((page) => page.settled()));
  const states = pages.map((page) => page.element("#state").text());
  expect(states[0]).toMatch(/^The deployment of .+ is done\.$/);
  expect(states[1]).toBe(states[0]);
});

/** A snippet is packed, and all pages show it. */
async function packed(pages: readonly Page[]): Promise<void> {
  await vi.advanceTimersByTimeAsync(100);
  await Promise.all(pages.map((page) => page.settled()));
}

it("an export has the same progress in all tabs of its owner, and none in those of others", async () => {
  const user = await createGuest();
  for (const title of ["One", "Two", "Three"]) {
    await createSnippet(user, { title, language: "plaintext", content: title });
  }
  const tabs = await Promise.all([enter(user, "/export"), enter(user, "/export")]);
  const stranger = await enter(await createGuest(), "/export");
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval"] });
  try {
    // At once in both: one export is made.
    await Promise.all(tabs.map((tab) => tab.element("button", "Start the export").click()));
    await packed(tabs);
    await packed(tabs);
    // Of three snippets two are packed.
    expect(tabs.map((tab) => tab.element("progress").attribute("value"))).toEqual(["66", "66"]);
    await packed(tabs);
  } finally {
    vi.useRealTimers();
  }
  await exportsDone();
  await Promise.all(tabs.map((tab) => tab.settled()));
  const { count } = await db
    .selectFrom("exports")
    .select(db.fn.countAll().as("count"))
    .where("user_id", "=", user.id)
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBe(1);
  expect(tabs.map((tab) => tab.has("a[download]"))).toEqual([true, true]);
  expect(stranger.has("[role=status]", "Nothing has been exported yet.")).toBe(true);
});

it("a password can be guessed ten times in a minute, and then not even the right one is taken", async () => {
  await signUp({ name: "Hedy", password: "spread spectrum" });
  const page = await visit(app, "/log-in");
  const guess = async (Password: string): Promise<string | undefined> => {
    await page.element("#form").submit({ Name: "Hedy", Password });
    return page.flash["error"];
  };
  for (let wrong = 1; wrong <= 10; wrong++) {
    expect(await guess(`frequency ${wrong}`)).toBe("Name and password do not belong together.");
  }
  expect(await guess("spread spectrum")).toBe("Too many attempts. Wait a minute.");
  expect(page.url.pathname).toBe("/log-in");
});

it("the longest snippet fits into one message of the browser, in whatever letters it is written", () => {
  const longest = { title: "字".repeat(80), language: "typescript", content: "字".repeat(20_000) };
  expect(snippetFields.safeParse(longest).success).toBe(true);
  const event = JSON.stringify(["12", "345", "lv:phx-main", "event", { value: `${new URLSearchParams(longest)}` }]);
  expect(event.length).toBeLessThan(app.limits.maxMessageBytes);
});

it("what is no code has no colours, as that would keep everybody waiting for seconds", () => {
  expect(highlight("let a = 1;", "typescript")).toContain('<span class="hljs-keyword">let</span>');
  for (const run of ["a", "\n", "("]) {
    const content = `let ${run.repeat(19_000)}`;
    expect(highlight(content, "typescript")).toBe(content);
  }
});

it("an address that can be no snippet's is one where there is nothing", async () => {
  const page = await enter(await createGuest(), "/snippets");
  for (const id of ["x".repeat(3_000), "%00", "0hodqj7bytk7f09dff1f0dd3af3"]) {
    await page.goto(`/snippets/${id}`);
    expect(page.status).toBe(404);
  }
});

it("who has deleted a snippet is not led back to it", async () => {
  const user = await createGuest();
  const { id } = await createSnippet(user, { title: "Short", language: "plaintext", content: "lived" });
  const page = await enter(user, "/overview");
  await page.navigate(`/snippets/${id}`);
  await page.element("button", "Delete").click();
  expect(page.url.pathname).toBe("/snippets");
  expect(page.flash["info"]).toBe("“Short” is deleted.");
  await page.back();
  expect(page.url.pathname).toBe("/overview");
});

it("a deployment that was given up stays so, though its process comes back to it", async () => {
  const user = await createGuest();
  await startDeploy(user);
  // As whoever looks does when its process has been silent for long: a laptop that slept.
  await db.updateTable("deploys").set({ status: "failed" }).where("status", "=", "running").execute();
  const page = await enter(user, "/deployments");
  await deploysDone();
  await page.settled();
  expect(page.element("#state").text()).toContain("It stopped while");
  expect((await recentActivities(1)).map(({ text }) => text)).toEqual([`${user.name} started a deployment`]);
});

it("an export that has expired takes no room any more once somebody begins another", async () => {
  const [ada, bob] = [await createGuest(), await createGuest()];
  const { id } = await startExport(ada);
  await exportsDone();
  expect(await archiveOf(ada.id, id)).toBeDefined();
  await db.updateTable("exports").set({ expires_at: 1 }).where("id", "=", id).execute();
  await startExport(bob);
  const row = await db.selectFrom("exports").select("archive").where("id", "=", id).executeTakeFirstOrThrow();
  expect(row.archive).toBeNull();
  expect((await latestExport(ada.id))?.status).toBe("expired");
});

it("who is called by name in a chat is told, whatever the name has and the sentence goes on with", async () => {
  const king = await signUp({ name: "Ada L. King-2", password: "countess" });
  const author = await createGuest();
  const robin = await signUp({ name: "Robin", password: "red breast" });
  const hears = async (text: string): Promise<string[]> => {
    await db.deleteFrom("notifications").execute();
    await sendMessage(author, "help", text);
    const rows = await db.selectFrom("notifications").select("user_id").orderBy("id").execute();
    return rows.map(
      ({ user_id }) => [king, robin, author].find((user) => user?.id === user_id)?.name ?? "somebody else",
    );
  };
  expect(await hears("@ada l. king-2 look")).toEqual(["Ada L. King-2"]);
  expect(await hears("(@Robin)? @robin. and @Ada L. King-2, @ROBIN!")).toEqual(["Robin", "Ada L. King-2"]);
  expect(await hears('@"Ada L. King-2"')).toEqual(["Ada L. King-2"]);
  expect(await hears(`robin@robin.example @Robinson @Ada @ @" and @${author.name}`)).toEqual([]);
});

it("the link of a notification closes the panel and gives the focus back, as Escape does", async () => {
  const [ada, bob] = [await createGuest(), await createGuest()];
  const page = await enter(ada, "/overview");
  await sendMessage(bob, "help", `@${ada.name}`);
  await page.settled();
  // From a live link the client takes a list of operations only: the mere name of an event is an error in the browser.
  const close = '[["push",{"event":"close"}],["focus",{"to":"#bell-button"}]]';
  expect(page.element(".panel li a").attribute("phx-click")).toBe(close);
});

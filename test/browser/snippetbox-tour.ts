import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { loadsAgain } from "./moments.ts";
import { click, goTo, nameOn, newWindow, say, sees, type People, type Person } from "./snippetbox-people.ts";
import { arrival, connected } from "./support.ts";

/** The figures are counted every five seconds; a busy machine takes its time. */
const PATIENT = { timeout: 20_000 };

export interface Tour {
  readonly ada: Person;
  readonly bob: Person;
  /** How long after the click of one the other has seen it, by what it was, in milliseconds. */
  readonly updates: Readonly<Record<string, number>>;
}

/**
 * Two people, each in a browser of their own, from the front page through everything that Snippetbox does.
 *
 * @param nodes how many processes answer
 */
export async function walkTour(people: People, here: string, there: string, nodes: number): Promise<Tour> {
  const updates: Record<string, number> = {};
  const timed = async (what: string, seen: Promise<number>, clicked: Promise<number>): Promise<void> => {
    updates[what] = (await seen) - (await clicked);
  };

  // The front page: one looks around as a guest, the other signs up, and is told of errors while typing.
  const [adasProblems, visitor] = await Promise.all([people.stranger(here), people.stranger(there)]);
  const [ada, bob] = [adasProblems.page, visitor.page];
  await loadsAgain(ada, () => ada.click("text=Try it as a guest"));
  await loadsAgain(bob, () => bob.click("text=Sign up"));
  await bob.fill("[name=name]", "A");
  await bob.fill("[name=password]", "short");
  await bob.locator("[name=password]").blur();
  await sees(bob, ".error", "At least two characters.");
  await sees(bob, ".error", "At least eight characters.");
  await bob.fill("[name=name]", "grace"); // there is a Grace
  await bob.fill("[name=password]", "correct horse");
  await bob.click("button:text('Sign up')");
  await sees(bob, ".error", "Somebody has this name already.");
  await bob.fill("[name=name]", "Élise");
  await loadsAgain(bob, () => bob.click("button:text('Sign up')"));
  for (const page of [ada, bob]) await page.waitForURL("**/snippets");
  const name = await nameOn(ada);
  await sees(bob, ".me", "Élise");

  // A snippet: on top of the other's list as soon as it is saved.
  await ada.click("text=New snippet");
  await ada.fill("[name=title]", "");
  await ada.fill("[name=content]", "const one: number = 1; // stripes <b>everywhere</b>");
  await ada.click("text=Save");
  await sees(ada, ".error", "Give it a title.");
  await ada.fill("[name=title]", "One");
  await ada.selectOption("[name=language]", "typescript");
  await timed("a new snippet", arrival(bob, "#snippets li:first-child", "One"), click(ada, "text=Save"));
  await sees(ada, ".flash", "“One” is saved.");
  expect(await ada.locator("pre.code .hljs-keyword").first().textContent()).toBe("const");

  // Both look at it: each sees the other, and who types is seen to.
  await bob.click("#snippets >> text=One");
  await sees(bob, "h1", "One");
  await sees(ada, "#viewing", "2 viewing");
  await sees(bob, "#viewing", "2 viewing");
  expect(await bob.locator(".avatars").getByLabel(name).count()).toBe(1);
  await ada.click("text=Edit");
  const typing = arrival(bob, ".watchers", `${name} is typing…`);
  await ada.fill("[name=title]", "Zebra");
  await typing;
  await timed("an edit", arrival(bob, "h1", "Zebra"), click(ada, "text=Save"));

  // Search, from two characters on; a result leads to the snippet.
  await goTo(bob, "Find");
  await bob.fill("[name=query]", "z");
  await bob.waitForURL("**/find?q=z");
  await sees(bob, "#summary", "Type at least two characters.");
  const searching = arrival(bob, "#summary.busy", "Searching…");
  await bob.fill("[name=query]", "stripes every");
  await searching;
  await sees(bob, "#summary", "1 snippet");
  expect(await bob.locator(".cards mark").allTextContents()).toEqual(["stripes", "everywhere"]);
  expect(await bob.locator(".cards b").count()).toBe(0);
  await bob.fill("[name=query]", "qqqq");
  await sees(bob, "#summary", "No results for “qqqq”");
  await bob.fill("[name=query]", "zeb");
  await bob.click(".cards >> text=Zebra");
  await sees(bob, "h1", "Zebra");

  // The chat: who is there, who types, what was said, and what is empty is not said.
  await Promise.all([ada, bob].map((page) => goTo(page, "Chat", "#lobby")));
  await sees(bob, "#online", name);
  const writing = arrival(bob, ".typing", `${name} is typing…`);
  await ada.fill("#say input", "Hel");
  await writing;
  await say(ada, "   ");
  await ada.fill("#say input", "Hello <i>you</i>");
  const heard = arrival(bob, "#messages .said:not(.mine) .text", "Hello <i>you</i>");
  await timed("a message", heard, click(ada, "#say button"));
  await sees(ada, "#messages .said.mine .text", "Hello <i>you</i>");
  expect(await bob.locator("#messages .said").count()).toBe(1);
  await expect.poll(() => ada.locator("#say input").inputValue(), PATIENT).toBe("");

  // The bell: in all tabs, while the page around it is exchanged, until it is read, and after a reload.
  const second = await newWindow(bob, "/overview");
  await ada.fill("#say input", "@élise look");
  await timed("a notification", arrival(bob, ".badge:not([hidden])", "1"), click(ada, "#say button"));
  await sees(second, ".badge", "1");
  await goTo(bob, "Deploy");
  await bob.click(".bell");
  await sees(bob, ".panel", `${name} mentioned you in #lobby`);
  await sees(bob, ".panel time", "just now");
  await bob.click("text=Mark all as read");
  await second.locator(".badge").waitFor({ state: "hidden" });
  await second.reload();
  await connected(second);
  await second.click(".bell");
  await sees(second, ".panel", `${name} mentioned you`);
  expect(await second.locator(".badge").isVisible()).toBe(false);

  // A deployment: the steps, at the same time for all; one that fails, and its retry.
  await goTo(ada, "Deploy");
  await ada.check("[name=fail]");
  const disabled = arrival(bob, "#deploy button:disabled", "Deploy");
  await timed("a deployment", arrival(bob, "#state", `${name} is deploying`), click(ada, "#deploy button"));
  await disabled;
  await sees(bob, "#state", "It stopped while pushing the contents.");
  await sees(bob, "#steps .failed", "push-contents");
  expect(await bob.locator("#steps .done").count()).toBe(2);
  await bob.click("text=Retry this step");

  // The overview: figures out of the data, who is active, and what happens.
  const snippets = second.locator("section[aria-label=Snippets] strong");
  await expect
    .poll(async () => Number(await second.locator("#active").textContent()), PATIENT)
    .toBeGreaterThanOrEqual(2);
  await sees(second, "#activities", `${name} edited “Zebra”`);
  const label = await second.locator(".chart svg").first().getAttribute("aria-label");
  expect(label).toMatch(/^Views, the last seven days: 20/);
  await sees(ada, "#state", `The deployment of ${name} is done.`);
  expect(await ada.locator("#steps .done").count()).toBe(4);
  await sees(second, "#activities li:first-child", `The deployment of ${name} is done`);

  // Who comes to a snippet is counted; the overview is told of nothing, and looks again every five seconds.
  const views = second.locator("section[aria-label='Views today'] strong");
  const viewed = Number(await views.textContent());
  await goTo(bob, "Snippets");
  await bob.click("#snippets >> text=Zebra");
  await sees(bob, "h1", "Zebra");

  // An export goes on while its page is left; the download is its owner's.
  await goTo(ada, "Export");
  await ada.click("text=Start the export");
  await goTo(ada, "About", "What is live");
  await expect.poll(() => ada.locator("section[aria-label=Nodes] strong").textContent(), PATIENT).toBe(String(nodes));
  const connections = ada.locator("section[aria-label=Connections] strong");
  await expect.poll(async () => Number(await connections.textContent()), PATIENT).toBeGreaterThanOrEqual(3);
  await goTo(ada, "Export");
  await sees(ada, ".notice", "Download");
  const downloading = ada.waitForEvent("download");
  await ada.click("a[download]");
  const archive = readFileSync(await (await downloading).path());
  expect(archive.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
  expect(archive.includes("1 Zebra.typescript.txt")).toBe(true);

  await expect.poll(async () => Number(await views.textContent()), PATIENT).toBe(viewed + 1);

  // Deleted: on the page of who looks at it, and in the figures.
  await goTo(ada, "Snippets");
  await ada.click("#snippets >> text=Zebra");
  await sees(ada, "#viewing", "2 viewing");
  const before = Number(await snippets.textContent());
  ada.once("dialog", (dialog) => void dialog.accept());
  await ada.click("text=Delete");
  await sees(bob, ".notice", "Its owner has deleted it.");
  await sees(ada, "h1", "Snippets");
  await expect.poll(() => ada.locator("#snippets >> text=Zebra").count(), PATIENT).toBe(0);
  await expect.poll(async () => Number(await snippets.textContent()), PATIENT).toBe(before - 1);

  // Logged out: of all tabs at once. The name and the password belong together.
  await loadsAgain(second, () => loadsAgain(bob, () => bob.click("text=Log out")));
  await bob.waitForURL(`${there}/`);
  await second.waitForURL("**/log-in");
  await sees(second, ".flash", "Log in first");
  await second.fill("[name=name]", "éLISE");
  await second.fill("[name=password]", "wrong password");
  await loadsAgain(second, () => second.click("button:text('Log in')"));
  await sees(second, ".flash", "do not belong together");
  await second.fill("[name=name]", "éLISE");
  await second.fill("[name=password]", "correct horse");
  await loadsAgain(second, () => second.click("button:text('Log in')"));
  await second.waitForURL("**/snippets");
  await sees(second, ".me", "Élise");

  await bob.context().close();
  return {
    ada: { ...adasProblems, name },
    bob: { page: second, problems: visitor.problems, name: "Élise" },
    updates,
  };
}

import type { Page } from "playwright-core";
import { afterEach, expect, it } from "vitest";
import { SnippetboxServer } from "../support/snippetbox.ts";
import { connected, useBrowser } from "./support.ts";

const { visit } = useBrowser();

let box: SnippetboxServer | undefined;
afterEach(() => box?.stop());

async function sees(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor({ state: "visible" });
}

it("Snippetbox keeps what people typed, said and began through the sudden end of its server", async () => {
  const server = (box = await SnippetboxServer.start({ EXPORT_PACE_MS: "400" }));
  const guest = async (path: string): Promise<Page> => {
    const { page } = await visit(server.url);
    await page.click("text=Try it as a guest");
    await page.waitForURL("**/snippets");
    await page.goto(`${server.url}${path}`);
    await connected(page);
    return page;
  };
  const [ada, bob] = await Promise.all([guest("/snippets/new"), guest("/chat/lobby")]);
  const said = ["one", "two", "three"];
  const say = async (text: string): Promise<void> => {
    await bob.fill("#say input", text);
    await bob.keyboard.press("Enter");
    await sees(bob, ".said.mine .text", text);
  };
  for (const text of said) await say(text);
  // Something to export: one snippet for each.
  for (const title of ["First", "Second", "Third"]) {
    await ada.fill("[name=title]", title);
    await ada.fill("[name=content]", "// export me");
    await ada.click("text=Save");
    await sees(ada, "h1", title);
    await ada.goto(`${server.url}/snippets/new`);
    await connected(ada);
  }
  const exporting = await ada.context().newPage();
  await exporting.goto(`${server.url}/export`);
  await connected(exporting);
  const deploying = await ada.context().newPage();
  await deploying.goto(`${server.url}/deployments`);
  await connected(deploying);

  await ada.fill("[name=title]", "Half of a title");
  await ada.fill("[name=content]", "const half =");
  await bob.fill("#say input", "half of a sent");
  await deploying.click("#deploy button");
  await sees(deploying, "#state", "is deploying");
  await exporting.click("text=Start the export");
  await sees(exporting, "main", "Packing…");
  await server.kill();
  for (const page of [ada, bob, exporting, deploying]) await page.waitForSelector("#phx-main.phx-loading");
  await server.start();

  for (const page of [ada, bob, exporting, deploying]) await connected(page);
  expect(await ada.inputValue("[name=title]")).toBe("Half of a title");
  expect(await ada.inputValue("[name=content]")).toBe("const half =");
  await ada.click("text=Save");
  await sees(ada, "h1", "Half of a title");

  expect(await bob.inputValue("#say input")).toBe("half of a sent");
  await bob.press("#say input", "End");
  await bob.keyboard.type("ence");
  await bob.keyboard.press("Enter");
  await sees(bob, ".said.mine .text", "half of a sentence");
  expect(await bob.locator(".said .text").allTextContents()).toEqual([...said, "half of a sentence"]);

  await sees(deploying, "#state", "It stopped while");
  await deploying.click("text=Retry this step");
  await sees(deploying, "#state", "is done.");

  await sees(exporting, ".notice.bad", "The server that made it has stopped");
  await exporting.click("text=Export again");
  await sees(exporting, ".notice", "Download");
}, 60_000);

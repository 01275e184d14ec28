import { afterEach, beforeEach, expect, it } from "vitest";
import { SnippetboxServer } from "../support/snippetbox.ts";
import { goTo, newWindow, open, People, say, sees, writeSnippet } from "./snippetbox-people.ts";
import { connected } from "./support.ts";

let server: SnippetboxServer;
let people: People;
beforeEach(async () => {
  // What is begun before its end is not done before that, on however slow a machine.
  const endless = { EXPORT_PACE_MS: "600000", DEPLOY_STEP_MS: "600000" };
  [server, people] = await Promise.all([SnippetboxServer.start(endless), People.start()]);
});
afterEach(async () => {
  await people.end();
  await server.stop();
});

it("Snippetbox keeps what people typed, said and began through the sudden end of its server", async () => {
  const [{ page: ada }, { page: bob }] = await Promise.all([people.guest(server.url), people.guest(server.url)]);
  const said = ["one", "two", "three"];
  const talk = async (): Promise<void> => {
    await goTo(bob, "Chat", "#lobby");
    for (const text of said) {
      await say(bob, text);
      await sees(bob, ".said.mine .text", text);
    }
  };
  await Promise.all([writeSnippet(ada, "Exported", "// export me"), talk()]);
  const [exporting, deploying] = await Promise.all([newWindow(ada, "/export"), newWindow(ada, "/deployments")]);
  await open(ada, "/snippets/new");
  const pages = [ada, bob, exporting, deploying];

  await ada.fill("[name=title]", "Half of a title");
  await ada.fill("[name=content]", "const half =");
  await bob.fill("#say input", "half of a sent");
  await deploying.click("#deploy button");
  await sees(deploying, "#state", "is deploying");
  await exporting.click("text=Start the export");
  await sees(exporting, "main", "Packing…");
  await server.kill();
  await Promise.all(pages.map((page) => page.waitForSelector("#phx-main.phx-loading")));
  await server.start({ EXPORT_PACE_MS: "25", DEPLOY_STEP_MS: "400" });
  // They look at their pages, which therefore do not wait for the time of their next attempt.
  await Promise.all(pages.map((page) => page.evaluate(() => dispatchEvent(new Event("visibilitychange")))));
  await Promise.all(pages.map((page) => connected(page)));

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

  await sees(exporting, ".notice.bad", "The server that made it has stopped");
  await exporting.click("text=Export again");
  await sees(deploying, "#state", "It stopped while");
  await deploying.click("text=Retry this step");
  await sees(deploying, "#state", "is done.");
  await sees(exporting, ".notice", "Download");
}, 180_000);

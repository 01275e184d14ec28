// Takes the README's pictures of Snippetbox as it runs: two people, the same moment in light and in dark.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { SnippetboxServer } from "../support/snippetbox.ts";
import { goTo, open, People, say, sees } from "./snippetbox-people.ts";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const SIZE = { viewport: { width: 1000, height: 680 } } as const;

const server = await SnippetboxServer.start({ DEPLOY_STEP_MS: "1500" });
const people = await People.start();
try {
  mkdirSync(FOLDER, { recursive: true });
  const [ada, bob] = await Promise.all([
    people.guest(server.url, { ...SIZE, colorScheme: "light" }),
    people.guest(server.url, { ...SIZE, colorScheme: "dark" }),
  ]);

  await open(ada.page, "/chat/typescript");
  await open(bob.page, "/chat/typescript");
  const talk = [
    [ada.page, "Is there a short way to group a list by a key?"],
    [bob.page, "Since ES2024: Map.groupBy(list, (item) => item.key)"],
    [ada.page, "Oh, that is neat. Thank you!"],
    [bob.page, `@"${ada.name}" I have put it into the box, have a look`],
  ] as const;
  for (const [page, text] of talk) {
    const other = page === ada.page ? bob.page : ada.page;
    await say(page, text);
    await sees(other, ".said:not(.mine) .text", text);
  }
  await ada.page.fill("#say input", "Looking at it");
  await sees(bob.page, ".typing", "is typing…");
  await take(bob.page, "chat");

  await goTo(bob.page, "Snippets");
  await bob.page.click("#snippets >> text=Group by, in one line");
  await goTo(ada.page, "Snippets");
  await ada.page.click("#snippets >> text=Group by, in one line");
  await sees(ada.page, "#viewing", "2 viewing");
  await goTo(bob.page, "Deploy");
  await bob.page.click("#deploy button");
  await goTo(ada.page, "Overview");
  await sees(ada.page, "#activities", "started a deployment");
  await take(ada.page, "overview");
} finally {
  await people.end();
  await server.stop();
}

/** As WebP, which Chromium itself makes: a quarter of the bytes of a PNG. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  const devTools = await page.context().newCDPSession(page);
  const { data } = await devTools.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  const bytes = Buffer.from(data, "base64");
  writeFileSync(`${FOLDER}${name}.webp`, bytes);
  console.log(`docs/images/${name}.webp: ${Math.round(bytes.byteLength / 1024)} KB`);
}

// Waits for something new: what was there before cannot satisfy them.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { connected } from "./support.ts";

/** On a machine three times as slow as ours: the longest wait of the client between two tries is 10 s. */
const PATIENT = { timeout: 40_000 };

type State = "connected" | "error" | "loading";

/**
 * Remembers each state of a view from now on, as its element's classes say it: some last for a second, which is too
 * short to be seen for sure by looking now and then. Not over a page load or live navigation.
 * @returns waits until the view has been in this state, after the one that was waited for before
 */
export async function watchStates(page: Page, selector = "[data-phx-main]"): Promise<(state: State) => Promise<void>> {
  const history = await page.locator(selector).evaluateHandle((element) => {
    const seen: string[] = [];
    new MutationObserver(() => seen.push(element.classList.value)).observe(element, { attributeFilter: ["class"] });
    return seen;
  });
  let next = 0;
  return async (state) => {
    let index = -1;
    const find = async (): Promise<boolean> => {
      const seen = await history.jsonValue();
      index = seen.findIndex((classes, at) => at >= next && classes.split(" ").includes(`phx-${state}`));
      return index !== -1;
    };
    await expect.poll(find, { ...PATIENT, message: `the view is in the state "${state}"` }).toBe(true);
    next = index + 1;
  };
}

/** Does it, and waits until the view has lost its connection and has joined again. Not over a page load. */
export async function joinsAgain(page: Page, act: () => Promise<unknown>, selector?: string): Promise<void> {
  const until = await watchStates(page, selector);
  await act();
  await until("error");
  await until("connected");
}

/** Does it, and waits until the page has been loaded anew and its view is connected. */
export async function loadsAgain(page: Page, act: () => Promise<unknown>): Promise<void> {
  const loaded = page.waitForEvent("load", PATIENT);
  await Promise.all([loaded, act()]);
  await connected(page);
}

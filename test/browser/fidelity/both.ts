/* oxlint-disable vitest/no-standalone-expect -- these expectations run in the tests of fidelity.test.ts */

import { parseFragment, type DefaultTreeAdapterTypes as Parsed } from "parse5";
import type { Page as ChromiumPage } from "playwright-core";
import { expect } from "vitest";
import {
  createLiveApp,
  html,
  SingleProcessPubSub,
  type AppOptions,
  type LiveApp,
  type LiveSessions,
  type PubSub,
  type Routes,
} from "wingbeat";
import { LOST_UPLOADS_SCRIPT } from "../../../src/live/uploads/lost-uploads.ts";
import { visit, type Page, type UserFile, type VisitOptions } from "wingbeat/testing";
import { connected, FRAMES_BEFORE_ENDS, type Tools } from "../support.ts";

/** What a scenario's app is made with: once for the kit and once for Chromium, which must not see each other. */
export interface Side {
  readonly pubSub: PubSub;
  readonly app: LiveApp;
}

export interface Scenario {
  /** The app's routes; may keep state of its own. */
  readonly routes: (side: Side) => Routes<string, {}>;
  readonly liveSessions?: (side: Side) => LiveSessions<{}>;
  readonly options?: AppOptions;
  /** The app's `session`. */
  readonly session?: (request: Request) => object;
  /** Whether all pages are tabs of one browser, with the same cookies. @default false, each is another visitor's */
  readonly tabs?: boolean;
  /** How the kit visits the pages. */
  readonly visit?: Pick<VisitOptions, "asyncWork">;
}

/**
 * The hooks of both browsers: what a hook pushes from outside is all that is needed. After a crash the client joins again
 * at once, where it would wait for a second and more.
 */
const CLIENT = `
const hooks = { Pusher: { mounted() { this.el.pushFromTest = (event, payload) => this.pushEvent(event, payload); } } };
const token = document.querySelector("meta[name=csrf-token]").content;${LOST_UPLOADS_SCRIPT}
const liveSocket = new LiveView.LiveSocket("/live", Phoenix.Socket, {
  hooks,
  params: (view) => ({ _csrf_token: token, _lost_uploads: lostUploads(view) }),
  rejoinAfterMs: () => 50,
});
window.pushedEvents = [];
window.pendingFrames = 0;
const requestFrame = window.requestAnimationFrame;
window.requestAnimationFrame = (callback) => {
  window.pendingFrames++;
  return requestFrame.call(window, (now) => {
    window.pendingFrames--;
    callback(now);
  });
};
${FRAMES_BEFORE_ENDS}
const dispatch = window.dispatchEvent;
window.dispatchEvent = (event) => {
  if (event.type.startsWith("phx:test-")) window.pushedEvents.push([event.type.slice(4), event.detail]);
  return dispatch.call(window, event);
};
window.liveSocket = liveSocket;
liveSocket.connect();
`;

function makeApp(scenario: Scenario): { readonly app: LiveApp; readonly side: Side } {
  const side = {
    pubSub: new SingleProcessPubSub({ isolated: true }),
    get app(): LiveApp {
      return app;
    },
  };
  const { fetch: fallback, ...options } = scenario.options ?? {};
  const app: LiveApp = createLiveApp({
    session: scenario.session ?? (() => ({})),
    secret: "only-for-tests-0123456789-0123456789",
    pubSub: side.pubSub,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    layout: (content, page) => html`<!doctype html>
<html lang="en">
  <head>
    <meta name="csrf-token" content="${page.csrfToken}">
    <link rel="icon" href="data:,">
    ${page.titleElement}
    ${page.clientScripts}
    <script type="module" src="/_own/client.js"></script>
  </head>
  <body>${content}</body>
</html>`,
    ...options,
    fetch: (request) => {
      if (new URL(request.url).pathname === "/_own/client.js") {
        return new Response(CLIENT, { headers: { "content-type": "text/javascript" } });
      }
      return fallback?.(request) ?? new Response("Not here", { status: 404 });
    },
    routes: scenario.routes(side),
    liveSessions: scenario.liveSessions?.(side),
  });
  return { app, side };
}

/** Opens a scenario's pages in the kit and in Chromium. What is done to one of them is done in both, and then compared. */
export async function openBoth(tools: Tools, scenario: Scenario, ...paths: readonly string[]): Promise<Twin[]> {
  const [ours, theirs] = [makeApp(scenario), makeApp(scenario)];
  const server = await tools.start(theirs.app);
  const twins: Twin[] = [];
  for (const path of paths) {
    const browser = scenario.tabs === true ? twins[0] : undefined;
    const page = await visit(ours.app, path, { ...scenario.visit, onWarning: () => {}, browser: browser?.kit });
    const address = new URL(path, server.url).href;
    const opened =
      browser === undefined
        ? (await tools.visit(address, { untilConnected: page.isConnected })).page
        : await openTab(browser.chromium, address, page.isConnected);
    twins.push(new Twin(page, opened, [ours.side, theirs.side], twins));
  }
  for (const twin of twins) await twin.same();
  return twins;
}

async function openTab(browser: ChromiumPage, address: string, isConnected: boolean): Promise<ChromiumPage> {
  const page = await browser.context().newPage();
  await page.goto(address);
  if (isConnected) await connected(page);
  return page;
}

/** One page in the kit, and the same in Chromium. */
export class Twin {
  readonly kit: Page;
  readonly chromium: ChromiumPage;
  readonly #sides: readonly Side[];
  readonly #all: readonly Twin[];

  constructor(kit: Page, chromium: ChromiumPage, sides: readonly Side[], all: readonly Twin[]) {
    this.kit = kit;
    this.chromium = chromium;
    this.#sides = sides;
    this.#all = all;
  }

  async #step(ours: () => Promise<unknown>, theirs: () => Promise<unknown>): Promise<void> {
    await ours();
    await theirs();
    for (const twin of this.#all) await twin.same();
  }

  /** Fails unless both show the same, before long. */
  async same(): Promise<void> {
    const wanted = await kitState(this.kit);
    const isLive = this.kit.isConnected;
    await expect.poll(() => chromiumState(this.chromium, isLive), { timeout: 20_000, interval: 5 }).toEqual(wanted);
  }

  click(selector: string): Promise<void> {
    return this.#step(
      () => this.kit.element(selector).click(),
      () => this.chromium.click(selector),
    );
  }

  fill(selector: string, value: string): Promise<void> {
    return this.#step(
      () => this.kit.element(selector).change(value),
      () => this.chromium.fill(selector, value),
    );
  }

  choose(selector: string, ...values: readonly string[]): Promise<void> {
    return this.#step(
      () => this.kit.element(selector).change(values),
      async () => {
        await this.chromium.focus(selector);
        await this.chromium.selectOption(selector, [...values]);
      },
    );
  }

  /** Chooses files for an input. */
  upload(selector: string, ...files: readonly (UserFile & { readonly content: string })[]): Promise<void> {
    return this.#step(
      () => this.kit.element(selector).upload(files),
      async () => {
        await this.chromium.focus(selector);
        await this.chromium.setInputFiles(
          selector,
          files.map(({ name, type = "", content }) => ({ name, mimeType: type, buffer: Buffer.from(content) })),
        );
      },
    );
  }

  key(selector: string, key: string): Promise<void> {
    return this.#step(
      async () => {
        await this.kit.element(selector).keydown(key).catch(ignoreUnheard);
        await this.kit.element(selector).keyup(key).catch(ignoreUnheard);
      },
      () => this.chromium.press(selector, key),
    );
  }

  focus(selector: string): Promise<void> {
    return this.#step(
      () => this.kit.element(selector).focus(),
      // Playwright's own focus() does it twice, which a focus trap takes for two moves.
      () => this.chromium.locator(selector).evaluate((element: HTMLElement) => element.focus()),
    );
  }

  blur(selector: string): Promise<void> {
    return this.#step(
      () => this.kit.element(selector).blur(),
      () => this.chromium.locator(selector).evaluate((element: HTMLElement) => element.blur()),
    );
  }

  /** Scrolls the box around a list to one end. */
  scroll(list: string, box: string, end: "top" | "bottom"): Promise<void> {
    return this.#step(
      () => this.kit.element(list).scrollTo(end),
      () =>
        this.chromium
          .locator(box)
          .evaluate((element, isTop) => element.scrollTo(0, isTop ? 0 : element.scrollHeight), end === "top"),
    );
  }

  /** Has the hook of an element push an event, and compares the replies. */
  async hook(selector: string, event: string, payload: object, name = "Pusher"): Promise<void> {
    let [ours, theirs]: unknown[] = [];
    await this.#step(
      async () => (ours = await this.kit.element(selector).hook(name).push(event, payload)),
      async () =>
        (theirs = await this.chromium
          .locator(selector)
          .evaluate((element, [name, value]) => (element as unknown as Pusher).pushFromTest(name, value), [
            event,
            payload,
          ] as const)),
    );
    expect(ours).toEqual(theirs);
  }

  /** Expects the text of an element, in the kit; that Chromium shows the same was seen at the last step. */
  reads(selector: string, text: string): void {
    expect(this.kit.element(selector).text()).toBe(text);
  }

  /** Expects the next pushed event of both pages to be the same. */
  async pushed(name: string): Promise<void> {
    const ours = await this.kit.pushed(name);
    const theirs = await this.chromium.waitForFunction((wanted) => {
      const index = window.pushedEvents.findIndex(([pushed]) => pushed === wanted);
      return index === -1 ? undefined : window.pushedEvents.splice(index, 1)[0];
    }, name);
    expect([name, ours]).toEqual(await theirs.jsonValue());
  }

  /** Does something on the server, in both apps. */
  server(work: (side: Side) => unknown): Promise<void> {
    const [ours, theirs] = this.#sides;
    return this.#step(
      async () => {
        await work(ours!);
        await this.kit.settled();
      },
      async () => work(theirs!),
    );
  }

  /**
   * A click on which the view crashes; the page joins it anew.
   * @param view its element
   */
  crash(selector: string, view = "[data-phx-main]"): Promise<void> {
    return this.#step(
      () =>
        expect(this.kit.element(selector).click())
          .rejects.toMatchObject({ code: "testing.crash" })
          .then(() => this.kit.settled()),
      async () => {
        const error = await this.chromium.evaluateHandle(watchFor, `${view}.phx-error`);
        await this.chromium.click(selector);
        await error.evaluate(({ shown }) => shown);
        await this.chromium.waitForSelector(`${view}.phx-connected`);
      },
    );
  }

  /** Goes back in the history of both tabs. */
  back(): Promise<void> {
    return this.#step(
      () => this.kit.back(),
      () => this.chromium.evaluate(() => history.back()),
    );
  }

  forward(): Promise<void> {
    return this.#step(
      () => this.kit.forward(),
      () => this.chromium.evaluate(() => history.forward()),
    );
  }

  disconnect(): Promise<void> {
    return this.#step(
      () => this.kit.disconnect(),
      () => this.chromium.evaluate(() => new Promise<void>((resolve) => window.liveSocket.disconnect(() => resolve()))),
    );
  }

  reconnect(): Promise<void> {
    return this.#step(
      () => this.kit.reconnect(),
      async () => {
        await this.chromium.evaluate(() => window.liveSocket.connect());
        await connected(this.chromium);
      },
    );
  }
}

interface Pusher {
  pushFromTest(event: string, payload: object): Promise<unknown>;
}

declare global {
  interface Window {
    pushedEvents: [name: string, payload: unknown][];
    /** How many callbacks wait for the next frame: titles, transitions, and the focus, which is set once more then. */
    pendingFrames: number;
    liveSocket: { connect(): void; disconnect(done: () => void): void };
  }
}

function ignoreUnheard(error: unknown): void {
  if (!String(error).includes("nothing listens")) throw error;
}

/** Whether something is shown, however shortly. */
function watchFor(selector: string): { readonly shown: Promise<void> } {
  const shown = new Promise<void>((resolve) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector) === null) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  });
  return { shown };
}

// ── what is compared ──

interface State {
  readonly html: string[];
  /** What portals show. */
  readonly elsewhere: string[];
  /** The id of what has the focus. */
  readonly focused: string;
  /** Value, checkedness and focus of each control, in order. */
  readonly controls: (readonly [name: string, value: string, isChecked: boolean, isFocused: boolean])[];
  readonly title: string;
  readonly address: string;
}

const ELSEWHERE = "[data-phx-teleported]";
const CONTROLS = "body :is(input, select, textarea, option)";

async function kitState(page: Page): Promise<State> {
  return {
    html: normalize(page.html()),
    elsewhere: page.elements(ELSEWHERE).flatMap((element) => normalize(element.html())),
    focused: withoutRef(
      page
        .elements("body [id]")
        .find((element) => element.isFocused)
        ?.attribute("id") ?? "",
    ),
    controls: page
      .elements(CONTROLS)
      .map((element) => [
        element.html().slice(1).split(/[\s>]/, 1)[0] ?? "",
        element.value ?? "",
        element.isSelected || element.isChecked,
        element.isFocused,
      ]),
    title: page.title,
    address: page.url.pathname + page.url.search,
  };
}

/** @param isLive Whether its view is, so that what it waits for must be over: answers, and what is left for the next frame. */
async function chromiumState(page: ChromiumPage, isLive: boolean): Promise<State> {
  const wanted = [CONTROLS, ELSEWHERE, isLive] as const;
  const {
    html: found,
    elsewhere,
    ...state
  } = await page.evaluate(async ([controls, portals, mustRest]) => {
    const isAtRest = (): boolean => {
      if (!mustRest) return true;
      // A form may wait for its files, which wait for the user.
      const awaiting = document.querySelector("[data-phx-ref-src]:not(.phx-submit-loading, .phx-submit-loading *)");
      const main = document.querySelector("[data-phx-main].phx-connected");
      return main !== null && awaiting === null && window.pendingFrames === 0;
    };
    const since = performance.now();
    while (!isAtRest()) {
      if (performance.now() - since > 20_000) throw new Error("The page of Chromium still waits for something.");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const content = document.querySelector("[data-phx-main]") ?? document.body;
    return {
      html: content.innerHTML,
      elsewhere: [...document.querySelectorAll(portals)].map((element) => element.outerHTML),
      focused: document.activeElement?.id ?? "",
      controls: [...document.querySelectorAll(controls)].map((element) => {
        const control = element as HTMLInputElement & HTMLOptionElement;
        const isChosen =
          element instanceof HTMLOptionElement
            ? element.selected
            : element instanceof HTMLInputElement && element.checked;
        return [control.localName, control.value, isChosen, document.activeElement === control] as [
          string,
          string,
          boolean,
          boolean,
        ];
      }),
      title: document.title,
      address: location.pathname + location.search,
    };
  }, wanted);
  return {
    ...state,
    focused: withoutRef(state.focused),
    html: normalize(found),
    elsewhere: elsewhere.flatMap(normalize),
  };
}

const UPLOAD_REF = /\bphx-[\w-]{20}/g;

/** The id of a file input is random. */
function withoutRef(id: string): string {
  return id.replaceAll(UPLOAD_REF, "upload");
}

/** Every page has others. */
const TOKENS = new Set(["data-phx-session", "data-phx-static", "nonce"]);

/** The markup with its attributes in order, one node a line, so that a difference is easily seen. */
function normalize(markup: string): string[] {
  const uploads: string[] = [];
  // The ids of uploads are random: compared by their order.
  const named = markup.replaceAll(UPLOAD_REF, (ref) => {
    if (!uploads.includes(ref)) uploads.push(ref);
    return `upload-${uploads.indexOf(ref)}`;
  });
  const lines: string[] = [];
  const print = (node: Parsed.ChildNode, depth: number): void => {
    const indent = "  ".repeat(depth);
    if (!("tagName" in node)) {
      if ("value" in node) lines.push(indent + JSON.stringify(node.value));
      else if ("data" in node) lines.push(`${indent}<!--${node.data}-->`);
      return;
    }
    const attributes = node.attrs
      .map(({ name, value }) => `${name}=${JSON.stringify(TOKENS.has(name) && value !== "" ? "token" : value)}`)
      .sort();
    lines.push(`${indent}<${[node.tagName, ...attributes].join(" ")}>`);
    for (const child of node.childNodes) print(child, depth + 1);
    if ("content" in node) for (const child of node.content.childNodes) print(child, depth + 1);
  };
  for (const node of parseFragment(named).childNodes) print(node, 0);
  return lines;
}

import { describe, expect, it } from "vitest";
import {
  attrs,
  createLiveApp,
  createLiveView,
  form,
  html,
  input,
  inputsFor,
  liveForm,
  SingleProcessPubSub,
  type Form,
  type FormEvent,
} from "wingbeat";
import { serve, type LiveServer } from "wingbeat/serve";
import type { Page } from "playwright-core";
import { z } from "zod";
import { freePort } from "../support/free-port.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { joinsAgain } from "./moments.ts";
import { expectText, production, rememberingLogger, useBrowser } from "./support.ts";

const { start, visit } = useBrowser();

const values = (page: Page): Promise<string[]> =>
  page
    .locator("form#user :is(input:not([type=hidden]), textarea)")
    .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id);

const schema = z.object({
  name: z.string().min(3, { error: "is too short" }),
  about: z.string(),
  items: z.array(z.object({ text: z.string().min(1, { error: "is missing" }) })),
});

type Events = FormEvent<"validate" | "save"> | { type: "crash" } | FormEvent<"go" | "resume">;

/** A form with a list, and one of two steps that has a recovery of its own; both next to something that changes by itself. */
function editor(gate: { open: Promise<void> }) {
  return createLiveView<{ form: Form<typeof schema>; ticks: number; step: string; saved: number }, Events>({
    initial: {
      form: form(schema, { items: [{ text: "one" }] }, { name: "user" }),
      ticks: 0,
      step: "1",
      saved: 0,
    },
    mount: (socket) => void socket.subscribe("ticks"),
    handleInfo: (_info, socket) => socket.assign({ ticks: socket.context.ticks + 1 }),
    handleEvent: async (event, socket) => {
      if (event.type === "crash") throw new Error("on purpose");
      // After a crash or a restart the view stands at the first step, and the form says where the user was.
      if (event.type === "resume" || event.type === "go") return socket.assign({ step: String(event["step"]) });
      const entered = socket.context.form.update(event);
      if (event.type === "save") {
        await gate.open;
        if (entered.isValid) return socket.assign({ form: entered.reset(), saved: socket.context.saved + 1 });
      }
      socket.assign({ form: entered });
    },
    render: ({ form, ticks, step, saved }) => html`
      <output>${ticks}</output><i>${saved}</i>
      ${liveForm(
        { form, change: "validate", submit: "save", attrs: { novalidate: true, "data-ticks": ticks } },
        html`<p>${ticks}</p>
          ${input({ field: form.field("name"), label: "Name" })}
          ${input({ field: form.field("about"), type: "textarea", label: "About", attrs: { "phx-debounce": "blur" } })}
          ${inputsFor(
            form.field("items"),
            (row) => html`${input({ field: row.field("text"), label: `Item ${row.index + 1}` })}
              <button ${attrs(row.upButton)}>Up ${row.index + 1}</button>`,
          )}
          <button ${attrs(form.field("items").addButton)}>Add</button>
          <button id="save" phx-disable-with="Saving…">Save</button>`,
      )}
      <form id="steps" phx-change="go" phx-auto-recover="resume">
        <input type="hidden" name="step" value="${step}">
        <b>Step ${step}</b>
        <select aria-label="Step" name="step"><option ${attrs({ selected: step === "1" })}>1</option><option ${attrs({ selected: step === "2" })}>2</option></select>
      </form>
      <button phx-click="crash">Crash</button>`,
  });
}

const openGate = { open: Promise.resolve() };

describe("what a user types", () => {
  it("stays with its focus while the page around it changes, and errors come and go beside it", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const { url } = await start(createLiveApp({ pubSub, routes: { "/": editor(openGate) } }));
    const { page, problems } = await visit(url);
    await page.getByLabel("Item 1").fill("eins");
    await page.getByLabel("Name").pressSequentially("Al");
    await expectText(page, "#user_name-errors", "is too short");
    expect(await page.getAttribute("#user_name", "aria-describedby")).toBe("user_name-errors");
    // This field is sent when it is left, and not before.
    await page.getByLabel("About").pressSequentially("half a sent");
    await page.getByLabel("About").press("ArrowLeft");
    for (let tick = 1; tick <= 3; tick++) {
      await pubSub.broadcast("ticks", { type: "tick" });
      await expectText(page, "#user > p", String(tick));
    }
    await page.getByLabel("About").pressSequentially("e");
    expect(await values(page)).toEqual(["Al", "half a senet", "eins"]);
    expect(await focused(page)).toBe("user_about");
    await page.getByLabel("Name").fill("Alice");
    await page.locator("#user_name-errors").waitFor({ state: "detached" });
    expect(await page.getAttribute("#user_name", "aria-invalid")).toBeNull();
    // Rows keep their inputs, and what is typed into them, wherever they move.
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByLabel("Item 2").fill("zwei");
    const second = await page.getByLabel("Item 2").elementHandle();
    await page.getByRole("button", { name: "Up 2" }).click();
    await expect.poll(() => values(page)).toEqual(["Alice", "half a senet", "zwei", "eins"]);
    expect(await second?.evaluate((element) => element.isConnected && element.id)).toBe("user_items_r1_text");
    expect(problems).toEqual([]);
  });

  it("cannot be sent twice: the button is disabled, and says why, until the answer is there", async () => {
    const gate = { open: Promise.resolve() };
    let release = (): void => {};
    gate.open = new Promise<void>((resolve) => (release = resolve));
    const { url } = await start(createLiveApp({ routes: { "/": editor(gate) } }));
    const { page, sent } = await visit(url);
    await page.getByLabel("Name").fill("Grace");
    await page.click("#save");
    await expectText(page, "#save", "Saving…");
    expect(await page.isDisabled("#save")).toBe(true);
    expect(await page.getByLabel("Name").evaluate((field: HTMLInputElement) => field.readOnly)).toBe(true);
    await page.locator("form#user").evaluate((element: HTMLFormElement) => element.requestSubmit());
    release();
    await expectText(page, "i", "1");
    await expectText(page, "#save", "Save");
    expect(await page.isDisabled("#save")).toBe(false);
    expect(sent.filter((frame) => frame.includes('"event":"save"'))).toHaveLength(1);
    // It was reset: another input, with nothing in it, of which no errors are shown.
    await expect.poll(() => page.getByLabel("Name").getAttribute("id")).toBe("user-1_name");
    await page.getByLabel("About").fill("x");
    await page.getByLabel("Name").focus();
    await expect.poll(() => sent.some((frame) => frame.includes("_unused_name"))).toBe(true);
    // Its answer is there.
    await page.waitForSelector("form#user:not(.phx-change-loading)");
    expect(await page.locator("[role=alert]").count()).toBe(0);
  });

  it("survives a line that is cut, a view that crashes, and a server that is started anew, and so does the focus", async () => {
    const port = await freePort();
    const proxy = await startTcpProxy(port);
    const url = `http://127.0.0.1:${proxy.port}`;
    const serveAnew = (): Promise<LiveServer> =>
      serve(createLiveApp({ ...production(url), logger: rememberingLogger(), routes: { "/": editor(openGate) } }), {
        port,
        hostname: "127.0.0.1",
        signals: false,
      });
    let server = await serveAnew();
    try {
      const { page, loads, sent } = await visit(url);
      await page.getByLabel("Name").fill("Al");
      await page.getByRole("button", { name: "Add" }).click();
      await page.getByLabel("Item 2").fill("two");
      await page.getByRole("button", { name: "Up 2" }).click();
      await page.selectOption("#steps select", "2");
      await expectText(page, "b", "Step 2");
      const typed = ["Al", "not sent", "two", "one"];
      const isAsBefore = async (): Promise<void> => {
        await expect.poll(() => values(page), { timeout: 20_000 }).toEqual(typed);
        await expectText(page, "#user_name-errors", "is too short");
        await expectText(page, "b", "Step 2");
        expect(await page.locator("#user_about-errors").count()).toBe(0);
        expect(await focused(page)).toBe("user_about");
      };
      await page.getByLabel("About").pressSequentially("not sent");
      await joinsAgain(page, async () => proxy.cut());
      await isAsBefore();
      await joinsAgain(page, () => page.locator("text=Crash").evaluate((button: HTMLElement) => button.click()));
      await isAsBefore();
      await joinsAgain(page, async () => {
        await server.close();
        await page.waitForSelector("[data-phx-main].phx-error");
        server = await serveAnew();
      });
      await isAsBefore();
      // It still knows what was touched, also in a row that was added since.
      const last = sent.findLast((frame) => frame.includes('"event":"validate"'));
      expect(last).not.toContain(encodeURIComponent("[r1][_unused_text]"));
      expect(last).toContain(encodeURIComponent("[r0][_unused_text]"));
      expect(loads()).toBe(1);
    } finally {
      await proxy.close();
      await server.close();
    }
  });
});

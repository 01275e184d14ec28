import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import { createLiveComponent } from "../live/components/create-live-component.ts";
import { liveComponent } from "../live/components/place-live-component.ts";
import { createLiveApp } from "../live/live-app.ts";
import { createLiveView } from "../live/live-view.ts";
import { SingleProcessPubSub } from "../pubsub/single-process-pubsub.ts";
import { closePages, visit, type Page } from "../testing/testing.ts";
import { fieldErrors } from "./field-errors.ts";
import type { FormEvent } from "./form-event.ts";
import { form, type Form } from "./form.ts";
import { input } from "./input.ts";
import { inputsFor } from "./inputs-for.ts";
import { liveForm } from "./live-form.ts";

// Forms as a test of an application fills them. That the kit does here what Chromium does is compared in test/browser/fidelity.

afterEach(() => closePages());

const order = z.object({
  email: z.string().includes("@", { error: "is no address" }),
  plan: z.enum(["free", "team"], { error: "choose one" }),
  country: z.string(),
  days: z.array(z.string()),
  agrees: z.literal("true", { error: "must be" }),
  items: z.array(z.object({ text: z.string().min(1, { error: "is missing" }) })),
});

type Context = { form: Form<typeof order>; saved: unknown };

const view = createLiveView<Context, FormEvent<"validate" | "save"> | { type: "refuse" }>({
  initial: { form: form(order, { items: [{ text: "one" }] }), saved: undefined },
  handleEvent: async (event, socket) => {
    if (event.type === "refuse") return socket.assign({ form: socket.context.form.withError("email", "is taken") });
    const entered = await socket.context.form.update(event).validate();
    socket.assign({ form: entered, saved: event.type === "save" ? entered.value : undefined });
  },
  render: ({ form, saved }) => html`
    <output>${JSON.stringify(saved)}</output><button phx-click="refuse">Refuse</button>
    ${liveForm(
      { form, change: "validate", submit: "save" },
      html`${fieldErrors({ field: form })}
        ${input({ field: form.field("email"), label: "Email" })}
        ${input({ field: form.field("plan"), type: "radio", label: "Plan", choices: ["free", { value: "team", label: "For a team" }] })}
        ${input({ field: form.field("country"), type: "select", label: "Country", prompt: "Choose", choices: [{ value: "IT", label: "Italy" }] })}
        ${input({ field: form.field("days"), type: "checkboxes", label: "Days", choices: ["Mon", "Tue", "Wed"] })}
        ${input({ field: form.field("agrees"), type: "checkbox", label: "I agree" })}
        ${inputsFor(
          form.field("items"),
          (row) =>
            html`<p>${input({ field: row.field("text"), label: `Item ${row.index + 1}` })}<button ${attrs(row.removeButton)}>Remove ${row.index + 1}</button></p>`,
        )}
        <button ${attrs(form.field("items").addButton)}>Add</button><button>Save</button>`,
    )}`,
});

function open(): Promise<Page> {
  const pubSub = new SingleProcessPubSub({ isolated: true });
  const secret = "only-for-tests-0123456789-0123456789";
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  return visit(createLiveApp({ secret, pubSub, logger, routes: { "/": view } }), "/");
}
const errors = (page: Page): string[] => page.elements("[role=alert]:not([hidden]) p").map((error) => error.text());

describe("a form in a test", () => {
  it("is filled by the labels and legends of its fields, and saved", async () => {
    const page = await open();
    await page.element("form").submit({
      Email: "ada@example.org",
      Plan: "For a team",
      Country: "Italy",
      Days: ["Mon", "Wed"],
      "I agree": true,
      "Item 1": "first",
    });
    expect(JSON.parse(page.element("output").text())).toEqual({
      email: "ada@example.org",
      plan: "team",
      country: "IT",
      days: ["Mon", "Wed"],
      agrees: "true",
      items: [{ text: "first" }],
    });
  });

  it("shows what is wrong where somebody was, and all of it after a submit", async () => {
    const page = await open();
    await page.element("form").change({ Email: "ada" });
    expect(errors(page)).toEqual(["is no address"]);
    await page.element("form").submit();
    expect(errors(page)).toEqual(["is no address", "choose one", "must be"]);
    await page.element("form").change({ Email: "ada@example.org", Plan: "free" });
    expect(errors(page)).toEqual(["must be"]);
    await page.element("button", "Refuse").click();
    expect(errors(page)).toEqual(["is taken", "must be"]);
  });

  it("has rows that come and go", async () => {
    const page = await open();
    await page.element("button", "Add").click();
    await page.element("form").change({ "Item 2": "two" });
    await page.element("button", "Remove 1").click();
    expect(page.element("#form_items_r1_text").value).toBe("two");
    expect(page.elements("[name^=items]:not([type=hidden], button)")).toHaveLength(1);
  });

  it("is there again after a crash and a lost line, with its rows and what was touched", async () => {
    const page = await open();
    await page.element("button", "Add").click();
    await page.element("form").change({ Email: "ada", "Item 2": "two", Plan: "free", Days: ["Tue"] });
    await page.crash();
    await page.disconnect();
    await page.element("form").change({ "Item 2": "" });
    await page.reconnect();
    expect(page.element("#form_email").value).toBe("ada");
    expect(page.element("#form_plan_0").isChecked).toBe(true);
    expect(page.element("#form_days_1").isChecked).toBe(true);
    expect(errors(page)).toEqual(["is no address", "is missing"]);
  });

  it("names its fields when there is no such field", async () => {
    const page = await open();
    await expect(page.element("form").change({ Plans: "free" })).rejects.toThrow(
      /It has "email" or "Email", "plan" or "free" or "Plan", /,
    );
  });
});

describe("a form in a live component", () => {
  const note = createLiveComponent<{ id: string }, { form: Form<typeof tags> }, FormEvent<"change" | "save">>({
    name: "note",
    initial: { form: form(z.object({ tags: z.array(z.string().min(1)) }), {}, { name: "note" }) },
    handleEvent: (event, socket) => socket.assign({ form: socket.context.form.update(event) }),
    render: ({ form }, { self }) =>
      html`<div>${liveForm(
        { form, change: "change", submit: "save", attrs: { "phx-target": self } },
        html`${inputsFor(form.field("tags"), (row) => input({ field: row, label: `Tag ${row.index}` }))}
        <button ${attrs(form.field("tags").addButton)}>Add</button><output>${JSON.stringify(form.value)}</output>`,
      )}</div>`,
  });
  const tags = z.object({ tags: z.array(z.string().min(1)) });

  it("belongs to it, and is recovered too", async () => {
    const pubSub = new SingleProcessPubSub({ isolated: true });
    const view = createLiveView({ render: () => html`${liveComponent(note, { id: "n" })}` });
    const app = createLiveApp({ secret: "only-for-tests-0123456789-0123456789", pubSub, routes: { "/": view } });
    const page = await visit(app, "/");
    await page.element("button", "Add").click();
    await page.element("form").change({ "Tag 0": "red" });
    await page.element("button", "Add").click();
    await page.element("form").change({ "Tag 1": "blue" });
    expect(page.element("output").text()).toBe('{"tags":["red","blue"]}');
    await page.disconnect();
    await page.reconnect();
    expect(page.element("output").text()).toBe('{"tags":["red","blue"]}');
  });
});

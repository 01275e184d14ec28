/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import { attrs, createLiveView, form, html, input, inputsFor, liveForm, type Form, type FormEvent } from "wingbeat";
import { z } from "zod";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario, type Twin } from "./both.ts";

// As fidelity.test.ts, for forms: after every step the kit and Chromium must show the same. Each view shows what it was sent.

const tools = useBrowser();

async function open(scenario: Scenario): Promise<Twin> {
  const [twin] = await openBoth(tools, scenario, "/");
  return twin!;
}

const schema = z.object({
  name: z.string().min(3, { error: "is too short" }),
  email: z.string().includes("@", { error: "is no address" }),
  about: z.string(),
  plan: z.enum(["free", "paid"], { error: "choose one" }),
  agrees: z.literal("true", { error: "must be" }),
  country: z.string(),
  tags: z.array(z.string()).min(1, { error: "choose some" }),
  days: z.array(z.string()),
  items: z.array(z.object({ text: z.string().min(1, { error: "is missing" }) })).max(3, { error: "are too many" }),
});

const everything = createLiveView<{ form: Form<typeof schema>; last: string }, FormEvent<"validate" | "save">>({
  initial: {
    form: form(schema, { name: "Ada", items: [{ text: "one" }, { text: "two" }] }, { name: "user" }),
    last: "",
  },
  handleEvent: (event, socket) => {
    const { type, _target, user } = event;
    const entered = socket.context.form.update(event);
    const isSaved = type === "save" && entered.isValid;
    socket.assign({ form: isSaved ? entered.reset() : entered, last: JSON.stringify({ type, _target, user }) });
  },
  render: ({ form, last }) => html`
    <pre>${last}</pre>
    ${liveForm(
      { form, change: "validate", submit: "save", attrs: { novalidate: true } },
      html`
        <button id="add" ${attrs(form.field("items").addButton)}>add</button>
        ${input({ field: form.field("name"), label: "Name" })}
        ${input({ field: form.field("email"), type: "email", label: "Email" })}
        ${input({ field: form.field("about"), type: "textarea", label: "About" })}
        ${input({ field: form.field("plan"), type: "radio", label: "Plan", choices: ["free", "paid"] })}
        ${input({ field: form.field("agrees"), type: "checkbox", label: "I agree" })}
        ${input({ field: form.field("country"), type: "select", label: "Country", prompt: "…", choices: ["IT", "FR"] })}
        ${input({ field: form.field("tags"), type: "select", multiple: true, label: "Tags", choices: ["a", "b", "c"] })}
        ${input({ field: form.field("days"), type: "checkboxes", label: "Days", choices: ["Mon", "Tue"] })}
        <ul>${inputsFor(
          form.field("items"),
          (row) => html`<li>
            ${input({ field: row.field("text"), label: `Item ${row.index + 1}` })}
            <button id="up-${row.key}" ${attrs(row.upButton)}>up</button>
            <button id="drop-${row.key}" ${attrs(row.removeButton)}>drop</button>
          </li>`,
        )}</ul>
        <button id="save" phx-disable-with="Saving…">Save</button>`,
    )}`,
});

describe("a form of all controls", () => {
  it("says of each field whether it was touched, and shows errors there alone", async () => {
    const page = await open({ routes: () => ({ "/": everything }) });
    await page.fill("#user_name", "A");
    await page.fill("#user_email", "ada");
    await page.click("#user_plan_1");
    await page.click("#user_agrees");
    await page.click("#user_agrees");
    await page.choose("#user_tags", "a", "c");
    await page.choose("#user_tags");
    await page.click("#user_days_1");
    await page.choose("#user_country", "FR");
    await page.click("#save");
    await page.fill("#user_name", "Ada L");
    await page.fill("#user_email", "ada@b");
    await page.click("#user_agrees");
    await page.choose("#user_tags", "b");
    await page.click("#save");
    // It was reset: its inputs are new, and nothing of them was touched.
    await page.fill("#user-1_name", "G");
  });

  it("keeps the rows of a list with what is typed into them, over a reconnect too", async () => {
    const page = await open({ routes: () => ({ "/": everything }) });
    await page.fill("#user_name", "A");
    await page.click("#add");
    await page.fill("#user_items_r2_text", "three");
    await page.fill("#user_items_r0_text", "");
    await page.click("#up-r2");
    await page.click("#up-r2");
    await page.click("#drop-r0");
    await page.choose("#user_tags", "b");
    await page.disconnect();
    await page.fill("#user_about", "written\noffline");
    await page.reconnect();
    await page.fill("#user_email", "after");
    await page.click("#drop-r1");
    await page.click("#drop-r2");
    await page.click("#add");
  });
});

describe("a form with phx-auto-recover", () => {
  const steps = createLiveView<{ step: number; last: string }, FormEvent<"next" | "check" | "back">>({
    initial: { step: 1, last: "" },
    handleEvent: ({ type, ...rest }, socket) => {
      const step = type === "back" ? Number(rest["step"]) : socket.context.step + (type === "next" ? 1 : 0);
      socket.assign({ step, last: JSON.stringify({ type, ...rest }) });
    },
    render: ({ step, last }) => html`<pre>${last}</pre>
      <form id="steps" phx-change="check" phx-submit="next" phx-auto-recover="back">
        <input type="hidden" name="step" value="${step}"><button type="button" name="first" value="1">first</button>
        <input id="step-${step}" name="text">
        <button id="next">Next</button>
      </form>
      <form id="forgotten" phx-change="check" phx-auto-recover="ignore"><input id="other" name="other"></form>`,
  });

  it("is recovered by the event that it names, or not at all", async () => {
    const page = await open({ routes: () => ({ "/": steps }) });
    await page.click("#next");
    await page.fill("#step-2", "two");
    await page.fill("#other", "lost");
    await page.disconnect();
    await page.reconnect();
    await page.click("#next");
  });
});

describe("a form with phx-trigger-action", () => {
  const login = createLiveView<{ form: Form<typeof credentials>; isRight: boolean }, FormEvent<"check" | "login">>({
    initial: {
      form: form(z.object({ user: z.string(), password: z.string() }), {}, { name: "login" }),
      isRight: false,
    },
    handleEvent: (event, socket) => {
      const entered = socket.context.form.update(event);
      const isRight = event.type === "login" && entered.isValid && entered.value.password === "secret";
      socket.assign({ form: entered.isValid && !isRight ? entered.withFormError("wrong") : entered, isRight });
    },
    render: ({ form, isRight }) =>
      liveForm(
        { form, change: "check", submit: "login", trigger: isRight, action: "/session", csrfToken: "t" },
        html`${form.errors}${input({ field: form.field("user"), label: "User" })}
          ${input({ field: form.field("password"), type: "password", label: "Password" })}<button>Log in</button>`,
      ),
  });
  const credentials = z.object({ user: z.string(), password: z.string() });

  it("is sent as forms without a view are, once the view says so", async () => {
    const page = await open({
      routes: () => ({ "/": login }),
      options: {
        fetch: async (request) =>
          new Response(`<!doctype html><title>In</title><p>${request.method} ${await request.text()}</p>`, {
            headers: { "content-type": "text/html" },
          }),
      },
    });
    await page.fill("#login_user", "ada");
    await page.fill("#login_password", "guess");
    await page.click("button");
    await page.fill("#login_password", "secret");
    await page.click("button");
  });
});

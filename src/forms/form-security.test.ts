import { describe, expect, it } from "vitest";
import { z } from "zod";
import { testApp, visit, type TestClient } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import { createLiveView } from "../live/live-view.ts";
import { formEvent, type FormEvent } from "./form-event.ts";
import { form, type Form } from "./form.ts";
import { input } from "./input.ts";
import { inputsFor } from "./inputs-for.ts";
import { liveForm } from "./live-form.ts";

// Forms as an attacker sends them, through the whole way of an event.

const schema = z.object({ name: z.string(), items: z.array(z.string()) });

/** Shows what is in the form, and how many events have come through. */
function signup() {
  return createLiveView<{ form: Form<typeof schema>; count: number }, FormEvent<"validate" | "save">>({
    initial: { form: form(schema, {}, { name: "user" }), count: 0 },
    handleEvent: (event, socket) =>
      socket.assign({ form: socket.context.form.update(event), count: socket.context.count + 1 }),
    render: ({ form, count }) =>
      liveForm(
        { form, change: "validate", submit: "save" },
        html`<b>${count}</b>${input({ field: form.field("name") })}${inputsFor(form.field("items"), (row) => input({ field: row }))}`,
      ),
  });
}

/** A machine that is busy has more to say. */
const refusals = (log: readonly string[]): string[] => log.filter((line) => line.includes("refused"));

const send = (client: TestClient, value: string, meta: object = {}) =>
  client.reply(client.push("event", { type: "form", event: "save", value, meta }));

describe("a form from an attacker", () => {
  it.each([
    ["prototype keys", "user[name]=x&user[__proto__][isAdmin]=1", /could reach a prototype/],
    ["prototype keys at the top", "__proto__[isAdmin]=1", /could reach a prototype/],
    ["a constructor with a prototype", "user[constructor][prototype][isAdmin]=1", /could reach a prototype/],
    [
      "10 000 nested params",
      Array.from({ length: 10_000 }, (_, n) => `user[items][r${n}]=x`).join("&"),
      /more than 1000 fields/,
    ],
    ["10 000 levels", `user${"[a]".repeat(10_000)}=x`, /nested more than 16 levels/],
  ])("with %s is refused, logged, and leaves the view as it was", async (_name, value, reason) => {
    // Larger than what a message may have by default, so that it is the fields that are refused.
    const { app, log, errors } = testApp({ "/": signup() }, { limits: { maxMessageBytes: 1_000_000 } });
    const client = await visit(app, "/");
    expect(await send(client, value)).toEqual({ status: "ok", response: {} });
    expect(refusals(log)).toEqual([expect.stringMatching(reason)]);
    expect(client.html()).toContain("<b>0</b>");
    await send(client, "user[name]=Ada&user[items][_rows]=0");
    expect(client.html()).toContain("<b>1</b>");
    expect(client.html()).toContain('value="Ada"');
    expect(errors).toEqual([]);
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it.each([
    ["a list where a text is meant", "user[name][]=x&user[name][]=y&user[items]=z"],
    ["rows that are not there", "user[items][_rows]=x&user[items][_remove]=__proto__&user[items][_up]=toString"],
    ["a number of rows that nobody counts to", "user[items][_rows]=999999999999&user[items][_add]="],
    ["a form that is a text", "user=x"],
    ["resets without end", "user[_resets]=999999999999999"],
    ["markup", 'user[name]="><script>alert(1)</script>&user[items][_rows]=1&user[items][" onfocus="x]=y'],
  ])("with %s is a form with errors, and nothing worse", async (_name, value) => {
    const { app, errors } = testApp({ "/": signup() });
    const client = await visit(app, "/");
    await send(client, value, { _target: ["user", "__proto__", "x"] });
    expect(client.html()).toContain("<b>1</b>");
    expect(client.html()).not.toMatch(/<script|" onfocus="/);
    await send(client, "user[name]=Ada&user[items][_rows]=0");
    expect(client.html()).toContain('value="Ada"');
    expect(errors).toEqual([]);
  });

  it("has the server remember no more of it than the last event has sent", async () => {
    let last = form(z.looseObject({}));
    for (let round = 0; round < 50; round++) {
      const fields = Array.from({ length: 100 }, (_, n) => [`f${round}_${n}`, "x"]);
      last = last.update({ type: "validate", _target: [`f${round}_0`], ...Object.fromEntries(fields) });
    }
    expect([last.field("f49_7").isUsed, last.field("f48_7").isUsed]).toEqual([true, false]);
  });
});

describe("a form's event with a schema of the view's own", () => {
  const events = (save: typeof formEvent | z.ZodType<object, object>) =>
    createLiveView({
      initial: { form: form(z.object({ email: z.string().min(3), name: z.string() })) },
      events: { save },
      handleEvent: (event, socket) => socket.assign({ form: socket.context.form.update(event) }),
      render: ({ form }) =>
        html`<p>${form.field("email").errors.length} ${form.field("name").isUsed ? "used" : "unused"}</p>`,
    });

  it("that refuses never reaches the view, and the log says what to do", async () => {
    const { app, log } = testApp({ "/": events(z.object({ email: z.string().min(3) })) });
    const client = await visit(app, "/");
    await send(client, "email=x");
    expect(client.html()).toContain("<p>0 unused</p>");
    expect(refusals(log)).toEqual([expect.stringContaining("events: { save: formEvent }")]);
    // Any other event is no form, and needs no such advice.
    await client.event("save", { email: "x" });
    expect(refusals(log)[1]).not.toContain("formEvent");
  });

  it("keeps what the user has touched, also where the schema drops it", async () => {
    const { app } = testApp({ "/": events(z.object({ email: z.string() })) });
    const client = await visit(app, "/");
    await send(client, "email=x&_unused_name=&name=", { _target: "email" });
    expect(client.html()).toContain("<p>1 unused</p>");
  });

  it("passes as it is with formEvent, and is refused when it is no form's", async () => {
    const { app, log } = testApp({ "/": events(formEvent) });
    const client = await visit(app, "/");
    await send(client, "email=x&_unused_name=&name=", { _target: "email" });
    expect(client.html()).toContain("<p>1 unused</p>");
    await client.event("save", { email: 5 });
    expect(refusals(log)).toEqual([expect.stringContaining("it is no event of a form")]);
  });
});

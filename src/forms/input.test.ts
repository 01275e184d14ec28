import { describe, expect, it } from "vitest";
import { z } from "zod";
import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import { toHtml } from "../html/to-html.ts";
import { fieldErrors } from "./field-errors.ts";
import { form } from "./form.ts";
import { input, type InputProps } from "./input.ts";
import { inputsFor } from "./inputs-for.ts";
import { label } from "./label.ts";
import { liveForm } from "./live-form.ts";

const settings = form(z.object({ it: z.unknown(), other: z.string() }), { it: "a" }, { name: "s" });
const field = settings.field("it");
const of = (value: unknown) => settings.set("it", value as string).field("it");
const wrong = settings.withError("it", "is <wrong>").field("it");

describe("input", () => {
  it.each<[name: string, props: InputProps, html: string]>([
    ["a text", { field }, '<input id="s_it" name="s[it]" type="text" value="a">'],
    [
      "what is passed on",
      {
        field,
        type: "email",
        required: true,
        controlClass: "wide",
        attrs: { "phx-debounce": 300, placeholder: "a@b" },
      },
      '<input phx-debounce="300" placeholder="a@b" id="s_it" name="s[it]" class="wide" required type="email" value="a">',
    ],
    [
      "that the user has touched it, so that the browser does not forget it",
      { field: settings.update({ type: "save", s: { it: "b" } }).field("it") },
      '<input id="s_it" name="s[it]" phx-no-unused-field type="text" value="b">',
    ],
    [
      "what is passed on, where it has nothing of its own to say",
      { field, attrs: { class: "wide", required: true, id: "mine" } },
      '<input class="wide" required id="s_it" name="s[it]" type="text" value="a">',
    ],
    ["a number", { field: of(5), type: "number" }, '<input id="s_it" name="s[it]" type="number" value="5">'],
    ["nothing", { field: of(null) }, '<input id="s_it" name="s[it]" type="text" value="">'],
    [
      "a date",
      { field: of(new Date("2026-01-02T03:04:05Z")), type: "date" },
      '<input id="s_it" name="s[it]" type="date" value="2026-01-02">',
    ],
    [
      "a local time",
      { field: of(new Date("2026-01-02T03:04:05Z")), type: "datetime-local" },
      '<input id="s_it" name="s[it]" type="datetime-local" value="2026-01-02T03:04">',
    ],
    [
      "a text as it was typed",
      { field: of(" 1e"), type: "number" },
      '<input id="s_it" name="s[it]" type="number" value=" 1e">',
    ],
    [
      "many lines",
      { field: of("\n<b>"), type: "textarea" },
      '<textarea id="s_it" name="s[it]">\n\n&lt;b&gt;</textarea>',
    ],
    [
      "a box that is not checked",
      { field, type: "checkbox" },
      '<input type="hidden" name="s[it]" value="false"><input id="s_it" name="s[it]" type="checkbox" value="true">',
    ],
    [
      "a box that is checked",
      { field: of(true), type: "checkbox", uncheckedValue: "" },
      '<input type="hidden" name="s[it]" value=""><input id="s_it" name="s[it]" type="checkbox" value="true" checked>',
    ],
    [
      "a box with values of its own",
      { field, type: "checkbox", checkedValue: "a", uncheckedValue: "b" },
      '<input type="hidden" name="s[it]" value="b"><input id="s_it" name="s[it]" type="checkbox" value="a" checked>',
    ],
    [
      "a select",
      { field, type: "select", prompt: "Choose", choices: ["a", { value: 2, label: "Two", disabled: true }] },
      '<select id="s_it" name="s[it]"><option value="">Choose</option><option value="a" selected>a</option><option value="2" disabled>Two</option></select>',
    ],
    [
      "groups of choices",
      { field, type: "select", choices: [{ group: "Letters", choices: ["a"] }] },
      '<select id="s_it" name="s[it]"><optgroup label="Letters"><option value="a" selected>a</option></optgroup></select>',
    ],
    [
      "a select of several",
      { field: of(["a", 2]), type: "select", multiple: true, choices: ["a", "b", 2] },
      '<input type="hidden" name="s[it][_rows]" value="2"><select id="s_it" name="s[it][]" multiple><option value="a" selected>a</option><option value="b">b</option><option value="2" selected>2</option></select>',
    ],
    [
      "radio buttons",
      { field, type: "radio", required: true, choices: ["a", "b"] },
      '<input type="hidden" name="s[it]" value=""><label for="s_it_0"><input id="s_it_0" type="radio" name="s[it]" value="a" checked required>a</label><label for="s_it_1"><input id="s_it_1" type="radio" name="s[it]" value="b" required>b</label>',
    ],
    [
      "boxes",
      { field: of(["b"]), type: "checkboxes", choices: ["a", "b"] },
      '<input type="hidden" name="s[it][_rows]" value="1"><label for="s_it_0"><input id="s_it_0" type="checkbox" name="s[it][]" value="a">a</label><label for="s_it_1"><input id="s_it_1" type="checkbox" name="s[it][]" value="b" checked>b</label>',
    ],
    [
      "its label and its errors",
      { field: wrong, label: "It", class: "field", labelClass: "l", errorsClass: "e" },
      '<div class="field"><label for="s_it" class="l">It</label><input id="s_it" name="s[it]" aria-invalid="true" aria-describedby="s_it-errors" type="text" value="a"><div id="s_it-errors" role="alert" class="e"><p>is &lt;wrong&gt;</p></div></div>',
    ],
    [
      "the label of a box after it",
      { field: of(false), type: "checkbox", label: "It" },
      '<div><input type="hidden" name="s[it]" value="false"><input id="s_it" name="s[it]" type="checkbox" value="true"><label for="s_it">It</label></div>',
    ],
    [
      "the label of several as a legend",
      { field: wrong, type: "radio", label: "It", choices: ["a"] },
      '<fieldset id="s_it" aria-invalid="true" aria-describedby="s_it-errors"><legend>It</legend><input type="hidden" name="s[it]" value=""><label for="s_it_0"><input id="s_it_0" type="radio" name="s[it]" value="a" checked>a</label><div id="s_it-errors" role="alert"><p>is &lt;wrong&gt;</p></div></fieldset>',
    ],
  ])("writes %s", (_name, props, expected) => {
    expect(toHtml(input(props))).toBe(expected);
  });

  it("refuses a type that it does not know, and says which there are", () => {
    // As from JavaScript.
    const file = { field, type: "file" } as unknown as InputProps;
    expect(() => input(file)).toThrow(/is none of its types: text, email, .*checkboxes/);
  });
});

describe("label and fieldErrors", () => {
  it("belong to their field", () => {
    expect(toHtml(label({ field, class: "l" }, "It"))).toBe('<label for="s_it" class="l">It</label>');
    expect(toHtml(fieldErrors({ field }))).toBe("");
    expect(toHtml(fieldErrors({ field: settings.withFormError("No") }))).toBe(
      '<div id="s-errors" role="alert"><p>No</p></div>',
    );
  });
});

const compact = (text: string): string => text.replaceAll(/>\s+/g, ">").replaceAll(/\s+</g, "<");

describe("liveForm", () => {
  it("has its id, its events, and others", () => {
    const rendered = liveForm(
      {
        form: settings,
        change: "validate",
        submit: "save",
        class: "f",
        attrs: { novalidate: true, "phx-auto-recover": "back" },
      },
      html`<p>content</p>`,
    );
    expect(compact(toHtml(rendered))).toBe(
      '<form novalidate phx-auto-recover="back" id="s" phx-change="validate" phx-submit="save" class="f"><p>content</p></form>',
    );
  });

  it("keeps what is passed on where it has nothing of its own to say", () => {
    const rendered = liveForm({ form: settings, attrs: { class: "f", action: "/search", id: "mine" } }, "x");
    expect(compact(toHtml(rendered))).toBe('<form class="f" action="/search" id="s">x</form>');
  });

  it("is sent by the browser itself once it is triggered", () => {
    const rendered = liveForm({ form: settings, submit: "save", trigger: true, action: "/login", csrfToken: "T" }, "x");
    expect(compact(toHtml(rendered))).toBe(
      '<form id="s" phx-submit="save" phx-trigger-action action="/login" method="post"><input type="hidden" name="_csrf_token" value="T">x</form>',
    );
  });

  it("tells that it was reset", () => {
    expect(compact(toHtml(liveForm({ form: settings.reset() }, "x")))).toBe(
      '<form id="s"><input type="hidden" name="s[_resets]" value="1">x</form>',
    );
  });
});

describe("inputsFor", () => {
  const todo = form(z.object({ items: z.array(z.object({ text: z.string() })) }), {
    items: [{ text: "a" }, { text: "b" }],
  });

  it("has a mark and the rows of a list, with buttons that change it", () => {
    const rendered = inputsFor(
      todo.field("items"),
      (row) => html`<li>${input({ field: row.field("text") })}<button ${attrs(row.removeButton)}>x</button></li>`,
    );
    const click = 'phx-click="[[&quot;dispatch&quot;,{&quot;event&quot;:&quot;change&quot;}]]" phx-change=""';
    expect(toHtml(rendered)).toBe(
      `<input type="hidden" name="items[_rows]" value="2">` +
        `<li><input id="form_items_r0_text" name="items[r0][text]" type="text" value="a"><button type="button" name="items[_remove]" value="r0" ${click}>x</button></li>` +
        `<li><input id="form_items_r1_text" name="items[r1][text]" type="text" value="b"><button type="button" name="items[_remove]" value="r1" ${click}>x</button></li>`,
    );
  });

  it("has a mark when there are no rows", () => {
    const rendered = inputsFor(form(z.object({ items: z.array(z.object({})) })).field("items"), () => html`row`);
    expect(toHtml(rendered)).toBe('<input type="hidden" name="items[_rows]" value="0">');
  });

  it("disables what moves the first row up, or the last one down", () => {
    const [first, last] = todo.field("items").rows;
    const flags = [first!.upButton, first!.downButton, last!.upButton, last!.downButton].map(
      ({ disabled }) => disabled,
    );
    expect(flags).toEqual([true, false, false, true]);
  });
});

describe("in a program that no compiler has read", () => {
  it.each<[what: string, render: () => unknown, message: string]>([
    [
      "input by its name",
      () => input({ name: "email" } as never),
      'input got undefined for its field. It takes one of a form: input({ field: context.form.field("email") }).',
    ],
    ["input of a field's name", () => input({ field: "it" } as never), "input got the string it for its field."],
    ["label of a field's name", () => label({ field: "it" } as never, "It"), "label got the string it for its field."],
    [
      "errors of a field's name",
      () => fieldErrors({ field: "it" } as never),
      "fieldErrors got the string it for its field.",
    ],
    [
      "a select without choices",
      () => input({ field, type: "select" } as never),
      'input({ type: "select" }) got undefined for its choices. It takes a list',
    ],
    [
      "buttons of an object of choices",
      () => input({ field, type: "radio", choices: { a: "A" } } as never),
      'input({ type: "radio" }) got an object with the fields a for its choices.',
    ],
    [
      "a form's schema for the form",
      () => liveForm({ form: z.object({}) } as never, "x"),
      "for its form. It takes what form(schema) made: liveForm({ form: context.form,",
    ],
    ["no form", () => liveForm({} as never, "x"), "liveForm got undefined for its form."],
  ])("%s is refused with what was meant", (_what, render, message) => {
    expect(render).toThrow(message);
  });
});

// Forms: typed paths, values and rows; and what the checker says to mistakes in them.
import { createLiveView, form, formEvent, html, input, inputsFor, liveForm } from "wingbeat";
import type { AnyField, FieldPath, Form, FormEvent } from "wingbeat";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import type { Equal, Expect } from "./equal.ts";

const order = z.object({
  email: z.email(),
  age: z.coerce.number(),
  due: z.string().transform((text) => new Date(text)),
  address: z.object({ street: z.string(), country: z.object({ code: z.string() }).optional() }),
  items: z.array(z.object({ text: z.string(), tags: z.array(z.string()) })),
});
type Order = Form<typeof order>;

export type Paths = Expect<
  Equal<
    FieldPath<z.input<typeof order>>,
    "email" | "age" | "due" | "address" | "address.street" | "address.country" | "address.country.code" | "items"
  >
>;

// ── a view, its types written out ──
export const written = createLiveView<{ form: Order }, FormEvent<"validate"> | FormEvent<"save"> | { type: "close" }>({
  initial: { form: form(order, { age: 18, due: new Date(0) }) },
  handleEvent: (event, socket) => {
    if (event.type === "close") return;
    const entered = socket.context.form.update(event);
    if (event.type === "save" && entered.isValid) {
      const { email, due, items }: { email: string; due: Date; items: { text: string }[] } = entered.value;
      if (email === "" || due < new Date() || items.length === 0)
        return socket.assign({ form: entered.withError("email", "is taken") });
    }
    socket.assign({ form: entered });
  },
  render: ({ form: shownForm }, meta) => html`${liveForm(
    { form: shownForm, change: meta.event("validate"), submit: meta.event("save") },
    html`
      ${input({ field: shownForm.field("address.country.code"), type: "select", choices: ["IT", { value: 1 }] })}
      ${inputsFor(shownForm.field("items"), (row) => {
        const tags: readonly AnyField[] = row.field("tags").rows;
        return html`${input({ field: row.field("text"), label: "Text" })}${tags.length}`;
      })}`,
  )}`,
});

// ── a view, its events inferred ──
export const inferred = createLiveView({
  initial: { form: form(order) },
  events: { validate: formEvent, save: formEvent, close: z.object({ why: z.string() }) },
  handleEvent: async (event, socket) => {
    if (event.type === "close") return void event.why.length;
    const entered = await socket.context.form.update(event).validate();
    socket.assign({ form: entered });
    if (entered.isValid) void entered.value.due.getTime();
  },
  render: ({ form }, meta) => liveForm({ form, submit: meta.event("save") }, form.errors),
});

// ── other libraries, and steps instead of long paths ──
const valibot = form(v.object({ name: v.string(), inner: v.object({ deep: v.string() }) }));
const arktype = form(type({ name: "string", "inner?": { deep: "string" } }));
export const fields: readonly AnyField[] = [
  valibot.field("inner.deep"),
  valibot.field("inner").field("deep"),
  arktype.field("inner.deep"),
  arktype.field("inner").field("deep"),
];
/** A form of which nothing is known takes any path. */
export const anything = (any: Form): AnyField => any.field("what.ever");
/** A schema may refer to itself. */
interface Tree {
  readonly name: string;
  readonly child?: Tree | undefined;
}
const tree: z.ZodType<Tree, Tree> = z.lazy(() => z.object({ name: z.string(), child: tree.optional() }));
export const deep = form(tree).field("child.child.child").field("child.name");

// ── mistakes ──
const mine = form(order);
mine.field("emial"); // ✗ '"emial"' is not assignable to … "address.country.code" | "address.street" | "age"
mine.field("address.stret"); // ✗ '"address.stret"' is not assignable to
mine.field("address.street.name"); // ✗ '"address.street.name"' is not assignable to
mine.field("items.0.text"); // ✗ '"items.0.text"' is not assignable to
mine.field("address").field("code"); // ✗ '"code"' is not assignable to
mine.field("items").rows[0]!.field("txt"); // ✗ '"txt"' is not assignable to
mine.withError("nobody", "is here"); // ✗ '"nobody"' is not assignable to
mine.set("address.street", 5); // ✗ 'number' is not assignable to … 'string
mine.addRow("items", { txt: "a" }); // ✗ 'txt' does not exist in type
mine.addRow("email", "a"); // ✗ '"a"' is not assignable to parameter of type 'never'
const [own] = mine.field("items").rows;
mine.withError(own!.field("text"), "is taken").set(own!.field("text"), "b").addRow(mine.field("items"), { text: "c" });
mine.set(own!.field("text"), 5); // ✗ 'number' is not assignable to … 'string
mine.addRow(mine.field("items"), { txt: "c" }); // ✗ 'txt' does not exist in type
form(order, { emial: "" }); // ✗ 'emial' does not exist in type
mine.value.email; // ✗ 'mine.value' is possibly 'undefined'
form({ name: "" }); // ✗ 'name' does not exist in type 'StandardSchemaV1<unknown, unknown>'
input({ field: mine.field("email"), type: "file" }); // ✗ '"file"' is not assignable to type
input({ field: mine.field("email"), choices: ["a"] }); // ✗ is not assignable
input({ field: mine.field("email"), type: "select" }); // ✗ Property 'choices' is missing
liveForm({ form: { id: "a" } }, ""); // ✗ is missing the following properties from type 'AnyForm'

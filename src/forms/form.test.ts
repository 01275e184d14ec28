import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeForm } from "../protocol/form.ts";
import { DEFAULT_PARAM_LIMITS } from "../protocol/params.ts";
import { form } from "./form.ts";

/** A change of the input `target`, or a submit, as the view gets it. */
const sent = (text: string, target?: string): object => {
  const result = decodeForm(text, DEFAULT_PARAM_LIMITS);
  if (!result.ok) throw new Error(result.reason);
  const path = target === undefined ? {} : { _target: target.replaceAll("]", "").split("[") };
  return { ...result.value, ...path, type: "any" };
};

const libraries = [
  [
    "zod",
    z.object({
      email: z.string().includes("@", { error: "is no address" }),
      age: z.coerce.number().min(18, { error: "is too young" }),
      address: z.object({ street: z.string().min(1, { error: "is missing" }) }),
      tags: z.array(z.string().max(3, { error: "is too long" })),
    }),
  ],
  [
    "valibot",
    v.object({
      email: v.pipe(v.string(), v.includes("@", "is no address")),
      age: v.pipe(v.unknown(), v.transform(Number), v.minValue(18, "is too young")),
      address: v.object({ street: v.pipe(v.string(), v.minLength(1, "is missing")) }),
      tags: v.array(v.pipe(v.string(), v.maxLength(3, "is too long"))),
    }),
  ],
  [
    "arktype",
    type({
      email: type("string").narrow((text, ctx) => text.includes("@") || ctx.reject({ message: "is no address" })),
      age: type("string | number")
        .pipe(Number)
        .narrow((age, ctx) => age >= 18 || ctx.reject({ message: "is too young" })),
      address: { street: type("string").narrow((text, ctx) => text !== "" || ctx.reject({ message: "is missing" })) },
      tags: type("string")
        .narrow((text, ctx) => text.length <= 3 || ctx.reject({ message: "is too long" }))
        .array(),
    }),
  ],
] as const;

const SUBMITTED = "email=x&age=+7&address[street]=&tags[_rows]=2&tags[r0]=ok&tags[r1]=long";

describe.each(libraries)("a form with a schema of %s", (_name, schema) => {
  it("shows every error after a submit, at its field", () => {
    const entered = form(schema).update(sent(SUBMITTED));
    expect(entered.isValid).toBe(false);
    expect(entered.value).toBeUndefined();
    expect(entered.field("email").errors).toEqual(["is no address"]);
    expect(entered.field("age").errors).toEqual(["is too young"]);
    expect(entered.field("address.street").errors).toEqual(["is missing"]);
    expect(entered.field("tags").rows.map(({ errors }) => errors)).toEqual([[], ["is too long"]]);
  });

  it("keeps what was typed, and gives what the schema made of it", () => {
    const entered = form(schema).update(sent("email=a@b&age=+18&address[street]=x&tags[_rows]=1&tags[r0]=ok"));
    expect(entered.field("age").value).toBe(" 18");
    expect(entered.isValid && entered.value).toEqual({
      email: "a@b",
      age: 18,
      address: { street: "x" },
      tags: ["ok"],
    });
  });

  it("shows no errors at inputs that the user has not touched", () => {
    const change = "email=x&_unused_age=&age=&address[_unused_street]=&address[street]=";
    const entered = form(schema).update(sent(change, "email"));
    expect(entered.field("email").errors).toEqual(["is no address"]);
    expect(entered.field("age").errors).toEqual([]);
    expect(entered.field("address.street").errors).toEqual([]);
    expect(entered.issues.map(({ path }) => path)).toContain("address.street");
  });
});

const person = z.object({ name: z.string().min(2, { error: "is too short" }), email: z.string() });

describe("form", () => {
  it("begins with what is edited, and shows no errors of it", () => {
    const begun = form(person, { name: "A" });
    expect(begun.field("name").value).toBe("A");
    expect(begun.field("name").errors).toEqual([]);
    expect(begun.field("email").value).toBeUndefined();
    expect(begun.isValid).toBe(false);
    expect(form(person, { name: "Ada", email: "" }).value).toEqual({ name: "Ada", email: "" });
  });

  it("changes nothing of the form that it was made from", () => {
    const begun = form(person, { name: "Ada", email: "" });
    begun.update(sent("name=x&email="));
    begun.withError("name", "is taken");
    begun.set("name", "Eve");
    expect([begun.field("name").value, begun.isValid, begun.field("name").errors]).toEqual(["Ada", true, []]);
  });

  it("asks the schema once, and only when it matters", () => {
    let count = 0;
    const counting = z.object({ name: z.string().refine(() => ++count > 0) });
    const begun = form(counting, { name: "x" });
    expect([begun.field("name").errors, count]).toEqual([[], 0]);
    const entered = begun.update(sent("name=x"));
    expect([entered.isValid, entered.value, entered.field("name").errors, count]).toEqual([true, { name: "x" }, [], 1]);
    entered.withError("name", "is taken");
    expect(count).toBe(1);
  });

  it("names inputs by the name of the form, and looks for them there", () => {
    const user = form(person, {}, { name: "user" });
    expect(user.id).toBe("user");
    expect(user.field("name").name).toBe("user[name]");
    expect(user.field("name").id).toBe("user_name");
    const entered = user.update(sent("user[name]=x&user[_unused_email]=&user[email]=&name=other", "user[name]"));
    expect(entered.field("name").errors).toEqual(["is too short"]);
    expect(entered.field("email").isUsed).toBe(false);
    expect(user.update(sent("name=other")).field("name").value).toBeUndefined();
  });

  it("names inputs as they are without a name, and refuses a field that an event cannot have", () => {
    expect(form(person).field("email").name).toBe("email");
    expect(form(person, {}, { id: "signup" }).field("email").id).toBe("signup_email");
    const ticket = z.object({ type: z.string() });
    expect(() => form(ticket).field("type").name).toThrow(expect.objectContaining({ code: "form.reserved-name" }));
    const named = form(ticket, {}, { name: "ticket" }).update(sent("ticket[type]=bug"));
    expect([named.field("type").name, named.value]).toEqual(["ticket[type]", { type: "bug" }]);
  });

  it("gives the schema nothing that is no field of it", () => {
    const strict = z.strictObject({ name: z.string() });
    expect(form(strict).update(sent("_csrf_token=x&name=Ada", "name")).value).toEqual({ name: "Ada" });
    expect(form(strict).update(sent("_unused_name=&name=Ada")).value).toEqual({ name: "Ada" });
    expect(form(strict).update(sent("name=Ada&admin=1")).isValid).toBe(false);
  });

  it("leaves out what is empty when it is asked to", () => {
    const optional = z.object({ age: z.coerce.number().optional(), tags: z.array(z.string()).optional() });
    expect(form(optional).update(sent("age=")).value).toEqual({ age: 0 });
    expect(form(optional, {}, { omitEmpty: true }).update(sent("age=")).value).toEqual({});
  });

  it("keeps a field used once it was, and forgets it when it is gone", () => {
    const first = form(person).update(sent("name=x&_unused_email=&email=", "name"));
    const second = first.update(sent("_unused_name=&name=x&_unused_email=&email=", "email"));
    expect(second.field("name").errors).toEqual(["is too short"]);
    const gone = second.update(sent("_unused_email=&email=", "email"));
    const back = gone.update(sent("_unused_name=&name=x&_unused_email=&email=", "email"));
    expect(back.field("name").isUsed).toBe(false);
  });

  it("counts every field as used after a submit, also one of which the browser sends nothing", () => {
    const choice = z.object({ plan: z.enum(["a", "b"], { error: "choose one" }) });
    expect(form(choice).update(sent("", "other")).field("plan").errors).toEqual([]);
    const submitted = form(choice).update(sent(""));
    expect(submitted.field("plan").errors).toEqual(["choose one"]);
    expect(submitted.update(sent("", "other")).isSubmitted).toBe(true);
  });

  it("shows what is wrong with the whole of it once every field was touched", () => {
    const twice = z
      .object({ one: z.string(), two: z.string() })
      .refine(({ one, two }) => one === two, { error: "are not the same" });
    const first = form(twice).update(sent("one=a&_unused_two=&two=", "one"));
    expect([first.errors, first.isValid]).toEqual([[], false]);
    expect(first.update(sent("one=a&two=b", "two")).errors).toEqual(["are not the same"]);
    expect(form(twice).update(sent("one=a&two=b")).errors).toEqual(["are not the same"]);
  });

  it("reads the body of a request", () => {
    const body = new FormData();
    body.append("user[name]", "Ada");
    body.append("user[email]", "");
    const user = form(person, {}, { name: "user" });
    expect(user.update(body).value).toEqual({ name: "Ada", email: "" });
    expect(user.update(new URLSearchParams("user[name]=x")).field("name").errors).toEqual(["is too short"]);
    const flood = new URLSearchParams(Array.from({ length: 10_000 }, (_, n) => [`user[a${n}]`, ""]));
    expect(() => user.update(flood)).toThrow(expect.objectContaining({ code: "form.refused" }));
  });

  it("says what it takes when it gets no schema", () => {
    // As from JavaScript.
    expect(() => form({} as typeof person)).toThrow(expect.objectContaining({ code: "form.no-schema" }));
  });

  it.each([
    ["a promise that was not awaited", () => Promise.resolve(new FormData())],
    ["a request", () => new Request("http://localhost/", { method: "POST" })],
    ["undefined", () => undefined],
    ["string", () => "user[name]=Ada"],
  ])("says what it takes when it is updated by %s", (what, make) => {
    // The last two as from JavaScript.
    const given = make() as object;
    expect(() => form(person).update(given)).toThrow(
      expect.objectContaining({ code: "form.no-event", message: expect.stringContaining(`form.update got ${what}.`) }),
    );
  });

  it.each(["", "user[profile]", "a b", "type", "_target"])(
    "refuses the name %j, under which it found nothing",
    (name) => {
      expect(() => form(person, {}, { name })).toThrow(expect.objectContaining({ code: "form.reserved-name" }));
    },
  );

  it("never throws, whatever a browser sends", () => {
    const pair = fc.tuple(
      fc.constantFrom(
        "name",
        "user[name]",
        "user",
        "items[_rows]",
        "items[r0]",
        "items[_remove]",
        "items[__proto__][x]",
        "items[]",
      ),
      fc.constantFrom("", "r0", "-1", "99999999999", "x"),
    );
    const schema = z.object({ name: z.string(), items: z.array(z.string()) });
    fc.assert(
      fc.property(fc.array(pair), fc.option(fc.constantFrom("items[_add]", "name", "")), (pairs, target) => {
        const text = new URLSearchParams(pairs).toString();
        const entered = form(schema).update(sent(text, target ?? undefined));
        expect(typeof entered.isValid).toBe("boolean");
        expect(entered.field("items").rows.length).toBeLessThan(10);
      }),
    );
  });
});

describe("an error that the program adds", () => {
  const entered = form(person).update(sent("name=Ada&email=ada@x"));

  it("is shown at once, and makes the form invalid", () => {
    const taken = entered.withError("email", "is taken");
    expect([entered.isValid, taken.isValid, taken.value]).toEqual([true, false, undefined]);
    expect(taken.field("email").errors).toEqual(["is taken"]);
    expect(form(person).withError("email", "is taken").field("email").errors).toEqual(["is taken"]);
    expect(form(person).withFormError("Try later").errors).toEqual(["Try later"]);
  });

  it("stays until its field is changed", () => {
    const taken = entered.withError("email", "is taken").withFormError("Try later");
    const other = taken.update(sent("name=Eve&email=ada@x", "name"));
    expect([other.field("email").errors, other.errors]).toEqual([["is taken"], []]);
    expect(other.update(sent("name=Eve&email=eve@x", "email")).field("email").errors).toEqual([]);
  });

  it("stays at a group or a list for as long as nothing in it has changed", () => {
    const party = z.object({ size: z.unknown(), hosts: z.array(z.object({ name: z.string() })) });
    const full = form(party, { size: 5n }).update(sent("hosts[_rows]=2&hosts[r0][name]=a&hosts[r1][name]=b", "x"));
    const wrong = full.withError("hosts", "are away").withError("size", "is large");
    const errorsAfter = (text: string) => wrong.update(sent(text, "x")).field("hosts").errors;
    expect(errorsAfter("hosts[_rows]=2&hosts[r0][name]=a&hosts[r1][name]=b&size=5")).toEqual(["are away"]);
    expect(errorsAfter("hosts[_rows]=2&hosts[r0][name]=a&hosts[r1][name]=c")).toEqual([]);
    expect(errorsAfter("hosts[_rows]=2&hosts[r1][name]=b&hosts[r0][name]=a")).toEqual([]);
    expect(errorsAfter("hosts[_rows]=2&hosts[r0][name]=a")).toEqual([]);
    expect(errorsAfter("hosts=a")).not.toContain("are away");
  });

  it("is gone when the form is submitted again", () => {
    const taken = entered.withError("email", "is taken");
    expect(taken.update(sent("name=Ada&email=ada@x")).isValid).toBe(true);
  });
});

describe("an asynchronous schema", () => {
  const free = z.object({ name: z.string().refine(async (name) => name !== "ada", { error: "is taken" }) });

  it("is awaited by validate", async () => {
    const taken = await form(free).update(sent("name=ada")).validate();
    expect([taken.isValid, taken.field("name").errors]).toEqual([false, ["is taken"]]);
    const eve = await taken.update(sent("name=eve")).validate();
    expect(eve.isValid && eve.value.name).toBe("eve");
  });

  it("may be of valibot as well", async () => {
    const taken = v.objectAsync({
      name: v.pipeAsync(
        v.string(),
        v.checkAsync(async (name) => name !== "ada", "is taken"),
      ),
    });
    const entered = await form(taken).update(sent("name=ada")).validate();
    expect(entered.field("name").errors).toEqual(["is taken"]);
    expect((await entered.update(sent("name=eve")).validate()).value).toEqual({ name: "eve" });
  });

  it("that fails fails whoever awaits it, and nobody else", async () => {
    const fails = (): Promise<boolean> => Promise.reject(new Error("the database is down"));
    const broken = v.objectAsync({ name: v.pipeAsync(v.string(), v.checkAsync(fails)) });
    const entered = form(broken).update(sent("name=ada"));
    expect(() => entered.isValid).toThrow(expect.objectContaining({ code: "form.async-schema" }));
    await expect(entered.validate()).rejects.toThrow("the database is down");
  });

  it("is no error before its result matters, and one with advice then", () => {
    const begun = form(free, { name: "ada" });
    expect(begun.field("name").errors).toEqual([]);
    expect(() => begun.isValid).toThrow(expect.objectContaining({ code: "form.async-schema" }));
    expect(() => begun.update(sent("name=x")).field("name").errors).toThrow(/await .*\.validate\(\)/);
  });
});

describe("a list", () => {
  const todo = z.object({
    items: z.array(z.object({ text: z.string().min(1, { error: "is missing" }) })).max(3, { error: "are too many" }),
  });
  const begun = form(todo, { items: [{ text: "a" }, { text: "b" }] });
  const texts = (of: { field(path: "items"): { rows: readonly { field(path: "text"): { value: unknown } }[] } }) =>
    of.field("items").rows.map((row) => row.field("text").value);
  const keys = (of: typeof begun) => of.field("items").rows.map(({ key }) => key);

  it("has rows with keys that stay", () => {
    const [first] = begun.field("items").rows;
    expect([first?.key, first?.field("text").name, first?.field("text").id]).toEqual([
      "r0",
      "items[r0][text]",
      "form_items_r0_text",
    ]);
    const turned = begun.update(sent("items[_rows]=2&items[r1][text]=B&items[r0][text]=A", "items[r0][text]"));
    expect([keys(turned), texts(turned)]).toEqual([
      ["r1", "r0"],
      ["B", "A"],
    ]);
  });

  it.each([
    ["_add", "", ["r0", "r1", "r2"]],
    ["_remove", "r0", ["r1"]],
    ["_up", "r1", ["r1", "r0"]],
    ["_down", "r0", ["r1", "r0"]],
    ["_up", "r0", ["r0", "r1"]],
    ["_down", "r1", ["r0", "r1"]],
    ["_remove", "r9", ["r0", "r1"]],
  ])("does what its button says: %s %s", (button, value, expected) => {
    const change = `items[_rows]=2&items[r0][text]=typed&items[r1][text]=b&items[${button}]=${value}`;
    const next = begun.update(sent(change, `items[${button}]`));
    expect(keys(next)).toEqual(expected);
    expect(texts(next).includes("typed")).toBe(expected.includes("r0"));
  });

  it("gives no key a second time", () => {
    const less = begun.update(
      sent("items[_rows]=2&items[r0][text]=a&items[r1][text]=b&items[_remove]=r1", "items[_remove]"),
    );
    const mark = less.field("items").listMark;
    expect(mark).toEqual({ type: "hidden", name: "items[_rows]", value: 3 });
    const more = less.update(sent("items[_rows]=3&items[r0][text]=a&items[_add]=", "items[_add]"));
    expect(keys(more)).toEqual(["r0", "r3"]);
    expect(keys(begun.update(sent("items[_rows]=0&items[r7][text]=a&items[_add]=", "x")))).toEqual(["r7", "r8"]);
  });

  describe("of which the page has not got the last change yet", () => {
    const page = "items[_rows]=2&items[r0][text]=a&items[r1][text]=typed";
    const after = (...changes: readonly string[]) =>
      changes.reduce((entered, change) => entered.update(sent(page + change, "x")), begun);

    it.each([
      ["a removal", ["&items[_remove]=r0", ""], ["r1"]],
      ["two removals", ["&items[_remove]=r0", "&items[_remove]=r1"], []],
      ["a new row", ["&items[_add]=", ""], ["r0", "r1", "r2"]],
      ["two new rows", ["&items[_add]=", "&items[_add]="], ["r0", "r1", "r2", "r3"]],
      ["a move", ["&items[_down]=r0", ""], ["r1", "r0"]],
      ["a new row, moved up twice", ["&items[_add]=", "&items[_up]=r2", "&items[_up]=r2"], ["r2", "r0", "r1"]],
      ["a removal and a new row", ["&items[_remove]=r0", "&items[_add]=", ""], ["r1", "r3"]],
      ["a move that changes nothing", ["&items[_up]=r0", "&items[_remove]=r9", ""], ["r0", "r1"]],
    ])("keeps %s, and takes what was typed meanwhile", (_what, changes, expected) => {
      const entered = after(...changes);
      expect(keys(entered)).toEqual(expected);
      expect(texts(entered).includes("typed")).toBe(expected.includes("r1"));
    });

    it("keeps what the program has done to it", () => {
      const entered = after("").addRow("items", { text: "from elsewhere" });
      expect(texts(entered.update(sent(page, "x")))).toEqual(["a", "typed", "from elsewhere"]);
    });

    it("goes by the page as soon as that has it", () => {
      const moved = after("&items[_down]=r0");
      const dragged = moved.update(sent("items[_rows]=3&items[r0][text]=a&items[r1][text]=b", "x"));
      expect(keys(dragged)).toEqual(["r0", "r1"]);
      const gone = dragged.update(sent("items[_rows]=3&items[r1][text]=b", "x"));
      expect(keys(gone)).toEqual(["r1"]);
    });

    it("goes by the page when the form has begun anew, though it had begun with rows that the page has not", () => {
      const anew = form(todo, { items: [{ text: "a" }, { text: "b" }, { text: "c" }] }).addRow("items", { text: "" });
      expect(keys(anew.update(sent(page, "x")))).toEqual(["r0", "r1"]);
    });

    it("does not grow by a page that never has it", () => {
      const adds = Array.from({ length: 300 });
      const old = adds.reduce<typeof begun>(
        (entered) => entered.update(sent("items[_rows]=0&items[_add]=", "x")),
        begun,
      );
      expect(keys(old).length).toBeLessThanOrEqual(101);
      const almost = adds.reduce<typeof begun>((entered) => {
        const { value } = entered.field("items").listMark;
        return entered.update(sent(`items[_rows]=${Number(value) - 1}&items[_add]=`, "x"));
      }, begun);
      expect(keys(almost).length).toBeLessThanOrEqual(2);
    });

    it("keeps that of a list in a row", () => {
      const nested = z.object({ orders: z.array(z.object({ lines: z.array(z.object({ what: z.string() })) })) });
      const orders = form(nested, { orders: [{ lines: [{ what: "a" }, { what: "b" }] }] });
      const lines =
        "orders[_rows]=1&orders[r0][lines][_rows]=2&orders[r0][lines][r0][what]=a&orders[r0][lines][r1][what]=c";
      const less = orders.update(sent(`${lines}&orders[r0][lines][_remove]=r0`, "x")).update(sent(lines, "x"));
      expect(less.value).toEqual({ orders: [{ lines: [{ what: "c" }] }] });
    });
  });

  it("shows errors of a new row only when it was touched, and keeps them with their row", () => {
    const text = "items[_rows]=3&items[r0][text]=&items[r1][text]=b&items[r2][_unused_text]=&items[r2][text]=";
    const entered = begun.update(sent(text, "items[r0][text]"));
    const errors = () => entered.field("items").rows.map((row) => row.field("text").errors);
    expect(errors()).toEqual([["is missing"], [], []]);
    const moved = entered.moveRow(entered.field("items").rows[0]!, 9);
    expect(moved.field("items").rows.map((row) => [row.key, row.field("text").errors])).toEqual([
      ["r1", []],
      ["r2", []],
      ["r0", ["is missing"]],
    ]);
  });

  it("shows no errors of a row that has come after a submit, until it is touched or submitted", () => {
    const failed = begun.update(sent("items[_rows]=1&items[r0][text]="));
    const errors = (of: typeof begun) => of.field("items").rows.map((row) => row.field("text").errors);
    expect(errors(failed)).toEqual([["is missing"]]);
    expect(errors(failed.addRow("items", { text: "" }))).toEqual([["is missing"], []]);
    const more = failed.update(sent("items[_rows]=1&items[r0][text]=&items[_add]=", "items[_add]"));
    expect(errors(more)).toEqual([["is missing"], []]);
    const both = "items[_rows]=2&items[r0][text]=&items[r1][text]=";
    const marked = both.replace("&items[r1]", "&items[r1][_unused_text]=&items[r1]");
    const elsewhere = more.update(sent(marked, "items[r0][text]"));
    expect(errors(elsewhere)).toEqual([["is missing"], []]);
    expect(errors(elsewhere.update(sent(both, "items[r1][text]")))).toEqual([["is missing"], ["is missing"]]);
    expect(errors(elsewhere.update(sent(both)))).toEqual([["is missing"], ["is missing"]]);
  });

  it("can be empty, and says what is wrong with it as a whole", () => {
    expect(begun.update(sent("items[_rows]=2")).value).toEqual({ items: [] });
    const many = begun.update(sent("items[_rows]=4" + [0, 1, 2, 3].map((n) => `&items[r${n}][text]=x`).join("")));
    expect(many.field("items").errors).toEqual(["are too many"]);
  });

  it("is changed by the program as well", () => {
    const more = begun.addRow("items", { text: "c" });
    expect([keys(more), texts(more)]).toEqual([
      ["r0", "r1", "r2"],
      ["a", "b", "c"],
    ]);
    expect(texts(more.removeRow(more.field("items").rows[1]!))).toEqual(["a", "c"]);
    expect(texts(more.moveRow(more.field("items").rows[2]!, 0))).toEqual(["c", "a", "b"]);
    expect(texts(form(todo).addRow("items", { text: "first" }))).toEqual(["first"]);
  });

  it("has its rows' fields changed, and errors put to them, by the fields themselves", () => {
    const rowsOf = (of: typeof begun) => of.field("items").rows;
    const second = rowsOf(begun)[1]!.field("text");
    const taken = begun.withError(second, "is taken");
    expect(rowsOf(taken).map((row) => row.field("text").errors)).toEqual([[], ["is taken"]]);
    expect(texts(begun.set(second, "z"))).toEqual(["a", "z"]);
    expect(texts(begun.removeRow(rowsOf(begun)[1]!).set(second, "z"))).toEqual(["a"]);
  });

  it("of plain values takes them as a select or boxes send them", () => {
    const tags = form(z.object({ tags: z.array(z.string()) }));
    expect(tags.update(sent("tags[_rows]=0&tags[]=a&tags[]=b")).value).toEqual({ tags: ["a", "b"] });
    const none = tags.update(sent("tags[_rows]=0"));
    expect([none.value, none.field("tags").value]).toEqual([{ tags: [] }, []]);
  });

  it("may be in the rows of another", () => {
    const nested = z.object({ orders: z.array(z.object({ lines: z.array(z.object({ what: z.string() })) })) });
    const orders = form(nested, { orders: [{ lines: [{ what: "a" }] }] }, { name: "book" });
    const [order] = orders.field("orders").rows;
    const [line] = order!.field("lines").rows;
    expect(line!.field("what").name).toBe("book[orders][r0][lines][r0][what]");
    const more = orders.addRow(order!.field("lines"), { what: "b" });
    expect(more.value).toEqual({ orders: [{ lines: [{ what: "a" }, { what: "b" }] }] });
    expect(order!.field("lines").addButton).toMatchObject({ type: "button", name: "book[orders][r0][lines][_add]" });
    expect(orders.removeRow(line!).value).toEqual({ orders: [{ lines: [] }] });
  });
});

describe("a form that was reset", () => {
  it("has other inputs, and knows that it was, also when it begins anew", () => {
    const again = form(person, {}, { name: "user" }).update(sent("user[name]=x")).reset({ name: "Eve" });
    expect([again.id, again.field("name").id, again.field("name").value]).toEqual(["user", "user-1_name", "Eve"]);
    expect([again.isSubmitted, again.field("name").errors]).toEqual([false, []]);
    expect(again.resetMark).toEqual({ name: "user[_resets]", value: "1" });
    const recovered = form(person, {}, { name: "user" }).update(sent("user[_resets]=1&user[name]=Eva", "user[name]"));
    expect([recovered.field("name").id, recovered.value]).toEqual(["user-1_name", undefined]);
  });
});

describe("a path that comes from outside", () => {
  it("finds no inherited property", () => {
    const open = form(z.record(z.string(), z.unknown()), { a: "1" });
    for (const path of ["toString", "__proto__", "constructor.prototype", "a.length"]) {
      expect([path, open.field(path).value]).toEqual([path, undefined]);
    }
  });
});

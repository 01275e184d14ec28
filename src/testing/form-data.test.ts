import { beforeAll, describe, expect, it } from "vitest";
import { setChecked, setSelected, type Element } from "./dom.ts";
import { formEntries, serializeForm } from "./form-data.ts";
import { loadLibraries } from "./libraries.ts";
import { parseFragment } from "./parse.ts";

beforeAll(async () => {
  await loadLibraries();
});

function formOf(fields: string): Element {
  return parseFragment(`<form id="f">${fields}</form>`).all(({ name }) => name === "form")[0]!;
}

function named(form: Element, name: string): Element {
  return form.all((element) => element.get("name") === name)[0]!;
}

describe("formEntries", () => {
  it("are those of fields with a name, in order, that are neither disabled nor unchecked", () => {
    const form = formOf(
      `<input name="a" value="1"><input value="no name"><input name="off" disabled><input type="checkbox" name="b"><input type="checkbox" name="c" checked>
       <fieldset disabled><legend><input name="in-legend"></legend><input name="in-fieldset"></fieldset>
       <input type="radio" name="r" value="x"><input type="radio" name="r" value="y" checked><textarea name="t">text</textarea>
       <select name="s"><option disabled>1</option><option>2</option></select><select name="m" multiple><option selected>1</option><option>2</option><option selected>3</option></select>
       <button name="go" value="1">Go</button><input type="file" name="file">`,
    );
    expect(formEntries(form)).toEqual([
      ["a", "1"],
      ["c", "on"],
      ["in-legend", ""],
      ["r", "y"],
      ["t", "text"],
      ["s", "2"],
      ["m", "1"],
      ["m", "3"],
    ]);
  });

  it("follow what the user has chosen, and name the button that was used", () => {
    const form = formOf(
      `<input type="checkbox" name="c"><select name="s"><option>1</option><option>2</option></select><button name="x" value="1">x</button><button name="y" value="2">y</button>`,
    );
    setChecked(named(form, "c"), true);
    setSelected(form.all(({ name }) => name === "option")[1]!, true);
    expect(formEntries(form, named(form, "y"))).toEqual([
      ["c", "on"],
      ["s", "2"],
      ["y", "2"],
    ]);
  });
});

describe("serializeForm", () => {
  it("marks what the user has not touched, but for hidden fields and the button", () => {
    const form = formOf(
      `<input type="hidden" name="h" value="1"><input name="user[name]" value="Ada & co"><input name="tags[]" value="x"><input name="used" value="2"><button name="go" value="3">Go</button>`,
    );
    named(form, "used").notes.isUsed = true;
    expect(decodeURIComponent(serializeForm(form, named(form, "go")))).toBe(
      "h=1&user[_unused_name]=&user[name]=Ada+&+co&_unused_tags[]=&tags[]=x&used=2&go=3",
    );
  });

  it("sends one field alone when it is asked for, and no marks where the form wants none", () => {
    const form = formOf(`<input name="a" value="1"><input name="b" value="2">`);
    expect(serializeForm(form, undefined, "b")).toBe("_unused_b=&b=2");
    form.set("phx-no-unused-field", "");
    expect(serializeForm(form)).toBe("a=1&b=2");
  });
});

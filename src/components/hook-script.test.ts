import { runInNewContext } from "node:vm";
import { parseFragment } from "parse5";
import { describe, expect, it } from "vitest";
import { html } from "../html/html.ts";
import { toHtml } from "../html/to-html.ts";
import { hookScript } from "./hook-script.ts";

/** What a browser would run: the text of the one script in it. */
function programIn(markup: string): string {
  const [script, ...others] = parseFragment(markup).childNodes;
  expect(others).toEqual([]);
  const [text] = script !== undefined && "childNodes" in script ? script.childNodes : [];
  return text !== undefined && "value" in text ? text.value : "";
}

/** The hook that the client gets. */
function hookIn(markup: string, name: string): unknown {
  const window: Record<string, () => unknown> = {};
  runInNewContext(programIn(markup), { window });
  return window[`phx_hook_${name}`]?.();
}

describe("hookScript", () => {
  it("is a script that gives the client its hook, and may run under the page's nonce", () => {
    const markup = toHtml(html`${hookScript("Local.time", "{ mounted() { return 1; } }", { nonce: "n0" })}`);
    expect(markup).toBe(
      '<script data-phx-runtime-hook="Local.time" nonce="n0">window["phx_hook_Local.time"]=function(){return (\n{ mounted() { return 1; } }\n)}</script>',
    );
    expect(hookIn(markup, "Local.time")).toMatchObject({ mounted: expect.any(Function) as unknown });
  });

  it("has no nonce where there is none to have", () => {
    expect(hookScript("A", "{}").text).toContain('<script data-phx-runtime-hook="A">');
    expect(hookScript("A", "{}", { nonce: "" }).text).toContain('<script data-phx-runtime-hook="A">');
  });

  it("is not ended by what its source holds, which means the same nevertheless", () => {
    const source = `{
      texts: ["</script><b>", '<!-- <script>', \`</SCRIPT \`],
      pattern: /<\\/script>|<!--/,
      // </script>
    } // and a comment at the end`;
    const hook = hookIn(hookScript("Texts", source).text, "Texts") as { texts: string[]; pattern: RegExp };
    expect([...hook.texts]).toEqual(["</script><b>", "<!-- <script>", "</SCRIPT "]);
    expect(["</script>", "<!--", "x3C"].map((text) => hook.pattern.test(text))).toEqual([true, true, false]);
  });

  it("takes a class, and a function that gives one", () => {
    expect(hookIn(hookScript("C", "class extends Object {}").text, "C")).toBeTypeOf("function");
  });

  it("refuses names that the client could not look for, and those of the client's own", () => {
    for (const name of ["", "a b", '"', "Phoenix.Focus", "</script>", ".colocated", "x".repeat(101)]) {
      expect(() => hookScript(name, "{}")).toThrow(/A hook's name is/);
    }
  });
});

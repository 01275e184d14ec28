import { LiveError } from "../errors.ts";
import { escapeHtml } from "../html/escape.ts";
import type { SafeHtml } from "../html/rendered.ts";
import { safe } from "../html/html.ts";
import { describeValue } from "../html/not-renderable.ts";

export interface HookScriptOptions {
  /** `meta.nonce`: lets the script run where a Content-Security-Policy forbids inline scripts that have no nonce. */
  readonly nonce?: string | undefined;
}

/**
 * A hook beside the view that needs it, without a file of its own: a script that the browser keeps once it was on the page.
 *
 * ```ts
 * render: ({ at }, meta) => html`
 *   <time id="at" phx-hook="LocalTime" datetime="${at}">${at}</time>
 *   ${hookScript("LocalTime", `{
 *     mounted() { this.show(); },
 *     updated() { this.show(); },
 *     show() { this.el.textContent = new Date(this.el.dateTime).toLocaleTimeString(); },
 *   }`, { nonce: meta.nonce })}`
 * ```
 *
 * @param name what `phx-hook` says; letters, digits, `_`, `-` and `.`, not beginning with `Phoenix.`. Hooks of the page's
 * own that have this name win.
 * @param source JavaScript: an expression whose value is the hook. It is your program and runs as it stands in every
 * visitor's browser: nothing that users have typed may be in it. What the hook is to know goes into `data-…` attributes.
 * @throws {LiveError} `hook.invalid-name`; `component.missing-prop` for a source that is no text
 */
export function hookScript(name: string, source: string, { nonce }: HookScriptOptions = {}): SafeHtml {
  if (!/^(?!Phoenix\.)[\w-][\w.-]{0,99}$/.test(name)) throw invalidName(name);
  if (typeof (source as unknown) !== "string") throw invalidSource(name, source);
  const allowed = nonce === undefined || nonce === "" ? "" : ` nonce="${escapeHtml(nonce)}"`;
  const program = `window["phx_hook_${name}"]=function(){return (\n${withinScript(source)}\n)}`;
  return safe(`<script data-phx-runtime-hook="${name}"${allowed}>${program}</script>`);
}

/**
 * Source that an HTML parser does not take for the end of its script. HTML, "Restrictions for contents of script elements":
 * the same in strings, regular expressions and comments, which is where such text stands.
 */
function withinScript(source: string): string {
  return source.replaceAll(/<(?=!--|\/?script)/gi, "\\x3C");
}

function invalidSource(name: string, source: unknown): LiveError {
  return new LiveError(
    "component.missing-prop",
    `hookScript(${JSON.stringify(name)}, …) got ${describeValue(source)} for the hook's source, which runs in browsers. It takes a text: hookScript(${JSON.stringify(name)}, \`{ mounted() { … } }\`, { nonce: meta.nonce }).`,
  );
}

function invalidName(name: string): LiveError {
  return new LiveError(
    "hook.invalid-name",
    `hookScript got the name ${JSON.stringify(name)}. A hook's name is 1 to 100 letters, digits, "_", "-" and ".", such as "LocalTime"; those that begin with "Phoenix." are the client's own.`,
  );
}

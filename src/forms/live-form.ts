import { attrs } from "../html/attrs.ts";
import { html } from "../html/html.ts";
import type { Attributes, ClassValue, Command, Renderable, Rendered } from "../html/rendered.ts";
import type { AnyForm } from "./form.ts";
import { checkForm } from "./input-checks.ts";
import { over } from "./over.ts";

export interface LiveFormProps {
  readonly form: AnyForm;
  /** The event of every change of a field. Without it, what is typed is lost when the page reconnects. @default none */
  readonly change?: string | Command | undefined;
  /** The event of a submit. @default none */
  readonly submit?: string | Command | undefined;
  /**
   * When it becomes true, the browser sends the form to `action` as forms without a view are sent, and leaves the page: to log
   * in, say, once the view has found nothing wrong. @default false
   */
  readonly trigger?: boolean | undefined;
  /** Where the browser sends it then. @default none */
  readonly action?: string | undefined;
  /** How. @default "post" if there is an `action` */
  readonly method?: "get" | "post" | undefined;
  /** `meta.csrfToken`, for an `action` that asks for it: sent as `_csrf_token`. @default none */
  readonly csrfToken?: string | undefined;
  readonly class?: ClassValue;
  /** Any others: `novalidate`, `phx-target`, `phx-auto-recover`, … */
  readonly attrs?: Attributes | undefined;
}

/** A `<form>` with what a live one needs: its id, its events, and the marks of `Form`. */
export function liveForm(props: LiveFormProps, content: Renderable): Rendered {
  const { form, change, submit, trigger, action, method, csrfToken, class: className, attrs: others } = props;
  checkForm(form);
  const own = {
    id: form.id,
    "phx-change": change,
    "phx-submit": submit,
    "phx-trigger-action": trigger,
    action,
    method: method ?? (action === undefined ? undefined : "post"),
    class: className,
  };
  const { resetMark } = form;
  return html`<form ${attrs(over(others, own))}>
    ${csrfToken !== undefined && html`<input type="hidden" name="_csrf_token" value="${csrfToken}">`}
    ${resetMark !== undefined && html`<input type="hidden" name="${resetMark.name}" value="${resetMark.value}">`}
    ${content}
  </form>`;
}

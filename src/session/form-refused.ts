import { LiveError } from "../errors.ts";
import { plainPage } from "../live/error-pages.ts";
import { formRefusal } from "../live/page-problem.ts";

/** Why a form is not taken: 403 it may be forged, 413 too large, 415 no form, 400 malformed. */
export type FormRefusalStatus = 400 | 403 | 413 | 415;

/**
 * A form that is not taken. The app's `fetch` answers it with a page; so does Hono, and any handler by `getResponse`. The reason
 * is in the log, and not in the page.
 */
export class FormRefused extends LiveError {
  readonly status: FormRefusalStatus;
  constructor(status: FormRefusalStatus, why: string, options?: ErrorOptions) {
    super("app.form-refused", why, options);
    this.status = status;
  }

  getResponse(): Response {
    return plainPage(formRefusal(this.status), false);
  }
}

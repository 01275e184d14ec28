// Signing up, and logging in. The view tells as one types what is wrong; once nothing is, the browser posts the form to a
// plain HTTP handler, because only a response can set the cookie.
import { createLiveView, form, html, input, link, liveFlash, liveForm, type Form, type FormEvent } from "wingbeat";
import { credentials, findUsersByName } from "../contexts/accounts.ts";
import { guestButton } from "./welcome.ts";

type Context = { form: Form<typeof credentials>; isNew: boolean; isReady: boolean };

export const enter = createLiveView<Context, FormEvent<"change" | "submit">>({
  mount: (socket) => socket.assign({ form: form(credentials), isNew: false, isReady: false }),

  handleParams: (url, socket) => {
    const isNew = url.pathname === "/sign-up";
    socket.pageTitle(isNew ? "Sign up" : "Log in");
    socket.assign({ isNew });
  },

  handleEvent: async (event, socket) => {
    let entered: Form<typeof credentials> = socket.context.form.update(event);
    if (socket.context.isNew && entered.isValid && (await findUsersByName([entered.value.name])).length > 0) {
      entered = entered.withError("name", "Somebody has this name already.");
    }
    socket.assign({ form: entered, isReady: event.type === "submit" && entered.isValid });
  },

  render: ({ form: entered, isNew, isReady }, { csrfToken, flash }) => {
    const name = isNew ? "Sign up" : "Log in";
    return html`
      <header class="top">${link({ navigate: "/", class: "brand" }, "Snippetbox")}</header>
      <main class="narrow">
        <h1>${name}</h1>
        ${liveFlash({ flash, kind: "error", rest: { class: "flash bad" } })}
        ${liveForm(
          {
            form: entered,
            change: "change",
            submit: "submit",
            trigger: isReady,
            action: isNew ? "/sign-up" : "/log-in",
            csrfToken,
          },
          html`
            ${input({ field: entered.field("name"), label: "Name", ...look, attrs: { autocomplete: "username", "phx-debounce": 300 } })}
            ${input({
              field: entered.field("password"),
              type: "password",
              label: "Password",
              ...look,
              attrs: { autocomplete: isNew ? "new-password" : "current-password", "phx-debounce": "blur" },
            })}
            <button class="primary" phx-disable-with="A moment…">${name}</button>`,
        )}
        <p>${isNew ? link({ patch: "/log-in" }, "I have an account") : link({ patch: "/sign-up" }, "I am new here")}</p>
        <hr>
        ${guestButton(csrfToken, "quiet")}
      </main>`;
  },
});

const look = { class: "field", errorsClass: "error" } as const;

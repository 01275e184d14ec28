import { LiveError } from "../errors.ts";

// What a developer can do wrong with forms, and the mend.

export function noSchema(given: unknown): LiveError {
  return new LiveError(
    "form.no-schema",
    `
form got ${given === null ? "null" : typeof given} instead of a schema. It takes what zod, valibot, arktype and others make (Standard Schema):

    form(z.object({ email: z.email() }))
`.trim(),
  );
}

export function asyncSchema(id: string): LiveError {
  return new LiveError(
    "form.async-schema",
    `
The schema of the form "${id}" is asynchronous, and what it says was read before it was awaited.
Await it where the form gets new values, before it goes into the context:

    const entered = await socket.context.form.update(event).validate();
    if (entered.isValid) await save(entered.value);
`.trim(),
  );
}

export function reservedName(name: string): LiveError {
  return new LiveError(
    "form.reserved-name",
    `A form without a name cannot have a field "${name}": in an event that is something else. Give the form a name, and its fields are sent as ticket[${name}]: form(schema, {}, { name: "ticket" }).`,
  );
}

export function invalidName(name: string): LiveError {
  return new LiveError(
    "form.reserved-name",
    `A form cannot have the name ${JSON.stringify(name)}: its fields would not be found again in what the browser sends. A name is one word, such as form(schema, {}, { name: "ticket" }), without brackets, and none that an event has itself ("type", "_target", "_csrf_token").`,
  );
}

/** A promise, most of the time: `app.readForm` gives one. */
export function notAnEvent(given: string): LiveError {
  return new LiveError(
    "form.no-event",
    `
form.update got ${given}. It takes the event of handleEvent, or the fields of a request:

    form.update(event)
    form.update(await app.readForm(request))
`.trim(),
  );
}

export function refusedBody(reason: string): LiveError {
  return new LiveError(
    "form.refused",
    `What was sent is no form of ours: ${reason}. Answer such a request with the status 400.`,
  );
}

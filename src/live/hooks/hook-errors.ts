import { LiveError } from "../../errors.ts";

// What a developer can do wrong with hooks, and the mend.

export function duplicateHook(stage: string, id: string, owner: string): LiveError {
  return new LiveError(
    "hook.duplicate-id",
    `${owner} has a ${stage} hook named ${JSON.stringify(id)} already. Attach it once, say in mount; or call socket.detachHook(${JSON.stringify(stage)}, ${JSON.stringify(id)}) before you attach another.`,
  );
}

export function unknownStage(stage: string, owner: string, stages: readonly string[]): LiveError {
  return new LiveError(
    "hook.invalid-stage",
    `A hook was attached to the stage ${JSON.stringify(stage)} of ${owner}, which has none of that name. There ${stages.length === 1 ? "is" : "are"} ${stages.join(", ")}.`,
  );
}

export function paramsOfNested(owner: string): LiveError {
  return new LiveError(
    "hook.invalid-stage",
    `A hook was attached to handleParams of the nested view ${owner}. The address belongs to the page's own view: attach it there, or by a mount hook of its live session.`,
  );
}

export function notAHook(stage: string, id: string): LiveError {
  return new LiveError(
    "hook.invalid-stage",
    `attachHook(${JSON.stringify(stage)}, ${JSON.stringify(id)}, hook) takes a function as its third argument.`,
  );
}

export function invalidHookResult(stage: string, id: string, result: unknown): LiveError {
  return new LiveError(
    "hook.invalid-result",
    `The ${stage} hook ${JSON.stringify(id)} returned ${describe(result)}. A hook returns nothing to go on, or { halt: true } so that the callback does not run${stage === "handleEvent" ? ", with a `reply` if the browser waits for one" : ""}.`,
  );
}

export function invalidMountResult(hook: string, session: string, result: unknown): LiveError {
  return new LiveError(
    "hook.invalid-result",
    `The mount hook ${hook} of the live session ${JSON.stringify(session)} returned ${describe(result)}. It returns a plain object, whose keys are added to the session; what \`redirect\` returned, to send the visitor elsewhere; or nothing.`,
  );
}

/** As hooks of a stage say it, and as others' mount hooks do. */
export function haltReturned(hook: string, session: string): LiveError {
  return new LiveError(
    "hook.invalid-result",
    `
The mount hook ${hook} of the live session ${JSON.stringify(session)} returned { halt }, which stops the hooks of a stage only, so the view would be mounted nevertheless.
Return where the visitor goes instead, or throw what the page answers with:

    const requireUser = ({ session, redirect }) => (session.user ? undefined : redirect("/login"));
    throw Object.assign(new Error("not yours"), { status: 403 });
`.trim(),
  );
}

/** Most likely a visitor was to be kept out, and would come in. */
export function redirectNotReturned(hook: string, session: string): LiveError {
  return new LiveError(
    "hook.invalid-result",
    `
The mount hook ${hook} of the live session ${JSON.stringify(session)} called redirect, but did not return what that gave, so the view
would be mounted nevertheless. Return it:

    const requireUser = ({ session, redirect }) => (session.user ? undefined : redirect("/login"));
`.trim(),
  );
}

/** Most likely the page for those who are sent away is itself behind the hook. */
export function redirectInCircles(hook: string, session: string, path: string): LiveError {
  return new LiveError(
    "hook.redirect-loop",
    `
The mount hook ${hook} of the live session ${JSON.stringify(session)} sends visitors of ${path} to ${path}, where it runs again, and so on for ever.
Put that page where the hook does not run: into \`routes\`, or into another live session.

    createLiveApp({ routes: { ${JSON.stringify(path)}: … }, liveSessions: [liveSession(${JSON.stringify(session)}, { onMount: [${/^\w+$/.test(hook) ? hook : "…"}] }, { … })] })
`.trim(),
  );
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return `a value of type ${typeof value}`;
  const { name } = value.constructor ?? {};
  return name === undefined || name === "Object" ? "an object" : `an object of class ${name}`;
}

import { LiveError } from "../errors.ts";

/**
 * In development: a check of each page's document. One without its view, which could not be live, is an error. One without
 * any script, and one that tracks none of the app's `staticPaths`, so that `socket.staticChanged` can never be true for them, are
 * told of once.
 *
 * @returns what throws `app.invalid-option`
 */
export function documentCheck(
  staticPaths: readonly string[],
  warn: (line: string) => void,
): (document: string, view: string) => void {
  let hasWarned = staticPaths.length === 0;
  let hasToldOfScripts = false;
  return (document, view) => {
    if (!document.includes(" data-phx-main ")) throw withoutContent(view);
    if (!hasToldOfScripts && !/<script\b/i.test(document)) {
      hasToldOfScripts = true;
      warn(withoutScripts(view));
    }
    if (hasWarned || isTracked(document, staticPaths)) return;
    hasWarned = true;
    const [path = ""] = staticPaths;
    const element = path.endsWith(".css")
      ? `<link phx-track-static rel="stylesheet" href="${path}">`
      : `<script phx-track-static src="${path}">`;
    warn(
      `the page ${view} tracks none of the app's \`staticPaths\`, so socket.staticChanged does not tell when they have changed. Put phx-track-static on the elements of its layout that load them: ${element}`,
    );
  };
}

function withoutScripts(view: string): string {
  return `the page ${view} loads no script, so it is not live in a browser. Put <meta name="csrf-token" content="\${page.csrfToken}"> and \${page.scripts} into the head of its layout.`;
}

function withoutContent(view: string): LiveError {
  return new LiveError(
    "app.invalid-option",
    `The layout of the page ${view} does not show its content, the view's element, so the page would not be live. Put it into the body: (content, page) => html\`… <body>\${content}</body> …\`.`,
  );
}

/** As the server compares them: an address of one of the elements ends like one of the paths. */
function isTracked(document: string, staticPaths: readonly string[]): boolean {
  for (const [tag] of document.matchAll(/<[a-z][^>]*\sphx-track-static\b[^>]*>/gi)) {
    const address = /\s(?:src|href)="([^"]*)"/i.exec(tag)?.[1];
    const path = address?.replace(/[?#].*$/, "");
    if (path !== undefined && staticPaths.some((current) => path.endsWith(current))) return true;
  }
  return false;
}

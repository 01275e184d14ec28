// What HTML says about attributes and elements, as far as it decides how a value must be written. Names are lower case.

/**
 * Attributes whose presence is their meaning (HTML, "boolean attributes"), and those that may also have a value beside
 * plain presence: `hidden="until-found"`, `download="name.csv"`, `popover="manual"`. And those of the client that are read
 * by presence: `phx-trigger-action=""` would submit a form again and again.
 */
const BOOLEAN_ATTRIBUTES = words(`
  allowfullscreen async autofocus autoplay checked controls default defer disabled disablepictureinpicture
  disableremoteplayback download formnovalidate hidden inert ismap itemscope loop multiple muted nomodule novalidate open
  phx-no-unused-field phx-patch-focused phx-track-static phx-trigger-action
  playsinline popover readonly required reversed selected
  shadowrootclonable shadowrootdelegatesfocus shadowrootserializable
`);

/** Attributes for which "true" and "false" are two different words, and the empty text often means true. */
const SPELLED_ATTRIBUTES = words("contenteditable draggable focusable spellcheck writingsuggestions");

const URL_ATTRIBUTES = words(`
  action archive background cite classid codebase data dynsrc formaction href icon longdesc lowsrc manifest ping poster
  profile src xlink:href
`);

const MEDIA_ELEMENTS = words("audio feimage image img input source track video");
const LINK_ELEMENTS = words("a area");

/** Their content is not HTML: it ends at their end tag and nowhere else. */
export const RAW_TEXT_ELEMENTS = words("iframe noembed noframes plaintext script style xmp");
/** Their content is text without tags in it, but with character references. */
export const PLAIN_TEXT_ELEMENTS = words("textarea title");
/** A parser drops a line feed directly after their start tag. */
export const LINE_FEED_EATERS = words("listing pre textarea");

export function isBooleanAttribute(name: string): boolean {
  return BOOLEAN_ATTRIBUTES.has(name);
}

/** Whether `true` and `false` are written as these words. */
export function spellsBooleans(name: string): boolean {
  return (
    name.startsWith("aria-") ||
    name.startsWith("data-") ||
    name.startsWith("phx-value-") ||
    SPELLED_ATTRIBUTES.has(name)
  );
}

/** Whether a JS command may stand there: the client reads commands from its bindings, and by `exec` from `data-…`. */
export function takesCommands(name: string): boolean {
  return name.startsWith("phx-") || name.startsWith("data-");
}

const COMMANDS_ONLY = words("phx-mounted phx-remove phx-connected phx-disconnected");

/**
 * Whether the plain name of an event may stand there too. The client runs the others by its `execJS`, which takes lists of
 * operations only.
 */
export function takesEventNames(name: string): boolean {
  return name.startsWith("phx-") && !COMMANDS_ONLY.has(name);
}

/** What a URL in a place may do. `media` is only shown, `link` is followed by a click, `resource` becomes part of the page. */
export type UrlUse = "media" | "link" | "resource";

/** How `element` uses the URL in `attribute`; `undefined` when it is no URL. */
export function urlUse(element: string, attribute: string): UrlUse | undefined {
  // Only <object data> is a URL, but nobody gains by a javascript: URL in another `data` attribute either.
  if (!URL_ATTRIBUTES.has(attribute)) return undefined;
  if (attribute === "poster" || attribute === "background") return "media";
  if (attribute === "src" && MEDIA_ELEMENTS.has(element)) return "media";
  if (attribute === "href" || attribute === "xlink:href") {
    if (LINK_ELEMENTS.has(element)) return "link";
    if (MEDIA_ELEMENTS.has(element)) return "media";
  }
  return "resource";
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}

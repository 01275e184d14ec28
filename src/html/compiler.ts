import {
  isBooleanAttribute,
  LINE_FEED_EATERS,
  PLAIN_TEXT_ELEMENTS,
  RAW_TEXT_ELEMENTS,
  urlUse,
  type UrlUse,
} from "./attributes.ts";
import { AttributesHole } from "./attributes-hole.ts";
import { HOLE_MARK } from "./excerpt.ts";
import type { Hole } from "./hole.ts";
import { booleanHole, COMMENT_HOLE, TEXT_HOLE, urlHole, valueHole } from "./holes.ts";
import { rawTextRefusal, refusal } from "./refusals.ts";
import { judgeInfix, judgePrefix } from "./url.ts";

/** The statics and holes of a template, see `compileTemplate`. */
export function compileHoles(strings: readonly (string | undefined)[]): { statics: string[]; holes: Hole[] } {
  const compiler = new Compiler(sourceOf(strings));
  compiler.compile();
  return { statics: compiler.output.split(HOLE_MARK), holes: compiler.holes };
}

/** The template as one text, in which `HOLE_MARK` stands for each value. */
function sourceOf(strings: readonly (string | undefined)[]): string {
  // A literal with an escape that JavaScript does not know ("\u{") has no text at all.
  const readable = strings.map((literal) => literal?.replaceAll(HOLE_MARK, "\ufffd") ?? "\ufffd");
  const source = readable.join(HOLE_MARK);
  for (const [index, literal] of strings.entries()) {
    if (literal !== undefined && !literal.includes(HOLE_MARK)) continue;
    const offset = readable.slice(0, index).join(HOLE_MARK).length;
    const what = "The template contains an invalid escape sequence, or the character U+0000.";
    throw refusal("template.malformed", source, offset, what, "Write a backslash as two: \\\\.");
  }
  return source;
}

/** An attribute as it is written; offsets are in the source. */
interface Attribute {
  /** In lower case. */
  readonly name: string;
  readonly start: number;
  /** Where the name ends. */
  readonly nameEnd: number;
  readonly valueStart: number;
  readonly value: string;
  readonly quote: '"' | "'" | "";
}

// HTML's white space. It differs from \s, which also has the no-break space.
const NAME = /[a-z][^\t\n\f\r />\0"'<]*/iy;
const ATTRIBUTE_NAME = /[^\t\n\f\r />=\0"'<]+/y;
const SPACE = /[\t\n\f\r ]*/y;
const SPACE_AND_SLASHES = /[\t\n\f\r /]*/y;
const UNQUOTED_VALUE = /[^\t\n\f\r >]+/y;
/** A reference that the text after it could complete: `&`, `&am`, `&#x2`. */
const REFERENCE_BEFORE_HOLE = /&(#?[a-z0-9]*)(?=\0)/gi;
const OPEN_REFERENCE = /&(#?[a-z0-9]*)$/i;

/**
 * Walks over the source once, as the tokenizer of the HTML Standard does ("13.2.5 Tokenization"), writing the output as
 * it goes. What a browser would only mend by guessing is refused, so that browser and compiler cannot disagree.
 */
class Compiler {
  readonly source: string;
  readonly holes: Hole[] = [];
  output = "";
  private position = 0;

  constructor(source: string) {
    this.source = source;
  }

  compile(): void {
    while (this.position < this.source.length) {
      this.text();
      if (this.position < this.source.length) this.markup();
    }
  }

  private text(): void {
    const end = this.indexOf("<", this.position);
    // At the end of the template too, a value may follow: another hole of the template that this one is put into.
    const isEnd = end === this.source.length;
    this.textValue(this.source.slice(this.position, end), TEXT_HOLE, isEnd);
    this.position = end;
  }

  /** At a `<`. */
  private markup(): void {
    const start = this.position;
    const next = this.source.charAt(start + 1);
    if (/[a-z]/i.test(next)) this.startTag();
    else if (next === "/") this.endTag();
    else if (next === "!") this.declaration();
    else if (next === HOLE_MARK) this.refuseTagName(start + 1);
    else if (next === "?")
      this.malformed(start, "<? begins nothing in HTML.", "Remove it, or write &lt;? for the text.");
    else if (next === "") this.malformed(start, "The template ends with <.", "Write &lt; for the text.");
    // As in HTML: before any other character it is text ("a < b").
    else this.copyTo(start + 1);
  }

  private startTag(): void {
    const start = this.position;
    this.copyTo(start + 1);
    const name = this.take(NAME).toLowerCase();
    this.output += this.source.slice(start + 1, this.position);
    this.refuseBrokenTagName(start);
    this.attributes(name, start);
    this.content(name, start);
  }

  private refuseBrokenTagName(start: number): void {
    const next = this.source.charAt(this.position);
    if (next === HOLE_MARK) this.refuseTagName(this.position);
    if (next === "<" || next === '"' || next === "'") this.refuseUnclosedTag(start);
  }

  /** After the tag's name, up to and with its `>`. */
  private attributes(element: string, tagStart: number): void {
    const names = new Set<string>();
    let animates: string | undefined;
    let hasSpread = false;
    const dynamicNames: Attribute[] = [];
    for (;;) {
      const gapStart = this.position;
      this.take(SPACE_AND_SLASHES);
      const gap = this.source.slice(gapStart, this.position);
      const next = this.source.charAt(this.position);
      if (next === ">") {
        this.output += gap;
        this.copyTo(this.position + 1);
        break;
      }
      if (next === HOLE_MARK) {
        this.spread(element, names, gap, hasSpread);
        hasSpread = true;
        continue;
      }
      const attribute = this.attribute(tagStart);
      if (names.has(attribute.name)) this.refuseDuplicate(attribute);
      names.add(attribute.name);
      if (attribute.name === "attributename") animates = attribute.value.toLowerCase();
      if (attribute.value.includes(HOLE_MARK)) {
        this.dynamicAttribute(element, attribute, gap);
        dynamicNames.push(attribute);
      } else {
        this.output += gap + this.source.slice(attribute.start, this.position);
      }
    }
    if (element === "animate" || element === "set") this.refuseAnimatedUrl(animates, dynamicNames);
  }

  /** A value in the place of attributes, which `attrs` makes. `written` is complete once the tag is read. */
  private spread(element: string, written: ReadonlySet<string>, gap: string, isSecond: boolean): void {
    const start = this.position;
    const next = this.source.charAt(start + 1);
    if (gap === "" || !/[\t\n\f\r />]/.test(next)) this.refuseAttributeName(start);
    if (isSecond) {
      const what = "There are two values in the place of attributes of one tag.";
      this.malformed(start, what, "Join them, the last one wins: ${attrs({ ...first, ...second })}.");
    }
    this.position++;
    // Without the gap: the hole writes its own spaces, or nothing at all.
    this.output += HOLE_MARK;
    this.holes.push(new AttributesHole(element, written));
  }

  /** Reads one attribute, at whose name the position is. */
  private attribute(tagStart: number): Attribute {
    const start = this.position;
    const name = this.take(ATTRIBUTE_NAME).toLowerCase();
    const next = this.source.charAt(this.position);
    if (next === HOLE_MARK) this.refuseAttributeName(start);
    if (next === "<" || next === "") this.refuseUnclosedTag(tagStart);
    if (next === '"' || next === "'") {
      const what = `There is a ${next} where an attribute's name should be.`;
      this.malformed(this.position, what, "Look for a quote before it that is missing or too many.");
    }
    if (name === "")
      this.malformed(start, "There is a = without an attribute's name.", "Remove it, or write the name.");
    const afterName = this.position;
    this.take(SPACE);
    if (this.source.charAt(this.position) !== "=") {
      this.position = afterName;
      return { name, start, nameEnd: afterName, valueStart: afterName, value: "", quote: "" };
    }
    this.position++;
    this.take(SPACE);
    return { name, start, nameEnd: afterName, ...this.attributeValue(name, tagStart) };
  }

  private attributeValue(name: string, tagStart: number): Pick<Attribute, "value" | "valueStart" | "quote"> {
    const quote = this.source.charAt(this.position);
    if (quote === '"' || quote === "'") {
      const valueStart = this.position + 1;
      const end = this.source.indexOf(quote, valueStart);
      if (end === -1) {
        this.malformed(this.position, `The value of ${name} is never closed.`, `Write the closing ${quote} after it.`);
      }
      this.position = end + 1;
      return { valueStart, value: this.source.slice(valueStart, end), quote };
    }
    const valueStart = this.position;
    const value = this.take(UNQUOTED_VALUE);
    if (this.position === this.source.length) this.refuseUnclosedTag(tagStart);
    if (value === "") this.malformed(valueStart, `${name}= has no value.`, `Write a value, or ${name} without the =.`);
    const stray = value.search(/["'<`]/);
    if (stray !== -1) {
      const what = `The value of ${name} has no quotes, but a ${value.charAt(stray)} in it.`;
      this.malformed(valueStart + stray, what, "Put the whole value into quotes.");
    }
    return { valueStart, value, quote: "" };
  }

  /** Writes an attribute that has holes. `gap` is what stands between it and what is before. */
  private dynamicAttribute(element: string, attribute: Attribute, gap: string): void {
    const { name, value, quote, start, nameEnd, valueStart } = attribute;
    this.refuseUnsafeAttribute(element, attribute);
    if (quote === "" && value.endsWith("/") && this.source.charAt(this.position) === ">") {
      const what = `It is unclear whether the / belongs to the value of ${name} or closes the tag.`;
      this.malformed(this.position - 1, what, `Put the value into quotes: ${name}="\${…}".`);
    }
    if (value === HOLE_MARK && isBooleanAttribute(name)) {
      // Without the gap: the hole writes its own space, or nothing at all.
      this.output += HOLE_MARK;
      this.holes.push(booleanHole(name));
      return;
    }
    const use = urlUse(element, name);
    const written = quote === "" ? `${this.source.slice(start, nameEnd)}="` : this.source.slice(start, valueStart);
    this.output += gap + written;
    if (use === undefined) this.textValue(value, valueHole(name));
    else this.urlValue(attribute, use);
    this.output += quote === "" ? '"' : quote;
  }

  private refuseUnsafeAttribute(element: string, { name, value, valueStart }: Attribute): void {
    const offset = valueStart + value.indexOf(HOLE_MARK);
    if (name.startsWith("on")) {
      const what = `A value cannot stand in ${name}: it would become part of a program, and no escaping makes that safe.`;
      const mend = `Let the server handle it: phx-click="save", with the value in phx-value-id="\${…}". In the browser: a hook, or a JS command.`;
      this.unsafe(offset, what, mend);
    }
    if (name === "srcdoc") {
      const what = "A value cannot stand in srcdoc: it would become a whole page with the rights of this one.";
      this.unsafe(offset, what, "Serve the page at an address of its own, and give that to src.");
    }
    if (name === "attributename" && isAnimation(element)) {
      const what = "A value cannot say which attribute is animated: it could be one that runs programs.";
      this.unsafe(offset, what, "Write the name of the attribute out.");
    }
  }

  /** `<animate attributeName="href" to="${…}">` would set a link's URL past the check of URLs. */
  private refuseAnimatedUrl(animated: string | undefined, attributes: readonly Attribute[]): void {
    if (animated === undefined || !/href|^on|&/.test(animated)) return;
    const [attribute] = attributes.filter(({ name }) => ["to", "from", "by", "values"].includes(name));
    if (attribute === undefined) return;
    const what = `A value cannot stand in ${attribute.name} of an animation of ${animated}: it would set a URL unchecked.`;
    this.unsafe(attribute.valueStart + attribute.value.indexOf(HOLE_MARK), what, "Set the attribute itself.");
  }

  /** Text with holes in it, in which character references count: one kind of hole for all. */
  private textValue(value: string, hole: Hole, isContinued = false): void {
    const closed = closeReferences(value);
    this.output += isContinued ? closed.replace(OPEN_REFERENCE, "&amp;$1") : closed;
    for (let index = value.indexOf(HOLE_MARK); index !== -1; index = value.indexOf(HOLE_MARK, index + 1)) {
      this.holes.push(hole);
    }
  }

  /** Only what begins a URL can be dangerous; what that is depends on the literal text around the holes. */
  private urlValue({ name, value, valueStart }: Attribute, use: UrlUse): void {
    const closed = closeReferences(value);
    const [prefix = "", ...literals] = closed.split(HOLE_MARK);
    let verdict = judgePrefix(prefix, use);
    if (verdict === "dangerous") {
      const what = `What stands before this value in ${name} is, or could become, the start of a URL that runs programs.`;
      const mend = 'Begin with what cannot: "/", "./", "https://". For a program, use phx-click or a hook.';
      this.unsafe(valueStart + value.indexOf(HOLE_MARK), what, mend);
    }
    for (const [index, literal] of literals.entries()) {
      if (verdict === "settled") {
        this.holes.push(valueHole(name));
        continue;
      }
      verdict = judgeInfix(literal);
      if (verdict === "dangerous") {
        const what = `A value and the text after it in ${name} could together become a URL that runs programs.`;
        this.unsafe(valueStart + value.indexOf(HOLE_MARK), what, `Make the URL one value: ${name}="\${\`…\`}".`);
      }
      this.holes.push(urlHole(name, use, verdict === "open" && index < literals.length - 1));
    }
    this.output += closed;
  }

  /** What follows a start tag when it is not ordinary HTML. */
  private content(element: string, tagStart: number): void {
    if (LINE_FEED_EATERS.has(element) && this.source.charAt(this.position) === HOLE_MARK) {
      // The parser drops one line feed here: let it be ours, and not the value's.
      this.output += "\n";
    }
    const isRaw = RAW_TEXT_ELEMENTS.has(element);
    if (!isRaw && !PLAIN_TEXT_ELEMENTS.has(element)) return;
    const start = this.position;
    const endTag = new RegExp(`</${element}(?=[\\t\\n\\f\\r />])`, "i");
    const length = this.source.slice(start).search(endTag);
    const content = length === -1 ? this.source.slice(start) : this.source.slice(start, start + length);
    const hole = content.indexOf(HOLE_MARK);
    if (isRaw && hole !== -1) this.unsafe(start + hole, ...rawTextRefusal(element));
    if (length === -1) {
      const mend = `Write </${element}> in the same template. <${element} /> does not close it in HTML.`;
      this.malformed(tagStart, `<${element}> is never closed.`, mend);
    }
    if (element === "script" && content.includes("<!--")) {
      const what = "There is a <!-- in the script, which makes browsers look for its end elsewhere.";
      this.malformed(start + content.indexOf("<!--"), what, "Remove it, or write it as <\\\\!-- within a string.");
    }
    const unfinished = content.search(/<\/?[a-z]*\0/i);
    if (unfinished !== -1) this.refuseTagName(start + content.indexOf(HOLE_MARK, unfinished));
    if (isRaw) this.output += content;
    else this.textValue(content, TEXT_HOLE);
    this.position = start + length;
  }

  private endTag(): void {
    const start = this.position;
    this.position += 2;
    if (this.source.charAt(this.position) === HOLE_MARK) this.refuseTagName(this.position);
    if (this.take(NAME) === "") {
      this.malformed(start, "</ must be followed by an element's name.", "Write the name, or &lt;/ for the text.");
    }
    this.refuseBrokenTagName(start);
    this.take(SPACE);
    const next = this.source.charAt(this.position);
    if (next === HOLE_MARK) this.refuseAttributeName(this.position);
    if (next !== ">") this.malformed(start, "This end tag holds more than a name, or has no >.", "Write </name>.");
    this.output += this.source.slice(start, this.position);
    this.copyTo(this.position + 1);
  }

  /** At `<!`. */
  private declaration(): void {
    const start = this.position;
    if (this.source.startsWith("<!--", start)) return this.comment();
    if (!/^<!doctype(?=[\t\n\f\r >\0])/i.test(this.source.slice(start, start + 10))) {
      const mend = "Write a comment as <!-- … -->, and the text of a CDATA section with &lt; and &amp;.";
      this.malformed(start, "After <! comes neither a comment nor a doctype.", mend);
    }
    const end = this.indexOf(">", start);
    const hole = this.indexOf(HOLE_MARK, start);
    if (hole < end) this.unsafe(hole, "A value cannot stand in the doctype.", "Write <!doctype html>.");
    if (end === this.source.length) this.malformed(start, "The doctype is never closed.", "Write the > after it.");
    this.copyTo(end + 1);
  }

  private comment(): void {
    const start = this.position;
    const inside = this.source.slice(start + 4);
    // <!--> and <!---> are whole comments.
    const abrupt = /^-?>/.exec(inside);
    const close = abrupt ?? /--!?>/.exec(inside);
    if (close === null)
      this.malformed(start, "The comment is never closed.", "Write --> after it, in the same template.");
    const content = inside.slice(0, close.index + close[0].length);
    // Values contain no ">". One in the literal ends the comment if -- or --! is before it; that must not depend on what
    // a value ends with, so after a hole it must not come too early.
    const doubtful = content.search(/\0-?!?>/);
    if (doubtful !== -1) {
      const what = "It depends on the value whether the comment ends here.";
      this.malformed(start + 4 + doubtful, what, "Put a space after the value, or write &gt;.");
    }
    this.output += "<!--" + content;
    this.position = start + 4 + content.length;
    for (let count = content.split(HOLE_MARK).length - 1; count > 0; count--) this.holes.push(COMMENT_HOLE);
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const taken = pattern.exec(this.source)?.[0] ?? "";
    this.position += taken.length;
    return taken;
  }

  private copyTo(end: number): void {
    this.output += this.source.slice(this.position, end);
    this.position = end;
  }

  /** Where `text` comes next, or the end of the source. */
  private indexOf(text: string, from: number): number {
    const index = this.source.indexOf(text, from);
    return index === -1 ? this.source.length : index;
  }

  private refuseTagName(offset: number): never {
    const what = "A value cannot be, or be part of, an element's name.";
    const mend =
      "Choose between whole templates: ${isLink ? html`<a>…</a>` : html`<span>…</span>`}. For the character <, write &lt;.";
    return this.unsafe(offset, what, mend);
  }

  private refuseAttributeName(start: number): never {
    const what = "A value cannot stand where an attribute's name is expected.";
    const mend =
      'Write the attributes out: title="${title}". One that may be absent takes a boolean: disabled=${isBusy}. A class takes a list: class=${["tab", isActive && "active"]}. For any others, with a space on both sides: ${attrs({ id, hidden: true })}.';
    return this.unsafe(this.indexOf(HOLE_MARK, start), what, mend);
  }

  private refuseUnclosedTag(start: number): never {
    const what = "This tag is never closed.";
    return this.malformed(
      start,
      what,
      "Write its > (a template cannot end within a tag), or &lt; if the text < is meant.",
    );
  }

  private refuseDuplicate({ name, start }: Attribute): never {
    const what = `The attribute ${name} is written twice; browsers ignore the second.`;
    const mend = name === "class" ? 'Join them: class=${["tab", isActive && "active"]}.' : "Remove one.";
    return this.malformed(start, what, mend);
  }

  private unsafe(offset: number, what: string, mend: string): never {
    throw refusal("template.unsafe-position", this.source, offset, what, mend);
  }

  private malformed(offset: number, what: string, mend: string): never {
    throw refusal("template.malformed", this.source, offset, what, mend);
  }
}

function isAnimation(element: string): boolean {
  return element === "animate" || element === "set";
}

/** Keeps a value from completing a reference: `?a=1&${name}` with "copy;" is not `?a=1©`. */
function closeReferences(value: string): string {
  return value.replaceAll(REFERENCE_BEFORE_HOLE, "&amp;$1");
}

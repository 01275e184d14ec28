import type { Element } from "./dom.ts";
import { readableText } from "./readable-text.ts";
import { nameOf } from "./serialize.ts";
import { isHidden } from "./visibility.ts";

const SHOWN = 3;
const MAX_TEXT = 60;

/** The elements that somebody who wrote this selector and text may have meant, the likeliest first, ready to be shown. */
export function nearest(root: Element, selector: string, text: string | undefined): string[] {
  const wanted = words(selector);
  const wantedText = text?.toLowerCase();
  const body = root.find((element) => element.name === "body") ?? root;
  const scored = body
    .all((element) => !isHidden(element))
    .map((element) => ({ element, score: score(element, wanted, wantedText) }))
    .filter(({ score }) => score > 0);
  scored.sort((a, b) => b.score - a.score);
  const meant = scored.filter(
    ({ element }, index) => !scored.slice(0, index).some((better) => element.contains(better.element)),
  );
  return meant.slice(0, SHOWN).map(({ element }) => {
    const shown = readableText(element);
    return `${nameOf(element)}${shown === "" ? "" : ` ${JSON.stringify(shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT)}…` : shown)}`}`;
  });
}

/** The names in a selector: its tags, ids, classes and attributes with their values. */
function words(selector: string): string[] {
  return selector.toLowerCase().match(/[\w-]+/g) ?? [];
}

function score(element: Element, wanted: readonly string[], text: string | undefined): number {
  const own = [element.name, ...[...element.attributes].flatMap(([name, value]) => [name, ...words(value)])];
  let alike = 0;
  for (const word of wanted) alike += Math.max(...own.map((each) => likeness(word, each.toLowerCase())));
  alike /= Math.max(1, wanted.length);
  const total = alike < 0.5 ? 0 : alike;
  const shown = text === undefined ? "" : readableText(element).toLowerCase();
  if (text === undefined || shown === "") return total;
  const closeness = shown.includes(text) ? 1 : likeness(text, shown);
  // Of the elements around a text the smallest one is meant.
  return closeness < 0.4 ? total : total + closeness + 1 / shown.length;
}

/** From 0 to 1: how much two words are alike, by the share of letters that need not be changed. */
function likeness(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  if (longest === 0 || Math.min(a.length, b.length) / longest < 0.5) return 0;
  const similar = 1 - distance(a, b) / longest;
  return similar < 0.6 ? 0 : similar;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

// The languages of snippets: what the form offers, and what is coloured.

export const languages = [
  "plaintext",
  "bash",
  "css",
  "elixir",
  "go",
  "html",
  "javascript",
  "json",
  "python",
  "rust",
  "sql",
  "typescript",
] as const;

export type Language = (typeof languages)[number];

const names: Partial<Record<Language, string>> = {
  plaintext: "Plain text",
  css: "CSS",
  html: "HTML",
  javascript: "JavaScript",
  json: "JSON",
  sql: "SQL",
  typescript: "TypeScript",
};

/** What people call it. */
export function languageName(language: string): string {
  const known = languages.find((name) => name === language);
  if (known === undefined) return language;
  return names[known] ?? known.charAt(0).toUpperCase() + known.slice(1);
}

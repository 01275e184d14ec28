// How a value stands in a control. What the browser has sent is a text and stays as it is; what a form began with may be a number
// or a date.

/** The text of a value in an `<input>` of this type, or in a `<textarea>`. Dates are written in UTC. */
export function textFor(value: unknown, type: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  return value instanceof Date && !Number.isNaN(value.getTime()) ? dateFor(value, type) : "";
}

function dateFor(date: Date, type: string): string {
  const text = date.toISOString();
  switch (type) {
    case "date":
      return text.slice(0, 10);
    case "month":
      return text.slice(0, 7);
    case "time":
      return text.slice(11, 16);
    case "datetime-local":
      return text.slice(0, 16);
    default:
      return text;
  }
}

/** Whether a choice is the one, or one of those, that a field has. */
export function isChosen(value: unknown, choice: string): boolean {
  if (Array.isArray(value)) return value.some((each) => textFor(each, "text") === choice);
  return textFor(value, "text") === choice;
}

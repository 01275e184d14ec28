/** Whether a JSON value is an object, neither `null` nor an array. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `Array.isArray` for a JSON value, whose elements are as unknown as the value was. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

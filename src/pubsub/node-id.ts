/** 96 random bits as 16 letters, digits, `-` and `_`: what tells an object's frames from those of all others, for ever. */
export function randomNodeId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(12));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

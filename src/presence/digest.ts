/** FNV-1a over the UTF-16 units of a text, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** What one entry adds to its writer's digest. */
export function entryHash(seq: number, id: number, topic: string, key: string, json: string): number {
  return hashText(`${seq}:${id}:${topic}\n${key}\n${json}`);
}

/**
 * A number for a set of entries that does not depend on their order: the sum of their hashes, modulo 2^32. Two sets that
 * differ have the same digest once in four thousand million times, and less often the same count as well.
 */
export class Digest {
  #sum = 0;

  get value(): number {
    return this.#sum;
  }

  add(hash: number): void {
    this.#sum = (this.#sum + hash) >>> 0;
  }

  remove(hash: number): void {
    this.#sum = (this.#sum - hash) >>> 0;
  }

  clear(): void {
    this.#sum = 0;
  }
}

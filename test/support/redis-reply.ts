/** What a Redis server answers in RESP2, read into plain values. */
export type RedisReply = string | number | null | readonly RedisReply[];

/**
 * Reads the reply that begins at `start`.
 *
 * @returns the reply and where the next one begins; `undefined` while it is not complete
 * @throws when the reply is an error; its text is the message
 */
export function readReply(bytes: Buffer, start: number): { value: RedisReply; next: number } | undefined {
  const end = bytes.indexOf("\r\n", start);
  if (end === -1) return undefined;
  const text = bytes.toString("utf8", start + 1, end);
  const next = end + 2;
  switch (bytes.toString("latin1", start, start + 1)) {
    case "+":
      return { value: text, next };
    case "-":
      throw new Error(text);
    case ":":
      return { value: Number(text), next };
    case "$": {
      const length = Number(text);
      if (length === -1) return { value: null, next };
      if (bytes.length < next + length + 2) return undefined;
      return { value: bytes.toString("utf8", next, next + length), next: next + length + 2 };
    }
    case "*":
      return readList(bytes, next, Number(text));
    default:
      throw new Error(`This is no reply of Redis: ${JSON.stringify(bytes.toString("utf8", start, end))}`);
  }
}

function readList(bytes: Buffer, start: number, length: number): { value: RedisReply; next: number } | undefined {
  if (length === -1) return { value: null, next: start };
  const values: RedisReply[] = [];
  let next = start;
  for (let index = 0; index < length; index++) {
    const item = readReply(bytes, next);
    if (item === undefined) return undefined;
    values.push(item.value);
    next = item.next;
  }
  return { value: values, next };
}

import { FormRefused } from "./form-refused.ts";

const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";

export interface FormBounds {
  readonly maxBytes: number;
  /** Fields and files together. */
  readonly maxFields: number;
}

/**
 * The fields of a form that was posted, urlencoded or multipart. No more than its bounds is ever in memory.
 * @throws {FormRefused} with what is wrong with it
 */
export async function readFormData(request: Request, bounds: FormBounds): Promise<FormData> {
  const type = request.headers.get("content-type") ?? "";
  const [essence = ""] = type.toLowerCase().split(";");
  if (essence.trim() !== URLENCODED && essence.trim() !== MULTIPART) {
    throw new FormRefused(415, `its content-type is ${JSON.stringify(type.slice(0, 100))}, not that of a form`);
  }
  const bytes = await readBody(request, bounds.maxBytes);
  let form: FormData;
  try {
    // By the platform's own parser: it takes a body, and this is how to give it one.
    form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  } catch (cause) {
    throw new FormRefused(400, "its body is no form", { cause });
  }
  const fields = [...form].length;
  if (fields > bounds.maxFields) {
    throw new FormRefused(413, `it has ${fields} fields; at most ${bounds.maxFields} are taken (limits.maxParamsKeys)`);
  }
  return form;
}

async function readBody(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = (): FormRefused => new FormRefused(413, `it has more than ${maxBytes} bytes (maxBytes)`);
  // What it says of itself need not be true, but who says so much need not be read.
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge();
  if (request.bodyUsed) throw new FormRefused(400, "its body was read before, and can be read once only");
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of request.body ?? []) {
      length += part.byteLength;
      if (length > maxBytes) throw tooLarge();
      parts.push(part);
    }
  } catch (cause) {
    if (cause instanceof FormRefused) throw cause;
    throw new FormRefused(400, "its body broke off", { cause });
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

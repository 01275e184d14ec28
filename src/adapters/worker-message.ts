/** What `serve` in a worker and `serve` in the primary tell each other. */
export type WorkerMessage =
  /** From a worker: it listens. */
  | { readonly wingbeat: "serve/1"; readonly type: "listening"; readonly url: string }
  /** From a worker: it cannot listen. */
  | { readonly wingbeat: "serve/1"; readonly type: "failed"; readonly message: string; readonly code?: string }
  /** From the primary: stop gracefully. */
  | { readonly wingbeat: "serve/1"; readonly type: "drain" };

/** `undefined` for what is none of ours. */
export function readWorkerMessage(value: unknown): WorkerMessage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { wingbeat, type, url, message, code }: { readonly [name: string]: unknown } = { ...value };
  if (wingbeat !== "serve/1") return undefined;
  if (type === "drain") return { wingbeat, type };
  if (type === "listening" && typeof url === "string") return { wingbeat, type, url };
  if (type !== "failed" || typeof message !== "string") return undefined;
  return typeof code === "string" ? { wingbeat, type, message, code } : { wingbeat, type, message };
}

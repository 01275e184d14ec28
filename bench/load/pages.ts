import { nowMicros } from "../stamp.ts";
import { HttpConnection } from "./http-connection.ts";

export interface PagesOrder {
  readonly port: number;
  readonly path: string;
  /** Keep-alive connections, each with one request at a time. */
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export interface PagesReport {
  readonly pages: number;
  readonly seconds: number;
  readonly bytesPerPage: number;
}

/** Asks for one page again and again. */
export async function requestPages(order: PagesOrder): Promise<PagesReport> {
  let pages = 0;
  let bytes = 0;
  const end = new AbortController();
  const loops = Array.from({ length: order.connections }, async () => {
    const http = new HttpConnection(order.port);
    while (!end.signal.aborted) {
      const page = await http.get(order.path);
      pages++;
      bytes += page.body.length;
    }
    http.close();
  });
  await wait(order.warmUpSeconds);
  pages = bytes = 0;
  const startMicros = nowMicros();
  await wait(order.seconds);
  const report = { pages, seconds: (nowMicros() - startMicros) / 1_000_000, bytesPerPage: bytes / pages };
  end.abort();
  await Promise.all(loops);
  return report;
}

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}

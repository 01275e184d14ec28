import { createServer, type AddressInfo } from "node:net";

/** A port that nobody listens on: an app's `origins` must name it before its server listens. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  // A TCP server that listens has an address object (node:net, server.address).
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

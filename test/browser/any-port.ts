// Loaded before a printed program: what it lets listen on a port listens on TEST_PORT instead, and we are told.
import cluster from "node:cluster";
import { Server } from "node:net";

const { listen } = Server.prototype;
const onTestPort = function (this: Server, ...args: unknown[]): Server {
  const [options, ...rest] = args;
  const isAddress = typeof options === "object" && options !== null && "port" in options;
  if (isAddress) this.once("listening", () => process.send?.("listening"));
  const given = isAddress ? [{ ...options, port: Number(process.env["TEST_PORT"]) }, ...rest] : args;
  return Reflect.apply(listen, this, given);
};
Server.prototype.listen = onTestPort;

// A primary does not listen: its workers do, and tell it so.
cluster.on("message", (_worker, message) => {
  if (message === "listening") process.send?.("listening");
});

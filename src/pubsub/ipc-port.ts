import type { Worker } from "node:cluster";

/** One end of the line between a primary and a worker. */
export interface IpcPort {
  /** @param sent called once, never before `send` has returned, when the message is out of this process' hands or lost */
  send(message: object, sent: () => void): void;
  /** @returns what ends the listening */
  listen(onMessage: (message: unknown) => void, onGone: () => void): () => void;
}

/** The primary's end of the line to a worker. */
export function portToWorker(worker: Worker): IpcPort {
  return {
    // With a callback, Node tells it of a line that is gone, instead of raising an error that nobody might hear.
    send: (message, sent) => void worker.process.send(message, sent),
    listen: (onMessage, onGone) => {
      worker.process.on("message", onMessage).on("disconnect", onGone);
      return () => worker.process.off("message", onMessage).off("disconnect", onGone);
    },
  };
}

/** This process' end of the line to its primary. */
export function portToPrimary(): IpcPort {
  return {
    send: (message, sent) => {
      if (process.send === undefined) queueMicrotask(sent);
      else process.send(message, undefined, {}, sent);
    },
    listen: (onMessage, onGone) => {
      process.on("message", onMessage).on("disconnect", onGone);
      return () => process.off("message", onMessage).off("disconnect", onGone);
    },
  };
}

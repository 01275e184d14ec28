import { describe, expect, it } from "vitest";
import { pubSubContract } from "../testing/pubsub-contract.ts";
import { createPubSub } from "./program-pubsub.ts";
import { SingleProcessPubSub } from "./single-process-pubsub.ts";

// In workers, and in a primary: test/process/workers.test.ts.
describe("createPubSub in a process without workers", () => {
  pubSubContract(
    () => createPubSub({ onError: () => {} }),
    { it },
    { gaps: { largest: "messages are handed over as they are, without a size" } },
  );

  it("is the bus of the process, and gives the very object that was sent, before broadcast returns", async () => {
    const [here, there] = [createPubSub(), new SingleProcessPubSub()];
    const received: unknown[] = [];
    await here.subscribe("room", (message) => received.push(message));
    const sent = { type: "said", at: new Date(0) };
    const broadcasting = there.broadcast("room", sent);
    expect(received[0]).toBe(sent);
    await broadcasting;
    await Promise.all([here.close(), there.close()]);
  });

  it("has no backplane to tell of", () => {
    expect(createPubSub().on).toBeUndefined();
  });
});

// What survives a reconnect: a line with ✗ must be refused with the text after it, and no other line may be.
import "./upcoming.ts";
import { createLiveView, html } from "wingbeat";
import { z } from "zod";

export const profile = createLiveView({
  initial: { name: "", since: new Date(0), tags: [] as string[] },
  events: { rename: z.object({ name: z.string() }) },
  resume: { keys: ["name"], schema: z.object({ name: z.string() }) },
  mount: (socket, session: { currentUser: { name: string } }) => {
    socket.assign({ name: session.currentUser.name });
  },
  handleEvent: (event, socket) => socket.assign({ name: event.name }),
  render: (context, meta) => html`${context.name}${meta.event("rename")}`,
});

createLiveView({
  initial: { name: "" },
  resume: { keys: ["nam"], schema: z.object({}) }, // ✗ '"nam"' is not assignable to type '"name"'
  render: ({ name }) => html`${name}`,
});
createLiveView({
  initial: { name: "" },
  resume: { keys: ["name"], schema: z.object({ name: z.number() }) }, // ✗ 'number' is not assignable to type 'string'
  render: ({ name }) => html`${name}`,
});

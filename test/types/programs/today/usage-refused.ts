// Mistakes with what ./usage.ts declares: a line with ✗ must be refused with the text after it (… stands for anything), and
// no other line may be.
import {
  createLiveApp,
  createLiveView,
  html,
  JS,
  liveComponent,
  liveSession,
  SingleProcessPubSub,
  topic,
} from "wingbeat";
import type { AsyncResult, LiveStream, Mounting } from "wingbeat";
import { chat, counter, editor } from "./usage.ts";

type C = { count: number; rows: LiveStream<{ id: string }>; bio: AsyncResult<string> };
type E = { type: "increment" } | { type: "rename"; name: string };
type I = { type: "counter"; count: number };
const room = topic<{ type: "said"; text: string }>("chat:1");
const short = { type: "said" as const };
const pubSub = new SingleProcessPubSub();

createLiveView({ render: (context) => html`${context.count}` }); // ✗ 'count' does not exist on type 'Readonly<ContextNotDeclared>'
createLiveView<C, E, I>({ render: (context) => html`${context.bio}` }); // ✗ 'AsyncResult<string>' is not assignable to … 'Renderable'
createLiveView<C, E, I>({
  mount: (socket, session) => {
    socket.assign({ coutn: 1 }); // ✗ Did you mean to write 'count'?
    socket.assign({ count: undefined }); // ✗ 'undefined' is not assignable to type 'number'
    socket.stream("count", []); // ✗ '"count"' is not assignable to parameter of type '"rows"'
    socket.subscribe(room); // ✗ 'Topic<{ type: "said"; text: string; }>' is not assignable to … 'PlainTopic | Topic<I>'
    session.userId; // ✗ 'userId' does not exist on type 'SessionNotDeclared'
  },
  handleEvent: (event, socket) => {
    event.name; // ✗ 'name' does not exist on type '{ type: "increment"; }'
    socket.context.count++; // ✗ Cannot assign to 'count' because it is a read-only property
  },
  render: (_, meta) => {
    const parts = [
      meta.event("incremnt"), // ✗ '"incremnt"' is not assignable to … '"increment" | "rename"'
      meta.event("increment", { by: 1 }), // ✗ Expected 1 arguments, but got 2
      meta.event("rename", { nam: "x" }), // ✗ Did you mean to write 'name'?
      meta.liveComponent(editor, { id: 1, title: "" }), // ✗ 'LiveComponent<…>' is not assignable to … Property 'count' is missing in type '{ type: "saved"; }'
      liveComponent(editor, { id: 1, title: "" }), // ✗ '{ type: "saved"; }' is not assignable to type 'never'
    ];
    return html`${parts}`;
  },
});
pubSub.broadcast(room, short); // ✗ Property 'text' is missing
topic<{ count: number }>("counter"); // ✗ Property 'type' is missing in type '{ count: number; }' but required in type 'Message'

const user = ({ session }: Mounting<{ userId: string }>) => ({ currentUser: { id: session.userId, name: "" } });
const members = liveSession("members", { onMount: [user] }, { "/c/:id": chat });
createLiveApp({ session: (r) => ({ userId: r.url }), routes: { "/c/:id": chat } }); // ✗ Property 'currentUser' is missing in type '{ userId: string; }'
createLiveApp({ session: (r) => ({ user: r.url }), liveSessions: [members] }); // ✗ Property 'userId' is missing in type '{ user: string; }'
liveSession("m", { onMount: [user] }, { "/c": chat }); // ✗ Property 'id' is missing in type '…
createLiveApp({ routes: { "/c/:id": chat } }); // ✗ Property 'session' is missing

export const fine = [
  createLiveApp({ routes: { "/": counter } }),
  createLiveApp({ session: (r) => ({ userId: r.url }), liveSessions: [members] }),
  JS.push("any name"),
];

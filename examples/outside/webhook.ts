// An HTTP handler that publishes: what a service elsewhere posts here is on every open page at once. It needs no view, only
// the Pub/Sub that the app has.
//
//     curl http://127.0.0.1:4000/webhook -H "authorization: Bearer secret" -d "The build has passed"
import type { PubSub } from "wingbeat";
import { news } from "./news.ts";

const { WEBHOOK_SECRET = "secret" } = process.env;

export async function receiveWebhook(request: Request, pubSub: PubSub): Promise<Response | undefined> {
  if (request.method !== "POST" || new URL(request.url).pathname !== "/webhook") return undefined;
  if (request.headers.get("authorization") !== `Bearer ${WEBHOOK_SECRET}`) return new Response(null, { status: 401 });
  const text = (await request.text()).slice(0, 500);
  await pubSub.broadcast(news, { type: "news", id: crypto.randomUUID(), text });
  return new Response(null, { status: 204 });
}

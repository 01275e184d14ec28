// Who a browser is, over all of its tabs and visits: a random id in a cookie. A view that has to know sends a browser
// without one to /hello, which says who it is from now on.
import { randomUUID } from "node:crypto";

export type Session = { visitor: string };

/** What views may know of who asks. The same for a page and its socket, as both bring the same cookies. */
export const session = (request: Request): Session => ({
  visitor: /(?:^|; )visitor=([\da-f]{8}-[\da-f-]{27})(?:;|$)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? "",
});

export function hello(request: Request): Response {
  const visitor = session(request).visitor || randomUUID();
  return new Response(null, {
    status: 303,
    headers: {
      location: "/who",
      "cache-control": "no-store",
      "set-cookie": `visitor=${visitor}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`,
    },
  });
}

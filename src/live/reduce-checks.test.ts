import { describe, expect, it } from "vitest";
import { ORIGIN, testApp, turn, visit } from "../../test/support/client.ts";
import { html } from "../html/html.ts";
import { reduce } from "../html/reduce.ts";
import { createLiveView } from "./live-view.ts";

interface Said {
  readonly type: "said";
  readonly text: string;
}

describe("reduce in a view", () => {
  const start: readonly string[] = [];
  const room = (step: (lines: readonly string[], info: Said) => readonly string[]) =>
    createLiveView<{ lines: readonly string[] }, { type: "none" }, Said>({
      initial: { lines: start },
      mount: (socket) => void socket.subscribe("room"),
      handleInfo: (info, socket) => socket.assign({ lines: reduce(socket.context.lines, info, step) }),
      render: ({ lines }) => html`${lines.map((line) => html`<p>${line}</p>`)}`,
    });

  it("is checked in development, where the second view finds that the step is not pure", async () => {
    let number = 0;
    const { app, pubSub, errors } = testApp(
      { "/": room((lines, { text }) => [...lines, `${text} ${number++}`]) },
      { development: true },
    );
    await visit(app, "/");
    await visit(app, "/");
    void pubSub.broadcast("room", { type: "said", text: "hello" });
    await turn();
    expect(errors).toMatchObject([{ error: { code: "render.unstable-reduce" }, details: { callback: "handleInfo" } }]);
  });

  it("runs once for both in production", async () => {
    let number = 0;
    const { app, pubSub, errors } = testApp(
      { "/": room((lines, { text }) => [...lines, `${text} ${number++}`]) },
      { development: false, origins: [ORIGIN] },
    );
    await visit(app, "/");
    await visit(app, "/");
    void pubSub.broadcast("room", { type: "said", text: "hello" });
    await turn();
    expect(errors).toEqual([]);
    expect(number).toBe(1);
  });
});

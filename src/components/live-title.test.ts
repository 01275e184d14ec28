import { expect, it } from "vitest";
import { toHtml } from "../html/to-html.ts";
import { liveTitle } from "./live-title.ts";

it("writes the title with what the client needs to change it", () => {
  expect(toHtml(liveTitle({ title: "Room <42>", prefix: "» ", default: "Rooms", suffix: " · Chat" }))).toBe(
    '<title data-prefix="» " data-default="Rooms" data-suffix=" · Chat">» Room &lt;42&gt; · Chat</title>',
  );
});

it("falls back to the default, or to nothing", () => {
  expect(toHtml(liveTitle({ title: undefined, default: "Rooms" }))).toBe('<title data-default="Rooms">Rooms</title>');
  expect(toHtml(liveTitle({ title: "" }))).toBe("<title></title>");
});

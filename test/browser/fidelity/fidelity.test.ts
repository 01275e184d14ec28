/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, expect, it } from "vitest";
import { createLiveView, each, hookScript, html, liveTitle, type AppOptions, type Rendered } from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario, type Twin } from "./both.ts";

// Each scenario runs through `visit` and through Chromium with the official client. After every step both must show the
// same: markup, what the controls hold, focus, title and address. A difference is a bug of the test kit.

const tools = useBrowser();

async function open(scenario: Scenario, path = "/"): Promise<Twin> {
  const [twin] = await openBoth(tools, scenario, path);
  return twin!;
}

/** A view that shows the events it gets, with what they carry. */
function logger(controls: () => Rendered): Scenario {
  const view = createLiveView<{ log: readonly string[] }>({
    initial: { log: [] },
    handleEvent: (event, socket) => {
      if (event.type === "quiet") return;
      socket.assign({ log: [...socket.context.log, JSON.stringify(sorted(event))] });
    },
    render: ({ log }) => html`${controls()}<ol>${log.map((line) => html`<li>${line}</li>`)}</ol>`,
  });
  return { routes: () => ({ "/": view }) };
}

/** A view that shows one of several pages, at the click on its number. */
function pages(...renders: readonly (() => Rendered)[]): Scenario {
  const view = createLiveView<{ at: number }>({
    initial: { at: 0 },
    handleEvent: (event, socket) => socket.assign({ at: Number(event["at"]) }),
    render: ({ at }) =>
      html`<nav>${renders.map((_, index) => html`<button id="to-${index}" phx-click="show" phx-value-at="${index}">${index}</button>`)}</nav>
        <main>${renders[at]?.()}</main>`,
  });
  return { routes: () => ({ "/": view }) };
}

function textIn(event: { readonly [field: string]: unknown }, field: string): string | undefined {
  const value = event[field];
  return typeof value === "string" ? value : undefined;
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

describe("clicks", () => {
  it("count", async () => {
    const page = await open(logger(() => html`<button id="up" phx-click="up">+</button>`));
    await page.click("#up");
    await page.click("#up");
  });

  it("carry phx-value attributes and the value of what was clicked", async () => {
    const page = await open(
      logger(
        () => html`<button id="b" phx-click="go" phx-value-n="3" phx-value-two-words="x" value="v">b</button>
          <ul><li id="l" phx-click="li" value="7">item</li></ul><div id="d" phx-click="div" phx-value-a="">div</div>
          <progress id="p" phx-click="progress" value="0.5"></progress>`,
      ),
    );
    await page.click("#b");
    await page.click("#l");
    await page.click("#d");
    await page.click("#p");
  });

  it("reach the nearest element with an event", async () => {
    const page = await open(
      logger(() => html`<div phx-click="outer"><p phx-click="inner"><b id="b">x</b></p><i id="i">y</i></div>`),
    );
    await page.click("#b");
    await page.click("#i");
  });

  it("send the value of an event that was made by meta.event", async () => {
    const view = createLiveView<{ name: string }, { type: "rename"; name: string }>({
      initial: { name: "nobody" },
      handleEvent: ({ name }, socket) => socket.assign({ name }),
      render: ({ name }, meta) =>
        html`<p>${name}</p><button id="b" phx-click="${meta.event("rename", { name: `O'Hara "<&>` })}">rename</button>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.click("#b");
  });

  it("on a link to # stay on the page", async () => {
    const page = await open(logger(() => html`<a id="a" href="#" phx-click="link">link</a>`));
    await page.click("#a");
  });

  it("outside of an element with phx-click-away reach it", async () => {
    const page = await open(
      logger(
        () =>
          html`<div phx-click-away="away" style="width:9em;height:3em"><button id="in" phx-click="in">in</button></div><p id="out">out</p>`,
      ),
    );
    await page.click("#in");
    await page.click("#out");
  });

  it("on a label toggle its box", async () => {
    const page = await open(
      logger(
        () =>
          html`<form id="f" phx-change="change"><label id="l">a <input type="checkbox" name="a"></label><label id="m" for="b">b</label><input id="b" type="checkbox" name="b"></form>`,
      ),
    );
    await page.click("#l");
    await page.click("#m");
    await page.click("#l");
  });

  it("on a summary open and close its details, until the server renders them", async () => {
    const page = await open(
      logger(
        () =>
          html`<details><summary id="s">more</summary><p>text</p></details><button id="b" phx-click="go">go</button>`,
      ),
    );
    await page.click("#s");
    await page.click("#b");
    await page.click("#s");
  });

  it("on a check box outside of a form send its value while it is checked", async () => {
    const page = await open(logger(() => html`<input id="c" type="checkbox" value="yes" phx-click="toggled">`));
    await page.click("#c");
    await page.click("#c");
  });
});

describe("the title", () => {
  it("changes between what liveTitle puts around it, and falls back to its default", async () => {
    const view = createLiveView<{}>({
      initial: {},
      mount: (socket) => socket.pageTitle("Inbox"),
      handleEvent: (event, socket) => socket.pageTitle(event.type === "clear" ? "" : `Inbox (${event.type})`),
      render: () => html`<button id="3" phx-click="3">3</button><button id="clear" phx-click="clear">clear</button>`,
    });
    const layout: AppOptions["layout"] = (content, page) => html`<!doctype html>
<html lang="en">
  <head>
    <meta name="csrf-token" content="${page.csrfToken}">
    <link rel="icon" href="data:,">
    ${liveTitle({ title: page.viewTitle, prefix: "Post: ", default: "Hello", suffix: " & more" })}
    ${page.clientScripts}
    <script type="module" src="/_own/client.js"></script>
  </head>
  <body>${content}</body>
</html>`;
    const page = await open({ routes: () => ({ "/": view }), options: { layout } });
    expect(page.kit.title).toBe("Post: Inbox & more");
    await page.click("[id='3']");
    expect(page.kit.title).toBe("Post: Inbox (3) & more");
    await page.click("#clear");
    expect(page.kit.title).toBe("Post: Hello & more");
  });
});

describe("a hook that is written beside its view", () => {
  it("is there with the first page, and when it comes later", async () => {
    const view = createLiveView<{ isOpen: boolean; heard: readonly string[] }>({
      initial: { isOpen: false, heard: [] },
      handleEvent: (event, socket) => {
        if (event.type === "open") return socket.assign({ isOpen: true });
        socket.assign({ heard: [...socket.context.heard, `${event.type} ${String(event["n"])}`] });
        return { reply: { n: Number(event["n"]) + 1 } };
      },
      render: ({ isOpen, heard }, { nonce }) => {
        const pushes = "{ mounted() { this.el.pushFromTest = (event, payload) => this.pushEvent(event, payload); } }";
        const hook = (name: string): Rendered =>
          html`<i id="${name}" phx-hook="${name}">${name}</i>${hookScript(name, pushes, { nonce })}`;
        return html`${hook("First")}${isOpen && hook("Later")}<button id="open" phx-click="open">open</button>
          <p id="heard">${heard.join(", ")}</p>`;
      },
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.hook("#First", "said", { n: 1 }, "First");
    await page.click("#open");
    await page.hook("#Later", "said", { n: 2 }, "Later");
    page.reads("#heard", "said 1, said 2");
  });
});

describe("keys and focus", () => {
  it("send the key, to the element that has the focus", async () => {
    const page = await open(
      logger(() => html`<input id="i" phx-keydown="down" phx-keyup="up" phx-value-x="1" value="text">`),
    );
    await page.key("#i", "ArrowLeft");
  });

  it("send only the key that phx-key names", async () => {
    const page = await open(logger(() => html`<button id="b" phx-keyup="up" phx-key="escape">b</button>`));
    await page.key("#b", "Escape");
    await page.key("#b", "ArrowUp");
  });

  it("reach the window when the element does not listen", async () => {
    const page = await open(
      logger(
        () =>
          html`<div phx-window-keydown="window" phx-key="x"></div><button id="b">b</button><button id="c" phx-keydown="own">c</button>`,
      ),
    );
    await page.key("#b", "x");
    await page.key("#c", "x");
  });

  it("move with what is clicked and filled", async () => {
    const page = await open(
      logger(
        () =>
          html`<input id="a" name="a" value="1" phx-focus="focus-a" phx-blur="blur-a"><input id="b" phx-focus="focus-b" phx-blur="blur-b"><button id="c" phx-click="c">c</button>`,
      ),
    );
    await page.focus("#a");
    await page.focus("#b");
    await page.click("#c");
    await page.focus("#a");
    await page.blur("#a");
  });
});

describe("forms", () => {
  it("send what changes, its name, and what was not touched", async () => {
    const page = await open(
      logger(
        () =>
          html`<form id="f" phx-change="change" phx-value-form="f"><input id="a" name="user[name]"><input id="b" name="user[email]" value="x@y"><input type="hidden" name="h" value="1"><input name="user[tags][]" value="t"></form>`,
      ),
    );
    await page.fill("#a", "Ada & co = 1+1");
    await page.fill("#b", "ada@example.org");
    await page.fill("#a", "");
  });

  it("send their submitter and take its fields as touched", async () => {
    const page = await open(
      logger(
        () =>
          html`<form id="f" phx-submit="save"><input id="a" name="a" value="1"><button id="x" name="how" value="draft">draft</button><button id="y" name="how" value="final">final</button><input name="z" value="2"></form>`,
      ),
    );
    await page.click("#y");
    await page.click("#x");
  });

  it("send check boxes and radio buttons", async () => {
    const page = await open(
      logger(
        () => html`<form id="f" phx-change="change"><input type="hidden" name="ok" value="false"><input id="ok" type="checkbox" name="ok" value="true">
          <input id="r1" type="radio" name="r" value="1"><input id="r2" type="radio" name="r" value="2">
          <input id="g1" type="checkbox" name="g[]" value="1"><input id="g2" type="checkbox" name="g[]" value="2"></form>`,
      ),
    );
    for (const id of ["#ok", "#r1", "#r2", "#g1", "#g2", "#ok", "#r2"]) await page.click(id);
  });

  it("send selects, and lose a choice that the server does not render", async () => {
    const page = await open(
      logger(
        () => html`<form id="f" phx-change="change"><select id="s" name="s"><option value="a">A</option><optgroup label="more"><option>B</option><option disabled>C</option></optgroup></select>
          <select id="m" name="m[]" multiple><option value="1">one</option><option value="2" selected>two</option><option value="3">three</option></select></form>
          <button id="b" phx-click="patch">b</button>`,
      ),
    );
    await page.choose("#s", "B");
    await page.choose("#m", "1", "3");
    await page.click("#b");
    await page.choose("#s", "B");
  });

  it("keep a choice that the server renders", async () => {
    const view = createLiveView<{ size: string }>({
      initial: { size: "m" },
      handleEvent: (event, socket) => socket.assign({ size: textIn(event, "size") ?? socket.context.size }),
      render: ({ size }) =>
        html`<p>${size}</p><form id="f" phx-change="change"><select id="s" name="size">${["s", "m", "l"].map((each) => html`<option value="${each}" selected="${each === size}">${each}</option>`)}</select></form><button id="b" phx-click="x">x</button>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.choose("#s", "l");
    await page.click("#b");
    await page.choose("#s", "s");
  });

  it("send text areas, and show what the server makes of them", async () => {
    const view = createLiveView<{ text: string }>({
      initial: { text: "first\nsecond" },
      handleEvent: (event, socket) =>
        socket.assign({
          text: event.type === "change" ? String(event["text"]).toUpperCase() : `${socket.context.text}!`,
        }),
      render: ({ text }) =>
        html`<form id="f" phx-change="change"><textarea id="t" name="text">${text}</textarea></form><button id="b" phx-click="more">b</button><p>${text}</p>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.fill("#t", "one\ntwo");
    await page.click("#b");
    await page.fill("#t", "three");
  });

  it("keep what is typed while the field has the focus, and show what the server has after that", async () => {
    const view = createLiveView<{ text: string; other: number }>({
      initial: { text: "", other: 0 },
      handleEvent: (event, socket) =>
        event.type === "change"
          ? socket.assign({ text: String(event["text"]).trim().toUpperCase() })
          : socket.assign({ other: socket.context.other + 1 }),
      render: ({ text, other }) =>
        html`<form id="f" phx-change="change"><input id="t" name="text" value="${text}" class="n${other}" data-n="${other}"></form><button id="b" phx-click="x">${other}</button><p>${text}</p>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.fill("#t", " ada ");
    await page.click("#b");
    await page.fill("#t", "ada");
  });

  it("lose what the server does not render in fields without the focus", async () => {
    const page = await open(
      logger(() => html`<input id="a" name="a"><input id="c" type="checkbox"><button id="b" phx-click="x">x</button>`),
    );
    await page.fill("#a", "typed");
    await page.click("#c");
    await page.click("#b");
  });

  it("give the focus back after they were sent, and clear", async () => {
    const view = createLiveView<{ said: readonly string[] }>({
      initial: { said: [] },
      handleEvent: (event, socket) => socket.assign({ said: [...socket.context.said, String(event["text"])] }),
      render: ({ said }) =>
        html`<ul>${said.map((text) => html`<li>${text}</li>`)}</ul><form id="f" phx-submit="say"><input id="t" name="text" value=""><button id="b" phx-disable-with="Saying…">Say</button></form>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.fill("#t", "hello");
    await page.click("#b");
    await page.fill("#t", "again");
    await page.click("#b");
  });

  it("send one field alone that has an event of its own", async () => {
    const page = await open(
      logger(
        () =>
          html`<form id="f" phx-change="form"><input id="a" name="a" phx-change="own"><input id="b" name="b"></form>`,
      ),
    );
    await page.fill("#a", "1");
    await page.fill("#b", "2");
  });

  it("begin anew at their reset button", async () => {
    const page = await open(
      logger(
        () =>
          html`<form id="f" phx-change="change"><input id="a" name="a" value="start"><button id="r" type="reset" name="r">reset</button></form>`,
      ),
    );
    await page.fill("#a", "changed");
    await page.click("#r");
  });

  it("send a debounced field when it loses the focus, and at once when they are submitted", async () => {
    const page = await open(
      logger(
        () =>
          html`<form id="f" phx-change="change" phx-submit="submit"><input id="a" name="a" phx-debounce="60000"><input id="b" name="b" phx-debounce="blur"><button id="s">s</button></form>`,
      ),
    );
    await page.fill("#a", "1");
    await page.fill("#b", "2");
    await page.click("#s");
  });

  it("without phx-submit are sent by HTTP, and the page after that is joined", async () => {
    const view = createLiveView<{ shown: string }, never, never, {}>({
      mount: (socket) => socket.assign({ shown: socket.url.search }),
      render: ({ shown }) =>
        html`<p>${shown}</p><form id="f" method="post" action="/login"><input id="a" name="user"><button id="b" name="go" value="1">go</button></form>`,
    });
    const page = await open({
      routes: () => ({ "/": view }),
      options: {
        fetch: async (request) => {
          const body = await request.text();
          return new Response(null, {
            status: 303,
            headers: { location: `/?${body}`, "set-cookie": "user=ada; path=/" },
          });
        },
      },
    });
    await page.fill("#a", "ada");
    await page.click("#b");
  });

  it("are sent by HTTP once the view has set phx-trigger-action", async () => {
    const view = createLiveView<{ isReady: boolean; shown: string }>({
      initial: { isReady: false, shown: "" },
      mount: (socket) => socket.assign({ shown: socket.url.search }),
      handleEvent: (_event, socket) => socket.assign({ isReady: true }),
      render: ({ isReady, shown }) =>
        html`<p>${shown}</p>${isReady ? html`<form id="f" action="/" phx-submit="save" phx-trigger-action><input name="user" value="ada"></form>` : html`<form id="f" action="/" phx-submit="save"><button id="b">go</button></form>`}`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.click("#b");
  });
});

describe("patches", () => {
  it("show, hide and replace blocks", async () => {
    const page = await open(
      pages(
        () => html`<p>plain</p>`,
        () => html`<section><h2>with</h2>${html`<b>nested</b>`}</section>`,
        () => html`text only`,
        () => html``,
        () => html`<p>plain</p><p>twice</p>`,
      ),
    );
    for (const at of [1, 2, 3, 4, 0, 4, 1]) await page.click(`#to-${at}`);
  });

  it("move rows with what was typed into them", async () => {
    const list =
      (...ids: readonly string[]) =>
      () =>
        html`<ul>${each(
          ids,
          (id) => id,
          (id) => html`<li id="row-${id}"><input id="in-${id}"><span>${id}</span></li>`,
        )}</ul>`;
    const page = await open(
      pages(
        list("a", "b", "c"),
        list("c", "a", "b"),
        list("b", "d", "c", "e"),
        list(),
        list("e", "a"),
        list("a", "x", "e"),
      ),
    );
    await page.fill("#in-b", "typed");
    for (const at of [1, 2, 3, 4, 5, 0]) await page.click(`#to-${at}`);
  });

  it("change rows without ids in their places", async () => {
    const list =
      (...texts: readonly string[]) =>
      () =>
        html`<table><tbody>${texts.map((text) => html`<tr><td>${text}</td><td><i>${text.length}</i></td></tr>`)}</tbody></table>`;
    const page = await open(
      pages(list("one", "two", "three"), list("three"), list("zero", "one", "two", "three"), list()),
    );
    for (const at of [1, 2, 3, 0]) await page.click(`#to-${at}`);
  });

  it("find elements by their ids when they move to other parents", async () => {
    const page = await open(
      pages(
        () => html`<div id="left"><p id="x">x</p></div><div id="right"><p id="y">y</p></div>`,
        () => html`<div id="right"><p id="x">x!</p><p id="y">y</p></div><div id="left"></div>`,
        () => html`<section><div id="left"><p id="y">y</p></div></section>`,
      ),
    );
    for (const at of [1, 2, 0, 2, 1, 0]) await page.click(`#to-${at}`);
  });

  it("leave alone what has phx-update=ignore, but for its data attributes", async () => {
    const box = (n: number) => () =>
      html`<div id="box" phx-update="ignore" class="c${n}" data-n="${n}">${n}<input id="i" value="${n}"></div><p>${n}</p>`;
    const page = await open(pages(box(0), box(1), () => html`gone`, box(2)));
    for (const at of [1, 2, 3, 0]) await page.click(`#to-${at}`);
  });

  it("escape text, and keep white space, entities, comments and SVG", async () => {
    const page = await open(
      pages(
        () => html`<pre>\n  a  b\n</pre><!-- note --><svg viewBox="0 0 1 1"><circle r="1"></circle></svg>`,
        () => html`<p>${`<script>alert("&amp;")</script> ©   'quoted'`}</p><textarea>\n${"\nline"}</textarea>`,
        () => html`<svg viewBox="0 0 2 2"><g><path d="M0 0"></path></g></svg><p title="${`"<'&`}">&copy;&nbsp;&lt;</p>`,
      ),
    );
    for (const at of [1, 2, 0, 2, 1]) await page.click(`#to-${at}`);
  });

  it("change attributes, classes and flags", async () => {
    const page = await open(
      pages(
        () =>
          html`<button id="x" class="a b" disabled="${true}">x</button><input id="c" type="checkbox" checked="${false}"><input type="text" value="1" readonly>`,
        () =>
          html`<button id="x" class="b" title="t">x</button><input id="c" type="checkbox" checked="${true}"><input type="text" value="2">`,
        () =>
          html`<button id="x" hidden>x</button><input id="c" type="radio"><input type="number" value="3" data-a="1">`,
      ),
    );
    for (const at of [1, 2, 0, 1]) await page.click(`#to-${at}`);
  });

  it("keep the focus in a row that moves", async () => {
    const list =
      (...ids: readonly string[]) =>
      () =>
        html`<ul>${each(
          ids,
          (id) => id,
          (id) => html`<li id="row-${id}"><input id="in-${id}" value="${ids.length}"></li>`,
        )}</ul>`;
    const view = createLiveView<{ ids: readonly string[] }>({
      initial: { ids: ["a", "b", "c"] },
      mount: (socket) => socket.subscribe("order"),
      handleInfo: (info, socket) => socket.assign({ ids: (info as unknown as { ids: string[] }).ids }),
      render: ({ ids }) => list(...ids)(),
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.fill("#in-b", "typed");
    await page.server(({ pubSub }) => pubSub.broadcast("order", { ids: ["a", "b"] }));
    await page.server(({ pubSub }) => pubSub.broadcast("order", { ids: ["a", "b", "x"] }));
  });

  it("wait for the answer in what is locked by an event", async () => {
    const waiting = new Map<object, () => void>();
    const scenario: Scenario = {
      routes: (side) => ({
        "/": createLiveView<{ log: readonly string[] }>({
          initial: { log: [] },
          mount: (socket) => socket.subscribe("news"),
          handleEvent: async (_event, socket) => {
            await new Promise<void>((resolve) => waiting.set(side, resolve));
            socket.assign({ log: [...socket.context.log, "answered"] });
          },
          handleInfo: (info, socket) => socket.assign({ log: [...socket.context.log, info.type] }),
          render: ({ log }) =>
            html`<button id="b" phx-click="slow">${log.map((line) => html`<i>${line}</i>`)}</button><p>${log.length}</p>`,
        }),
      }),
    };
    const [page] = await openBoth(tools, scenario, "/");
    const clicked = page!.kit.element("#b").click();
    await page!.chromium.click("#b");
    await page!.chromium.waitForSelector("[data-phx-ref-src]");
    await page!.server(async (side) => {
      // The page of Chromium has its event on its way: news that came before it would be shown before its answer.
      await expect.poll(() => waiting.has(side), { interval: 1 }).toBe(true);
      await side.pubSub.broadcast("news", "while it waits");
      waiting.get(side)?.();
    });
    await clicked;
    await page!.same();
  });
});

describe("the page", () => {
  it("shows the view's title between prefix and suffix", async () => {
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      handleEvent: (event, socket) => socket.pageTitle(textIn(event, "title") ?? ""),
      render: () =>
        html`<button id="a" phx-click="t" phx-value-title="Inbox (3)">a</button><button id="b" phx-click="t">b</button>`,
    });
    const page = await open({
      routes: () => ({ "/": view }),
      options: { title: { default: "Home", prefix: "» ", suffix: " · App" } },
    });
    await page.click("#a");
    await page.click("#b");
  });

  it("gets events that the view pushes", async () => {
    const view = createLiveView<{ n: number }>({
      initial: { n: 0 },
      handleEvent: (_event, socket) => {
        socket.assign({ n: socket.context.n + 1 });
        socket.pushEvent("test-saved", { n: socket.context.n, at: null });
        socket.pushEvent("test-other", { list: [1, "2"] });
      },
      render: ({ n }) => html`<button id="b" phx-click="save">${n}</button>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.click("#b");
    await page.pushed("test-saved");
    await page.pushed("test-other");
  });

  it("answers its hooks", async () => {
    const view = createLiveView<{ asked: string }>({
      initial: { asked: "" },
      handleEvent: (event, socket) => {
        if (event.type === "silent") return undefined;
        socket.assign({ asked: String(event["question"]) });
        return { reply: { answer: 42, to: event["question"] } };
      },
      render: ({ asked }) => html`<div id="h" phx-hook="Pusher">hook</div><p>${asked}</p>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.hook("#h", "ask", { question: "why" });
    await page.hook("#h", "silent", {});
    await page.hook("#h", "ask", { question: "why" });
  });

  it("shows the views' own timers and infos", async () => {
    const view = createLiveView<{ log: string }>({
      initial: { log: "" },
      handleEvent: (_event, socket) => {
        socket.sendInfoAfter(0, "later");
        socket.sendInfo("soon");
      },
      handleInfo: (info, socket) => socket.assign({ log: `${socket.context.log} ${info.type}` }),
      render: ({ log }) => html`<p>${log}</p><button id="b" phx-click="go">go</button>`,
    });
    const page = await open({ routes: () => ({ "/": view }) });
    await page.click("#b");
    await page.click("#b");
  });

  it("sees what another one does", async () => {
    const scenario: Scenario = {
      routes: ({ pubSub }) => {
        let count = 0;
        return {
          "/": createLiveView<{ count: number }>({
            mount: async (socket) => {
              socket.assign({ count });
              await socket.subscribe("count");
            },
            handleEvent: (_event, socket) => pubSub.broadcast("count", { count: socket.context.count + 1 }),
            handleInfo: (info, socket) => socket.assign({ count: (count = Number(info["count"])) }),
            render: (context) => html`<button id="b" phx-click="up">${context.count}</button>`,
          }),
        };
      },
    };
    const [ada, grace] = await openBoth(tools, scenario, "/", "/");
    await ada!.click("#b");
    await grace!.click("#b");
    await ada!.server(({ pubSub }) => pubSub.broadcast("count", { count: 40 }));
  });
});

const detail = createLiveView<{ shown: string }>({
  initial: { shown: "" },
  handleParams: (url, socket) => socket.assign({ shown: url.pathname + url.search }),
  handleEvent: (event, socket) => {
    switch (event.type) {
      case "patch":
        return socket.pushPatch("?page=2", { sort: "name" });
      case "replace":
        return socket.pushPatch("/?page=3", undefined, { replace: true });
      case "navigate":
        socket.putFlash("info", "You moved");
        return socket.pushNavigate("/other", { from: "home" });
      case "redirect":
        socket.putFlash("error", "You were sent away");
        return socket.redirect("/other?redirected=1");
      case "flash":
        return socket.putFlash("info", "Saved");
    }
  },
  render: ({ shown }, { flash }) =>
    html`<p>${shown}</p><p id="info">${flash["info"]}</p><p id="error">${flash["error"]}</p><input id="i" value="x">
      ${["patch", "replace", "navigate", "redirect", "flash"].map((event) => html`<button id="${event}" phx-click="${event}">${event}</button>`)}
      <button id="clear" phx-click="lv:clear-flash" phx-value-key="info">clear</button>
      <a id="link-patch" href="/?page=9" data-phx-link="patch" data-phx-link-state="push">patch</a>
      <a id="link-other" href="/other" data-phx-link="redirect" data-phx-link-state="push">other</a>
      <a id="link-away" href="/other" data-phx-link="patch" data-phx-link-state="push">patch that leads away</a>
      <a id="link-plain" href="/other?plain=1">plain</a>`,
});
const navigation: Scenario = {
  routes: () => ({
    "/": detail,
    "/other": createLiveView<{ shown: string }>({
      initial: { shown: "" },
      handleParams: (url, socket) => socket.assign({ shown: `other ${url.search}` }),
      render: ({ shown }, { flash }) =>
        html`<h1>${shown}</h1><p id="info">${flash["info"]}</p><p id="error">${flash["error"]}</p><a id="back" href="/" data-phx-link="redirect" data-phx-link-state="push">back</a>`,
    }),
  }),
};

describe("navigation", () => {
  it("patches from the server", async () => {
    const page = await open(navigation);
    await page.click("#patch");
    await page.click("#replace");
  });

  it("patches by links, and goes elsewhere when a patch leads away", async () => {
    const page = await open(navigation);
    await page.click("#link-patch");
    await page.click("#link-away");
    await page.click("#back");
  });

  it("goes to another view over the same connection, with its flash", async () => {
    const page = await open(navigation);
    await page.fill("#i", "typed");
    await page.click("#navigate");
    await page.click("#back");
    await page.click("#link-other");
  });

  it("loads another page, with its flash", async () => {
    const page = await open(navigation);
    await page.click("#redirect");
    await page.click("#back");
    await page.click("#link-plain");
  });

  it("shows and clears flashes", async () => {
    const page = await open(navigation);
    await page.click("#flash");
    await page.click("#clear");
    await page.click("#flash");
    await page.click("#patch");
    await page.click("#link-patch");
  });

  it("follows the redirect of a page's first request", async () => {
    const scenario: Scenario = {
      routes: () => ({
        "/": createLiveView<{ n: number }>({
          initial: { n: 0 },
          mount: (socket) => socket.redirect("/there?x=1"),
          render: () => html`never`,
        }),
        "/there": createLiveView<{ n: number }>({ initial: { n: 0 }, render: () => html`<h1>there</h1>` }),
      }),
    };
    await open(scenario);
  });

  it("shows the status of a page that is not there when it is joined", async () => {
    const gone = Object.assign(new Error("gone"), { status: 404 });
    const scenario: Scenario = {
      routes: () => ({
        "/": createLiveView<{ n: number }>({
          initial: { n: 0 },
          mount: (socket) => {
            if (socket.connected) throw gone;
          },
          render: () => html`<h1>here</h1>`,
        }),
      }),
    };
    await open(scenario);
  });
});

describe("crashes and lost connections", () => {
  const fragile = (form: () => Rendered): Scenario => ({
    routes: () => ({
      "/": createLiveView<{ n: number; seen: string }>({
        initial: { n: 0, seen: "nothing" },
        handleEvent: (event, socket) => {
          if (event.type === "crash") throw new Error("on purpose");
          if (event.type === "up") socket.assign({ n: socket.context.n + 1 });
          else socket.assign({ seen: JSON.stringify(sorted(event)) });
        },
        render: ({ n, seen }) =>
          html`<button id="up" phx-click="up">${n}</button><button id="crash" phx-click="crash">crash</button>${form()}<p>${seen}</p>`,
      }),
    }),
    options: { onError: () => {} },
  });

  it("mount anew after a crash", async () => {
    const page = await open(fragile(() => html``));
    await page.click("#up");
    await page.crash("#crash");
    await page.click("#up");
  });

  it("mount anew after a lost connection", async () => {
    const page = await open(fragile(() => html``));
    await page.click("#up");
    await page.disconnect();
    await page.reconnect();
    await page.click("#up");
  });

  it("recover what was typed into a form", async () => {
    const page = await open(
      fragile(
        () =>
          html`<form id="f" phx-change="change" phx-value-v="1"><input type="hidden" name="h" value="h"><input id="a" name="a"><input id="c" type="checkbox" name="c"><select id="s" name="s"><option>1</option><option>2</option></select><textarea id="t" name="t"></textarea></form>`,
      ),
    );
    await page.fill("#a", "typed");
    await page.click("#c");
    await page.choose("#s", "2");
    await page.fill("#t", "text");
    await page.disconnect();
    await page.reconnect();
    await page.crash("#crash");
  });

  it("recover by another event, or not at all, as the form says", async () => {
    const page = await open(
      fragile(
        () =>
          html`<form id="f" phx-change="change" phx-auto-recover="recover"><input id="a" name="a"></form><form id="g" phx-change="change" phx-auto-recover="ignore"><input id="b" name="b"></form><form phx-change="change"><input id="d" name="d"></form>`,
      ),
    );
    await page.fill("#a", "1");
    await page.fill("#b", "2");
    await page.fill("#d", "3");
    await page.disconnect();
    await page.reconnect();
  });
});

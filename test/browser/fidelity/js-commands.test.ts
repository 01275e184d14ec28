/* oxlint-disable vitest/expect-expect -- every step of a scenario compares the two browsers (Twin.same) */

import { describe, it } from "vitest";
import { createLiveView, focusWrap, html, JS, link, liveFlash, portal, type JSCommands, type Rendered } from "wingbeat";
import { useBrowser } from "../support.ts";
import { openBoth, type Scenario, type Twin } from "./both.ts";

// JS commands, portals and the events of an element's life, in the kit and in Chromium: see fidelity.test.ts.

const tools = useBrowser();

type Event = { readonly type: string; readonly [field: string]: unknown };

/** A view that counts the events that it gets, shows the last, and is asked for a patch by #patch. */
function view(render: (count: number, js: JSCommands, last: string) => Rendered): Scenario {
  const counting = createLiveView<{ count: number; last: string }, Event>({
    initial: { count: 0, last: "" },
    handleEvent: (event, socket) => {
      if (event.type === "crash") throw new Error("on purpose");
      socket.assign({ count: socket.context.count + 1, last: JSON.stringify(event, Object.keys(event).sort()) });
    },
    render: ({ count, last }) =>
      html`<button id="patch" phx-click="patch">patch</button><main>${render(count, JS, last)}</main><output>${last}</output>`,
  });
  return { routes: () => ({ "/": counting }) };
}

async function open(scenario: Scenario): Promise<Twin> {
  const [twin] = await openBoth(tools, scenario, "/");
  return twin!;
}

const button = (id: string, command: JSCommands): Rendered =>
  html`<button id="${id}" phx-click="${command}">${id}</button>`;

describe("classes", () => {
  it("are added, removed and toggled, and stay so when the server changes the element", async () => {
    const page = await open(
      view(
        (count, js) => html`<p id="p" class="  one two  one" data-n="${count}">text</p><p id="q">text</p>
          ${button("add", js.addClass("three four", { to: "#p" }))}${button("remove", js.removeClass("one", { to: "#p" }))}
          ${button("toggle", js.toggleClass(["two", "five"], { to: "#p" }))}${button("all", js.toggleClass("many", { to: "p" }))}
          ${button("both", js.addClass("x", { to: "#q" }).removeClass("x", { to: "#q" }))}`,
      ),
    );
    for (const id of [
      "#add",
      "#patch",
      "#remove",
      "#patch",
      "#toggle",
      "#toggle",
      "#patch",
      "#all",
      "#both",
      "#patch",
      "#all",
    ])
      await page.click(id);
  });

  it("that the server renders too are kept or taken away as the commands said last", async () => {
    const page = await open(
      view(
        (count, js) =>
          html`<p id="p" class="${[count % 2 === 1 && "odd", "p"]}">${count}</p>${button("add", js.addClass("odd", { to: "#p" }))}${button("remove", js.removeClass("odd p", { to: "#p" }))}`,
      ),
    );
    for (const id of ["#patch", "#remove", "#patch", "#patch", "#add", "#patch", "#patch", "#remove", "#patch"])
      await page.click(id);
  });

  it("of transitions are gone at their end", async () => {
    const page = await open(
      view(
        (count, js) => html`<p id="p" class="fade kept">${count}</p>
          ${button("plain", js.transition("shake", { to: "#p", time: 30 }))}
          ${button("triple", js.addClass("new", { to: "#p", transition: ["fade", "from", "to kept"], time: 30 }))}
          ${button("free", js.removeClass("kept", { to: "#p", transition: "fade", time: 30, blocking: false }))}
          ${button("toggle", js.toggleClass("new kept", { to: "#p", transition: "fade", time: 30 }))}`,
      ),
    );
    for (const id of ["#plain", "#triple", "#patch", "#free", "#patch", "#toggle", "#toggle", "#patch"])
      await page.click(id);
  });
});

describe("attributes", () => {
  it("are set, removed and toggled, and stay so", async () => {
    const page = await open(
      view(
        (count, js) => html`<p id="p" title="t${count}" data-n="${count}">text</p><input id="i" value="v${count}">
          ${button("set", js.setAttribute("title", "own", { to: "#p" }).setAttribute("aria-busy", true, { to: "#p" }))}
          ${button("remove", js.removeAttribute("title", { to: "#p" }))}
          ${button("one", js.toggleAttribute("hidden", "", { to: "#p" }))}
          ${button("two", js.toggleAttribute("aria-expanded", ["true", "false"], { to: "#p" }))}
          ${button("value", js.setAttribute("value", "set", { to: "#i" }))}`,
      ),
    );
    for (const id of [
      "#set",
      "#patch",
      "#remove",
      "#patch",
      "#set",
      "#one",
      "#patch",
      "#one",
      "#two",
      "#two",
      "#patch",
      "#value",
      "#patch",
    ])
      await page.click(id);
  });

  it("that are ignored stay as the browser has them", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<details id="d" data-n="${count}" data-own-a="${count}" phx-mounted="${js.ignoreAttributes(["open", "data-own*"])}"><summary id="s">more</summary><p>${count}</p></details>
          <details id="e"><summary id="t">less</summary><p>${count}</p></details>
          <p id="p" class="c${count}">${count}</p>${button("all", js.ignoreAttributes("*", { to: "#p" }))}`,
      ),
    );
    for (const id of ["#s", "#t", "#patch", "#s", "#patch", "#all", "#patch"]) await page.click(id);
  });
});

describe("visibility", () => {
  it("is shown, hidden and toggled, and stays so", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<p id="p" style="color: red">text ${count}</p><p id="h" hidden>hidden</p><p id="n" style="display:none">none</p>
          <table><tbody><tr id="r"><td id="d">cell</td></tr></tbody></table>
          ${button("hide", js.hide({ to: "#p" }))}${button("show", js.show({ to: "#p" }))}${button("toggle", js.toggle({ to: "#p", display: "flex" }))}
          ${button("others", js.show({ to: "#h" }).show({ to: "#n", display: "inline-block" }))}
          ${button("cells", js.toggle({ to: "tr" }).toggle({ to: "td" }))}`,
      ),
    );
    for (const id of [
      "#hide",
      "#patch",
      "#hide",
      "#show",
      "#patch",
      "#toggle",
      "#toggle",
      "#patch",
      "#others",
      "#patch",
      "#cells",
      "#cells",
      "#patch",
    ])
      await page.click(id);
  });

  it("goes through transitions to the same end", async () => {
    const page = await open(
      view(
        (count, js) => html`<p id="p">text ${count}</p><p id="n" style="display: none;">none</p>
          ${button("hide", js.hide({ to: "#p", transition: ["out", "from", "to"], time: 30 }))}
          ${button("show", js.show({ to: "#p", transition: "in", time: 30, blocking: false }))}
          ${button("toggle", js.toggle({ to: "p", in: "in", out: ["out", "from", "to"], time: 30, display: "flex" }))}`,
      ),
    );
    for (const id of ["#hide", "#patch", "#show", "#toggle", "#patch", "#toggle", "#patch"]) await page.click(id);
  });

  it("in one chain is judged before the next frame", async () => {
    const page = await open(
      view(
        (_, js) =>
          html`<p id="p">text</p>${button("hide-show", js.hide({ to: "#p" }).show({ to: "#p" }))}${button("show-hide", js.show({ to: "#p" }).hide({ to: "#p" }))}${button("thrice", js.toggle({ to: "#p" }).toggle({ to: "#p" }).toggle({ to: "#p" }))}`,
      ),
    );
    for (const id of ["#hide-show", "#show-hide", "#thrice", "#thrice"]) await page.click(id);
  });
});

describe("targets", () => {
  it("are looked for on the page, within, and around", async () => {
    const page = await open(
      view(
        (
          _,
          js,
        ) => html`<div class="card" id="c1"><ul id="u" phx-click="${js.toggleClass("on", { to: { inner: "li" } })}"><li>a</li><li>b</li></ul>
          ${button(
            "x",
            js
              .toggleClass("on", { to: { closest: ".card" } })
              .addClass("self")
              .hide({ to: { closest: "#nothing" } }),
          )}</div>
          <div class="card"><ul><li>c</li></ul></div>`,
      ),
    );
    await page.click("#u");
    await page.click("#x");
    await page.click("#x");
  });
});

describe("events", () => {
  it("are pushed with values, more than one, and with others shown as loading", async () => {
    const page = await open(
      view(
        (count, js) => html`<p id="p" class="area">${count}</p>
          ${button("value", js.push("one", { value: { a: 1, b: "x" } }))}
          <button id="over" phx-click="${js.push("two", { value: { a: "pushed" } })}" phx-value-a="attribute" phx-value-c="c" value="v">over</button>
          ${button("many", js.push("first").push("second").addClass("done"))}
          ${button("loading", js.push("slow", { loading: ".area", pageLoading: true }))}`,
      ),
    );
    for (const id of ["#value", "#over", "#many", "#loading"]) await page.click(id);
  });

  it("of forms go with commands, in their order", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<form id="f" class="n${count}" phx-change="${js.addClass("dirty").push("changed", { value: { extra: 1 } })}" phx-submit="${js
          .removeClass("dirty")
          .push("saved", { value: { extra: 2 } })
          .toggleClass("sent")}">
          <input id="a" name="a" value="1"><button id="s" name="how" value="now">save</button></form>`,
      ),
    );
    await page.fill("#a", "2");
    await page.click("#s");
    await page.fill("#a", "3");
  });

  it("of keys and of the focus run commands too", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<input id="i" data-n="${count}" phx-keydown="${js.toggleClass("key").push("key")}" phx-key="Escape" phx-focus="${js.addClass("focus")}" phx-blur="${js.removeClass("focus").push("left")}">
          <div phx-window-keyup="${js.push("window", { value: { w: 1 } })}" phx-key="ArrowUp"></div>`,
      ),
    );
    await page.focus("#i");
    await page.key("#i", "Escape");
    await page.key("#i", "ArrowUp");
    await page.blur("#i");
  });

  it("are dispatched as clicks, submits and input", async () => {
    const page = await open(
      view(
        (count, js) => html`<button id="target" phx-click="hit" phx-value-n="${count}">target</button>
          <label><input id="box" type="checkbox" name="box"></label>
          <form id="f" phx-change="changed" phx-submit="saved"><input id="a" name="a" value="${count}"></form>
          ${button("click", js.dispatch("click", { to: "#target" }))}${button("check", js.dispatch("click", { to: "#box" }))}
          ${button("submit", js.dispatch("submit", { to: "#f" }))}${button("input", js.dispatch("input", { to: "#a" }))}${button("change", js.dispatch("change", { to: "#a" }))}
          ${button("own", js.dispatch("app:own", { to: "#f", detail: { a: 1 } }).dispatch("click", { to: "#target", bubbles: false }))}`,
      ),
    );
    for (const id of ["#click", "#check", "#submit", "#input", "#change", "#own"]) await page.click(id);
  });

  it("run what other attributes say", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<div id="d" data-close="${js.hide({ to: "#d" }).push("closed")}" data-mark="${js.toggleClass("mark")}">${count}</div>
          ${button("close", js.exec("data-close", { to: "#d" }))}${button("mark", js.exec("data-mark", { to: "#d" }))}`,
      ),
    );
    for (const id of ["#mark", "#close", "#mark", "#patch"]) await page.click(id);
  });

  it("go on to other addresses", async () => {
    const rooms = createLiveView<{ path: string }>({
      initial: { path: "" },
      handleParams: (url, socket) => socket.assign({ path: url.pathname + url.search }),
      render: (
        { path },
        { js },
      ) => html`<p>${path}</p>${link({ patch: "/?tab=1", id: "l1" }, "patch")}${link({ navigate: "/other", id: "l2", class: "nav" }, "go")}${link({ navigate: "/", replace: true, id: "l3" }, "home")}
        <button id="p" phx-click="${js.patch("/?tab=2").addClass("patched")}">p</button><button id="n" phx-click="${js.navigate("/other?x=1")}">n</button>`,
    });
    const page = await open({ routes: () => ({ "/": rooms, "/other": rooms }) });
    for (const id of ["#l1", "#p", "#l2", "#l3", "#n"]) await page.click(id);
  });
});

describe("the focus", () => {
  it("is put, put first, remembered and given back", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<div id="box" data-n="${count}"><p tabindex="-1" id="para">text</p><a id="bare">no link</a><button id="off" disabled>off</button><input id="in" type="hidden"><input id="a"><button id="b">b</button></div>
          <div id="late" style="display: none;"><button id="l">late</button></div><div id="only"><p id="t" tabindex="-1">only</p></div>
          ${button("focus", js.focus({ to: "#b" }))}${button("first", js.focusFirst({ to: "#box" }))}${button("any", js.focusFirst({ to: "#only" }))}
          ${button("shown", js.focusFirst({ to: "#late" }).show({ to: "#late" }))}
          ${button("remember", js.pushFocus().focus({ to: "#a" }))}${button("back", js.popFocus())}${button("none", js.focus({ to: "#off" }).focus({ to: "#box" }))}`,
      ),
    );
    for (const id of ["#focus", "#first", "#any", "#shown", "#remember", "#patch", "#back", "#none", "#back"])
      await page.click(id);
  });

  it("is kept within focusWrap", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`${count > 0 ? focusWrap({ id: "w", class: "dialog" }, html`<p>dialog</p><button id="yes" phx-click="yes">yes</button><button id="no" phx-click="${js.popFocus()}">no</button>`) : null}
          <div id="hidden" style="display: none;">${focusWrap({ id: "v", tabindex: -1 }, html`<button>never</button>`)}</div>
          <button id="open" phx-click="${js.pushFocus().push("open")}">open</button>`,
      ),
    );
    await page.click("#open");
    await page.focus("#w-end");
    await page.focus("#no");
    await page.focus("#w-end");
    await page.focus("#no");
    await page.focus("#w-start");
    await page.focus("#open");
    await page.focus("#w-end");
    await page.click("#yes");
    await page.click("#no");
  });
});

describe("an element's life", () => {
  it("begins with phx-mounted, once", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<p id="first" class="n${count}" phx-mounted="${js.addClass("mounted").push("born", { value: { id: "first" } })}">first</p>
          ${count > 1 ? html`<section><p id="later" class="n${count}" phx-mounted="${js.addClass("mounted").push("born")}">later</p></section>` : null}`,
      ),
    );
    await page.click("#patch");
    await page.click("#patch");
    await page.disconnect();
    await page.reconnect();
  });

  it("ends with phx-remove", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<p id="log">log</p>${count === 0 ? html`<div id="d" phx-remove="${js.hide({ transition: "out", time: 30 }).addClass("gone", { to: "#log" }).push("died")}"><b phx-remove="${js.addClass("never", { to: "#log" })}">x</b></div>` : html`<i>n</i>`}
          <ul>${[1, 2, 3].filter((n) => n > count).map((n) => html`<li id="li${n}" phx-remove="${js.toggleClass(`no${n}`, { to: "#log" })}">${n}</li>`)}</ul>`,
      ),
    );
    for (let click = 0; click < 3; click++) await page.click("#patch");
  });

  it("goes on without a connection, and with one", async () => {
    const page = await open(
      view(
        (
          _count,
          js,
        ) => html`<p id="p" hidden phx-disconnected="${js.show().removeAttribute("hidden")}" phx-connected="${js.hide().setAttribute("hidden", "")}">offline</p>
          <button id="crash" phx-click="crash">crash</button>`,
      ),
    );
    await page.disconnect();
    await page.reconnect();
    await page.click("#patch");
    await page.crash("#crash");
  });

  it("is over for clicks elsewhere", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<div id="menu" style="width: 9em; height: 3em;" phx-click-away="${js.hide().push("closed")}"><button id="in" phx-click="in">in</button></div>
          <p id="out" style="width: 9em;">out ${count}</p>${button("open", js.show({ to: "#menu" }))}`,
      ),
    );
    for (const id of ["#in", "#out", "#open", "#in", "#out"]) await page.click(id);
  });

  it("is without the server's changes under phx-update=ignore, but for what commands do", async () => {
    const page = await open(
      view(
        (count, js) =>
          html`<div id="own" phx-update="ignore" class="n${count}" data-n="${count}"><b>${count}</b></div>${button("mark", js.addClass("mark", { to: "#own" }).setAttribute("data-n", "mine", { to: "#own" }))}`,
      ),
    );
    for (const id of ["#patch", "#mark", "#patch"]) await page.click(id);
  });

  it("sends one event in the time of phx-throttle, by clicks and by keys", async () => {
    const page = await open(
      view(
        (count) =>
          html`<button id="often" phx-click="often" phx-throttle="600000">${count}</button><input id="i" phx-keydown="key" phx-throttle="600000">`,
      ),
    );
    for (const id of ["#often", "#often", "#patch", "#often"]) await page.click(id);
    for (const key of ["ArrowUp", "ArrowUp", "Escape"]) await page.key("#i", key);
  });

  it("shows that its event is under way by phx-disable-with", async () => {
    const page = await open(
      view(
        (count) =>
          html`<div id="b" phx-click="go" phx-disable-with="Going…">Go ${count}</div><a id="a" href="#" phx-click="go" phx-disable-with="…">link ${count}</a>`,
      ),
    );
    for (const id of ["#b", "#a", "#b"]) await page.click(id);
  });
});

describe("portals", () => {
  it("show their content elsewhere, and follow the server", async () => {
    const page = await open(
      view(
        (
          count,
          js,
        ) => html`<div id="near"></div>${count < 4 ? portal({ id: "tip", target: count < 2 ? "body" : "#near", class: "n${count}" }, html`<p id="text">${count}</p><button id="inner" phx-click="inner" phx-value-n="${count}">inner</button><input id="field" name="field">`) : null}
          ${button("mark", js.addClass("mark", { to: "#text" }))}`,
      ),
    );
    for (const id of ["#inner", "#mark", "#patch", "#inner", "#patch", "#patch"]) await page.click(id);
  });

  it("hold forms, which are recovered too, and other portals", async () => {
    const page = await open(
      view(
        (count) =>
          html`${portal({ id: "outer", target: "body" }, html`<form id="f" phx-change="changed" phx-submit="saved"><input id="a" name="a" value=""><button id="s">save</button></form>${portal({ id: "second", target: "body" }, html`<button id="deep" phx-click="deep">${count}</button>`)}`)}`,
      ),
    );
    await page.fill("#a", "typed");
    await page.click("#deep");
    await page.click("#s");
    await page.fill("#a", "typed again");
    await page.disconnect();
    await page.reconnect();
  });

  it("are where their template is, for clicks elsewhere", async () => {
    const page = await open(
      view(
        (count, js) =>
          html`<div id="menu" style="width: 9em; height: 3em;" phx-click-away="${js.push("away")}"><p id="p">menu</p>${portal({ id: "pop", target: "body" }, html`<div id="pop-in" style="width: 5em;" phx-click-away="${js.push("pop-away")}"><button id="in-portal" phx-click="in">in</button></div><p id="beside">beside</p>`)}</div><p id="out">out ${count}</p>`,
      ),
    );
    for (const id of ["#in-portal", "#beside", "#p", "#out"]) await page.click(id);
  });

  it("close when the page goes elsewhere", async () => {
    const one = createLiveView({
      render: () =>
        html`<p>one</p>${link({ navigate: "/two", id: "go" }, "go")}${portal({ id: "x", target: "body" }, html`<b>x</b>`)}`,
    });
    const two = createLiveView({ render: () => html`<p>two</p>` });
    const page = await open({ routes: () => ({ "/": one, "/two": two }) });
    await page.click("#go");
  });
});

describe("flash messages", () => {
  it("are shown, and dismissed by their button", async () => {
    const flashing = createLiveView({
      handleEvent: (event, socket) => socket.putFlash(event.type, `${event.type}!`),
      render: (_, meta) => html`${["info", "error"].map((kind) => liveFlash({ flash: meta.flash, kind }))}
        <button id="info" phx-click="info">info</button><button id="error" phx-click="error">error</button>`,
    });
    const page = await open({ routes: () => ({ "/": flashing }) });
    for (const id of ["#info", "#error", "#flash-info button", "#info", "#flash-error button"]) await page.click(id);
  });
});

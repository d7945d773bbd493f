// Shows markup made by the kernel, and adds what markup alone cannot do: copy buttons, tabs, links to steps, notebooks and files.
// What is open, chosen or focused stays so when the markup changes.

const page = (globalThis.inboundRunbookPage ??= `${Date.now()}-${Math.random()}`);

// With the focus on a button or a choice of ours JupyterLab would take the arrows for moving between cells, an x for cutting one, 0 0 for a new
// kernel. Keys with Ctrl, Cmd or Alt stay JupyterLab's. It looks for the attribute on what has the focus, from the document on, so this has to
// come before.
globalThis.inboundRunbookKeys ??= globalThis.addEventListener(
  "keydown",
  (event) => {
    const control = event.target;
    if (control.closest?.(".rb-live"))
      control.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey || event.altKey));
  },
  true,
) ?? true;

const STILL_MS = 5000;

const plain = (node) => (node?.textContent ?? "").replace(/\d+/g, "#").trim();
const signature = (node) => `${node.tagName}|${node.getAttribute("data-rb-key") ?? plain(node).slice(0, 120)}`;

function nth(root, selector, wanted) {
  const [sign, index] = wanted;
  return [...root.querySelectorAll(selector)].filter((node) => signature(node) === sign)[index];
}

function place(root, selector, node) {
  const sign = signature(node);
  return [sign, [...root.querySelectorAll(selector)].filter((other) => signature(other) === sign).indexOf(node)];
}

const FOCUSABLE = "a, button, summary, pre, [tabindex], input, [role=tab]";

// What a person opened or closed differs from how it was drawn.
function remember(root, chosen) {
  for (const node of root.querySelectorAll("details > summary")) {
    const { open, drawn = open } = node.parentElement;
    if (open !== drawn) chosen.set(JSON.stringify(place(root, "summary", node)), open);
  }
  const active = root.contains(document.activeElement) ? document.activeElement : null;
  return active && active.matches(FOCUSABLE) ? place(root, FOCUSABLE, active) : null;
}

function recall(root, chosen, focus) {
  for (const [wanted, open] of chosen) {
    const summary = nth(root, "summary", JSON.parse(wanted));
    if (summary) summary.parentElement.open = open;
  }
  for (const node of root.querySelectorAll("details")) node.drawn = node.open;
  if (!focus) return;
  const [sign, index] = focus;
  (nth(root, FOCUSABLE, focus) ?? nth(root, FOCUSABLE, [sign, index - 1]))?.focus({ preventScroll: true });
}

// Whoever has just pressed a button below goes on seeing it, however much the markup above it grows.
function holdStill(root, change) {
  const active = document.activeElement;
  const held = active?.closest?.(".rb-live") && !root.contains(active) ? active : null;
  const before = held?.getBoundingClientRect().top;
  change();
  if (!held || before < 0 || before > innerHeight) return;
  const scrolls = (node) => node.scrollHeight > node.clientHeight && /auto|scroll/.test(getComputedStyle(node).overflowY);
  let outer = held.parentElement;
  while (outer && !scrolls(outer)) outer = outer.parentElement;
  if (outer) outer.scrollTop += held.getBoundingClientRect().top - before;
}

function element(tag, classes, text) {
  const made = document.createElement(tag);
  made.className = classes;
  if (text !== undefined) made.textContent = text;
  return made;
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", "rb-unseen", text);
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

function addCopyButton(block, words) {
  const row = element("div", "rb-copy-row");
  const button = element("button", "rb-button rb-copy", words.copy ?? "Copy");
  button.type = "button";
  const said = element("span", "rb-said");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    said.textContent = "";
    const done = await copyText(block.textContent);
    said.textContent = done ? words.copied : words.copy_failed;
  });
  row.append(button, said);
  block.before(row);
}

function makeTabs(ways) {
  const panels = [...ways.children];
  const titles = panels.map((panel) => panel.querySelector(":scope > .rb-way"));
  if (panels.length < 2 || titles.some((title) => !title)) return;
  // Which console somebody has is remembered in this notebook, for each who has one: an old one of the gateway is none of the platform's.
  const whose = `inboundRunbookWay ${ways.dataset.rbWhose}`;
  const list = element("div", "rb-tabs");
  list.setAttribute("role", "tablist");
  const tabs = titles.map((title, index) => {
    const tab = element("button", "rb-button rb-tab", title.textContent);
    tab.type = "button";
    tab.setAttribute("role", "tab");
    const id = `rb-tab-${Math.random().toString(36).slice(2)}`;
    tab.id = id;
    panels[index].id = `${id}-panel`;
    panels[index].setAttribute("role", "tabpanel");
    panels[index].setAttribute("aria-labelledby", id);
    tab.setAttribute("aria-controls", `${id}-panel`);
    title.remove();
    return tab;
  });
  const choose = (chosen, focus) => {
    tabs.forEach((tab, index) => {
      const on = index === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panels[index].hidden = !on;
    });
    around(ways)[whose] = tabs[chosen].textContent;
    if (focus) tabs[chosen].focus();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(index, true));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      choose((index + step + tabs.length) % tabs.length, true);
    });
  });
  list.append(...tabs);
  ways.classList.add("rb-tabbed");
  ways.before(list);
  const known = tabs.findIndex((tab) => tab.textContent === around(ways)[whose]);
  choose(Math.max(known, 0), false);
}

function base() {
  const config = document.getElementById("jupyter-config-data");
  try {
    return JSON.parse(config.textContent).baseUrl ?? "/";
  } catch {
    return "/";
  }
}

const inApp = () => location.pathname.includes("/voila/");
const encoded = (path) => path.split("/").map(encodeURIComponent).join("/");

const address = (path) => `${base()}${inApp() ? "voila/render" : "lab/tree"}/${encoded(path)}`;

function setLinks(root) {
  for (const link of root.querySelectorAll("a[data-rb-open]")) link.href = address(link.dataset.rbOpen);
  for (const link of root.querySelectorAll("a[data-rb-file]")) {
    link.href = `${base()}${inApp() ? "voila/files" : "files"}/${encoded(link.dataset.rbFile)}`;
    link.target = "_blank";
    link.rel = "noopener";
  }
}

function follow(event) {
  const link = event.target.closest("a");
  if (!link) return;
  if (link.dataset.rbGo) {
    event.preventDefault();
    const { rbGo: step, rbRow: row } = link.dataset;
    const found = row && around(link).querySelector(`[data-rb-key="${CSS.escape(row)}"]`);
    const aim = found || around(link).querySelector(`[data-rb-step="${CSS.escape(step)}"]`);
    aim?.scrollIntoView({ block: found ? "center" : "start" });
    aim?.focus({ preventScroll: true });
  } else if (link.dataset.rbOpen && globalThis.inboundRunbook?.open && !inApp()) {
    event.preventDefault();
    globalThis.inboundRunbook.open(link.dataset.rbOpen, link.dataset.rbShow);
  }
}

// Another customer's notebook may be open in the same page.
const around = (node) => node.closest(".jp-NotebookPanel") ?? document;

// The form may only be on its way.
function putCursor(el, place, end = Date.now() + 10_000) {
  const control = around(el).querySelector(`.${CSS.escape(place)} :is(input, select, textarea)`);
  if (control) {
    control.scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
  } else if (Date.now() < end) requestAnimationFrame(() => putCursor(el, place, end));
}

// Tells when something comes into view, be it scrolled, its tab of JupyterLab or of the browser brought to the front; and now and then as long
// as it is there, since what it shows may change.
function watch(el, tell) {
  let inside = false;
  let seen = false;
  const look = () => {
    const before = seen;
    seen = inside && !document.hidden;
    if (seen && !before) tell("came");
  };
  const viewer = new IntersectionObserver((entries) => {
    inside = entries.at(-1).isIntersecting;
    look();
  });
  const timer = setInterval(() => seen && tell("still"), STILL_MS);
  viewer.observe(el);
  document.addEventListener("visibilitychange", look);
  return () => {
    viewer.disconnect();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

function render({ model, el }) {
  const chosen = new Map();
  const put = () => {
    const focus = remember(el, chosen);
    const words = model.get("words");
    el.innerHTML = model.get("html");
    el.querySelectorAll("pre.rb-paste").forEach((block) => addCopyButton(block, words));
    el.querySelectorAll(".rb-ways").forEach(makeTabs);
    setLinks(el);
    recall(el, chosen, focus);
  };
  const draw = () => holdStill(el, put);
  el.classList.add("rb-panel");
  el.addEventListener("click", follow);
  el.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-rb-tell]");
    if (pressed) model.send({ tell: pressed.dataset.rbTell, about: pressed.dataset.rbAbout });
  });
  draw();
  const go = (message) => {
    if (message.titles) globalThis.inboundRunbook?.head?.(message.titles);
    if (message.cursor) putCursor(el, message.cursor);
    if (message.again) globalThis.inboundRunbook?.again?.(message.again);
    if (!message.open) return;
    if (globalThis.inboundRunbook?.open && !inApp()) globalThis.inboundRunbook.open(message.open);
    else location.assign(address(message.open));
  };
  model.on("change:html", draw);
  model.on("msg:custom", go);
  model.send({ page });
  const leave = model.get("watched") ? watch(el, (shown) => model.send({ shown })) : () => {};
  return () => {
    leave();
    model.off("change:html", draw);
    model.off("msg:custom", go);
  };
}

export default { render };

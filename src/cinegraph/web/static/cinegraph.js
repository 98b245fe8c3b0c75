// What a page does beyond reading: keeps up with changes, keys, colours, questions. Everything is readable without.

const body = document.body;
const live = document.getElementById("live");
const badge = document.getElementById("connection");
const word = badge?.querySelector(".word");
const pace = document.getElementById("pace");
const seconds = Number(body.dataset.seconds);

const POLL_SECONDS = 10; // without a stream
const AGE_SECONDS = 20; // ages grow also while nothing changes
let stream = null;
let isPaused = false;
let isWanted = false;
let lastLook = Date.now();
let failures = 0;

function show(state, text) {
  if (!badge) return;
  badge.dataset.state = state;
  if (word.textContent !== text) word.textContent = text;
}

function showState() {
  if (!seconds) return show("still", "still");
  if (isPaused) return show("paused", "paused");
  if (failures) return show("offline", `no answer since ${new Date(lastLook).toLocaleTimeString()}`);
  if (stream?.readyState === EventSource.OPEN) return show("live", "live");
  show("polling", "polling");
}

function gap() {
  return seconds * Number(pace?.value || 1) * 1000;
}

function look() {
  if (isPaused || document.hidden || !live) return;
  isWanted = false;
  window.htmx?.trigger(live, "refresh");
}

function turn() {
  if (!seconds) return;
  const age = Date.now() - lastLook;
  const isOpen = stream?.readyState === EventSource.OPEN;
  const limit = isOpen ? AGE_SECONDS * 1000 : Math.max(POLL_SECONDS * 1000, gap());
  if ((isWanted && age >= gap()) || age >= limit) {
    lastLook = failures ? lastLook : Date.now();
    look();
  }
  showState();
}

function connect() {
  stream?.close();
  stream = null;
  if (isPaused || document.hidden || !seconds) return;
  stream = new EventSource("/live");
  stream.addEventListener("changed", () => { isWanted = true; turn(); });
  stream.addEventListener("hello", () => { isWanted = true; });
  // The browser tries again by itself, except after a refusal.
  stream.addEventListener("error", () => {
    if (stream?.readyState === EventSource.CLOSED) setTimeout(connect, POLL_SECONDS * 1000);
    showState();
  });
  stream.addEventListener("open", showState);
}

function pause(paused) {
  isPaused = paused;
  sessionStorage.setItem("paused", paused ? "yes" : "");
  connect();
  if (!paused) look();
  showState();
}

live?.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 400) { failures = 0; lastLook = Date.now(); }
  showState();
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  live?.addEventListener(name, () => { failures += 1; showState(); });
}
// A look that changes the page while somebody is about to press a button would be in the way.
live?.addEventListener("htmx:beforeSwap", (event) => {
  if (document.querySelector("dialog[open]") || live.querySelector("form:focus-within input:not([type=hidden])")) {
    event.detail.shouldSwap = false;
    isWanted = true;
  }
});
// What a reader opened stays open, and what draws itself (charts) is left alone.
if (window.Idiomorph) {
  Object.assign(window.Idiomorph.defaults.callbacks, {
    beforeAttributeUpdated: (name, node) => !(name === "open" && node.localName === "details"),
    beforeNodeMorphed: (node) => !node.matches?.("[data-still]"),
  });
}
document.addEventListener("visibilitychange", () => { connect(); if (!document.hidden) { isWanted = true; turn(); } });
window.addEventListener("pagehide", () => stream?.close());
window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
if (badge && seconds) badge.addEventListener("click", () => pause(!isPaused));
if (pace && seconds) {
  pace.hidden = false;
  pace.value = localStorage.getItem("pace") || "1";
  pace.addEventListener("change", () => localStorage.setItem("pace", pace.value));
}
isPaused = sessionStorage.getItem("paused") === "yes";
connect();
setInterval(turn, 500);

// Colours: light, dark, as the system.
document.getElementById("theme")?.addEventListener("click", () => {
  const next = { light: "dark", dark: "", "": "light" }[document.documentElement.dataset.theme || ""];
  if (next) { document.documentElement.dataset.theme = next; localStorage.setItem("theme", next); }
  else { delete document.documentElement.dataset.theme; localStorage.removeItem("theme"); }
});

// Questions before what cannot be undone as easily.
const question = document.getElementById("confirm");
document.addEventListener("submit", (event) => {
  const form = event.target;
  const text = form.dataset?.confirm;
  if (!text || form.querySelector("input[name=_confirmed]")) return;
  event.preventDefault();
  document.getElementById("confirm-text").textContent = text;
  question.returnValue = "no";
  question.onclose = () => {
    if (question.returnValue !== "yes") return;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "_confirmed", value: "1" });
    form.append(field);
    form.requestSubmit(event.submitter);
  };
  question.showModal();
});

// Keys.
const help = document.getElementById("keys");
document.getElementById("help")?.addEventListener("click", () => help.showModal());
let isGoing = false;
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (isGoing) {
    isGoing = false;
    const target = document.querySelector(`.menu a[data-key="${CSS.escape(event.key)}"]`);
    if (target) { event.preventDefault(); target.click(); }
    return;
  }
  if (event.key === "/") { event.preventDefault(); document.getElementById("search").focus(); }
  else if (event.key === "?") { event.preventDefault(); help.showModal(); }
  else if (event.key === "p" && seconds) pause(!isPaused);
  else if (event.key === "g") { isGoing = true; setTimeout(() => { isGoing = false; }, 1500); }
});

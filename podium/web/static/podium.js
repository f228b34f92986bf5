// Keeps a live page calm: rows glide to their new places, one button pauses, one line tells what changed.
// Everything else is plain HTML; without scripts the pages read the same.
"use strict";

const GLIDE_MS = 420;
const RETRY_MS = 2000;
const NEWS_MS = 4000;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const words = { connecting: "Connecting", live: "Live", lost: "Reconnecting", paused: "Paused" };

let state = "connecting";
let paused = false;
let before = null;
let moved = 0;
let toldAt = 0;
let telling = null;

const stream = () => document.querySelector("[data-stream]");
const rows = () => document.querySelectorAll("#rows tbody tr[id]");

function paint() {
  for (const live of document.querySelectorAll("[data-live]")) {
    live.hidden = false;
    live.querySelector(".state").dataset.state = state;
    live.querySelector("[data-words]").textContent = words[state];
    const button = live.querySelector("[data-pause]");
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? "Resume updates" : "Pause updates";
  }
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  for (const plain of document.querySelectorAll("[data-plain]")) plain.hidden = true;
}

function become(next) {
  state = paused ? "paused" : next;
  paint();
}

function remember() {
  before = new Map();
  for (const row of rows()) {
    before.set(row.id, { top: row.getBoundingClientRect().top + scrollY, rank: row.dataset.rank });
  }
}

function glide() {
  if (!before) return;
  for (const row of rows()) {
    const was = before.get(row.id);
    const by = was ? was.top - row.getBoundingClientRect().top - scrollY : 0;
    if (was && was.rank !== row.dataset.rank) moved += 1;
    if (still.matches) continue;
    if (!was) row.animate({ opacity: [0, 1] }, { duration: GLIDE_MS });
    else if (Math.abs(by) > 1) {
      row.animate({ transform: [`translateY(${by}px)`, "none"] }, { duration: GLIDE_MS, easing: "cubic-bezier(.2,.7,.2,1)" });
    }
  }
  before = null;
  tell();
}

// A summary only, and not more often than people can listen.
function tell() {
  if (!moved || telling) return;
  telling = setTimeout(() => {
    document.getElementById("news").textContent = moved === 1 ? "1 rank changed" : `${moved} ranks changed`;
    moved = 0;
    toldAt = Date.now();
    telling = null;
  }, Math.max(0, toldAt + NEWS_MS - Date.now()));
}

function toggle() {
  paused = !paused;
  const source = stream();
  if (paused) source?._htmx?.sse?.reader?.cancel();
  else if (source) htmx.trigger(source, "podium:resume");
  become("connecting");
}

function again(source) {
  become("lost");
  setTimeout(() => {
    if (!paused && source.isConnected && !source._htmx?.sse) htmx.trigger(source, "podium:resume");
  }, RETRY_MS);
}

const ours = (event) => event.target instanceof Element && event.target.matches("[data-stream]");

document.addEventListener("htmx:sse:before:connection", (event) => {
  if (paused) event.preventDefault();
  else if (event.detail.connection.attempt > 0) become("lost");
});
document.addEventListener("htmx:sse:after:connection", () => become("live"));
document.addEventListener("htmx:sse:error", () => become("lost"));
document.addEventListener("htmx:sse:close", () => become(paused ? "paused" : "lost"));
document.addEventListener("htmx:sse:before:message", (event) => {
  if (paused) event.preventDefault();
  else remember();
});
document.addEventListener("htmx:sse:after:message", () => {
  glide();
  paint();
});
document.addEventListener("htmx:error", (event) => ours(event) && again(event.target));
document.addEventListener("htmx:response:error", (event) => ours(event) && again(event.target));
document.addEventListener("htmx:before:swap", (event) => {
  if (!ours(event)) remember();
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!ours(event)) {
    moved = 0;
    glide();
    moved = 0;
  }
  paint();
});

document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-pause], [data-copy]");
  if (!button) return;
  if (button.matches("[data-pause]")) return toggle();
  await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy link"), 1500);
});

paint();

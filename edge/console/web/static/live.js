// Keeps a page as it is now. Without it each page is as it was when it was asked for.
//
// The server sends the parts of the page that have changed, drawn as in the page itself: each takes the place of
// the element with its `data-live`, or is added to the `data-live-list` that it belongs to; where an empty one comes,
// what was there goes.
import { ages, tune } from "./ages.js";

const QUIET_MS = 15000; // three heartbeats: what is shown is then called old
const BROKEN_MS = 3000; // the line broke, and the next attempt has not come through either
const HIDDEN_MS = 5000; // a tab that nobody looks at gives its connection back: browsers have six for a site
const AGAIN_MS = 5000; // and as much again by chance: not all come back at once
const LIMIT = 64; // of the server

const state = document.querySelector("[data-live-state]");
const stuck = document.querySelector("[data-stuck]");
const main = document.querySelector("main");
const said = document.createElement("div"); // what a screen reader is to read out
const held = new Map(); // parts that came while somebody typed in them
const shown = new Map(); // the last HTML of each part, as it came
const byOrder = new Intl.Collator("en", { numeric: true });
const told = new Set([...document.querySelectorAll("[data-say]")].map((each) => each.dataset.say));
let source = null;
let heard = performance.now();
let broken = null; // since when there is no line
let lost = null; // since when, as a Date
let away = null; // since when the server has no broker, seconds
let timer = 0;

said.className = "said";
said.setAttribute("role", "status");
document.body.append(said);

function wishes() {
  const lists = [...document.querySelectorAll("[data-live-list]")].map((each) => each.dataset.liveList);
  const covered = (id) => lists.some((list) => id.startsWith(list.slice(0, -1)));
  const single = [...document.querySelectorAll("[data-live]")].map((each) => each.dataset.live);
  return [...new Set([...lists, ...single.filter((id) => !covered(id))])].slice(0, LIMIT);
}

function open() {
  clearTimeout(timer);
  const wanted = wishes();
  if (source || document.hidden || !wanted.length) return;
  const query = new URLSearchParams(wanted.map((id) => ["f", id]));
  const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  source = new EventSource(`/stream?${query}&lang=${lang}`);
  source.addEventListener("parts", (event) => { beat(); JSON.parse(event.data).forEach(([id, html]) => put(id, html)); });
  source.addEventListener("state", (event) => {
    const { now, away: since, stuck: unkept } = JSON.parse(event.data);
    tune(now);
    stuck.hidden = unkept === null;
    away = since;
    beat();
  });
  source.addEventListener("ended", () => location.reload());
  source.addEventListener("error", () => {
    broken ??= performance.now();
    if (source && source.readyState === EventSource.CLOSED) again();
  });
}

function close() {
  source?.close();
  source = null;
}

// It was refused: the session is over, or the server is full or away.
function again() {
  close();
  timer = setTimeout(async () => {
    try {
      const answer = await fetch("/stream", { redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.reload(); return; }
    } catch { /* it is away: the next attempt will tell */ }
    open();
  }, AGAIN_MS * (1 + Math.random()));
}

function beat() {
  heard = performance.now();
  broken = lost = null;
  tell();
}

function tell() {
  const since = lost ?? (away === null ? null : new Date(away * 1000));
  const time = since?.toLocaleTimeString(document.documentElement.lang, { hour12: false });
  const text = lost ? state.dataset.lost : away === null ? state.dataset.on : state.dataset.away;
  const whole = since ? text + state.dataset.since.replace("{time}", time) : text;
  if (state.textContent !== whole) state.textContent = whole;
  state.hidden = false;
  state.classList.toggle("lost", since !== null);
  main.classList.toggle("stale", lost !== null);
}

function put(id, html) {
  if (shown.get(id) === html) return;
  const old = document.querySelector(`[data-live="${CSS.escape(id)}"]`);
  if (old && typing(old)) { held.set(id, html); return; }
  held.delete(id);
  const first = !shown.has(id);
  shown.set(id, html);
  if (!html) { clear(id, old); return; }
  const fresh = drawn(html);
  if (!fresh) return;
  if (old) replace(old, fresh);
  else listOf(id)?.append(fresh);
  if (old && !first) fresh.classList.add("changed");
  ages(fresh.parentNode ?? fresh);
  say(fresh);
}

// Its place stays, unless a list has one for it: it may come again, as when a server that has just started learns of
// its halls.
function clear(id, old) {
  shown.delete(id);
  if (!old) return;
  if (listOf(id)) { old.remove(); return; }
  const place = document.createElement("div");
  place.hidden = true;
  place.dataset.live = id;
  old.replaceWith(place);
}

function drawn(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // of our own server, whose templates escape all that is others'
  const csrf = document.querySelector('form[action="/logout"] input[name=csrf]')?.value ?? "";
  for (const field of holder.content.querySelectorAll("input[name=csrf]")) field.value = csrf;
  return holder.content.firstElementChild;
}

// By `data-order`, not while somebody points at one of them or is in it with the keyboard.
function arrange() {
  for (const list of document.querySelectorAll("[data-live-list]")) {
    if (list.matches(":hover, :focus-within")) continue;
    const sorted = [...list.children].sort((a, b) => byOrder.compare(a.dataset.order ?? "", b.dataset.order ?? ""));
    if (sorted.some((each, place) => list.children[place] !== each)) list.append(...sorted);
  }
}

const listOf = (id) => [...document.querySelectorAll("[data-live-list]")]
  .find((each) => id.startsWith(each.dataset.liveList.slice(0, -1)));

// What was open stays open, and who was in it with the keyboard stays there.
function replace(old, fresh) {
  const named = (each, place) => each.id || place;
  const opened = new Map([...old.querySelectorAll("details")].map((each, place) => [named(each, place), each.open]));
  fresh.querySelectorAll("details").forEach((each, place) => { each.open = opened.get(named(each, place)) ?? each.open; });
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = focused ? [...old.querySelectorAll("*")].indexOf(focused) : -1;
  const same = focused?.id ? `#${CSS.escape(focused.id)}` : focused?.getAttribute("href") ? `[href="${CSS.escape(focused.getAttribute("href"))}"]` : null;
  old.replaceWith(fresh);
  if (!focused) return;
  const next = (same && fresh.querySelector(same)) || (focused === old ? fresh : fresh.querySelectorAll("*")[place]);
  next?.focus({ preventScroll: true });
}

// Also with the form's button in hand: a press counts only if it ends on the button on which it began.
function typing(part) {
  const at = document.activeElement;
  return part.contains(at) && at.closest("form, input, select, textarea") !== null;
}

function say(part) {
  const news = [part, ...part.querySelectorAll("[data-say]")].map((each) => each.dataset.say).filter((text) => text && !told.has(text));
  news.forEach((text) => told.add(text));
  if (news.length) said.textContent = news.join(" · ");
}

document.addEventListener("focusout", () => setTimeout(() => [...held].forEach(([id, html]) => put(id, html))));
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.hidden) timer = setTimeout(close, HIDDEN_MS);
  else { heard = performance.now(); broken = null; open(); }
});
addEventListener("pagehide", close);
addEventListener("pageshow", open);
setInterval(() => {
  ages();
  arrange();
  if (document.hidden || !wishes().length) return;
  const now = performance.now();
  if (!lost && (now - heard > QUIET_MS || (broken !== null && now - broken > BROKEN_MS))) {
    lost = new Date(Date.now() - (now - heard));
    tell();
  }
}, 1000);
open();

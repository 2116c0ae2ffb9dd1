// Trying the model: live, with a file, a text, a row; and keeping what it was tried on.
import { $, element, get, key, onTaken, percent, say, send, tried } from "./api.js";
import { camera, frame, microphone, wav } from "./devices.js";
import { load, shelf } from "./shelf.js";

const AT_ONCE = 2, WINDOW_S = 2, EVERY_MS = 400, PACE_OVER = 20;
let about = null, live = null, last = null; // last: what was asked, and what was answered
let judged = null; // what is held still while a person says what it is
let asked = 0, answered = 0;

export async function showTry(version) {
  if (!version) return;
  about = await tried(() => get("/api/model"));
  if (!about) return;
  const kind = about.modality;
  $("try-live").hidden = !["images", "sounds"].includes(kind);
  if (!live) $("live").textContent = kind === "sounds" ? "Listen" : "Start the webcam";
  $("try-text").hidden = kind !== "texts";
  $("try-row").hidden = kind !== "tables";
  $("looked").hidden = kind !== "images" || about.kind === "number";
  if (kind === "tables" && !$("try-fields").childElementCount) fields(about.reading.schema);
}

function fields(schema) {
  const made = [...schema.numbers, ...schema.categories].map(column => {
    const label = element("label", column.name), input = element("input");
    input.name = column.name;
    if (column.values) {
      const list = element("datalist");
      list.id = `values-${column.name}`;
      const values = Array.isArray(column.values) ? column.values : Object.keys(column.values);
      list.append(...values.slice(0, 50).map(value => Object.assign(element("option"), {value})));
      input.setAttribute("list", list.id);
      label.append(list);
    } else input.dataset.number = column.part ? "" : "yes";
    label.append(input);
    return label;
  });
  $("try-fields").replaceChildren(...made.filter((label, at) => made.findIndex(other => other.textContent === label.textContent) === at));
}

async function ask(blob, name) {
  asked += 1;
  const number = asked, began = performance.now();
  const answer = await send("/api/try", blob, {name});
  if (number > answered && !judged) { // an answer that was overtaken is not shown
    answered = number;
    show(blob, name, answer);
  }
  return performance.now() - began;
}

function show(blob, name, answer) {
  last = {blob, name, answer};
  $("answer").hidden = false;
  refuse("");
  $("answer").classList.toggle("unlike", !answer.known);
  $("unlike").hidden = answer.known;
  const shares = Object.entries(answer.probabilities ?? {}).sort((a, b) => b[1] - a[1]);
  $("says").textContent = answer.known ? headline(answer) : "None of these";
  $("sure").textContent = answer.known && answer.probability != null ? `${percent(answer.probability)} sure` : "";
  const rows = live ? [...shares].sort((a, b) => a[0].localeCompare(b[0])) : shares; // bars that stay in place
  $("shares").replaceChildren(...rows.flatMap(([tag, share]) => bar(tag, share)));
  $("judge-line").hidden = !answer.probabilities;
  $("right").hidden = !(answer.tag && answer.known);
  $("wrong-words").textContent = answer.known ? "Wrong, it is" : "It is";
  $("answer-hint").textContent = live ? "" : `${name}: answered in ${Math.round(1000 * answer.seconds)} ms`;
  if (!live) showTags();
}

// Why there is no answer, in its place.
function refuse(reason) {
  $("refused").textContent = reason;
  if (!reason) return;
  last = judged = null;
  $("answer").hidden = true;
  forget();
}

function headline(answer) {
  if (answer.tags) return answer.tags.join(", ") || "nothing of it";
  if (answer.value !== undefined) return answer.words;
  return answer.tag ?? "Ask a person";
}

function bar(tag, share) {
  const track = element("dd", "", "track"), filled = element("span");
  filled.style.width = `${100 * share}%`;
  track.append(filled);
  return [element("dt", tag), track, element("dd", percent(share), "num")];
}

function showTags() {
  const first = Object.assign(element("option", "..."), {value: ""});
  const tags = [...new Set([...shelf.tags, ...(about?.tags ?? [])])].sort();
  $("wrong").replaceChildren(first, ...tags.map(tag => Object.assign(element("option", tag), {value: tag})));
}

// Pace over the last answers: how many a second, and how long one takes.
class Pace {
  constructor() { this.times = []; this.waits = []; }

  add(wait) {
    this.times.push(performance.now());
    this.waits.push(wait);
    if (this.times.length > PACE_OVER) { this.times.shift(); this.waits.shift(); }
    if (this.times.length < 3) return;
    const rate = 1000 * (this.times.length - 1) / (this.times.at(-1) - this.times[0]);
    const middle = [...this.waits].sort((a, b) => a - b)[Math.floor(this.waits.length / 2)];
    $("pace").textContent = `${rate.toFixed(1)} answers a second, each after ${Math.round(middle)} ms`;
    $("pace").dataset.rate = rate.toFixed(2);
  }
}

async function watch() {
  const video = $("try-video"), pace = new Pace();
  video.hidden = false;
  const close = await camera(video).catch(error => { video.hidden = true; throw error; });
  let on = true;
  const work = async () => {
    while (on) {
      try {
        pace.add(await ask(await frame(video), `camera-${key()}.jpg`));
      } catch (error) {
        $("pace").textContent = error.message;
        await new Promise(done => setTimeout(done, 1000));
      }
    }
  };
  for (let n = 0; n < AT_ONCE; n += 1) work();
  return () => { on = false; close(); video.hidden = true; };
}

async function listen() {
  let blocks = [], n = 0, busy = false;
  const pace = new Pace();
  const heard = await microphone(block => {
    blocks.push(block);
    n += block.length;
    while (n - blocks[0].length > WINDOW_S * heard.rateHz) n -= blocks.shift().length;
  });
  const timer = setInterval(async () => {
    if (busy || n < 0.5 * heard.rateHz) return;
    busy = true;
    try {
      pace.add(await ask(wav(blocks, heard.rateHz), `microphone-${key()}.wav`));
    } catch (error) { $("pace").textContent = error.message; }
    busy = false;
  }, EVERY_MS);
  return () => { clearInterval(timer); heard.close(); };
}

async function begin() {
  if (live) { end(); return; }
  const sounds = about.modality === "sounds";
  forget();
  await tried(async () => {
    live = await (sounds ? listen() : watch());
    showTags();
    $("live").textContent = "Stop";
  });
}

export function end() {
  if (live) answered = asked; // what is still on its way comes too late
  live?.();
  live = null;
  judged = null;
  if (about) $("live").textContent = about.modality === "sounds" ? "Listen" : "Start the webcam";
}

// What a person is about to judge: the next answers wait, and a picture stands still beside it.
function holdAnswer() {
  if (!live || judged || !last) return;
  judged = last;
  hold();
  $("answer-hint").textContent = "Held still. Say what it is, or go on with Escape.";
}

function goOn() {
  if (!judged) return;
  judged = null;
  $("wrong").value = "";
  if (live) { forget(); $("answer-hint").textContent = ""; }
}

// The picture that was asked about stands still while it is judged or explained.
function hold() {
  if (!last?.blob.type.startsWith("image/")) return;
  URL.revokeObjectURL($("asked-picture").src);
  $("asked-picture").src = URL.createObjectURL(last.blob);
  $("asked-stage").hidden = false;
}

function forget() { $("asked-stage").hidden = $("heat").hidden = true; }

async function keep(tag) {
  const held = judged ?? last;
  goOn();
  await tried(async () => {
    const burst = held.name.startsWith("camera-") ? `burst-${key()}-001.jpg` : held.name;
    await send("/api/add", held.blob, {tag, name: burst, key: key()});
    shelf.ownChange = Date.now();
    const words = `Kept as a sample of ${tag}. Train again to learn from it.`;
    if (live) say(words); // the hint is soon that of the next answer
    else $("answer-hint").textContent = words;
    await load();
  });
}

async function file(chosen) {
  end();
  forget();
  try {
    await ask(chosen, chosen.name);
    hold();
  } catch (error) { refuse(error.message); }
}

$("live").addEventListener("click", begin);
// Held before anything acts on what is held.
for (const control of [$("right"), $("wrong")]) {
  for (const name of ["pointerdown", "focus", "keydown"]) control.addEventListener(name, holdAnswer);
  control.addEventListener("blur", goOn);
}
$("right").addEventListener("click", () => last && keep((judged ?? last).answer.tag));
onTaken($("wrong"), tag => { if (tag && (judged ?? last)) keep(tag); $("wrong").value = ""; });
$("judge-line").addEventListener("keydown", event => { if (event.key === "Escape") { goOn(); $("live").focus(); } });
$("looked").addEventListener("click", () => tried(async () => {
  end();
  hold();
  $("answer-hint").textContent = "Covering one part of it after the other ...";
  const found = await send("/api/looked-at", last.blob);
  heat(found.drops);
  $("answer-hint").textContent = `Orange: without this part it is less sure of ${found.tag}. Blue: surer.`;
}));

function heat(drops) {
  const canvas = $("heat"), n = drops.length, most = Math.max(0.02, ...drops.flat().map(Math.abs));
  canvas.width = canvas.height = n;
  const context = canvas.getContext("2d");
  drops.forEach((row, y) => row.forEach((drop, x) => {
    context.fillStyle = drop > 0 ? `rgb(230 110 20 / ${0.75 * drop / most})` : `rgb(20 90 200 / ${-0.75 * drop / most})`;
    context.fillRect(x, y, 1, 1);
  }));
  canvas.hidden = false;
}

$("try-pick").addEventListener("click", () => $("try-file").click());
$("try-file").addEventListener("change", async event => {
  const [chosen] = event.target.files;
  if (chosen) await file(chosen);
  event.target.value = "";
});
$("try-text").addEventListener("submit", event => {
  event.preventDefault();
  const text = $("try-text-text").value;
  if (text.trim()) ask(new Blob([text], {type: "text/plain"}), `text-${key()}.txt`).catch(error => refuse(error.message));
});
$("try-row").addEventListener("submit", event => {
  event.preventDefault();
  const row = {};
  for (const input of $("try-fields").querySelectorAll("input")) {
    const number = input.dataset.number && input.value !== "" ? Number(input.value) : NaN;
    row[input.name] = input.value === "" ? null : Number.isNaN(number) ? input.value : number;
  }
  ask(new Blob([JSON.stringify(row)], {type: "application/json"}), `row-${key()}.json`).catch(error => refuse(error.message));
});
document.addEventListener("dragover", event => { if (!$("screen-try").hidden) { event.preventDefault(); $("giving").classList.add("over"); } });
document.addEventListener("dragleave", () => $("giving").classList.remove("over"));
document.addEventListener("drop", event => {
  if ($("screen-try").hidden) return;
  event.preventDefault();
  $("giving").classList.remove("over");
  const [chosen] = event.dataTransfer.files;
  if (chosen) file(chosen);
});

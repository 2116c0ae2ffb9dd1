// Level and unusual sounds: samples go to the studio, which listens as `handful listen` does.
import { $, element } from "./api.js";
import { microphone, wav } from "./devices.js";
import { Stream, looked, pickWith, showPage, takeDrops } from "./streams.js";
import { Trace } from "./trace.js";

const KEPT_S = 90, AROUND_S = 0.5, LONGEST_S = 30, MOST_ROWS = 100;
const trace = new Trace($("hearing-trace"), {low: -90, high: 0, unit: "dBFS"});
let stream = null, heard = null, tape = null, rows = 0;

const say = words => { $("hearing-said").textContent = words; };
const minus = number => number.toFixed(1).replace("-", "−");

// The last minute and a half, so that what was unusual can be heard again.
class Tape {
  constructor(rateHz) { Object.assign(this, {rateHz, blocks: [], start: 0, n: 0}); }

  add(block) {
    this.blocks.push(block);
    this.n += block.length;
    while (this.n - this.start - this.blocks[0].length > KEPT_S * this.rateHz) this.start += this.blocks.shift().length;
  }

  cut(fromS, toS) {
    const found = [];
    let at = this.start;
    for (const block of this.blocks) {
      const from = Math.max(0, Math.round(fromS * this.rateHz) - at), to = Math.min(block.length, Math.round(toS * this.rateHz) - at);
      if (to > from) found.push(block.subarray(from, to));
      at += block.length;
    }
    return found.length ? wav(found, this.rateHz) : null;
  }
}

const STATES = {
  usual: () => "As usual.",
  unusual: () => "Unusual!",
  changed: () => "The sound changed, and has stayed so for a minute: single sounds are not told any more. Take a new baseline.",
  unfit: answer => `Nothing can be compared: ${answer.unfit}`,
  learning: answer => `Learning what is usual: ${Math.round(answer.learnt * Number($("hearing-baseline").value))} of ${$("hearing-baseline").value} s. Let nothing unusual happen now.`,
};

function told(answer) {
  const level = answer.points.at(-1)?.[1];
  if (answer.points.length) $("hearing-level").textContent = level === null ? "silent" : minus(level);
  $("hearing-unit").textContent = level === null ? "" : answer.unit;
  $("hearing-meter").value = level ?? -90;
  trace.band = answer.usual;
  for (const event of answer.events) add(event);
  trace.add(answer.points.map(([time, value]) => [time, value ?? -120]), answer.seconds);
  say(STATES[answer.state](answer) + (answer.refused ? ` ${answer.refused.charAt(0).toUpperCase()}${answer.refused.slice(1)}.` : ""));
  $("hearing").dataset.state = answer.state;
}

function add(event) {
  trace.spans.push([event.start_s, event.end_s]);
  const row = element("tr"), cells = [
    clock(event.start_s), `${(event.end_s - event.start_s).toFixed(1)} s`,
    event.level === null ? "silence" : `${minus(event.level)} ${event.unit}`,
    event.band_hz === null ? "far quieter" : `${event.band_hz} Hz`, event.score === null ? "" : event.score.toFixed(1),
  ];
  row.append(...cells.map(words => element("td", words)), replay(event));
  $("hearing-events").prepend(row);
  $("hearing-table").hidden = false;
  if ((rows += 1) > MOST_ROWS) forget($("hearing-events").lastElementChild);
}

function replay(event) {
  const cell = element("td"), from = Math.max(0, event.start_s - AROUND_S);
  const sound = tape?.cut(from, Math.min(event.end_s + AROUND_S, from + LONGEST_S));
  if (!sound) return cell;
  const play = element("button", "Play"), save = element("a", "Save", "button"), address = URL.createObjectURL(sound);
  play.type = "button";
  play.setAttribute("aria-label", `Play the sound at ${clock(event.start_s)}`);
  play.addEventListener("click", () => new Audio(address).play().catch(error => say(error.message)));
  save.href = address;
  save.download = `unusual-at-${clock(event.start_s).replace(":", "-")}.wav`;
  save.setAttribute("aria-label", `Save the sound at ${clock(event.start_s)}`);
  cell.append(play, " ", save);
  return cell;
}

function forget(row) {
  const save = row.querySelector("a");
  if (save) URL.revokeObjectURL(save.href);
  row.remove();
  rows -= 1;
}

function clear() {
  for (const row of [...$("hearing-events").children]) forget(row);
  $("hearing-table").hidden = $("hearing-seen").hidden = true;
  delete $("hearing").dataset.state;
  trace.clear();
}

const clock = seconds => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
const options = () => ({baseline: Number($("hearing-baseline").value), false_alarms: $("hearing-alarms").value});

function shut() {
  heard?.close();
  [heard, stream] = [null, null];
  $("hearing-live").textContent = "Start the microphone";
  $("hearing-anew").hidden = true;
  for (const id of ["hearing-baseline", "hearing-alarms"]) $(id).disabled = false;
}

function failed(error) {
  shut();
  say(error.message);
}

async function open() {
  tape = new Tape(heard.rateHz);
  stream = await Stream.open("/api/hear", {rate_hz: heard.rateHz, ...options()}, told, failed);
}

async function begin() {
  if (!$("hearing-baseline").reportValidity()) return;
  $("hearing-live").disabled = true;
  clear();
  try {
    heard = await microphone(block => {
      if (!stream) return;
      tape.add(block);
      stream.add(block.slice().buffer);
    });
    await open();
    for (const id of ["hearing-baseline", "hearing-alarms"]) $(id).disabled = true;
    $("hearing-now").hidden = $("hearing-anew").hidden = trace.canvas.hidden = false;
    $("hearing-live").textContent = "Stop";
    trace.draw(0);
  } catch (error) { failed(error); }
  $("hearing-live").disabled = false;
}

async function finish() {
  const ended = stream;
  shut();
  if (!ended) return;
  try {
    const found = await ended.end();
    for (const event of found.result.events.slice(rows)) add(event); // what was still sounding
    show(found);
  } catch (error) { say(error.message); }
}

function show({result, page}) {
  const n = result.events.length, {laeq, lmax} = result.level;
  const notes = [...(result.refused ? [`${result.refused.charAt(0).toUpperCase()}${result.refused.slice(1)}.`] : []), ...result.warnings];
  const loud = laeq === null ? "Silence." : `${minus(laeq)} ${result.unit} on average, ${minus(lmax)} at its loudest.`;
  say(`${n} unusual sound${n === 1 ? "" : "s"} in ${result.seconds.toFixed(1)} s. ${loud} ${notes.join(" ")}`);
  showPage($("hearing-seen"), page, "Level, unusual sounds, spectrogram", "listen.html");
}

export async function listenTo(file) {
  if (!$("hearing-baseline").reportValidity()) return;
  leaveHearing();
  clear();
  tape = null;
  $("hearing-now").hidden = true;
  say(`${file.name} goes to the studio ...`);
  try {
    const found = await looked("/api/listen-file", file, options(), ({done, total}) => {
      if (total) say(`Listening to ${file.name}: ${Math.round(100 * done / total)} %`);
    });
    for (const event of found.result.events) add(event);
    show(found);
  } catch (error) { say(error.message); }
}

export function leaveHearing() {
  stream?.drop();
  shut();
}

$("hearing-live").addEventListener("click", () => heard ? finish() : begin());
$("hearing-anew").addEventListener("click", async () => {
  stream?.drop();
  stream = null;
  clear();
  try { await open(); } catch (error) { failed(error); }
});
pickWith("hearing-pick", "hearing-file", listenTo);
takeDrops($("hearing"), listenTo);

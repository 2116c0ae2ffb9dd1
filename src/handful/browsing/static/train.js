// Training: one button, how far it is, how it ended, and beside it the one before.
import { $, change, element, percent, tried } from "./api.js";
import { shelf } from "./shelf.js";

const STAGES = {reading: "Reading", looking: "Looking", judging: "Judging", writing: "Writing"};
const AFTER_MS = 4000;
let training = null, waiting = null;

export function showTraining(state) {
  const ended = training?.running && !state.running;
  training = state;
  showLead();
  $("train").textContent = state.now ? "Train again" : "Train";
  $("cancel").hidden = !state.running;
  $("progress").hidden = !state.running;
  if (state.running) showProgress(state.progress, state.resumed);
  $("train-fault").hidden = !state.failed;
  $("train-fault").textContent = state.failed ? `The last training did not end well: ${state.failed}` : "";
  showResults(state);
  if (ended) $("train").focus({preventScroll: true});
}

function showProgress(progress, resumed) {
  const names = Object.keys(STAGES), at = names.indexOf(progress.stage);
  const rows = names.map((name, i) => {
    const row = element("li"), bar = element("progress");
    bar.max = 1;
    bar.value = i < at ? 1 : i === at ? progress.done / Math.max(1, progress.total) : 0;
    bar.setAttribute("aria-label", STAGES[name]);
    row.append(element("span", STAGES[name]), bar, element("span", i === at ? `${progress.done} of ${progress.total}` : "", "num"));
    return row;
  });
  $("stages").replaceChildren(...rows);
  const left = progress.left_s === null ? "" : `, about ${Math.max(1, Math.round(progress.left_s))} s left`;
  const cut = resumed ? "The studio was ended while this was under way: it goes on from what it had looked at. " : "";
  $("left").textContent = `${cut}${Math.round(progress.seconds)} s so far${left}`;
}

function showResults({now, before, difference}) {
  $("results").hidden = !now;
  if (!now) return;
  $("difference").textContent = difference?.words ?? (before ? "These two models cannot be compared sample by sample." : "");
  $("beside").replaceChildren(card("Now", now), ...(before ? [card("Before", before)] : []));
  const box = element("div", "", "warnings");
  const list = element("ul");
  list.append(...(now.warnings ?? []).map(words => element("li", words)));
  box.append(element("p", "Know this"), list);
  $("train-warnings").replaceChildren(...(now.warnings?.length ? [box] : []));
}

function card(title, result) {
  const made = element("article", "", "outcome-card"), {accuracy, baseline_accuracy: guess} = result.metrics ?? {};
  made.append(element("h2", title));
  if (accuracy?.value != null) {
    made.append(element("span", percent(accuracy.value), "number"));
    made.append(element("p", "right on samples it had not seen."));
    if (accuracy.low != null) made.append(element("p", `It could be ${Math.round(100 * accuracy.low)} to ${percent(accuracy.high)} (95\u202f% interval).`));
    if (guess?.value != null) made.append(element("p", `Always guessing the commonest tag: ${percent(guess.value)}.`));
  }
  const when = new Date(1000 * result.ended_s).toLocaleString();
  const took = result.seconds == null ? "trained elsewhere" : `${Math.round(result.seconds)} s`;
  made.append(element("p", `${result.n} samples, ${result.tags?.length ?? 0} tags, ${took}, ${when}`));
  return made;
}

export function showLead() {
  const tags = shelf.tags.length, n = shelf.samples.length;
  const lacks = lacking();
  $("train").disabled = Boolean(training?.running || lacks);
  $("train-lead").textContent = lacks || `Learns from ${n} ${shelf.modality.nouns} under ${tags} ${tags === 1 ? "tag" : "tags"}, and judges each one by a model that has not seen it.`;
}

// What is too little to learn from, in words; "" where it is enough.
function lacking() {
  const counts = new Map();
  for (const {tag} of shelf.samples) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  if (!counts.size) return "There are no samples yet.";
  if (counts.size < 2) return `All samples are under ${[...counts.keys()][0]}: a model needs at least two tags with samples to tell apart.`;
  const few = [...counts].filter(([, n]) => n < 2).map(([tag]) => tag);
  return few.length ? `Every tag needs at least 2 samples; ${few.length === 1 ? "this has" : "these have"} one: ${few.join(", ")}.` : "";
}

const start = () => tried(() => change("/api/train"));

// After a change in this window, once nothing more has changed for a while.
export function maybeTrain() {
  if (!$("auto").checked || Date.now() - shelf.ownChange > AFTER_MS) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (!training?.running && Date.now() - shelf.ownChange >= AFTER_MS - 50) change("/api/train").catch(() => {});
    else maybeTrain();
  }, AFTER_MS);
}

$("train").addEventListener("click", start);
$("cancel").addEventListener("click", () => tried(() => change("/api/cancel")));
$("auto").checked = localStorage.getItem("handful-auto") === "yes";
$("auto").addEventListener("change", () => localStorage.setItem("handful-auto", $("auto").checked ? "yes" : "no"));

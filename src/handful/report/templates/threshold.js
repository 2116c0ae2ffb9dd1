// "Which mistake is worse?": reads the controls, computes, and says it again in words and lines.

const data = JSON.parse(document.getElementById("tradeoffs").textContent);
const part = name => document.getElementById(`weigh-${name}`);
const PER_DECADE = [1, 1.5, 2, 3, 5, 7];
const TURN = 3 * PER_DECADE.length; // the slider's positions on either side of the middle
const PRESETS = {
  screening: {mode: "costs", miss: 10, alarm: 1, prevalence: 1},
  airport: {mode: "recall", recall: 99, confidence: 90, prevalence: 0.0001},
  start: {mode: "costs", miss: 1, alarm: 1, recall: 95, confidence: 90, alarms: 1, prevalence: ""},
};

// How many times worse a slider position says that a miss is than a false alarm, or the reverse.
function timesOf(position) {
  const steps = Math.abs(position);
  return PER_DECADE[steps % PER_DECADE.length] * 10 ** Math.floor(steps / PER_DECADE.length);
}

function positionOf(miss, alarm) {
  const side = Math.sign(miss - alarm), times = Math.max(miss / alarm, alarm / miss);
  const far = k => Math.abs(Math.log(timesOf(k) / times));
  const steps = [...Array(TURN + 1).keys()];
  return side * steps.reduce((best, k) => far(k) < far(best) ? k : best);
}

// What the field says, or null where that is no number within its bounds.
function field(name, {empty = null} = {}) {
  const input = part(name), value = input.valueAsNumber;
  const blank = input.value === "" && !input.validity.badInput;
  const right = blank ? empty !== null : value >= Number(input.min) && value <= Number(input.max);
  input.setAttribute("aria-invalid", String(!right));
  return right ? (blank ? empty : value) : null;
}

// 95 becomes 0.95, the number that a person would type after --recall.
const ofHundred = x => Number((x / 100).toPrecision(12));

function mode() {
  return document.querySelector("input[name=weigh-mode]:checked").value;
}

// What is asked for, or null while a field holds nothing usable.
function asked() {
  const tag = data.tags[part("tag").selectedIndex];
  const used = field("prevalence", {empty: ""});
  const wanted = {costs: ["miss", "alarm"], recall: ["recall", "confidence"],
    specificity: ["alarms"]};
  const fields = Object.fromEntries(wanted[mode()].map(name => [name, field(name)]));
  if (used === null || Object.values(fields).includes(null)) return null;
  return {tag, mode: mode(), prevalence: used === "" ? null : ofHundred(used), ...fields};
}

// The choice that follows from what is asked: a place, and the threshold as the command sets it.
function choose(ask) {
  if (ask.mode === "recall") {
    return promiseOf(ask.tag, ofHundred(ask.recall), ofHundred(ask.confidence));
  }
  if (ask.mode === "specificity") {
    const place = placeForSpecificity(ask.tag, ofHundred(100 - ask.alarms));
    return {place, threshold: place ? ask.tag.thresholds[place - 1] : null};
  }
  const threshold = costThreshold(ask.miss, ask.alarm, sampleShare(ask.tag), ask.prevalence);
  return {place: placeOf(ask.tag, threshold), threshold};
}

function commandWords({tag, mode, prevalence, ...ask}) {
  const name = tag.tag, gap = name.startsWith("-") ? "=" : " ";
  const flags = {
    costs: () => [`--miss-costs ${ask.miss}`, `--alarm-costs ${ask.alarm}`],
    recall: () => [`--recall ${ofHundred(ask.recall)}`,
      `--confidence ${ofHundred(ask.confidence)}`],
    specificity: () => [`--specificity ${ofHundred(100 - ask.alarms)}`],
  }[mode]();
  const rarity = prevalence === null ? [] : [`--prevalence ${prevalence}`];
  const scores = data.evaluated ? ["--scores SCORES.csv"] : [];
  return ["handful threshold MODEL", `--positive${gap}${quoted(name)}`, ...flags, ...rarity,
    ...scores, "--set"];
}

// Each option on its own piece, so that no line ends within one.
function sayCommand(element, words) {
  const pieces = words.map(word => {
    const piece = document.createElement("span");
    piece.textContent = word;
    return piece;
  });
  element.replaceChildren(...pieces.flatMap((piece, i) => i ? [" ", piece] : [piece]));
}

function update() {
  const ask = asked();
  part("fault").hidden = ask !== null;
  if (ask === null) return;
  const {tag, prevalence} = ask, choice = choose(ask);
  const done = outcomeOf(tag, choice.place), precision = precisionOf(tag, done, prevalence);
  sayControls(ask);
  sayAnswer(ask, choice, done);
  drawCurves(part, tag, prevalence);
  drawPoint(part, tag, done, precision, choice.threshold ?? 1);
  sayCurves(ask, done, precision);
  sayTypical(tag);
}

function sayControls({tag, prevalence}) {
  const words = worse(part("miss").valueAsNumber, part("alarm").valueAsNumber);
  part("slider").setAttribute("aria-valuetext", words);
  part("times").value = words;
  part("prevalence").placeholder = String(Number((100 * sampleShare(tag)).toPrecision(3)));
  say(part("rarity"), prevalence === null
    ? `Empty: as common as in your samples (${percent(sampleShare(tag))}).`
    : `That is ${oneIn(prevalence)}; in your samples it is ${percent(sampleShare(tag))}.`);
}

function sayAnswer(ask, choice, done) {
  const {tag, prevalence} = ask;
  say(part("sentence"), ...priceParts(data, tag, done));
  part("promise").hidden = ask.mode !== "recall";
  say(part("promise"), ...(ask.mode === "recall" ? promiseParts(data, tag, choice) : []));
  say(part("chosen"), ...chosenParts(ask));
  for (const count of ["tp", "fn", "fp", "tn"]) say(part(count), grouped(done[count]));
  say(part("is"), named(tag.tag));
  say(part("said"), named(tag.tag));
  say(part("other"), otherThan(tag));
  say(part("worth"), ...worthParts(data, tag, done, prevalence),
    "Reported, not promised: it changes with how common they are.");
  say(part("threshold"), ...thresholdParts(ask, choice));
  sayCommand(part("command"), commandWords(ask));
}

function worse(miss, alarm) {
  if (miss === alarm) return "both mistakes equally bad";
  const times = amount(Math.max(miss / alarm, alarm / miss));
  return miss > alarm ? `a missed one ${times} times as bad as a false alarm`
    : `a false alarm ${times} times as bad as a missed one`;
}

function otherThan(tag) {
  const others = data.tags.filter(each => each !== tag);
  return data.two && others.length === 1 ? named(others[0].tag) : data.otherwise;
}

function chosenParts({tag, mode, miss, alarm, recall, confidence, alarms, prevalence}) {
  const choice = {
    costs: worse(miss, alarm),
    recall: `find at least ${recall}\u202f% with ${confidence}\u202f% confidence`,
    specificity: `false alarms over at most ${alarms}\u202f% of the others`,
  }[mode];
  const rarity = prevalence === null ? ["as common as in your samples"]
    : [`where ${oneIn(prevalence)} is `, ...said(tag.tag)];
  return ["Looking for ", ...said(tag.tag), `: ${choice}, `, ...rarity, "."];
}

function thresholdParts(ask, {place, threshold}) {
  const {tag} = ask, top = `above every score of your ${data.many}`;
  if (threshold === null) {
    return ["The threshold lies ", top, ` (the highest is ${probability(tag.thresholds[0])}).`];
  }
  const value = document.createElement("data");
  [value.value, value.textContent] = [threshold, probability(threshold)];
  return ["From a probability of ", value, " on it says ", named(tag.tag),
    ": that is the threshold. ", place ? "" : `It lies ${top}: all are missed. `,
    ...moved(ask, threshold), ...nearest(tag, place, threshold)];
}

// Why a rare thing needs stronger evidence.
function moved({tag, mode, miss, alarm, prevalence}, threshold) {
  if (mode !== "costs" || prevalence === null) return [];
  const before = costThreshold(miss, alarm, sampleShare(tag), null);
  if (before === threshold) return [];
  const rare = threshold > before;
  return [`They are ${rare ? "rarer" : "more common"} there than among your samples, so it takes `,
    `${rare ? "more" : "less"} to say so: else it would be ${probability(before)}. `,
    rare ? "If it now misses too many for you, a miss is worse than you said. " : ""];
}

function nearest(tag, place, threshold) {
  const known = tag.thresholds[place - 1];
  if (tag.distinct === tag.thresholds.length || !place || known === threshold) return [];
  return [`(This page keeps ${tag.thresholds.length} of ${grouped(tag.distinct)} scores: counted `,
    `at ${probability(known)}, the nearest above.)`];
}

function sayCurves({tag, prevalence}, done, precision) {
  const found = `${grouped(done.tp)} of ${grouped(tag.n_positive)} are found`;
  const here = `At the chosen threshold ${found}`;
  part("roc-desc").textContent =
    `${here}, ${grouped(done.fp)} of ${grouped(tag.n_negative)} others alarm.`;
  part("pr-desc").textContent = prevalence === null
    ? `${here}, ${grouped(done.tp)} of ${grouped(done.tp + done.fp)} alarms are real.`
    : `${here}; the share of alarms that are real: ${ratio(precision)}.`;
  const bins = tag.reliability.map(bin => `${percent(bin.said)} said: ${bin.k} of ${bin.n}`);
  part("bins-desc").textContent = `Came true, by what was said. ${bins.join("; ")}.`;
  say(part("pr-share"), percent(prevalence ?? sampleShare(tag)));
  for (const node of document.querySelectorAll(".weigh .name")) say(node, named(tag.tag));
}

function sayTypical(tag) {
  tag.typical.forEach((done, row) => {
    say(part(`typical-${row}-threshold`), probability(done.threshold));
    say(part(`typical-${row}-missed`), `${grouped(done.fn)} of ${grouped(tag.n_positive)}`);
    say(part(`typical-${row}-alarms`), `${grouped(done.fp)} of ${grouped(tag.n_negative)}`);
  });
  const given = tag.typical.at(-1);
  say(part("typical-note"), given.kept ? "can be promised" : `cannot be promised: that needs ${
    grouped(given.need)}, there are ${grouped(given.have)}`);
}

function show(selected) {
  for (const panel of document.querySelectorAll(".weigh .panel")) {
    panel.hidden = panel.dataset.mode !== selected;
  }
}

function set(values) {
  for (const [name, value] of Object.entries(values)) {
    if (name === "mode") document.getElementById(`weigh-mode-${value}`).checked = true;
    else part(name).value = value;
  }
  if (values.miss) part("slider").value = positionOf(values.miss, values.alarm);
  show(mode());
  update();
}

function slid() {
  const position = part("slider").valueAsNumber, times = timesOf(position);
  set(position < 0 ? {miss: 1, alarm: times} : {miss: times, alarm: 1});
}

function typed() {
  const miss = field("miss"), alarm = field("alarm");
  if (miss && alarm) part("slider").value = positionOf(miss, alarm);
  update();
}

async function copied() {
  const text = part("command").textContent;
  try {
    await navigator.clipboard.writeText(text);
    say(part("copied"), "Copied.");
  } catch {
    getSelection().selectAllChildren(part("command"));
    say(part("copied"), "Selected: copy it with your keyboard.");
  }
}

function start() {
  for (const node of document.querySelectorAll(".weigh .live")) node.hidden = false;
  for (const node of document.querySelectorAll(".weigh .still")) node.hidden = true;
  part("slider").addEventListener("input", slid);
  for (const name of ["miss", "alarm"]) part(name).addEventListener("input", typed);
  for (const name of ["recall", "confidence", "alarms", "prevalence", "tag"]) {
    part(name).addEventListener("input", update);
  }
  for (const radio of document.querySelectorAll("input[name=weigh-mode]")) {
    radio.addEventListener("change", () => set({mode: radio.value}));
  }
  for (const button of document.querySelectorAll(".weigh [data-preset]")) {
    button.addEventListener("click", () => set(PRESETS[button.dataset.preset]));
  }
  part("copy").addEventListener("click", copied);
  set({mode: mode()});
}

start();

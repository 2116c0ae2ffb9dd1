// The page: which screen is shown, and what the studio tells while it works.
import { $, fetched, say, tried } from "./api.js";
import "./adding.js";
import "./groups.js";
import { leaveHearing } from "./hearing.js";
import "./recording.js";
import { showAge, showReport } from "./report.js";
import { load, onSamples, shelf } from "./shelf.js";
import { maybeTrain, showLead, showTraining } from "./train.js";
import { end, showTry } from "./trying.js";
import { grid } from "./wall.js";
import { leaveMovement } from "./watching.js";

const SCREENS = ["samples", "train", "report", "try", "watch", "ship"];
let state = null;

function screen() {
  const asked = location.hash.slice(1);
  return SCREENS.includes(asked) ? asked : "samples";
}

function showScreen() {
  const shown = screen();
  for (const name of SCREENS) $(`screen-${name}`).hidden = name !== shown;
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.hash === `#${shown}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (shown !== "try") end();
  if (shown !== "watch") { leaveMovement(); leaveHearing(); }
  if (shown === "samples") grid.measure();
  if (state && shown === "report") showReport(state.model);
  if (state && shown === "try") showTry(state.model);
}

function showModel() {
  for (const part of document.querySelectorAll("[data-needs-model]")) part.hidden = Boolean(state.model);
  for (const part of document.querySelectorAll("[data-with-model]")) part.hidden = !state.model;
  // a model of rows has no network whose weights could be stored smaller
  for (const part of document.querySelectorAll("[data-smaller]")) part.hidden = state.training.now?.modality === "tables";
}

function told(next) {
  const before = state;
  state = next;
  $("lost").hidden = true;
  if (shelf.version && next.samples !== shelf.version) load().catch(error => say(error.message));
  else if (before && (next.model !== before.model || next.alike !== before.alike)) load().catch(() => {}); // another model doubts other tags
  showTraining(next.training);
  showAge(next);
  showModel();
  if (next.model !== before?.model) {
    showReport(next.model);
    if (screen() === "try") showTry(next.model);
  }
}

function listen() {
  const events = new EventSource("/api/events");
  events.onmessage = ({data}) => told(JSON.parse(data));
  events.onerror = () => {
    $("lost").hidden = false;
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

onSamples(() => {
  showLead();
  maybeTrain();
  const kind = shelf.modality?.name;
  for (const button of document.querySelectorAll("[data-kinds]")) {
    button.hidden = Boolean(shelf.samples.length) && !button.dataset.kinds.split(" ").includes(kind);
  }
});

for (const button of document.querySelectorAll("[data-export]")) {
  button.addEventListener("click", () => tried(async () => {
    const name = button.dataset.export;
    $("export-said").textContent = `Making ${name} and trying it on your samples ...`;
    try {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await fetched("/api/export", {name}));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      $("export-said").textContent = `${name} answers as the model does.`;
    } catch (error) {
      $("export-said").textContent = error.message;
    }
  }));
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText($(button.dataset.copy).textContent);
    say("Copied.");
  });
}
addEventListener("hashchange", showScreen);
showScreen();
load().then(() => { if (state && state.samples !== shelf.version) load(); }).catch(error => say(error.message)).finally(() => { document.documentElement.dataset.ready = "yes"; });
listen();

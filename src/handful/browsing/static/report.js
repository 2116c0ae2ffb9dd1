// The report: the very page that lies in the model's folder, made to act on the samples.
import { $, change, element, get, onTaken, say, tried } from "./api.js";
import { move, shelf } from "./shelf.js";
import { show } from "./wall.js";

let version = null, watching = null;

export function showReport(model) {
  $("report-frame").hidden = $("report-hint").hidden = !model;
  if (!model || model === version || $("screen-report").hidden) return;
  version = model;
  $("report-frame").src = `/report?v=${encodeURIComponent(model)}`;
}

$("report-frame").addEventListener("load", () => {
  const page = $("report-frame").contentDocument;
  if (!page?.body || !version) return;
  watching?.disconnect();
  const fit = () => { $("report-frame").style.height = `${page.documentElement.offsetHeight + 24}px`; };
  watching = new ResizeObserver(fit);
  watching.observe(page.body);
  fit();
  openCells(page);
  mendMistakes(page);
  setThreshold(page);
});

// Cells of the confusion matrix open the samples behind them.
function openCells(page) {
  const tags = [...page.querySelectorAll(".matrix thead th[title]")].map(cell => cell.title);
  for (const row of page.querySelectorAll(".matrix tbody tr")) {
    const actual = row.querySelector("th")?.title;
    [...row.querySelectorAll("td")].slice(0, tags.length).forEach((cell, at) => {
      if (cell.classList.contains("none")) return;
      const taken = tags[at], words = taken === actual ? `${actual}, told right` : `${actual} taken for ${taken}`;
      cell.tabIndex = 0;
      cell.setAttribute("role", "button");
      cell.setAttribute("aria-label", `${cell.textContent.trim()}: ${words}; open them`);
      cell.style.cursor = "pointer";
      const open = () => openCell(actual, taken, words);
      cell.addEventListener("click", open);
      cell.addEventListener("keydown", event => { if (["Enter", " "].includes(event.key)) { event.preventDefault(); open(); } });
    });
  }
}

function openCell(actual, taken, words) {
  return tried(async () => {
    const {names, gone} = await get(`/api/cell?${new URLSearchParams({actual, taken_for: taken})}`);
    const moved = gone.length ? ` ${gone.length} ${gone.length === 1 ? "was" : "were"} moved or deleted since.` : "";
    if (!names.length) { say(`None of them is where it was.${moved}`); return; }
    location.hash = "#samples";
    show({kind: "names", names, title: words, hint: `From the report: ${words}.${moved}`});
  });
}

// Each mistake can be given the tag that it was taken for, or another.
function mendMistakes(page) {
  for (const card of page.querySelectorAll(".sheet > .card")) {
    const name = card.querySelector(".file")?.textContent.trim();
    if (!name || !card.querySelector(".what")) continue;
    const label = page.createElement("label"), select = page.createElement("select");
    label.textContent = "Its tag is ";
    Object.assign(label.style, {display: "block", margin: "0.6rem 0.9rem 0", fontFamily: "var(--sans)", fontSize: "0.875rem"});
    const own = shelf.samples.find(sample => sample.name === name)?.tag;
    if (!own) { label.textContent = "Moved or deleted since."; card.querySelector("figure").after(label); continue; }
    for (const tag of shelf.tags) {
      const option = page.createElement("option");
      option.textContent = option.value = tag;
      option.selected = tag === own;
      select.append(option);
    }
    select.style.maxWidth = "100%";
    onTaken(select, async tag => {
      const done = await move([name], tag);
      if (!done) return;
      label.replaceChildren(`Now under ${tag}. Train again to see what that changes.`);
      label.tabIndex = -1;
      label.focus({preventScroll: true}); // the keyboard goes on from here
    });
    label.append(select);
    card.querySelector("figure").after(label);
  }
}

// The threshold that was chosen in the report becomes the model's rule.
function setThreshold(page) {
  const copy = page.getElementById("weigh-copy");
  if (!copy) return;
  const button = page.createElement("button");
  button.type = "button";
  button.id = "weigh-set";
  button.textContent = "Make the model obey it";
  const back = page.createElement("button");
  back.type = "button";
  back.textContent = "Back to the most probable tag";
  copy.before(button, " ", back, " ");
  button.addEventListener("click", () => obey(chosen(page)));
  back.addEventListener("click", () => obey({reset: true}));
}

function chosen(page) {
  const part = name => page.getElementById(`weigh-${name}`);
  const number = name => part(name).value === "" ? null : part(name).valueAsNumber;
  const share = name => number(name) === null ? null : Number((number(name) / 100).toPrecision(12));
  const asked = {positive: part("tag").value, prevalence: share("prevalence")};
  const mode = page.querySelector("input[name=weigh-mode]:checked").value;
  if (mode === "recall") return {...asked, recall: share("recall"), confidence: share("confidence")};
  if (mode === "specificity") return {...asked, specificity: Number(((100 - number("alarms")) / 100).toPrecision(12))};
  return {...asked, miss_costs: number("miss"), alarm_costs: number("alarm")};
}

function obey(asked) {
  return tried(async () => {
    const {sentence} = await change("/api/threshold", asked);
    say(asked.reset ? "The model answers the most probable tag again." : `The model obeys. ${sentence}`);
  });
}

export function showAge(state) {
  const ended = state.training.now?.ended_s;
  $("report-age").textContent = ended ? `It is of the samples as they were on ${new Date(1000 * ended).toLocaleString()}.` : "";
}

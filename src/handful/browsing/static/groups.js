// The rule of samples that belong together: what it makes of the names is shown while it is typed.
import { $, change, get } from "./api.js";

const AFTER_MS = 300;
let waiting = null, asked = 0, touched = false;

function said(found) {
  const some = found.largest.map(([value, n]) => `${value} (${n})`).join(", ");
  const rule = found.groups ? `${found.groups} ${found.groups === 1 ? "group" : "groups"} of ${found.in_groups} of ${found.samples} samples: ${some}${found.groups > found.largest.length ? ", ..." : "."}` : "No rule.";
  const bursts = found.bursts ? ` ${found.bursts} ${found.bursts === 1 ? "burst is" : "bursts are"} kept together anyway.` : "";
  const open = found.rule !== found.kept ? " Not kept yet." : "";
  $("groups-said").textContent = rule + bursts + open;
}

async function show(work) {
  const mine = asked += 1;
  try {
    const found = await work();
    if (mine === asked) said(found);
    return found;
  } catch (error) {
    if (mine === asked) $("groups-said").textContent = error.message;
    return null;
  }
}

$("groups").addEventListener("toggle", async () => {
  if (!$("groups").open) return;
  touched = false;
  const found = await show(() => get("/api/groups"));
  if (found && !touched) $("groups-rule").value = found.kept;
});
$("groups-rule").addEventListener("input", () => {
  touched = true;
  clearTimeout(waiting);
  waiting = setTimeout(() => show(() => change("/api/groups", {rule: $("groups-rule").value})), AFTER_MS);
});
$("groups-form").addEventListener("submit", event => {
  event.preventDefault();
  clearTimeout(waiting);
  show(() => change("/api/groups", {rule: $("groups-rule").value, keep: true}));
});

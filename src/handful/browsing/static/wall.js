// What draws the samples: the tags beside them, the grid, what is chosen, and the dialogs of tags.
import { $, change, element, onTaken, tried } from "./api.js";
import { Grid } from "./grid.js";
import { opened } from "./large.js";
import { changed, load, move, onFlags, onSamples, remove, shelf, undo, undoNewest } from "./shelf.js";

let shown = {kind: "all"}; // all, tag, copies, doubted, names

export const grid = new Grid($("grid"), {
  onChoice: showChoice,
  onOpen: at => opened(grid.items, at),
  onDelete: () => remove([...grid.chosen]),
});

onSamples(() => show());
onFlags(() => {
  showTags();
  if (["copies", "doubted"].includes(shown.kind)) show();
});

function counts() {
  const n = Object.fromEntries(shelf.tags.map(tag => [tag, 0]));
  for (const sample of shelf.samples) n[sample.tag] += 1;
  return n;
}

function items() {
  const by = new Map(shelf.samples.map(sample => [sample.name, sample]));
  const some = (names, note) => names.filter(name => by.has(name)).map(name => ({...by.get(name), note: note(name)}));
  if (shown.kind === "tag") return shelf.samples.filter(sample => sample.tag === shown.tag);
  if (shown.kind === "copies") return shelf.flags.copies.flatMap((group, at) => some(group.names, name => `${at + 1}: ${by.get(name).tag}`));
  if (shown.kind === "doubted") {
    const taken = new Map(shelf.flags.doubted.map(one => [one.name, one.taken_for]));
    return some([...taken.keys()], name => `${by.get(name).tag} or ${taken.get(name)}?`);
  }
  if (shown.kind === "names") return some(shown.names, name => by.get(name).tag);
  return shelf.samples;
}

const HINTS = {
  copies: "Samples with the same number are the same file or nearly: they say less than as many different ones. Delete what is too much.",
  doubted: "Models that had not seen these were sure of another tag. Is the tag wrong? Move it. Is it right? Say so.",
};

export function show(what = shown) {
  shown = what;
  if (shown.kind === "tag" && !shelf.tags.includes(shown.tag)) shown = {kind: "all"};
  const texts = ["texts", "tables"].includes(shelf.modality?.name);
  const list = items();
  $("wall-hint").textContent = shown.hint ?? HINTS[shown.kind] ?? strange();
  const nothing = !shelf.samples.length;
  $("empty").hidden = !nothing;
  $("grid").hidden = nothing;
  grid.show(list, {noun: shelf.modality?.noun ?? "sample", showTags: shown.kind !== "tag", texts});
  showTags();
  showChoice();
}

function strange() {
  if (!shelf.n_others) return "";
  const some = shelf.others.slice(0, 3).join(", ");
  return `${shelf.n_others} ${shelf.n_others === 1 ? "file takes" : "files take"} no part, being of another kind or under no tag: ${some}${shelf.n_others > 3 ? " ..." : ""}`;
}

// Lists are written anew; whoever stood on a button with the keyboard still stands there.
function showTags() {
  const focused = document.activeElement?.closest?.("#tags button, #looks button");
  const label = focused?.getAttribute("aria-label") ?? focused?.firstChild?.textContent;
  writeTags();
  if (!focused) return;
  const again = [...document.querySelectorAll("#tags button, #looks button")]
    .find(button => (button.getAttribute("aria-label") ?? button.firstChild?.textContent) === label);
  again?.focus({preventScroll: true});
}

function writeTags() {
  const n = counts(), most = Math.max(1, ...Object.values(n));
  const rows = [tagRow("All", shelf.samples.length, {kind: "all"})];
  for (const tag of shelf.tags) rows.push(tagRow(tag, n[tag], {kind: "tag", tag}, n[tag] / most));
  $("tags").replaceChildren(...rows);
  const looks = [];
  if (shelf.flags.copies.length) looks.push(tagRow("Same or nearly the same", shelf.flags.copies.length, {kind: "copies"}));
  if (shelf.flags.doubted.length) looks.push(tagRow("Tags that may be wrong", shelf.flags.doubted.length, {kind: "doubted"}));
  if (shown.kind === "names") looks.push(tagRow(shown.title, shown.names.length, shown));
  $("looks").replaceChildren(...looks);
  $("look").hidden = !looks.length;
  $("tag-names").replaceChildren(...shelf.tags.map(tag => Object.assign(element("option"), {value: tag})));
  $("balance").textContent = balance(n);
  $("undo").disabled = !shelf.undo;
  $("undo").title = shelf.undo ? `Undo: ${shelf.undo.what}` : "";
  $("short").textContent = shelf.samples.length
    ? `${shelf.samples.length} ${shelf.samples.length === 1 ? shelf.modality.noun : shelf.modality.nouns}, ${shelf.tags.length} ${shelf.tags.length === 1 ? "tag" : "tags"}` : "";
}

function balance(n) {
  const several = shelf.tags.find(tag => tag.includes("|"));
  if (several) return `Samples of ${several} carry several tags at once: ${several.split("|").join(" and ")}. Rename it if one tag is meant.`;
  const sizes = Object.entries(n).sort((a, b) => a[1] - b[1]);
  if (sizes.length < 2) return sizes.length ? "Make at least one more tag: a model tells things apart." : "";
  const [few, least] = sizes[0], [, most] = sizes.at(-1);
  if (least < 2) return `${few} has ${least}: every tag needs at least 2, better 10.`;
  if (most >= 5 * least) return `${few} has only ${least} beside ${most}: it will be told worst.`;
  return "";
}

function tagRow(words, n, what, share = null) {
  const row = element("li"), choose = element("button", "", "choose");
  choose.type = "button";
  const name = element("bdi", words);
  name.title = words;
  choose.append(name, element("span", String(n), "n"));
  if (share !== null) {
    const bar = element("span", "", "share");
    bar.style.width = `${100 * share}%`;
    choose.append(bar);
  }
  const same = what.kind === shown.kind && what.tag === shown.tag;
  choose.setAttribute("aria-pressed", String(same));
  choose.addEventListener("click", () => { $("grid").scrollTop = 0; show(what); });
  row.append(choose);
  if (what.kind === "tag") {
    row.dataset.tag = what.tag;
    row.append(tagButton("Rename", "✎", () => rename(what.tag), what.tag), tagButton("Delete", "✕", () => removeTag(what.tag), what.tag));
  }
  return row;
}

function tagButton(words, sign, act, tag) {
  const button = element("button", sign, "more");
  button.type = "button";
  button.title = words;
  button.setAttribute("aria-label", `${words} the tag ${tag}`);
  button.addEventListener("click", act);
  return button;
}

function showChoice() {
  const n = grid.chosen.size;
  $("choosing").hidden = !n;
  document.querySelector(".adding").hidden = Boolean(n);
  $("n-chosen").textContent = `${n} chosen`;
  $("accept").hidden = shown.kind !== "doubted";
  const place = Object.assign(element("option", "..."), {value: ""});
  $("move-to").replaceChildren(place, ...shelf.tags.map(tag => Object.assign(element("option", tag), {value: tag})));
}

function removeTag(tag) {
  changed("/api/delete-tag", {tag}, () => `The tag ${tag} was moved to the bin.`);
}

let renaming = "";

function rename(tag) {
  renaming = tag;
  $("rename-to").value = tag;
  $("rename").showModal();
  $("rename-to").select();
}

$("rename-form").addEventListener("submit", event => {
  event.preventDefault();
  const to = $("rename-to").value;
  $("rename").close();
  if (to !== renaming) changed("/api/rename-tag", {tag: renaming, to}, done => `Done: ${done.what}.`);
});
$("new-tag").addEventListener("submit", event => {
  event.preventDefault();
  const tag = $("new-tag-name").value;
  $("new-tag-name").value = "";
  if (tag.trim()) changed("/api/tag", {tag}, () => `The tag ${tag} is there.`);
});
onTaken($("move-to"), tag => {
  if (!tag) return;
  move([...grid.chosen], tag);
  grid.none();
  $("grid").focus({preventScroll: true});
});
$("delete").addEventListener("click", () => remove([...grid.chosen]));
$("choose-none").addEventListener("click", () => grid.none());
$("open-one").addEventListener("click", () => opened(grid.items, grid.items.findIndex(item => grid.chosen.has(item.name))));
$("accept").addEventListener("click", () => tried(async () => {
  await change("/api/accept", {names: [...grid.chosen]});
  grid.none();
  await load();
}));
$("undo").addEventListener("click", () => shelf.undo && undo(shelf.undo.id));
document.addEventListener("keydown", event => {
  const typing = event.target.closest("input, textarea, select, dialog");
  if (!typing && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    undoNewest();
  }
});

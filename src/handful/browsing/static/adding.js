// What comes in: files and folders, dropped or chosen; pasted texts; tables.
import { $, change, element, key, say, send, tried } from "./api.js";
import { load, move, shelf, undo } from "./shelf.js";
import { grid } from "./wall.js";

const SIDE_BY_SIDE = 4;
const TABLE = /\.(csv|tsv|tab|jsonl|ndjson|parquet)$/i;

// Every file of what was dropped, with the names of the folders it is in.
async function walked(entry, folders = []) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return file.name.startsWith(".") ? [] : [{file, folders}];
  }
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) break;
    for (const inner of some) found.push(...await walked(inner, [...folders, entry.name]));
  }
  return found;
}

async function dropped(transfer) {
  const files = [...transfer.files]; // gone as soon as anything is waited for
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return files.map(file => ({file, folders: []}));
  const found = [];
  for (const entry of entries) found.push(...await walked(entry));
  return found;
}

// A folder that holds folders is a set of tags; one that holds files is a tag. `loose`: files that
// lie beside the folders of tags, and so have none.
export function tagsOf(found) {
  const deep = new Set(found.filter(({folders}) => folders.length > 1).map(({folders}) => folders[0]));
  const loose = found.filter(({folders}) => folders.length === 1 && deep.has(folders[0]));
  const tagged = found.filter(one => !loose.includes(one))
    .map(({file, folders}) => ({file, tag: folders[deep.has(folders[0]) ? 1 : 0] ?? null}));
  return {tagged, loose: loose.map(({file}) => file.name)};
}

function asked(words) {
  $("which-words").textContent = words;
  $("which-tag").value = "";
  $("which").showModal();
  return new Promise(done => {
    const end = tag => { $("which-form").onsubmit = $("which").onclose = null; done(tag); };
    $("which-form").onsubmit = event => { event.preventDefault(); const tag = $("which-tag").value; end(tag); $("which").close(); };
    $("which").onclose = () => end(null);
  });
}

export async function take(found, onto = null) {
  found = found.filter(({folders}) => !folders.some(name => name.startsWith(".")));
  if (!found.length) return;
  const kind = shelf.modality?.name, unasked = onto === null ? kind !== "series" : ["texts", "tables"].includes(kind);
  if (found.length === 1 && unasked && TABLE.test(found[0].file.name)) { // its tags stand in a column
    await table(found[0].file);
    return;
  }
  let {tagged, loose} = onto === null ? tagsOf(found) : {tagged: found.map(({file}) => ({file, tag: onto})), loose: []};
  if (tagged.some(({tag}) => tag === null)) {
    const chosen = await asked(`For ${tagged.length === 1 ? tagged[0].file.name : `these ${tagged.length} files`}.`);
    if (!chosen) return;
    tagged = tagged.map(({file, tag}) => ({file, tag: tag ?? chosen}));
  }
  await sent(tagged, loose);
}

// What most of the files are decides for a folder that is still empty, not which one arrives first.
async function kindOf(tagged) {
  if (shelf.samples.length || tagged.length < 2) return "";
  return (await change("/api/kind", {names: tagged.map(({file}) => file.name)})).kind;
}

async function sent(tagged, loose) {
  const together = key(), refused = [], kind = await tried(() => kindOf(tagged));
  if (kind === null) return;
  let next = 0, done = 0, id = 0;
  async function work() {
    while (next < tagged.length) {
      const {file, tag} = tagged[next];
      next += 1;
      try {
        ({id} = await send("/api/add", file, {tag, name: file.name, key: together, kind}));
      } catch (error) { refused.push(error.message); }
      done += 1;
      say(`${done} of ${tagged.length} taken in ...`);
    }
  }
  await Promise.all(Array.from({length: SIDE_BY_SIDE}, work));
  shelf.ownChange = Date.now();
  await load();
  const n = tagged.length - refused.length;
  const trouble = refused.length ? ` ${refused.length} refused: ${refused.slice(0, 3).join(" ")}` : "";
  const beside = loose.length ? ` Left out, lying beside the folders of tags: ${loose.slice(0, 3).join(", ")}${loose.length > 3 ? ` and ${loose.length - 3} more` : ""}.` : "";
  say(`${n} ${n === 1 ? "file" : "files"} added.${trouble}${beside}`, id ? {button: "Undo", act: () => undo(id)} : {});
}

let waiting = null;

async function table(file) {
  waiting = await tried(() => send("/api/table", file, {name: file.name}));
  if (!waiting) return;
  $("table-title").textContent = `${waiting.name}: ${waiting.n} rows`;
  const head = element("tr"), rows = [head];
  head.append(...waiting.columns.map(name => element("th", name)));
  for (const cells of waiting.rows) {
    const row = element("tr");
    row.append(...cells.map(cell => element("td", cell ?? "")));
    rows.push(row);
  }
  $("table-rows").replaceChildren(...rows);
  $("table-column").replaceChildren(...waiting.columns.map(name => Object.assign(element("option", name), {selected: name === waiting.likely})));
  $("table").showModal();
}

$("table-form").addEventListener("submit", event => {
  event.preventDefault();
  $("table").close();
  tried(async () => {
    const done = await change("/api/take-table", {id: waiting.id, tag: $("table-column").value});
    shelf.ownChange = Date.now();
    await load();
    say(`${done.n} rows added.`, {button: "Undo", act: () => undo(done.id)});
  });
});
$("open-paste").addEventListener("click", () => { $("paste").showModal(); });
$("paste-table").addEventListener("click", () => $("table-file").click());
$("table-file").addEventListener("change", async event => {
  const [file] = event.target.files;
  $("paste").close();
  if (file) await table(file);
  event.target.value = "";
});
$("paste-form").addEventListener("submit", event => {
  event.preventDefault();
  const tag = $("paste-tag").value.trim(), texts = $("paste-text").value.split("\n");
  if (!tag) { $("paste-tag").focus(); return; }
  $("paste").close();
  tried(async () => {
    const done = await change("/api/texts", {tag, texts});
    $("paste-text").value = "";
    shelf.ownChange = Date.now();
    await load();
    say(`${done.n} ${done.n === 1 ? "text" : "texts"} added to ${tag}.`, {button: "Undo", act: () => undo(done.id)});
  });
});
$("pick").addEventListener("click", () => $("files").click());
$("pick-folder").addEventListener("click", () => $("folder").click());
for (const input of [$("files"), $("folder")]) {
  input.addEventListener("change", async () => {
    const found = [...input.files].filter(file => !file.name.startsWith("."))
      .map(file => ({file, folders: file.webkitRelativePath.split("/").slice(0, -1)}));
    input.value = "";
    const single = shownTag();
    await take(found, found.every(({folders}) => !folders.length) ? single : null);
  });
}

// The tag that is being looked at, if it is one.
function shownTag() {
  return document.querySelector("#tags [aria-pressed=true]")?.parentElement.dataset.tag ?? null;
}

const samplesShown = () => !$("screen-samples").hidden;
let over = null;

function lift(target) {
  const found = target?.closest?.("#tags li[data-tag]") ?? $("screen-samples").querySelector(".wall");
  if (found === over) return;
  over?.classList.remove("over");
  over = found;
  over?.classList.add("over");
}

function drop() { over?.classList.remove("over"); over = null; }

document.addEventListener("dragover", event => {
  if (!samplesShown()) return;
  const own = event.dataTransfer.types.includes("application/x-handful");
  if (own && !event.target.closest?.("#tags li[data-tag]")) { drop(); return; }
  event.preventDefault();
  event.dataTransfer.dropEffect = own ? "move" : "copy";
  lift(event.target);
});
document.addEventListener("dragleave", event => { if (!event.relatedTarget) drop(); });
document.addEventListener("drop", async event => {
  if (!samplesShown()) return;
  event.preventDefault();
  const onto = event.target.closest?.("#tags li[data-tag]")?.dataset.tag ?? null;
  drop();
  if (event.dataTransfer.types.includes("application/x-handful")) {
    if (onto !== null) { await move([...grid.chosen], onto); grid.none(); }
    return;
  }
  await take(await dropped(event.dataTransfer), onto);
});

// The samples of the folder as data: what is there, and the changes a person makes.
import { change, get, say, tried } from "./api.js";

export const shelf = {tags: [], samples: [], modality: null, flags: {copies: [], doubted: []}, undo: null, ownChange: 0};
const watchers = {samples: [], flags: []};
let loading = null, again = false;
let latest = Promise.resolve(); // the change that is under way

export function onSamples(watch) { watchers.samples.push(watch); }

export function onFlags(watch) { watchers.flags.push(watch); }

// Only one load at a time; what changes meanwhile is loaded once more.
export function load() {
  if (loading) { again = true; return loading.then(() => loading); } // until what is true now is loaded
  loading = loaded().finally(() => {
    loading = null;
    if (again) { again = false; load(); }
  });
  return loading;
}

async function loaded() {
  const found = await get("/api/samples");
  const samples = found.samples.map(([name, tag, stamp]) => ({name, tag: found.tags[tag], stamp}));
  Object.assign(shelf, found, {samples});
  for (const watch of watchers.samples) watch();
  shelf.flags = await get("/api/flags");
  for (const watch of watchers.flags) watch();
}

// Makes a change and says how it went, with a way back.
export function changed(path, values, words) {
  latest = tried(async () => {
    const done = await change(path, values);
    shelf.ownChange = Date.now();
    const gone = done.gone?.length ? ` ${done.gone.length} ${done.gone.length === 1 ? "was" : "were"} gone already: ${done.gone.slice(0, 3).join(", ")}.` : "";
    say(words(done) + gone, done.id && path !== "/api/undo" ? {button: "Undo", act: () => undo(done.id)} : {});
    await load();
    return done;
  });
  return latest;
}

const some = n => `${n} ${n === 1 ? shelf.modality?.noun ?? "sample" : shelf.modality?.nouns ?? "samples"}`;

export function move(names, tag) {
  return changed("/api/retag", {names, tag}, done => `${some(done.n)} moved to ${tag}.`);
}

export function remove(names) {
  if (names.length) changed("/api/delete", {names}, done => `${some(done.n)} moved to the bin.`);
}

export function undo(id) {
  return changed("/api/undo", {id}, done => `${done.what.charAt(0).toUpperCase()}${done.what.slice(1)}.`);
}

// However fast it is typed: after the change that is under way.
export function undoNewest() {
  return latest.then(() => shelf.undo && undo(shelf.undo.id));
}

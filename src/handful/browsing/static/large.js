// One sample, large: photos, sounds to play, texts to read; and its tag.
import { $, address, element, onTaken } from "./api.js";
import { move, remove, shelf } from "./shelf.js";

let list = [], at = 0;

export function opened(items, place) {
  if (place < 0) return;
  [list, at] = [items, place];
  show();
  if (!$("large").open) $("large").showModal();
}

async function show() {
  const sample = list[at], box = $("large-content"), kind = shelf.modality?.name;
  $("large-name").textContent = sample.name;
  $("large-tag").replaceChildren(...shelf.tags.map(tag => Object.assign(element("option", tag), {value: tag, selected: tag === sample.tag})));
  $("large-before").disabled = at === 0;
  $("large-after").disabled = at === list.length - 1;
  if (kind === "texts" || kind === "tables") {
    const words = element("div", "", "words");
    box.replaceChildren(words);
    words.textContent = await (await fetch(address("thumbnail", sample))).text();
    return;
  }
  const image = element("img");
  image.alt = sample.name;
  image.src = address(kind === "images" ? "large" : "thumbnail", sample);
  box.replaceChildren(image);
  if (kind === "sounds") {
    const player = element("audio");
    player.controls = true;
    player.src = address("sound", sample);
    box.append(player);
  }
}

function step(by) {
  if (at + by < 0 || at + by >= list.length) return;
  at += by;
  show();
}

$("large-before").addEventListener("click", () => step(-1));
$("large-after").addEventListener("click", () => step(1));
onTaken($("large-tag"), tag => { $("large").close(); move([list[at].name], tag); });
$("large-delete").addEventListener("click", () => { $("large").close(); remove([list[at].name]); });
$("large").addEventListener("keydown", event => {
  if (event.target.closest("select, audio")) return;
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});

// The grid: only the tiles that can be seen exist, however many samples there are.
import { address, element } from "./api.js";

const GAP = 8, SPARE_ROWS = 2, CAPTION_PX = 22;

export class Grid {
  constructor(box, {onChoice, onOpen, onDelete}) {
    Object.assign(this, {box, onChoice, onOpen, onDelete});
    this.items = [];
    this.chosen = new Set(); // names
    this.active = -1;
    this.anchor = -1;
    this.tiles = new Map(); // index to tile
    this.height = element("div", "", "height");
    this.height.setAttribute("role", "presentation");
    box.append(this.height);
    this.noun = "sample";
    this.showTags = true;
    this.texts = false;
    box.addEventListener("scroll", () => this.later(), {passive: true});
    new ResizeObserver(() => this.measure()).observe(box);
    box.addEventListener("keydown", event => this.key(event));
    box.addEventListener("pointerdown", event => { this.touch = event.pointerType !== "mouse"; });
    box.addEventListener("click", event => this.click(event));
    box.addEventListener("dblclick", event => { const at = this.at(event); if (at >= 0) this.onOpen(at); });
    box.addEventListener("dragstart", event => this.drag(event));
  }

  show(items, {noun, showTags, texts}) {
    const active = this.items[this.active]?.name;
    Object.assign(this, {items, noun, showTags, texts});
    const there = new Set(items.map(item => item.name));
    const before = this.chosen.size;
    this.chosen = new Set([...this.chosen].filter(name => there.has(name)));
    const place = active ? items.findIndex(item => item.name === active) : -1;
    this.active = place >= 0 ? place : Math.min(this.active, items.length - 1);
    for (const tile of this.tiles.values()) tile.remove();
    this.tiles.clear();
    this.measure();
    if (before !== this.chosen.size) this.onChoice();
  }

  measure() {
    const width = this.box.clientWidth;
    if (!width) return;
    const least = width < 600 ? 96 : this.texts ? 200 : 132;
    this.columns = Math.max(1, Math.floor((width - GAP) / (least + GAP)));
    this.side = Math.floor((width - GAP) / this.columns) - GAP;
    this.rowHeight = (this.texts ? 120 : this.side) + CAPTION_PX + GAP;
    this.height.style.height = `${Math.ceil(this.items.length / this.columns) * this.rowHeight + GAP}px`;
    for (const tile of this.tiles.values()) tile.remove();
    this.tiles.clear();
    this.draw();
  }

  later() {
    this.waiting ??= requestAnimationFrame(() => { this.waiting = null; this.draw(); });
  }

  draw() {
    if (!this.columns) return;
    const top = this.box.scrollTop, seen = this.box.clientHeight;
    const first = Math.max(0, Math.floor(top / this.rowHeight) - SPARE_ROWS) * this.columns;
    const last = Math.min(this.items.length, (Math.ceil((top + seen) / this.rowHeight) + SPARE_ROWS) * this.columns);
    for (const [at, tile] of this.tiles) {
      if (at < first || at >= last) {
        const image = tile.querySelector("img");
        if (image) image.removeAttribute("src"); // a picture that nobody waits for any more
        tile.remove();
        this.tiles.delete(at);
      }
    }
    for (let at = first; at < last; at += 1) {
      if (!this.tiles.has(at)) this.tiles.set(at, this.tile(at));
    }
    this.mark();
  }

  tile(at) {
    const item = this.items[at], tile = element("div", "", "tile");
    tile.id = `tile-${at}`;
    tile.dataset.at = at;
    tile.draggable = true;
    tile.setAttribute("role", "option");
    tile.setAttribute("aria-label", `${item.name.slice(item.name.lastIndexOf("/") + 1)}, tag ${item.tag}`);
    tile.setAttribute("aria-setsize", this.items.length);
    tile.setAttribute("aria-posinset", at + 1);
    tile.style.width = `${this.side}px`;
    tile.style.height = `${this.rowHeight - GAP}px`;
    const x = GAP + (at % this.columns) * (this.side + GAP);
    tile.style.transform = `translate(${x}px, ${Math.floor(at / this.columns) * this.rowHeight + GAP}px)`;
    const view = element("div", "", "view");
    if (this.texts) {
      const words = element("div", "", "words");
      view.append(words);
      fetch(address("thumbnail", item)).then(answer => answer.text()).then(text => { words.textContent = text; }, () => {});
    } else {
      const image = element("img");
      image.alt = "";
      image.draggable = false;
      image.decoding = "async";
      image.addEventListener("error", () => { if (image.hasAttribute("src")) view.replaceChildren(element("div", "cannot be shown", "words")); });
      image.src = address("thumbnail", item);
      view.append(image);
    }
    const note = item.note ?? (this.showTags ? item.tag : item.name.slice(item.name.indexOf("/") + 1));
    tile.append(view, element("div", note, "caption"));
    tile.title = item.name;
    this.box.append(tile);
    return tile;
  }

  mark() {
    for (const [at, tile] of this.tiles) {
      tile.setAttribute("aria-selected", String(this.chosen.has(this.items[at].name)));
      tile.classList.toggle("active", at === this.active);
    }
    const active = this.tiles.has(this.active) ? `tile-${this.active}` : "";
    if (active) this.box.setAttribute("aria-activedescendant", active);
    else this.box.removeAttribute("aria-activedescendant");
  }

  at(event) {
    const tile = event.target.closest(".tile");
    return tile ? Number(tile.dataset.at) : -1;
  }

  click(event) {
    const at = this.at(event);
    if (at < 0) return;
    if (event.shiftKey && this.anchor >= 0) this.range(this.anchor, at);
    else if (event.ctrlKey || event.metaKey || this.touch) this.toggle(at);
    else this.only(at);
    this.active = at;
    this.told();
  }

  only(at) { this.chosen = new Set([this.items[at].name]); this.anchor = at; }

  toggle(at) {
    const name = this.items[at].name;
    if (!this.chosen.delete(name)) this.chosen.add(name);
    this.anchor = at;
  }

  range(from, to) {
    const names = this.items.slice(Math.min(from, to), Math.max(from, to) + 1).map(item => item.name);
    this.chosen = new Set(names);
  }

  none() { this.chosen.clear(); this.told(); }

  told() { this.mark(); this.onChoice(); }

  key(event) {
    const page = this.columns * Math.max(1, Math.floor(this.box.clientHeight / this.rowHeight));
    const steps = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns,
      PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity};
    if (event.key in steps && this.items.length) {
      const before = Math.max(0, this.active);
      const to = this.active < 0 && event.key !== "End" ? 0 : before + steps[event.key];
      this.active = Math.min(this.items.length - 1, Math.max(0, to));
      if (event.shiftKey) this.range(this.anchor >= 0 ? this.anchor : before, this.active);
      else this.anchor = this.active;
      this.reveal(this.active);
    } else if (event.key === " " && this.active >= 0) this.toggle(this.active);
    else if (event.key === "Enter" && this.active >= 0) this.onOpen(this.active);
    else if (event.key === "Delete" || event.key === "Backspace") this.onDelete();
    else if (event.key === "Escape") this.chosen.clear();
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) this.range(0, this.items.length - 1);
    else return;
    event.preventDefault();
    this.told();
  }

  reveal(at) {
    const top = Math.floor(at / this.columns) * this.rowHeight;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    const bottom = top + this.rowHeight + GAP - this.box.clientHeight;
    if (bottom > this.box.scrollTop) this.box.scrollTop = bottom;
    this.draw();
  }

  drag(event) {
    const at = this.at(event);
    if (at < 0) return;
    if (!this.chosen.has(this.items[at].name)) { this.only(at); this.told(); }
    event.dataTransfer.setData("application/x-handful", "samples");
    event.dataTransfer.effectAllowed = "move";
  }
}

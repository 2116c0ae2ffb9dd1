// A stream to the studio: pieces gather while the last ones are on their way, and go in order.
import { $, change, element, send } from "./api.js";

const EVERY_MS = 200, ALIVE_MS = 5000, MOST_B = 12_000_000;
const pause = ms => new Promise(done => setTimeout(done, ms));

export class Stream {
  // `told` gets every answer; `failed` what went wrong, after which nothing more is sent.
  constructor(id, told, failed) {
    Object.assign(this, {id, told, failed, pieces: [], size: 0, on: true});
    this.leave = () => fetch(`/api/stream/${id}/drop`, {method: "POST", headers: {"x-handful": "studio"}, keepalive: true});
    addEventListener("pagehide", this.leave);
    this.sending = this.work();
  }

  static async open(path, asked, told, failed) {
    return new Stream((await change(path, asked)).id, told, failed);
  }

  add(buffer) {
    if (!this.on) return;
    this.pieces.push(buffer);
    this.size += buffer.byteLength;
    if (this.size > MOST_B) this.stop(new Error("The studio cannot keep up: it was stopped."));
  }

  async flush() {
    const body = new Uint8Array(this.size);
    let at = 0;
    for (const piece of this.pieces) { body.set(new Uint8Array(piece), at); at += piece.byteLength; }
    [this.pieces, this.size] = [[], 0];
    this.told(await send(`/api/stream/${this.id}`, body));
  }

  async work() {
    let quiet = 0;
    while (this.on) {
      quiet += EVERY_MS;
      try {
        if (this.size || quiet >= ALIVE_MS) { await this.flush(); quiet = 0; }
      } catch (error) { this.stop(error); }
      await pause(EVERY_MS);
    }
  }

  stop(error) {
    if (!this.on) return;
    this.close();
    this.failed(error);
  }

  close() {
    this.on = false;
    removeEventListener("pagehide", this.leave);
  }

  // What came of it: {result, page}.
  async end() {
    this.close();
    await this.sending;
    if (this.size) await this.flush();
    return change(`/api/stream/${this.id}/end`);
  }

  drop() {
    this.close();
    this.told = () => {};
    this.sending.then(this.leave).catch(() => {});
  }
}

// A file goes up, the studio tells how far it is, and last what came of it.
export async function looked(path, file, query, progress) {
  const address = `${path}?${new URLSearchParams({name: file.name, ...query})}`;
  let answer;
  try {
    answer = await fetch(address, {method: "POST", headers: {"x-handful": "studio", "content-type": "application/octet-stream"}, body: file});
  } catch { throw new Error("The studio does not answer, or the file could not be read."); }
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? `The studio refused (${answer.status}).`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "", said = {};
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      said = JSON.parse(line);
      if (said.total !== undefined) progress(said);
    }
  }
  if (said.error) throw new Error(said.error.charAt(0).toUpperCase() + said.error.slice(1));
  if (!said.result) throw new Error("The studio was ended before it had the answer.");
  return said;
}

// The page that --plot writes, inside this one, and to take along.
export function showPage(box, address, title, name) {
  const frame = element("iframe"), take = element("a", "Save this page", "button");
  frame.title = title;
  frame.src = address;
  take.href = address;
  take.download = name;
  frame.addEventListener("load", () => {
    const page = frame.contentDocument;
    if (!page?.documentElement) return;
    const fit = () => { frame.style.height = `${page.documentElement.offsetHeight + 8}px`; };
    new ResizeObserver(fit).observe(page.documentElement);
    fit();
  });
  box.replaceChildren(frame, take);
  box.hidden = false;
}

export function takeDrops(panel, take) {
  panel.addEventListener("dragover", event => { event.preventDefault(); panel.classList.add("over"); });
  panel.addEventListener("dragleave", () => panel.classList.remove("over"));
  panel.addEventListener("drop", event => {
    event.preventDefault();
    panel.classList.remove("over");
    const [chosen] = event.dataTransfer.files;
    if (chosen) take(chosen);
  });
}

export function pickWith(button, input, take) {
  $(button).addEventListener("click", () => $(input).click());
  $(input).addEventListener("change", event => {
    const [chosen] = event.target.files;
    event.target.value = "";
    if (chosen) take(chosen);
  });
}

// Opens the model and shows what it says of each sample.
import * as ort from "./ort/ort.wasm.min.mjs";
import { KINDS } from "./answers.js";
import { tensors, start } from "./samples.js";

const state = document.getElementById("state");
const UNLIKE = "None of these: it is unlike everything this was learned from. Believe none of it.";

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function opened() {
  ort.env.wasm.wasmPaths = new URL("ort/", import.meta.url).href;
  ort.env.wasm.numThreads = 1; // several would need headers that a plain file server does not send
  const about = await (await fetch("about.json")).json();
  const session = await ort.InferenceSession.create("model.onnx", { executionProviders: ["wasm"] });
  return { about, session };
}

function bars(rows) {
  const list = element("dl", "", rows.length > 8 ? "long" : "");
  for (const { tag, share, chosen } of rows) {
    const percent = share > 0.995 && share < 1 ? "> 99 %" : share < 0.005 && share > 0 ? "< 1 %" : `${Math.round(100 * share)} %`;
    const meter = element("meter");
    meter.value = share;
    meter.setAttribute("aria-label", tag);
    const middle = element("dd");
    middle.append(meter);
    list.append(element("dt", tag, chosen ? "chosen" : ""), middle, element("dd", percent));
  }
  return list;
}

function card(name, picture, answer) {
  const made = element("article");
  made.dataset.file = name;
  made.dataset.answer = JSON.stringify(answer.plain);
  const said = element("div", "", "said");
  said.append(element("h2", answer.headline));
  if (answer.detail) said.append(element("p", answer.detail, "sure"));
  if (!answer.known) said.append(element("p", UNLIKE, "note"));
  if (answer.rows) said.append(bars(answer.rows));
  said.append(element("p", name, "name"));
  if (picture) made.append(picture);
  made.append(said);
  return made;
}

function refusal(name, error) {
  const made = element("article");
  made.dataset.file = name;
  made.dataset.refused = error.message;
  const said = element("div", "", "said");
  said.append(element("h2", "This cannot be used"), element("p", `${name} ${error.message}.`, "sure"));
  made.append(said);
  return made;
}

async function main() {
  const { about, session } = await opened();
  let waiting = Promise.resolve();
  const answers = document.getElementById("answers");

  async function ask(name, read) {
    state.textContent = `Looking at ${name} ...`;
    await new Promise(done => setTimeout(done)); // lets the browser draw that
    try {
      const { sample, picture } = await read();
      const outputs = await session.run(tensors(ort, sample));
      answers.prepend(card(name, picture, KINDS[about.kind](about, outputs)));
    } catch (error) {
      console.info(error);
      answers.prepend(refusal(name, error));
    }
    state.textContent = "";
  }

  start(about, (name, read) => { waiting = waiting.then(() => ask(name, read)); });
  document.getElementById("giving").inert = false;
  state.textContent = "";
  document.documentElement.dataset.ready = "yes";
}

main().catch(error => {
  console.info(error);
  state.textContent = "This page could not be started. It has to come from a web server, not from a "
    + "file: unpack it, run \"python -m http.server\" in its folder, and open http://localhost:8000.";
});

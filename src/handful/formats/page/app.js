// Opens the model and shows what it says of each sample.
import * as ort from "./ort/ort.wasm.min.mjs";
import { KINDS } from "./answers.js";
import { tensors, start } from "./samples.js";

const state = document.getElementById("state");
const UNLIKE = "It is unlike everything this was learned from.";

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

function percent(share) {
  if (share > 0.995 && share < 1) return "> 99 %";
  if (share < 0.005 && share > 0) return "< 1 %";
  return `${Math.round(100 * share)} %`;
}

function bars(rows) {
  const list = element("dl", "", rows.length > 8 ? "long" : "");
  for (const { tag, share, chosen } of rows) {
    const bar = element("dd", "", "bar");
    const filled = element("span");
    filled.style.width = `${100 * share}%`;
    bar.append(filled);
    list.append(element("dt", tag, chosen ? "chosen" : ""), bar, element("dd", percent(share)));
  }
  return list;
}

function card(name, picture, answer) {
  const made = element("article");
  made.dataset.file = name;
  made.dataset.answer = JSON.stringify(answer.plain);
  const said = element("div", "", "said");
  if (answer.known) {
    said.append(element("h2", answer.headline));
    if (answer.detail) said.append(element("p", answer.detail, "sure"));
  } else {
    said.append(element("h2", answer.refusal), element("p", UNLIKE, "note"));
    const forced = [answer.headline, answer.detail].filter(Boolean).join(", ");
    said.append(element("p", `Had it to answer all the same: ${forced}.`, "sure"));
  }
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
  state.textContent = "Getting ready ...";
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

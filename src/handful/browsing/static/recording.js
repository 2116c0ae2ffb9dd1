// Recording samples: bursts from the webcam, clips from the microphone.
import { $, element, key, say, send } from "./api.js";
import { camera, frame, microphone, wav } from "./devices.js";
import { load, shelf } from "./shelf.js";

const EVERY_MS = 200, MOST_FRAMES = 100, LONGEST_S = 30, LEAST_S = 0.2;
let close = null, opener = null;

function panel(words, hint) {
  const box = $("recorder"), controls = element("div", "", "controls");
  const label = element("label", "Tag "), tag = element("input");
  tag.setAttribute("list", "tag-names");
  tag.maxLength = 80;
  tag.value = document.querySelector("#tags [aria-pressed=true]")?.parentElement.dataset.tag ?? "";
  label.append(tag);
  const button = element("button", words, "main"), done = element("button", "Close");
  button.type = done.type = "button";
  button.disabled = true; // until the device is open
  const said = element("p", hint, "hint");
  said.setAttribute("role", "status");
  controls.append(label, button, said, done);
  done.addEventListener("click", shut);
  return {box, controls, tag, button, said};
}

export async function shut() {
  await close?.();
  close = null;
  $("recorder").hidden = true;
  $("recorder").replaceChildren();
}

// Pressed with the pointer or held with the space bar; works for both.
function held(button, begin, end) {
  let on = false;
  const start = event => { event.preventDefault(); if (!on) { on = true; button.classList.add("on"); begin(); } };
  const stop = () => { if (on) { on = false; button.classList.remove("on"); end(); } };
  button.addEventListener("pointerdown", event => { button.setPointerCapture(event.pointerId); start(event); });
  for (const name of ["pointerup", "pointercancel", "blur"]) button.addEventListener(name, stop);
  button.addEventListener("keydown", event => { if ([" ", "Enter"].includes(event.key)) start(event); });
  button.addEventListener("keyup", event => { if ([" ", "Enter"].includes(event.key)) stop(); });
  return stop;
}

// From here on the space bar records, once there is a tag.
function ready({button, tag}) {
  button.disabled = false;
  tag.addEventListener("keydown", event => { if (event.key === "Enter") button.focus(); });
  (tag.value ? button : tag).focus();
}

function named(parts) {
  const tag = parts.tag.value.trim();
  if (tag) return tag;
  parts.said.textContent = "Name a tag first: what is to be seen or heard?";
  parts.tag.focus();
  return null;
}

async function openCamera() {
  await shut();
  opener = $("open-camera");
  const parts = panel("Hold to record, or hold the space bar", "Five pictures a second. One burst counts as one sample when the model is judged: record several.");
  const video = element("video");
  video.muted = true;
  video.playsInline = true;
  video.setAttribute("aria-label", "What the camera sees");
  parts.box.replaceChildren(video, parts.controls);
  parts.box.hidden = false;
  try { close = await camera(video); } catch (error) { parts.said.textContent = error.message; return; }
  let timer = null, stop = null;
  stop = held(parts.button, () => {
    const tag = named(parts);
    if (!tag) return;
    const burst = key();
    let n = 0, taken = 0, failed = "";
    const shoot = async () => {
      if (n >= MOST_FRAMES) { stop(); return; }
      n += 1;
      const name = `burst-${burst}-${String(n).padStart(3, "0")}.jpg`;
      try {
        await send("/api/add", await frame(video), {tag, name, key: burst});
        taken += 1;
      } catch (error) { failed = error.message; }
      parts.said.textContent = failed ? `${taken} pictures kept. ${failed}` : `${taken} pictures of ${tag} in this burst.`;
    };
    shoot();
    timer = setInterval(shoot, EVERY_MS);
  }, () => { clearInterval(timer); shelf.ownChange = Date.now(); load().catch(() => {}); });
  ready(parts);
}

async function openMicrophone() {
  await shut();
  opener = $("open-microphone");
  const parts = panel("Hold to record, or hold the space bar", "One clip each time you hold it. Record several, as they will sound later.");
  const meter = element("meter", "", "meter");
  meter.setAttribute("aria-label", "Loudness");
  parts.controls.prepend(meter);
  parts.box.replaceChildren(parts.controls);
  parts.box.hidden = false;
  let blocks = null, heard = null;
  try {
    heard = await microphone(block => {
      meter.value = Math.min(1, 3 * Math.sqrt(block.reduce((sum, x) => sum + x * x, 0) / block.length));
      blocks?.push(block);
    });
  } catch (error) { parts.said.textContent = error.message; return; }
  close = heard.close;
  let timer = null, stop = null;
  stop = held(parts.button, () => {
    if (!named(parts)) return;
    blocks = [];
    timer = setTimeout(() => stop(), 1000 * LONGEST_S);
    parts.said.textContent = "recording ...";
  }, async () => {
    clearTimeout(timer);
    const [kept, tag] = [blocks, parts.tag.value.trim()];
    blocks = null;
    if (!kept) return;
    const seconds = kept.reduce((sum, block) => sum + block.length, 0) / heard.rateHz;
    if (seconds < LEAST_S) { parts.said.textContent = "That was too short: hold the button while it sounds."; return; }
    const name = `clip-${key()}.wav`;
    try {
      await send("/api/add", wav(kept, heard.rateHz), {tag, name, key: name});
      parts.said.textContent = `${seconds.toFixed(1)} s of ${tag} kept.`;
      shelf.ownChange = Date.now();
      await load();
    } catch (error) { parts.said.textContent = error.message; }
  });
  ready(parts);
}

$("open-camera").addEventListener("click", openCamera);
$("open-microphone").addEventListener("click", openMicrophone);
document.addEventListener("keydown", event => {
  if (event.key !== "Escape" || event.defaultPrevented || $("recorder").hidden || document.querySelector("dialog[open]")) return;
  opener.focus();
  shut();
});
addEventListener("hashchange", () => { shut().catch(error => say(error.message)); });

// Sounds from files and from the microphone, as one channel at the model's rate.
import { onFiles } from "./files.js";
import { mixed, pieces } from "./mixing.js";
import { resampled } from "./resampling.js";
import { rateOf, wav } from "./soundfiles.js";

const SHORTEST_S = 0.05, LONGEST_RECORDED_S = 30;
const WIDTH_PX = 320, HEIGHT_PX = 160;

export function tensors(ort, waveform) {
  return { waveform: new ort.Tensor("float32", waveform, [1, waveform.length]) };
}

async function channelsOf(file) {
  const bytes = await file.arrayBuffer();
  const plain = wav(bytes);
  if (plain) return plain;
  const rateHz = rateOf(bytes) ?? 48000;
  try {
    const decoded = await new OfflineAudioContext(1, 1, rateHz).decodeAudioData(bytes);
    const channels = Array.from({ length: decoded.numberOfChannels }, (_, i) => decoded.getChannelData(i));
    return { channels, rateHz: decoded.sampleRate };
  } catch {
    throw new Error("is not a sound that this browser can open: save it as WAV");
  }
}

export function fitted({ channels, rateHz }, toHz) {
  const seconds = channels[0].length / rateHz;
  if (seconds < SHORTEST_S) throw new Error(`lasts ${seconds.toFixed(3)} s; ${SHORTEST_S} s are the least`);
  return resampled(pieces(mixed(channels, rateHz), rateHz), rateHz, toHz);
}

function drawn(waveform) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH_PX, HEIGHT_PX];
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--blue");
  const each = waveform.length / canvas.width;
  let top = 1e-6;
  for (const value of waveform) top = Math.max(top, Math.abs(value));
  for (let x = 0; x < canvas.width; x += 1) {
    let peak = 0;
    for (let at = Math.floor(x * each); at < (x + 1) * each && at < waveform.length; at += 1)
      peak = Math.max(peak, Math.abs(waveform[at]));
    const height = Math.max(1, (peak / top) * 0.9 * HEIGHT_PX);
    context.fillRect(x, (HEIGHT_PX - height) / 2, 1, height);
  }
  return canvas;
}

function shown(sound, toHz) {
  const sample = fitted(sound, toHz);
  return { sample, picture: drawn(sample) };
}

// What the microphone hears until `stop` is called: a sound of one channel.
async function recording() {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext();
  await context.audioWorklet.addModule("recorder.js");
  const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  const blocks = [];
  node.port.onmessage = ({ data }) => blocks.push(data);
  context.createMediaStreamSource(stream).connect(node);
  return async () => {
    for (const track of stream.getTracks()) track.stop();
    await context.close();
    const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
    let at = 0;
    for (const block of blocks) { samples.set(block, at); at += block.length; }
    return { channels: [samples], rateHz: context.sampleRate };
  };
}

export function start(about, ask) {
  const toHz = about.reading.rate_hz;
  onFiles(file => ask(file.name, async () => shown(await channelsOf(file), toHz)));
  const button = document.getElementById("record"), hint = document.getElementById("hint");
  const [label, words] = [button.textContent, hint.textContent];
  let stop = null, clock = null, number = 0, asking = false;

  async function end() {
    clearInterval(clock);
    const finished = stop;
    stop = null;
    button.textContent = label;
    hint.textContent = words;
    const sound = await finished();
    number += 1;
    ask(`recording ${number}`, async () => shown(sound, toHz));
  }

  button.addEventListener("click", async () => {
    if (asking) return; // the browser's question is still open
    if (stop) { await end(); return; }
    asking = true;
    try {
      stop = await recording();
    } catch {
      hint.textContent = "The microphone cannot be used: it is missing, or was not allowed.";
      return;
    } finally {
      asking = false;
    }
    const began = performance.now();
    button.textContent = "Stop and ask";
    clock = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      hint.textContent = `recording, ${seconds.toFixed(1)} s`;
      if (seconds >= LONGEST_RECORDED_S) end();
    }, 100);
  });
}
